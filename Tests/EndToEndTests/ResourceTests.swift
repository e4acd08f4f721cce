import BrokerSupport
import Foundation
import LocalBroker
import TerminalSupport
import Testing

extension EndToEnd {
    @Suite("A machine that has too little")
    struct Resources {
        private func limited(_ files: Int, _ arguments: [String]) async throws -> CommandOutput {
            let program = try BuiltProgram.path("rabbittop")
            return try await ChildCommand(
                executable: "/bin/sh",
                arguments: ["-c", "ulimit -n \(files); exec \"$0\" \"$@\"", program] + arguments,
                environment: ProcessInfo.processInfo.environment.merging(DashboardTerminal.environment) { $1 }
            ).run(deadline: .seconds(60))
        }

        @Test("A limit on open files is named, not met with a trap", arguments: [12, 24])
        func files(limit: Int) async throws {
            let snapshot = try await limited(limit, ["snapshot", "-P", "1"])
            #expect(snapshot.status == 1 && snapshot.standardError.contains("ulimit -n"), "\(snapshot)")
            #expect(snapshot.standardError.contains("\(limit) files"))
            let check = try await limited(limit, ["check", "-P", "1"])
            #expect(check.status == 3 && check.standardError.contains("ulimit -n"))
            #expect(try await limited(limit, ["fault", "list"]).status == 0)
        }

        @Test("64 files do for watching, and a broker that needs more says so")
        func few() async throws {
            let broker = try await TestBroker.shared()
            let snapshot = try await limited(64, ["snapshot"] + broker.options)
            #expect(snapshot.status == 0, "\(snapshot.standardError)")
            let start = try await limited(64, ["broker", "start"])
            #expect(start.status == 1 && start.standardError.contains("may open 64 files"), "\(start.standardError)")
        }

        @Test(
            "A temporary folder that will not do is named",
            arguments: [("/nonexistent/tmp", "No such file"), ("/dev/null", "no folder"), ("/tmp/it's", "TMPDIR")])
        func temporaryFolder(path: String, why: String) async throws {
            if path == "/tmp/it's" { mkdir(path, 0o700) }
            defer { if path == "/tmp/it's" { rmdir(path) } }
            let output = try await Rabbittop.run(["broker", "start"], environment: ["TMPDIR": path])
            #expect(output.status == 1, "\(output.standardError)")
            #expect(output.standardError.contains("TMPDIR") && output.standardError.contains(why))
        }
    }
}
