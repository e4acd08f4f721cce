import BrokerSupport
import Foundation
import LocalBroker
import TerminalSupport
import Testing

extension EndToEnd {
    @Suite("Bad days")
    struct BadDays {
        @Test("No broker, a broker that comes, is killed and comes back")
        func killed() async throws {
            try await TestBroker.withRestartable(.init()) { broker in
                try await broker.declare("orders", vhost: "/")
                try await broker.node.kill()
                try await DashboardTerminal.run(["watch"] + broker.options + ["--view", "queues"]) { dashboard in
                    let refused = try await dashboard.wait(forText: "connection refused")
                    #expect(refused.text.contains("localhost:\(broker.node.ports.management)"))
                    #expect(refused.header.contains("unreachable"))
                    #expect(!refused.header.contains("●"), "nothing looks live")
                    // How soon a started broker tells of its queues is its own affair: the limit is for a hang.
                    try await broker.node.start()
                    try await dashboard.wait(for: "broker that came", within: .seconds(10)) { self.isLive($0) }
                    try await broker.node.kill()
                    try await dashboard.wait(for: "word that it is gone, with an age", within: .seconds(3)) {
                        self.isStale($0)
                    }
                    try await answersKeys(dashboard)
                    try await broker.node.start()
                    try await dashboard.wait(for: "broker that came back", within: .seconds(10)) { self.isLive($0) }
                    try await broker.publish(2, to: "orders", vhost: "/")
                    try await dashboard.wait(forReady: 2, of: "orders")
                }
            }
        }

        @Test("A frozen broker, and a thawed one")
        func frozen() async throws {
            try await TestBroker.withRestartable(.init()) { broker in
                try await broker.declare("orders", vhost: "/")
                try await DashboardTerminal.watch(broker, ["--view", "queues"]) { dashboard in
                    try await dashboard.wait(for: "live queue") { self.isLive($0) }
                    try await broker.node.freeze()
                    try await dashboard.wait(for: "word that it is silent, with an age", within: .seconds(3)) {
                        self.isStale($0)
                    }
                    try await answersKeys(dashboard)
                    try await broker.node.thaw()
                    try await dashboard.wait(for: "thawed broker", within: .seconds(3)) { self.isLive($0) }
                }
            }
        }

        /// The queue is live by AMQP, and the header says so.
        private func isLive(_ picture: ScreenCapture) -> Bool {
            picture.header.contains("● live") && picture.row("orders")?.hasSuffix(" live") == true
        }

        /// The header says how old everything is, and the queue's row is not live.
        private func isStale(_ picture: ScreenCapture) -> Bool {
            !picture.header.contains("● live") && picture.header.firstMatch(of: /[0-9]+s/) != nil
                && picture.row("orders")?.hasSuffix("live") == false
        }

        private func answersKeys(_ dashboard: DashboardTerminal) async throws {
            let pressed = ContinuousClock.now
            try await dashboard.press("?")
            try await dashboard.wait(forText: "─ Keys ─", within: .seconds(1))
            try await dashboard.press("?")
            try await dashboard.wait(for: "end of the help", within: .seconds(1)) { !$0.text.contains("─ Keys ─") }
            #expect(ContinuousClock.now - pressed < .seconds(1))
        }

        @Test("Without the management plugin it says what is missing, and goes on asking")
        func noManagement() async throws {
            try await TestBroker.withRestartable { broker in
                try await DashboardTerminal.run(
                    ["watch", "-P", "\(broker.node.ports.management)", "--amqp-port", "\(broker.amqpPort)"]
                ) { dashboard in
                    let picture = try await dashboard.wait(forText: "connection refused")
                    #expect(picture.text.contains("rabbitmq_management"))
                    try await dashboard.press("2")
                    try await dashboard.wait(for: "queues") {
                        $0.text.contains("rabbitmq_management") && $0.rows[5].contains("Queues")
                    }
                    #expect(try await dashboard.terminal.exitStatus() == nil)
                }
            }
        }

