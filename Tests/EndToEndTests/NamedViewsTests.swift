import BrokerSupport
import Foundation
import Testing

extension EndToEnd {
    /// The views that are reached by their names, as `snapshot` prints them.
    @Suite("Views by name") struct NamedViewsTests {
        private func rows(_ view: String, _ options: [String]) async throws -> [[String: Any]] {
            let output = try await Rabbittop.run(["snapshot"] + options + ["--view", view, "--format", "json"])
            try #require(output.status == 0, "\(view): \(output.standardError)")
            let document = try JSONSerialization.jsonObject(with: Data(output.standardOutput.utf8))
            return try #require((document as? [String: Any])?["rows"] as? [[String: Any]])
        }

        @Test("Each tells what was set up")
        func views() async throws {
            let broker = try await TestBroker.shared()
            let vhost = try await broker.makeVhost()
            let path = vhost.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? vhost
            let options = broker.options + ["-V", vhost]
            try await broker.declare("orders", vhost: vhost)
            _ = try await broker.management("PUT", "exchanges/\(path)/events", json: #"{"type":"topic"}"#)
            _ = try await broker.management(
                "POST", "bindings/\(path)/e/events/q/orders", json: #"{"routing_key":"order.*","arguments":{}}"#)
            _ = try await broker.management(
                "PUT", "policies/\(path)/short",
                json: #"{"pattern":"^ord","definition":{"max-length":10},"priority":3,"apply-to":"queues"}"#)
            _ = try await broker.management("PUT", "vhost-limits/\(path)/max-queues", json: #"{"value":7}"#)

            let bindings = try await rows("bindings", options)
            #expect(bindings.count == 1)
            #expect(bindings.first?["source"] as? String == "events")
            #expect(bindings.first?["destination"] as? String == "orders")
            #expect(bindings.first?["routing_key"] as? String == "order.*")
            let policies = try await rows("policies", options)
            #expect(policies.map { $0["name"] as? String } == ["short"])
            #expect(policies.first?["priority"] as? Int == 3)
            let vhosts = try await rows("vhosts", options)
            #expect(vhosts.map { $0["name"] as? String } == [vhost])
            #expect(vhosts.first?["state"] as? String == "running")
            #expect(vhosts.first?["max_queues"] as? Int == 7)
            let users = try await rows("users", options)
            #expect(users.contains { ($0["tags"] as? [String])?.contains("administrator") == true })
            let flags = try await rows("flags", options)
            #expect(flags.contains { $0["name"] as? String == "quorum_queue" && $0["state"] as? String == "enabled" })
            #expect(try await rows("streams", options).isEmpty)
            let topology = try await rows("topology", options)
            #expect(topology.contains { $0["kind"] as? String == "queue" && $0["name"] as? String == "orders" })
            try await broker.deleteVhost(vhost)
        }

        @Test("What is not told fails, and says why")
        func refused() async throws {
            let broker = try await TestBroker.shared()
            let user = try await broker.makeUser(password: "right", tags: "monitoring")
            var options = ["snapshot", "-P", "\(broker.node.ports.management)", "-u", user, "-p", "right"]
            let users = try await Rabbittop.run(options + ["--view", "users"])
            #expect(users.status == 77)
            #expect(users.standardOutput.isEmpty)
            #expect(users.standardError.contains("the broker requires the tag administrator"))
            options += ["--view", "shovels"]
            let shovels = try await Rabbittop.run(options)
            #expect(shovels.status == 1)
            #expect(shovels.standardError.contains("rabbitmq_shovel_management"))
            #expect(shovels.standardError.contains("rabbitmq_federation_management"))
            _ = try await broker.management("DELETE", "users/\(user)")
        }
    }
}
