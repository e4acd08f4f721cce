import Foundation

/// A real terminal for tests: a program in a tmux server of its own, with keys to press and a screen to read.
///
/// The server ends with `run`'s closure, also when that throws, and within a second after the test process
/// itself was killed.
public final class TestTerminal: Sendable {
    /// What the program starts with, besides the environment of the tests: locale and terminal settings are
    /// not inherited.
    public struct Program: Sendable {
        public var arguments: [String]
        public var environment: [String: String]
        /// The type of terminal that the program is told (TERM); nil: the variable is not set.
        public var type: String?

        public init(_ arguments: [String], environment: [String: String] = [:], type: String? = "tmux-256color") {
            self.arguments = arguments
            self.environment = environment
            self.type = type
        }

        /// A shell with job control and the prompt `$ `, for tests of what a program leaves behind.
        public static func shell(environment: [String: String] = [:], type: String? = "tmux-256color") -> Program {
            var environment = environment
            environment["PS1"] = "$ "
            environment["BASH_SILENCE_DEPRECATION_WARNING"] = "1"
            return Program(
                ["bash", "--norc", "--noprofile", "--noediting", "-i"], environment: environment, type: type)
        }
    }

    /// A folder of this terminal's own; removed at the end.
    public let folder: URL
    private let environment: [String: String]

    private var socket: String { folder.appendingPathComponent("tmux").path }

    private init(folder: URL) {
        self.folder = folder
        var environment = ProcessInfo.processInfo.environment
        for name in ["TMUX", "TMUX_PANE", "NO_COLOR", "COLUMNS", "LINES", "LANG", "LC_CTYPE", "TERM"] {
            environment[name] = nil
        }
        // tmux itself has to speak UTF-8, whatever the program is told.
        environment["LC_ALL"] = "C.UTF-8"
        self.environment = environment
    }

