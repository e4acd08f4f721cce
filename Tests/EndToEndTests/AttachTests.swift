import BrokerSupport
import Foundation
import LocalBroker
import TCPGate
import TerminalSupport
import Testing

extension EndToEnd {
    @Suite("Another process's clients")
    struct Attaching {
        /// An application of its own process, with a connection of this name through the gate.
        private func withProbe(
            _ broker: TestBroker,
            _ body: (_ name: String, _ socket: String, TCPGate, Task<Void, any Error>) async throws -> Void
        ) async throws {
            let name = uniqueName("shop")
            let socket = "/tmp/\(name).sock"
            let program = try BuiltProgram.path("ClientProbe")
            try await TCPGate.with(port: broker.amqpPort) { gate in
                let command = ChildCommand(
                    executable: program, arguments: ["\(gate.port)", name, name, socket],
                    environment: ProcessInfo.processInfo.environment)
                let probe = Task { _ = try await command.run(deadline: .seconds(280)) }
                defer {
                    probe.cancel()
                    try? FileManager.default.removeItem(atPath: socket)
                }
                try await body(name, socket, gate, probe)
                probe.cancel()
                _ = await probe.result
            }
        }

        /// The rows of a process's channels, below its connection, of a wide screen.
        private func channel(_ number: Int, of name: String, _ picture: ScreenCapture) -> String? {
            guard let start = picture.rows.firstIndex(where: { $0.contains("ClientProbe (") && $0.contains(name) })
            else { return nil }
            return picture.rows[(start + 1)...].first { $0.contains("channel \(number) ") }
        }

        /// Ends a channel's process at the broker, which tells the client nothing.
        private func end(_ channel: Int, of name: String, _ broker: TestBroker) async throws {
            try await broker.node.evaluate(
                """
                [ok] = [rabbit_channel:shutdown(Channel) ||
                    [{pid, Connection}, {client_properties, Properties}] <-
                        rabbit_networking:connection_info_all([pid, client_properties]),
                    lists:keyfind(<<"connection_name">>, 1, Properties) ==
                        {<<"connection_name">>, longstr, <<"\(name)">>},
                    [{pid, Channel}, {connection, Owner}, {number, \(channel)}] <-
                        rabbit_channel:info_all([pid, connection, number]),
                    Owner == Connection].
                """)
        }

        /// Opens the choice of ways to close the selected channel, and takes the one by 406.
        private func closeBy406(_ dashboard: DashboardTerminal) async throws {
            try await dashboard.press("x")
            let picker = try await dashboard.wait(forText: "─ Close channel 2 ─")
            #expect(picker.text.contains("only its own process can do that"))
            #expect(picker.text.contains("It belongs to the attached process ClientProbe ("))
            while try await !dashboard.picture().text.contains("> By 406") {
                let before = try await dashboard.picture().text
                try await dashboard.press("Down")
                try await dashboard.wait(for: "next choice", within: .seconds(5)) { $0.text != before }
            }
            try await dashboard.press("Enter")
            try await dashboard.wait(forText: "─ Close channel 2? ─")
            try await dashboard.press("Tab")
            try await dashboard.wait(forText: "[> Close channel <]")
            try await dashboard.press("Enter")
        }

        /// Whether the broker agrees with each channel, as a script sees it.
        private func verdicts(
            of name: String, _ broker: TestBroker, _ socket: String
        ) async throws -> [Int: Bool] {
            let output = try await Rabbittop.run(
                ["snapshot"] + broker.options + [
                    "--view", "client", "--attach", "unix:\(socket)", "--format", "json", "--interval", "10",
                ])
            let object = try #require(
                try JSONSerialization.jsonObject(with: Data(output.standardOutput.utf8)) as? [String: Any])
            let sources = try #require(object["sources"] as? [[String: Any]])
            let source = try #require(sources.first { $0["name"] as? String == "attached client" })
            #expect(source["status"] as? String == "live" && source["age_s"] as? Double != nil)
            let rows = try #require(object["rows"] as? [[String: Any]]).filter { $0["name"] as? String == name }
            let verdicts = rows.compactMap { row in
                (row["channel"] as? Int).flatMap { number in (row["broker_agrees"] as? Bool).map { (number, $0) } }
            }
            return Dictionary(verdicts) { first, _ in first }
        }