        @Test("AMQP that is refused is said, and the table goes on with what HTTP answers")
        func noAMQP() async throws {
            let broker = try await TestBroker.shared()
            let vhost = try await broker.makeVhost()
            try await broker.declare("orders", vhost: vhost)
            let port = try closedPort()
            try await DashboardTerminal.watch(broker, ["-V", vhost, "--view", "queues", "--amqp-port", "\(port)"]) {
                dashboard in
                let picture = try await dashboard.wait(for: "refusal") {
                    $0.text.contains("! amqp: Nothing listens at localhost:\(port)") && $0.row("orders") != nil
                }
                #expect(picture.row("orders")?.hasSuffix("live") == false)
                try await broker.publish(5, to: "orders", vhost: vhost)
                try await dashboard.wait(forReady: 5, of: "orders", within: .seconds(15))
            }
            try await broker.deleteVhost(vhost)
        }

        @Test("A wrong password is said, and nothing looks live")
        func wrongPassword() async throws {
            let broker = try await TestBroker.shared()
            try await DashboardTerminal.run(["watch"] + broker.options + ["-p", "wrong", "--view", "queues"]) {
                dashboard in
                let picture = try await dashboard.wait(forText: "user or password refused")
                #expect(picture.text.contains("localhost:\(broker.node.ports.management)"))
                #expect(picture.header.contains("denied"))
                #expect(!picture.text.contains("requires the tag"), "the tag is not what is missing")
                #expect(!picture.text.contains("wrong"), "a password is never shown")
            }
        }

        @Test("A user without the tag management reads what is missing")
        func untagged() async throws {
            let broker = try await TestBroker.shared()
            let user = try await broker.makeUser(password: "secret")
            try await DashboardTerminal.run(["watch"] + broker.options + ["-u", user, "-p", "secret"]) { dashboard in
                let picture = try await dashboard.wait(forText: "denied")
                #expect(picture.text.contains("management"))
                #expect(picture.text.contains("tag"))
            }
            let snapshot = try await Rabbittop.run(["snapshot"] + broker.options + ["-u", user, "-p", "secret"])
            #expect(snapshot.status == 77)
            #expect(snapshot.standardOutput.isEmpty)
            #expect(snapshot.standardError.contains("tag"))
            _ = try await broker.management("DELETE", "users/\(user)")
        }

        @Test("What stands in a start's way is said on standard error, with status 2")
        func start() async throws {
            let program = try BuiltProgram.path("rabbittop")
            try await DashboardTerminal.run([], width: 30, height: 8) { dashboard in
                #expect(try await dashboard.terminal.waitForExit() == 2)
                let words = try await dashboard.picture().text.replacing("\n", with: "")
                #expect(words.contains("rabbittop: the terminal has 30x8"))
                #expect(words.contains("40x10"))
            }
            try await DashboardTerminal.run([], type: "no-such-terminal") { dashboard in
                let status = try await dashboard.terminal.waitForExit()
                #expect(status == 2)
                try await dashboard.wait(forText: "'no-such-terminal'")
            }
            let shell = TestTerminal.Program(
                ["sh", "-c", "'\(program)' | cat; '\(program)' < /dev/null; echo \"status $?\""],
                environment: DashboardTerminal.environment)
            try await TestTerminal.run(shell, width: 120) { terminal in
                let screen = try await terminal.wait(forText: "status 2")
                #expect(screen.contains("standard output is not a terminal"))
                #expect(screen.contains("standard input is not a terminal"))
            }
            let output = try await Rabbittop.run(["watch"])
            #expect(output.status == 2)
            #expect(output.standardOutput.isEmpty)
            #expect(output.standardError.contains("not a terminal"))
        }
    }
}

/// A port of the loopback interface on which nothing listens.
func closedPort() throws -> Int {
    let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    try #require(socket >= 0)
    defer { close(socket) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let bound = withUnsafeMutablePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
            bind(socket, pointer, length) == 0 && getsockname(socket, pointer, &length) == 0
        }
    }
    try #require(bound)
    return Int(UInt16(bigEndian: address.sin_port))
}
