import BrokerSupport
import Foundation
import TerminalSupport
import Testing

extension EndToEnd {
    @Suite("rabbittop route and topology")
    struct Routing {
        @Test("A route is reached, is not, or cannot be asked for, each with its exit code")
        func route() async throws {
            let broker = try await TestBroker.shared()
            let vhost = try await broker.makeVhost()
            try await broker.declare("orders", vhost: vhost)
            let options = ["route"] + broker.options + ["-V", vhost]
            let named = try await Rabbittop.run(options + ["--routing-key", "orders", "--format", "json"])
            #expect(named.status == 0 && named.standardError.isEmpty)
            let object = try #require(
                try JSONSerialization.jsonObject(with: Data(named.standardOutput.utf8)) as? [String: Any])
            #expect((object["queues"] as? [[String: Any]])?.first?["name"] as? String == "orders")
            #expect((object["queues"] as? [[String: Any]])?.first?["vhost"] as? String == vhost)
            #expect((object["dead_ends"] as? [Any])?.isEmpty == true)

            let bound = "bindings/\(vhost)/e/amq.headers/q/orders"
            let json = #"{"routing_key":"","arguments":{"x-match":"all","pages":10}}"#
            #expect(try await broker.management("POST", bound, json: json).status == 201)
            let headers = options + ["--exchange", "amq.headers"]
            #expect(try await Rabbittop.run(headers + ["--typed-header", "pages:int=10"]).status == 0)
            let text = try await Rabbittop.run(headers + ["--header", "pages=10"])
            #expect(text.status == 1)
            #expect(text.standardOutput.contains("header pages is a text (10), not an integer (10)"))

            let none = try await Rabbittop.run(options + ["--exchange", "nowhere"])
            #expect(none.status == 1 && none.standardOutput.contains("404 NOT_FOUND"))
            #expect(try await Rabbittop.run(options + ["--header", "nothing"]).status == 2)
            let away = try await Rabbittop.run(["route", "-H", "127.0.0.1", "-P", "1", "-p", "guest"])
            #expect(away.status == 69)
            let lost = try await Rabbittop.run(["route"] + broker.options + ["-V", "no such vhost"])
            #expect(lost.status == 1 && lost.standardOutput.isEmpty && !lost.standardError.isEmpty)
            let user = try await broker.makeUser("router", password: "secret", tags: "management")
            let refused = try await Rabbittop.run(options + ["-u", user, "-p", "secret", "--exchange", "amq.topic"])
            #expect(refused.status == 77)
            try await broker.deleteVhost(vhost)
        }

        @Test(
            "The topology is printed in each form",
            arguments: [
                ("tree", "[#] -> queue orders"), ("dot", "digraph topology {"), ("mermaid", "flowchart LR"),
                ("json", ##""routing_key":"#""##),
            ])
        func topology(_ format: String, _ expected: String) async throws {
            let broker = try await TestBroker.shared()
            let vhost = try await broker.makeVhost()
            try await broker.declare("orders", vhost: vhost)
            let bound = "bindings/\(vhost)/e/amq.topic/q/orders"
            #expect(try await broker.management("POST", bound, json: ##"{"routing_key":"#"}"##).status == 201)
            let printed = try await Rabbittop.run(["topology"] + broker.options + ["-V", vhost, "--format", format])
            #expect(printed.status == 0 && printed.standardError.isEmpty)
            #expect(printed.standardOutput.contains(expected), "\(printed.standardOutput)")
            try await broker.deleteVhost(vhost)
        }
    }
}
