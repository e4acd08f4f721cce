import BrokerSupport
import Foundation
import Glibc
import LocalBroker
import TerminalSupport
import Testing

extension EndToEnd {
    @Suite("Faults from the keyboard")
    struct Faults {
        /// Consumes through a proxy, publishes to itself, and opens what it loses again after half a second.
        private static let application = """
            import pika, sys, time
            port, vhost, name = int(sys.argv[1]), sys.argv[2], sys.argv[3]
            closed = []
            while True:
                try:
                    connection = pika.BlockingConnection(pika.ConnectionParameters(
                        "127.0.0.1", port, vhost, heartbeat=10, client_properties={"connection_name": name}))
                    while True:
                        channel = connection.channel()
                        channel.queue_declare("orders")
                        channel.basic_consume("orders", lambda c, m, p, b: c.basic_ack(m.delivery_tag))
                        try:
                            while True:
                                channel.basic_publish("", "orders", b"x")
                                connection.process_data_events(0.05)
                        except pika.exceptions.ChannelClosedByBroker as e:
                            print("closed", e.reply_code, e.reply_text, flush=True)
                            time.sleep(0.5)
                except pika.exceptions.AMQPError as e:
                    print("lost", repr(e), flush=True)
                    time.sleep(0.2)
            """

        private static func withApplication(
            _ broker: TestBroker, options: [String] = [], view: String,
            _ body: (DashboardTerminal, String) async throws -> Void
        ) async throws {
            let vhost = try await broker.makeVhost()
            let name = uniqueName("shop")
            let port = try FreePort.find()
            try await DashboardTerminal.watch(
                broker, ["-V", vhost, "--view", view, "--proxy", "\(port)"] + options
            ) { dashboard in
                let task = Task {
                    try await Python.run(
                        application, arguments: ["\(port)", vhost, name], deadline: .seconds(120))
                }
                defer { task.cancel() }
                try await body(dashboard, name)
            }
            try await broker.deleteVhost(vhost)
        }

        @Test(
            "x closes a pika consumer's channel through the proxy; Events has its error and how long it took to recover"
        )
        func closedThroughTheProxy() async throws {
            let broker = try await TestBroker.shared()
            try await Self.withApplication(broker, view: "channels") { dashboard, name in
                try await dashboard.select(name)
                try await dashboard.press("x")
                try await dashboard.wait(forText: "> Through the proxy")
                try await dashboard.press("Enter")
                try await dashboard.wait(forText: "─ Close a channel")
                try await dashboard.replace("406", with: "404")
                try await dashboard.press("Tab")
                try await dashboard.replace("closed by rabbittop", with: "gone at three")
                let form = try await dashboard.wait(forText: "404 gone at three")
                #expect(form.text.contains("closes 1 channel"))
                try await dashboard.press("Enter")
                try await dashboard.wait(for: "no form") { !$0.text.contains("─ Close a channel") }
                try await dashboard.press("8")
                try await dashboard.wait(for: "the error with code and text") { picture in
                    picture.rows.contains { $0.contains("error") && $0.contains(" 404 ") && $0.contains(name) }
                }
                try await dashboard.wait(for: "its recovery") { picture in
                    picture.rows.contains { $0.contains("consumes again after") && $0.contains(name) }
                }
                try await dashboard.select("close-channel #1 injected")
                try await dashboard.press("Enter")
                let detail = try await dashboard.wait(for: "what followed") { $0.text.contains("gone at three") }
                #expect(detail.text.contains(name))
            }
        }

        @Test("f offers what fits a connection, the banner counts it down, u undoes it")
        func fromTheKeyboard() async throws {
            let broker = try await TestBroker.shared()
            try await Self.withApplication(broker, view: "connections") { dashboard, name in
                try await dashboard.select(name)
                try await dashboard.press("f")
                try await dashboard.wait(forText: "Latency and jitter")
                try await dashboard.type("latency")
                try await dashboard.wait(for: "one choice") { !$0.text.contains("Black hole") }
                try await dashboard.press("Enter")
                try await dashboard.wait(forText: "─ Latency and jitter")
                try await dashboard.press("Enter")
                try await dashboard.wait(for: "the banner") {
                    $0.text.contains("latency #1") && $0.text.contains("left")
                }
                try await dashboard.press("u")
                try await dashboard.wait(for: "no banner") { !$0.rows.prefix(7).contains { $0.contains("latency #1") } }
                try await dashboard.press("8")
                try await dashboard.wait(forText: "latency #1 undone")
            }
        }

