import BrokerSupport
import Foundation
import LocalBroker
import TerminalSupport
import Testing

extension EndToEnd {
    @Suite("Output that fails")
    struct FailingOutput {
        /// Runs a line of bash with `$program`.
        private func shell(
            _ line: String, _ arguments: [String] = [], environment: [String: String] = [:],
            deadline: Duration = .seconds(60)
        ) async throws -> CommandOutput {
            var variables = ProcessInfo.processInfo.environment
            variables.merge(DashboardTerminal.environment) { $1 }
            variables.merge(environment) { $1 }
            variables["program"] = try BuiltProgram.path("rabbittop")
            return try await ChildCommand(
                executable: "/bin/bash", arguments: ["-c", "set -o pipefail; " + line, "bash"] + arguments,
                environment: variables
            ).run(deadline: deadline)
        }

        private func withQueue(_ body: (TestBroker, String, [String: String]) async throws -> Void) async throws {
            let broker = try await TestBroker.shared()
            let vhost = try await broker.makeVhost()
            try await broker.declare("orders", vhost: vhost)
            let folder = FileManager.default.temporaryDirectory.appendingPathComponent(uniqueName("state"))
            defer { try? FileManager.default.removeItem(at: folder) }
            try await body(broker, vhost, ["XDG_STATE_HOME": folder.path])
            try await broker.deleteVhost(vhost)
        }

        private func policies(_ broker: TestBroker, _ vhost: String) async throws -> Int {
            (try await broker.management("GET", "policies/\(vhost)").json as? [Any])?.count ?? -1
        }

        private func inject(_ broker: TestBroker, _ vhost: String) -> [String] {
            ["fault", "inject", "policy-ttl", "--yes", "--duration", "600"]
                + ["--on", "vhost=\(vhost)", "--on", "queue=orders"] + broker.options
        }

