import BrokerSupport
import Foundation
import TerminalSupport
import Testing

extension EndToEnd {
    @Suite("rabbittop definitions")
    struct Definitions {
        @Test("Definitions are exported without secrets, and compared with the broker")
        func exportAndDiff() async throws {
            let broker = try await TestBroker.shared()
            let vhost = try await broker.makeVhost()
            try await broker.declare("orders", vhost: vhost)
            let user = try await broker.makeUser("exported", password: "secret", tags: "management")
            let shovel =
                #"{"value":{"src-uri":"amqp://u:hidden@h","dest-queue":"q","dest-uri":"amqp://","src-queue":"q"}}"#
            // The plugin need not be there; then there is no URI to hide.
            _ = try await broker.management("PUT", "parameters/shovel/\(vhost)/s", json: shovel)
            let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
            defer { try? FileManager.default.removeItem(at: folder) }
            let file = folder.appendingPathComponent("definitions.json").path

            let export = ["definitions", "export"] + broker.options + ["-o", file]
            #expect(try await Rabbittop.run(export).status == 0)
            #expect(try await Rabbittop.run(export).status == 1, "an existing file is not replaced")
            let attributes = try FileManager.default.attributesOfItem(atPath: file)
            #expect(attributes[.posixPermissions] as? Int == 0o600)
            let text = try String(contentsOfFile: file, encoding: .utf8)
            #expect(text.contains(#""password_hash": "***""#) && !text.contains("hidden"))
            #expect(text.contains(user))

            let diff = ["definitions", "diff"]
            let options = broker.options + ["-V", vhost]
            let same = try await Rabbittop.run(diff + [file] + options)
            #expect(same.status == 0, "\(same.standardOutput)\(same.standardError)")
            #expect(same.standardOutput.contains("Nothing differs, as far as is known."))

            let policy = #"{"pattern":"^orders","apply-to":"queues","definition":{"max-length":5},"priority":1}"#
            #expect(try await broker.management("PUT", "policies/\(vhost)/short", json: policy).status == 201)
            let changed = try await Rabbittop.run(diff + [file] + options + ["--format", "json"])
            #expect(changed.status == 1)
            let object = try #require(
                try JSONSerialization.jsonObject(with: Data(changed.standardOutput.utf8)) as? [String: Any])
            #expect((object["new"] as? [[String: Any]])?.first?["name"] as? String == "short")
            #expect((object["from"] as? String)?.hasPrefix(file) == true)

            let config = folder.appendingPathComponent("clusters.conf").path
            let ports = broker.node.ports
            try """
            [here]
            hostname = "127.0.0.1"
            port = \(ports.management)
            username = "\(broker.user)"
            password = "\(broker.password)"
            """.write(toFile: config, atomically: true, encoding: .utf8)
            try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: config)
            let alias = try await Rabbittop.run(diff + [file, "here", "-c", config, "-V", vhost])
            #expect(alias.status == 1)
            #expect(alias.standardOutput.contains("+ short"), "\(alias.standardOutput)\(alias.standardError)")
            let nobody = try await Rabbittop.run(diff + ["nobody", "here", "-c", config])
            #expect(nobody.status == 2)
            let refused = try await Rabbittop.run(diff + [file] + broker.options + ["-u", user, "-p", "secret"])
            #expect(refused.status == 77)
            try await broker.deleteVhost(vhost)
        }
    }

    @Suite("Clusters of the configuration")
    struct Clusters {
        @Test("N lists the clusters, says what is wrong with each, and switches without a restart")
        func switching() async throws {
            let broker = try await TestBroker.shared()
            let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
            defer { try? FileManager.default.removeItem(at: folder) }
            func section(_ name: String, port: Int, user: String, password: String?) -> String {
                """
                [\(name)]
                hostname = "127.0.0.1"
                port = \(port)
                username = "\(user)"
                \(password.map { "password = \"\($0)\"" } ?? "")

                """
            }
            let port = broker.node.ports.management
            let text =
                section("east", port: port, user: broker.user, password: broker.password)
                + section("west", port: port, user: broker.user, password: broker.password)
                + section("down", port: 1, user: "x", password: "x")
                + section("locked", port: port, user: "nobody", password: "wrong")
                + section("mute", port: port, user: "ops", password: nil)
            let config = folder.appendingPathComponent("clusters.conf").path
            try text.write(toFile: config, atomically: true, encoding: .utf8)
            try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: config)
            let arguments = ["watch", "-c", config, "-N", "east", "--view", "queues"]
            try await DashboardTerminal.run(arguments) { dashboard in
                try await dashboard.wait(for: "the broker") { $0.text.contains("RabbitMQ 3.") }
                try await dashboard.press("N")
                let list = try await dashboard.wait(for: "the clusters") { screen in
                    screen.text.contains("west") && screen.text.contains("1/1 nodes")
                        && screen.text.contains("unknown:") && screen.text.contains("mute")
                }
                #expect(list.text.contains("east (shown)"))
                // By name: down, east, locked, mute, west.
                try await dashboard.press("Down", "Down", "Enter")
                try await dashboard.wait(for: "the refusal") {
                    $0.text.contains("mute: the configuration has no password")
                }
                try await dashboard.press("N", "Down", "Down", "Down", "Enter")
                // A key that comes while one dashboard gives way to the other reaches neither.
                let deadline = ContinuousClock.now + .seconds(40)
                while try await !dashboard.picture().text.contains("west (shown)") {
                    try #require(ContinuousClock.now < deadline, "west is shown")
                    if try await dashboard.picture().text.contains("(shown)") {
                        try await dashboard.press("Escape")
                        try await dashboard.wait(for: "list to close") { !$0.text.contains("(shown)") }
                    }
                    try await dashboard.press("N")
                    _ = try? await dashboard.wait(forText: "(shown)", within: .seconds(3))
                }
                try await dashboard.press("Escape", "q")
            }
        }
    }
}
