import Foundation

/// Runs a command to its end, away from the threads of Swift's tasks.
///
/// Not with Foundation's Process: that waits for everyone who inherited its descriptors, and tmux leaves a
/// server behind.
enum Command {
    struct Result: Sendable {
        let status: Int32
        let output: String
    }

    /// The command is looked up in PATH. Output and errors come together.
    static func run(_ arguments: [String], environment: [String: String]) async throws -> Result {
        try await withCheckedThrowingContinuation { continuation in
            DispatchQueue.global().async {
                continuation.resume(with: Swift.Result { try runBlocking(arguments, environment: environment) })
            }
        }
    }

    private static func runBlocking(_ arguments: [String], environment: [String: String]) throws -> Result {
        // A file, not a pipe: a server that another thread starts meanwhile would inherit the pipe's end.
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("output-\(UUID().uuidString)").path
        defer { unlink(file) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, file, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        posix_spawn_file_actions_adddup2(&actions, 1, 2)
        // Dispatch's threads block signals, and a server without SIGCHLD never learns that its program ended.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
        let words = arguments.map { strdup($0) } + [nil]
        let variables = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { (words + variables).forEach { free($0) } }
        var pid: pid_t = 0
        let code = posix_spawnp(&pid, arguments.first ?? "", &actions, &attributes, words, variables)
        guard code == 0 else {
            return Result(status: code == ENOENT ? 127 : 126, output: String(cString: strerror(code)))
        }
        var status: Int32 = 0
        while waitpid(pid, &status, 0) == -1, errno == EINTR {}
        let output = FileManager.default.contents(atPath: file) ?? Data()
        let isSignal = status & 0x7F != 0
        return Result(
            status: isSignal ? 128 + (status & 0x7F) : status >> 8 & 0xFF,
            output: String(decoding: output, as: UTF8.self))
    }
}