        @Test(
            "A fault that nobody can be told of is undone at once",
            arguments: [#""$program" "$@" >/dev/full"#, #""$program" "$@" | true"#, #""$program" "$@" >&-"#])
        func fault(line: String) async throws {
            try await withQueue { broker, vhost, state in
                // The pipe's reader is gone before the first line comes.
                let output = try await shell(line, inject(broker, vhost), environment: state)
                #expect(output.status == 1, "\(output.standardError)")
                #expect(output.standardError.contains("undone at once"), "\(output.standardError)")
                #expect(try await policies(broker, vhost) == 0)
                let undo = try await Rabbittop.run(["fault", "undo"] + broker.options, environment: state)
                #expect(undo.standardError.contains("Nothing was left"))
            }
        }

        @Test("Without a word to be said on either stream it is undone all the same")
        func nothingToWriteTo() async throws {
            try await withQueue { broker, vhost, state in
                let line = #""$program" "$@" >/dev/full 2>/dev/full"#
                let output = try await shell(line, inject(broker, vhost), environment: state)
                #expect(output.status == 1)
                #expect(try await policies(broker, vhost) == 0)
            }
        }

        @Test("A fault whose undo cannot be written down is not done")
        func journal() async throws {
            try await withQueue { broker, vhost, state in
                // No file may have a byte: as on a full disk, and with a signal besides.
                let output = try await shell(
                    #"ulimit -f 0; "$program" "$@" | cat"#, inject(broker, vhost), environment: state)
                #expect(output.status == 1, "\(output.standardError)")
                #expect(output.standardError.contains("journal of faults"), "\(output.standardError)")
                #expect(try await policies(broker, vhost) == 0)
                let left = try await Rabbittop.run(["fault", "undo"] + broker.options, environment: state)
                #expect(left.status == 0 && left.standardError.contains("Nothing was left"))
            }
        }

        @Test("A check whose words are lost is unknown, whatever it found")
        func check() async throws {
            let broker = try await TestBroker.shared()
            for line in [#""$program" "$@" >/dev/full"#, #""$program" "$@" >&-"#] {
                let output = try await shell(line, ["check", "--seconds", "1"] + broker.options)
                #expect(output.status == 3 && output.standardError.contains("Standard output cannot be written"))
            }
        }

        @Test(
            "A reader that has read enough is no failure of any command",
            arguments: ["fault list", "lab list", "--help", "fault list --format json", "fault list policy-ttl"])
        func reader(command: String) async throws {
            let line = "\"$program\" \(command) | true; echo ${PIPESTATUS[0]}"
            #expect(try await shell(line).standardOutput == "0\n")
            let full = try await shell("\"$program\" \(command) >/dev/full")
            #expect(full.status == 1 && full.standardError.contains("No space left"))
        }

        @Test("Who repeats himself ends with his reader")
        func repeated() async throws {
            let broker = try await TestBroker.shared()
            let line = #""$program" "$@" | head -1 >/dev/null; echo ${PIPESTATUS[0]}"#
            let options = ["snapshot", "--count", "100000", "--interval", "0.1"] + broker.options
            #expect(try await shell(line, options, deadline: .seconds(30)).standardOutput == "0\n")
        }

        @Test("Standard streams that are closed at the start take no socket's place")
        func closed() async throws {
            let broker = try await TestBroker.shared()
            let line = #""$program" "$@" <&- >&- 2>&-; echo $?"#
            let snapshot = try await shell("(\(line)) 3>&1", ["snapshot"] + broker.options)
            #expect(snapshot.standardOutput == "1\n")
            let watch = try await shell("(\(line)) 3>&1", ["watch"] + broker.options)
            #expect(watch.standardOutput == "2\n")
            let publish = try await shell(
                "(\(line)) 3>&1", ["publish", "--routing-key", "none", "--body-file", "-"] + broker.options)
            #expect(publish.standardOutput == "1\n")
            #expect(try await broker.management("GET", "overview").status == 200)
        }

        @Test("A private broker that nobody can be told of is gone again")
        func broker() async throws {
            let folder = FileManager.default.temporaryDirectory.appendingPathComponent(uniqueName("broker"))
            let output = try await shell(
                #""$program" broker start --directory "$1" >/dev/full"#, [folder.path],
                environment: ["XDG_RUNTIME_DIR": NSTemporaryDirectory()], deadline: .seconds(240))
            #expect(output.status == 1 && output.standardError.contains("gone again"), "\(output.standardError)")
            #expect(!FileManager.default.fileExists(atPath: folder.path))
        }

        @Test("A proxy that cannot print goes on, and its applications with it")
        func proxy() async throws {
            let broker = try await TestBroker.shared()
            let script = """
                import pika, socket, subprocess, sys, time
                program, broker = sys.argv[1], int(sys.argv[2])
                probe = socket.socket(); probe.bind(('127.0.0.1', 0)); port = probe.getsockname()[1]; probe.close()
                full = open('/dev/full', 'w')
                proxy = subprocess.Popen(
                    [program, 'proxy', '--listen', f'127.0.0.1:{port}', '--upstream', f'127.0.0.1:{broker}',
                     '--format', 'jsonl'], stdout=full, stderr=full, stdin=subprocess.DEVNULL)
                try:
                    deadline = time.time() + 30
                    while True:
                        try:
                            socket.create_connection(('127.0.0.1', port)).close()
                            break
                        except ConnectionRefusedError:
                            assert time.time() < deadline
                            time.sleep(0.05)
                    connection = pika.BlockingConnection(pika.ConnectionParameters('127.0.0.1', port))
                    for _ in range(20):
                        channel = connection.channel()
                        try:
                            channel.queue_declare('nowhere', passive=True)
                        except pika.exceptions.ChannelClosedByBroker:
                            pass
                    print('open', connection.is_open, proxy.poll())
                    connection.close()
                    proxy.terminate()
                    print('status', proxy.wait(20))
                finally:
                    proxy.kill()
                """
            let output = try await Python.run(
                script, arguments: [try BuiltProgram.path("rabbittop"), "\(broker.amqpPort)"], deadline: .seconds(90))
            #expect(output.standardOutput == "open True None\nstatus 1\n", "\(output.standardError)")
        }
    }
}