        @Test(
            "The channel that a client holds open in its pool and the broker no longer knows is marked, until it is mended"
        )
        func disagreement() async throws {
            let broker = try await TestBroker.shared()
            try await withProbe(broker) { name, socket, gate, probe in
                let command = broker.node.rabbitmqctlCommand.map { "'\($0)'" }.joined(separator: " ")
                let options = ["--view", "client", "--attach", "unix:\(socket)", "--rabbitmqctl", command]
                try await DashboardTerminal.watch(broker, options, width: 200) { dashboard in
                    // The gate gives the broker another name of the connection than the client has.
                    try await dashboard.wait(for: "two channels on which both agree", within: .seconds(40)) { picture in
                        [1, 2].allSatisfy { channel($0, of: name, picture)?.contains("agrees") == true }
                            && channel(2, of: name, picture)?.contains("channel 2 of publishers") == true
                            && picture.rows.contains { $0.contains(" publishers  0 of 4 in use  1 idle  0 waiting") }
                    }
                    try await dashboard.press("/")
                    try await dashboard.type(name)
                    try await dashboard.press("Enter")
                    try await dashboard.select("channel 2")

                    try await end(2, of: name, broker)
                    let differ = try await dashboard.wait(for: "the disagreement", within: .seconds(40)) { picture in
                        channel(2, of: name, picture)?.contains("! open here, unknown to") == true
                    }
                    #expect(
                        channel(1, of: name, differ)?.contains("agrees") == true, "its sibling is not under suspicion")
                    #expect(differ.text.contains("Client and broker disagree"))
                    #expect(
                        differ.rows.contains {
                            $0.contains("): \(name) channel 2  open here, unknown to the broker")
                        })
                    #expect(try await verdicts(of: name, broker, socket) == [1: true, 2: false])

                    // With its next socket the client has the channel again.
                    await gate.reset()
                    try await dashboard.wait(for: "agreement once more", within: .seconds(40)) { picture in
                        [1, 2].allSatisfy { channel($0, of: name, picture)?.contains("agrees") == true }
                            && !picture.text.contains("Client and broker disagree")
                    }
                    try await closeBy406(dashboard)
                    try await dashboard.wait(for: "the error that the client heard", within: .seconds(40)) { picture in
                        channel(2, of: name, picture)?.contains("406") == true
                    }

                    // The process goes: what it said last must not look like what it does.
                    probe.cancel()
                    _ = await probe.result
                    try await dashboard.wait(for: "the end of the process", within: .seconds(20)) { picture in
                        picture.text.contains("attached client: nobody listens at unix:\(socket)")
                            || picture.text.contains("attached client: there is no socket unix:\(socket)")
                    }
                    try await dashboard.wait(for: "old figures", within: .seconds(20)) { picture in
                        channel(1, of: name, picture)?.contains("~") == true
                    }
                }
            }
        }

        @Test("An address that is none is a mistake in the command line; nobody there is said")
        func nobody() async throws {
            let broker = try await TestBroker.shared()
            let usage = try await Rabbittop.run(
                ["snapshot"] + broker.options + ["--view", "client", "--attach", "nonsense"])
            #expect(usage.status == 2)
            #expect(usage.standardError.contains("unix:/run/shop/client.sock"))
            let missing = "/tmp/\(uniqueName("nobody")).sock"
            let output = try await Rabbittop.run(
                ["snapshot"] + broker.options + [
                    "--view", "client", "--attach", "unix:\(missing)", "--format", "json", "--interval", "2",
                ])
            #expect(output.status == 0)
            #expect(output.standardOutput.contains(#""name":"attached client""#))
            #expect(output.standardOutput.contains(#""status":"unreachable""#))
        }
    }
}
