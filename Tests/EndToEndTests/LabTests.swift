import BrokerSupport
import Foundation
import LocalBroker
import TerminalSupport
import Testing

extension EndToEnd {
    @Suite("rabbittop lab")
    struct Lab {
        private static func folder() throws -> URL {
            let folder = FileManager.default.temporaryDirectory.appending(path: uniqueName("rabbittop-lab-test"))
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            return folder
        }

        private func object(_ line: String) throws -> [String: Any] {
            try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
        }

        @Test("Each variant is a line of JSON, and all of them a page")
        func run() async throws {
            let broker = try await TestBroker.shared()
            let folder = try Self.folder()
            defer { try? FileManager.default.removeItem(at: folder) }
            let page = folder.appending(path: "page.html").path
            let settings = folder.appending(path: "settings.toml").path
            try Data("producers = 3\nmessages = 7\nramp = 0\n".utf8).write(to: URL(fileURLWithPath: settings))
            let run = try await Rabbittop.run(
                [
                    "lab", "run", "shared-connection", "--settings", settings, "--set", "messages=300", "--format",
                    "json",
                    "--amqp-uri", broker.amqpURI, "--report", page,
                ], deadline: .seconds(120))
            #expect(run.status == 0, "\(run.standardError)")
            let results = try run.standardOutput.split(separator: "\n").map { try object(String($0)) }
            #expect(
                results.compactMap { $0["variant"] as? String } == [
                    "unguarded", "locked", "channel-per-producer", "connection-per-producer", "library",
                ])
            #expect(results.allSatisfy { $0["verdict"] as? String == "pass" })
            let counts = results.compactMap { ($0["ledger"] as? [String: Int])?["distinct"] }
            #expect(counts.count == 5 && counts[0] < 900 && counts[1...].allSatisfy { $0 == 900 })
            let html = try String(contentsOfFile: page, encoding: .utf8)
            #expect(html.contains("<svg") && html.contains("connection-per-producer"))
            // Progress is told, and apart from the results.
            #expect(run.standardError.contains("shared-connection library"))
        }

        @Test("What there is not is a usage error that says what there is")
        func usage() async throws {
            let cases = [
                (["lab", "run", "no-such"], "shared-connection"),
                (["lab", "run", "shared-connection", "--variant", "none"], "channel-per-producer"),
                (["lab", "run", "shared-connection", "--set", "speed=1"], "producers"),
                (["lab", "run", "shared-connection", "--set", "producers=few"], "whole number"),
                (["lab", "run", "publisher-confirms", "--amqp-uri", "amqp://127.0.0.1"], "private"),
            ]
            for (arguments, words) in cases {
                let run = try await Rabbittop.run(arguments)
                #expect(run.status == 2 && run.standardError.contains(words), "\(arguments): \(run.standardError)")
            }
        }

        @Test("On a broker that is read-only, of another machine or refuses the user nothing is run, with 77")
        func refused() async throws {
            let broker = try await TestBroker.shared()
            let cases = [
                (["--amqp-uri", broker.amqpURI, "--read-only"], "read-only"),
                (["--amqp-uri", "amqp://mq.example"], "--allow-faults"),
                (["--amqp-uri", broker.amqpURI.replacing(":guest@", with: ":wrong@")], "ACCESS_REFUSED"),
            ]
            for (options, words) in cases {
                let run = try await Rabbittop.run(["lab", "run", "shared-connection"] + options)
                #expect(run.status == 77 && run.standardError.contains(words), "\(options): \(run.standardError)")
            }
        }

        @Test("Without RabbitMQ it says how to install it, and ends with 69")
        func notInstalled() async throws {
            let run = try await Rabbittop.run(
                ["lab", "run", "shared-connection"], environment: ["RABBITTOP_RABBITMQ_SBIN": "/nonexistent"])
            #expect(run.status == 69)
            #expect(run.standardError.contains("There is no RabbitMQ in /nonexistent."))
        }

        @Test("A page that cannot be written is told before anything runs")
        func page() async throws {
            let run = try await Rabbittop.run(
                ["lab", "run", "shared-connection", "--report", "/nonexistent/page.html"])
            #expect(run.status == 1)
            #expect(run.standardError.contains("/nonexistent/page.html"))
            #expect(run.standardOutput.isEmpty)
        }

        @Test(
            "Ctrl-C ends it with the ledger so far, and leaves nothing",
            arguments: ["library", "connection-per-producer"])
        func interruption(_ variant: String) async throws {
            let folder = try Self.folder()
            defer { try? FileManager.default.removeItem(at: folder) }
            // The shell's own SIGINT would be ignored by what it starts in the background; the program listens all the same.
            let script = """
                "$1" lab run shared-connection --variant "$2" --set messages=1000000 --format json \
                    >"$3/out" 2>"$3/err" &
                until grep -q 'publish 1000000' "$3/err"; do sleep 0.1; done
                sleep 1
                kill -INT $!
                wait $!
                echo "status $?"
                """
            var environment = ProcessInfo.processInfo.environment
            let temporary = folder.appending(path: "t")
            try FileManager.default.createDirectory(at: temporary, withIntermediateDirectories: true)
            environment["TMPDIR"] = temporary.path
            let run = try await ChildCommand(
                executable: "/bin/sh",
                arguments: ["-c", script, "sh", try BuiltProgram.path("rabbittop"), variant, folder.path],
                environment: environment
            ).run(deadline: .seconds(120))
            #expect(run.standardOutput == "status 1\n", "\(run.standardError)")
            let line = try String(contentsOf: folder.appending(path: "out"), encoding: .utf8)
            let result = try object(line)
            #expect(result["verdict"] as? String == "fail")
            #expect((result["why"] as? String)?.hasPrefix("interrupted after") == true)
            #expect(try #require((result["ledger"] as? [String: Int])?["consumed"]) > 0)
            let left = try FileManager.default.contentsOfDirectory(atPath: temporary.path)
            #expect(left.isEmpty, "\(left)")
        }
    }
}