    /// Starts the program on a terminal of this size, and ends both after `body`.
    @discardableResult
    public static func run<Result: Sendable>(
        _ program: Program, width: Int = 80, height: Int = 24, _ body: (TestTerminal) async throws -> Result
    ) async throws -> Result {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("terminal-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let terminal = TestTerminal(folder: folder)
        do {
            try await terminal.startGuardian()
            try await terminal.start(program, width: width, height: height)
            let result = try await body(terminal)
            await terminal.end()
            return result
        } catch {
            await terminal.end()
            throw error
        }
    }

    private func start(_ program: Program, width: Int, height: Int) async throws {
        var command = ["env", "-u", "LC_ALL", "-u", "TMUX", "-u", "TMUX_PANE"]
        command += program.type.map { ["TERM=\($0)"] } ?? ["-u", "TERM"]
        if program.environment["LANG"] == nil { command.append("LANG=C.UTF-8") }
        command += program.environment.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        command += program.arguments
        try await tmux(
            ["start-server", ";", "set", "-g", "default-terminal", "tmux-256color", ";"]
                + ["set", "-g", "remain-on-exit", "on", ";", "set", "-g", "status", "off", ";"]
                + ["set", "-g", "remain-on-exit-format", "", ";"]
                + ["set", "-g", "escape-time", "0", ";", "set", "-g", "history-limit", "2000", ";"]
                + ["new-session", "-d", "-s", "test", "-x", "\(width)", "-y", "\(height)", "--"] + command)
    }

    /// Ends the server when the test process is gone and could not do so itself.
    private func startGuardian() async throws {
        let parent = ProcessInfo.processInfo.processIdentifier
        let watch = "while kill -0 \(parent) 2>/dev/null; do [ -d '\(folder.path)' ] || exit; sleep 1; done"
        let clear = "tmux -S '\(socket)' kill-server; rm -rf '\(folder.path)'"
        _ = try await Command.run(
            ["sh", "-c", "(\(watch); \(clear)) </dev/null >/dev/null 2>&1 &"], environment: environment)
    }

    /// Ends the server and with it the program. Called by `run`.
    private func end() async {
        _ = try? await tmux(["kill-server"])
        try? FileManager.default.removeItem(at: folder)
    }

    /// Runs a command of tmux and answers with what it prints.
    @discardableResult
    public func tmux(_ arguments: [String]) async throws -> String {
        let result = try await Command.run(
            ["tmux", "-u", "-S", socket, "-f", "/dev/null"] + arguments, environment: environment)
        if result.status == 127 {
            throw TerminalFailure(
                "These tests need tmux, and there is none: install it (Debian: apt-get install tmux).")
        }
        guard result.status == 0 else {
            throw TerminalFailure("tmux \(arguments.joined(separator: " ")): \(result.output)")
        }
        return result.output
    }

    // MARK: - In

    /// Presses keys by tmux's names: `Up`, `Escape`, `C-c`, `F5`, `BTab`, `PPage`.
    public func press(_ keys: String...) async throws {
        try await tmux(["send-keys", "-t", "test", "--"] + keys)
    }

    /// Types text as it is.
    public func type(_ text: String) async throws {
        try await tmux(["send-keys", "-t", "test", "-l", "--", text])
    }

    /// Types text that nothing shows, as a password; returns when tmux has written it to the program's terminal.
    ///
    /// `send-keys` alone returns before that. tmux waits for the shell command in its event loop, which writes the text.
    public func typeUnseen(_ text: String) async throws {
        try await tmux(["send-keys", "-t", "test", "-l", "--", text, ";", "run-shell", "true"])
    }

    /// Types a line for a shell and its Enter.
    public func enter(_ line: String) async throws {
        try await type(line)
        try await press("Enter")
    }

    /// Sends bytes as the terminal would, such as a mouse report.
    public func send(_ bytes: String) async throws {
        try await tmux(["send-keys", "-t", "test", "-H"] + bytes.utf8.map { String($0, radix: 16) })
    }

    /// Pastes text, bracketed where the program asked for that.
    public func paste(_ text: String) async throws {
        try await tmux(["set-buffer", "--", text, ";", "paste-buffer", "-p", "-t", "test"])
    }

    public func resize(width: Int, height: Int) async throws {
        try await tmux(["resize-window", "-t", "test", "-x", "\(width)", "-y", "\(height)"])
    }

    // MARK: - Out

    /// The rows of the screen without the blanks at their ends, each ended by a line feed.
    public func screen() async throws -> String {
        try await tmux(["capture-pane", "-p", "-t", "test"])
    }

    /// The screen with its styles as escape sequences.
    public func styledScreen() async throws -> String {
        try await tmux(["capture-pane", "-p", "-e", "-t", "test"])
    }

    /// A value of tmux's formats: `alternate_on`, `cursor_flag`, `cursor_x`, `mouse_any_flag`, `pane_pid`.
    public func value(_ format: String) async throws -> String {
        try await tmux(["display-message", "-p", "-t", "test", "#{\(format)}"]).trimmingCharacters(in: .newlines)
    }

    /// The state of the program: nil while it runs; then its exit status, or minus the signal that ended it.
    public func exitStatus() async throws -> Int32? {
        let state = try await tmux([
            "display-message", "-p", "-t", "test", "#{pane_dead} #{pane_dead_status} #{pane_dead_signal} #{pid}",
        ]).trimmingCharacters(in: .newlines).split(separator: " ", omittingEmptySubsequences: false)
        guard state.count == 4, state[0] == "1" else { return nil }
        if let signal = Int32(state[2]) { return -signal }
        if let status = Int32(state[1]) { return status }
        // tmux 3.3 misses the end of a program that is over at once, until it looks again.
        if let server = pid_t(state[3]) { kill(server, SIGCHLD) }
        return nil
    }

    /// Waits until the screen satisfies a condition and answers with it; throws, with the screen, when it is not
    /// so in time.
    @discardableResult
    public func wait(
        for what: String, within limit: Duration = .seconds(20), until condition: (String) -> Bool
    ) async throws -> String {
        try await wait(for: what, within: limit) { () -> String? in
            let screen = try await self.screen()
            return condition(screen) ? screen : nil
        }
    }

    /// Waits until the screen contains this text.
    @discardableResult
    public func wait(forText text: String, within limit: Duration = .seconds(20)) async throws -> String {
        try await wait(for: "'\(text)'", within: limit) { $0.contains(text) }
    }

    /// Waits until `probe` answers something other than nil.
    @discardableResult
    public func wait<Value>(
        for what: String, within limit: Duration = .seconds(20), _ probe: () async throws -> Value?
    ) async throws -> Value {
        let deadline = ContinuousClock.now + limit
        while true {
            if let value = try await probe() { return value }
            if ContinuousClock.now >= deadline {
                let screen = (try? await screen()) ?? "(no screen)"
                throw TerminalFailure("No \(what) within \(limit). The screen:\n\(screen)")
            }
            // tmux has nothing to wait on for a change of a screen.
            try await Task.sleep(for: .milliseconds(15))
        }
    }

    /// Waits until the program has ended.
    @discardableResult
    public func waitForExit(within limit: Duration = .seconds(20)) async throws -> Int32 {
        try await wait(for: "end of the program", within: limit) { try await self.exitStatus() }
    }
}
