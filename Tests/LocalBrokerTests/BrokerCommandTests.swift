import BrokerSupport
import Foundation
import Glibc
import LocalBroker
import Testing

/// `rabbittop broker …` as scripts use it; by a user without privileges where the tests run as root.
@Suite struct BrokerCommandTests {
    @Test func aScriptCanDoEverythingAsAnyUser() async throws {
        try await Shell.with { shell in try await everything(shell) }
    }

    private func everything(_ shell: Shell) async throws {
        let start = try await shell.rabbittop("broker", "start", "--format", "json")
        #expect(start.status == 0, "\(start.standardError)")
        let report = try #require(
            try JSONSerialization.jsonObject(with: Data(start.standardOutput.utf8)) as? [String: Any])
        let directory = try #require(report["directory"] as? String)
        #expect(report["status"] as? String == "running")
        #expect((report["amqp_uri"] as? String)?.hasPrefix("amqp://guest:guest@127.0.0.1:") == true)
        #expect(report["amqps_uri"] is NSNull)
        let pid = try #require(report["pid"] as? Int)
        var owner = stat()
        #expect(stat("/proc/\(pid)", &owner) == 0 && owner.st_uid == shell.user)

        #expect(try await shell.rabbittop("broker", "freeze").status == 0)
        #expect(try await shell.status() == "frozen 0")
        #expect(try await shell.rabbittop("broker", "thaw").status == 0)
        #expect(try await shell.status() == "running 0")
        #expect(try await shell.rabbittop("broker", "kill").status == 0)
        #expect(try await shell.status() == "stopped 69")
        #expect(try await shell.rabbittop("broker", "kill").status == 69)

        let again = try await shell.rabbittop("broker", "start", "--directory", directory)
        #expect(again.status == 0, "\(again.standardError)")
        let uri = try #require(report["amqp_uri"] as? String)
        #expect(again.standardOutput.contains(uri))
        #expect(try await shell.rabbittop("broker", "start", "--directory", directory).status == 1)

        #expect(try await shell.rabbittop("broker", "stop").status == 0)
        #expect(Traces(directory: directory).all() == [])
        let nothing = try await shell.rabbittop("broker", "status")
        #expect(nothing.status == 69)
        #expect(nothing.standardError.split(separator: "\n").count <= 2)
    }

    @Test func aMachineWithoutRabbitMQIsToldHowToInstallIt() async throws {
        try await Shell.with(environment: ["RABBITTOP_RABBITMQ_SBIN": "/nowhere"]) { shell in
            let start = try await shell.rabbittop("broker", "start")
            #expect(start.status == 69)
            #expect(start.standardError.contains("no RabbitMQ in /nowhere"))
            #expect(start.standardError.split(separator: "\n").count <= 2)
        }
    }
}

/// Runs a copy of the binary in a folder of its own, as `nobody` where the tests are root's.
private struct Shell {
    let folder: URL
    let user: uid_t
    private let environment: [String: String]

    /// Whatever the body leaves running is ended.
    static func with(
        environment: [String: String] = [:], _ body: (Shell) async throws -> Void
    ) async throws {
        let shell = try await Shell(environment: environment)
        defer { try? FileManager.default.removeItem(at: shell.folder) }
        do {
            try await body(shell)
        } catch {
            _ = try await shell.rabbittop("broker", "stop")
            throw error
        }
        _ = try await shell.rabbittop("broker", "stop")
    }

    private init(environment: [String: String]) async throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent(uniqueName("rabbittop-shell"))
        user = getuid() == 0 ? 65534 : getuid()
        let runtime = folder.appendingPathComponent("run")
        try FileManager.default.createDirectory(at: runtime, withIntermediateDirectories: true)
        for path in [folder.path, runtime.path] { chown(path, user, getgid() == 0 ? 65534 : getgid()) }
        self.environment = [
            "PATH": "/usr/bin:/bin", "XDG_RUNTIME_DIR": runtime.path, "TMPDIR": folder.path, "LANG": "C.UTF-8",
        ].merging(environment) { $1 }
        // The folder that the tests were built in may be closed to others. Copied by another process: a descriptor
        // that is open for writing here could be inherited for a moment, and keep the copy from being run.
        let copy = try await ChildCommand(
            executable: "/bin/cp", arguments: [RabbittopBinary.url.path, folder.path], environment: [:]
        ).run(deadline: .seconds(30))
        try #require(copy.succeeded)
    }

    func rabbittop(_ arguments: String...) async throws -> CommandOutput {
        let binary = [folder.appendingPathComponent("rabbittop").path]
        let demotion = ["/usr/bin/setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
        let command = (getuid() == 0 ? demotion : ["/usr/bin/env"]) + binary + arguments
        return try await ChildCommand(
            executable: command[0], arguments: Array(command.dropFirst()), environment: environment,
            directory: folder.path
        ).run(deadline: .seconds(120))
    }

    /// The first line of `broker status`, and its exit status.
    func status() async throws -> String {
        let output = try await rabbittop("broker", "status")
        let word = output.standardOutput.split(separator: "\n").first?.split(separator: " ").last ?? ""
        return "\(word) \(output.status)"
    }
}