        @Test("What a killed rabbittop left on the broker the next start offers to undo, and does")
        func leftBehind() async throws {
            let broker = try await TestBroker.shared()
            let vhost = try await broker.makeVhost()
            try await broker.declare("orders", vhost: vhost)
            let folder = FileManager.default.temporaryDirectory.appendingPathComponent(uniqueName("state"))
            defer { try? FileManager.default.removeItem(at: folder) }
            let state = ["XDG_STATE_HOME": folder.path]
            let script = """
                program=$1; shift
                "$program" "$@" >"$XDG_STATE_HOME.out" & id=$!
                until grep -q '^policy-reject-publish #1' "$XDG_STATE_HOME.out"; do
                    kill -0 $id || exit 1
                    sleep 0.05
                done
                rm -f "$XDG_STATE_HOME.out"
                kill -9 $id
                """
            let options =
                ["fault", "inject", "policy-reject-publish", "--on", "vhost=\(vhost)", "--on", "queue=orders"]
                + broker.options
            let killed = try await ChildCommand(
                executable: "/bin/sh", arguments: ["-c", script, "sh", try BuiltProgram.path("rabbittop")] + options,
                environment: ProcessInfo.processInfo.environment.merging(DashboardTerminal.environment) { $1 }
                    .merging(state) { $1 }
            ).run(deadline: .seconds(60))
            #expect(killed.status == 0, "\(killed.standardError)")
            func policies() async throws -> Int {
                (try await broker.management("GET", "policies/\(vhost)").json as? [Any])?.count ?? -1
            }
            #expect(try await policies() == 1)
            let undone = try await Rabbittop.run(["fault", "undo"] + broker.options, environment: state)
            #expect(undone.status == 0, "\(undone.standardError)")
            #expect(try await policies() == 0)
            let again = try await Rabbittop.run(["fault", "undo"] + broker.options, environment: state)
            #expect(again.standardError.contains("Nothing was left"))
            try await broker.deleteVhost(vhost)
        }

        @Test("A fault that cannot be had ends with the status that says why")
        func statuses() async throws {
            let broker = try await TestBroker.shared()
            let order = ["fault", "inject", "policy-reject-publish", "--on", "queue=orders"]
            let away = try await Rabbittop.run(order + ["--base-uri", "http://127.0.0.1:1"])
            #expect(away.status == 69, "\(away.standardError)")
            let refused = try await Rabbittop.run(order + broker.options + ["-p", "wrong"])
            #expect(refused.status == 77, "\(refused.standardError)")
            let readOnly = try await Rabbittop.run(order + broker.options + ["--read-only"])
            #expect(readOnly.status == 77, "\(readOnly.standardError)")
            let missing = try await Rabbittop.run(order + broker.options + ["--on", "queue=\(uniqueName("none"))"])
            #expect(missing.status == 1, "\(missing.standardError)")
            let undo = try await Rabbittop.run(["fault", "undo", "--base-uri", "http://127.0.0.1:1"])
            #expect(undo.status == 69, "\(undo.standardError)")
        }

        @Test("Quitting undoes what is in force on the broker")
        func undoneAtQuit() async throws {
            let broker = try await TestBroker.shared()
            let vhost = try await broker.makeVhost()
            try await broker.declare("orders", vhost: vhost)
            let folder = FileManager.default.temporaryDirectory.appendingPathComponent(uniqueName("state"))
            defer { try? FileManager.default.removeItem(at: folder) }
            func policies() async throws -> Int {
                (try await broker.management("GET", "policies/\(vhost)").json as? [Any])?.count ?? -1
            }
            try await DashboardTerminal.watch(
                broker, ["-V", vhost, "--view", "queues"], environment: ["XDG_STATE_HOME": folder.path]
            ) { dashboard in
                try await dashboard.select("orders")
                try await dashboard.press("f")
                try await dashboard.wait(forText: "Reject publishes")
                try await dashboard.type("reject")
                try await dashboard.press("Enter")
                try await dashboard.wait(forText: "─ Reject publishes")
                try await dashboard.press("Enter")
                try await dashboard.wait(forText: "policy-reject-publish #1")
                let isSet = try await eventually { try await policies() == 1 }
                #expect(isSet)
                try await dashboard.press("q")
                let isGone = try await eventually { try await policies() == 0 }
                #expect(isGone)
            }
            try await broker.deleteVhost(vhost)
        }

        @Test("Read-only refuses f, and says why")
        func readOnly() async throws {
            let broker = try await TestBroker.shared()
            try await DashboardTerminal.watch(broker, ["--view", "connections", "--read-only", "--show-own"]) {
                dashboard in
                try await dashboard.wait(for: "a connection") { $0.selected != nil }
                try await dashboard.press("f")
                try await dashboard.wait(forText: "ead-only")
            }
        }
    }
}

/// A port of the loopback interface that nobody has at this moment.
private enum FreePort {
    static func find() throws -> Int {
        let descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, length) == 0 && getsockname(descriptor, $0, &length) == 0
            }
        }
        try #require(isBound)
        return Int(UInt16(bigEndian: address.sin_port))
    }
}

/// Waits until `condition` holds. False after 20 s.
private func eventually(_ condition: () async throws -> Bool) async throws -> Bool {
    let deadline = ContinuousClock.now + .seconds(20)
    while ContinuousClock.now < deadline {
        if try await condition() { return true }
        try await Task.sleep(for: .milliseconds(50))
    }
    return false
}
