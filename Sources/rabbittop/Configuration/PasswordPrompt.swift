import Dispatch
import Foundation
import Glibc
import Terminal

/// Asks for a password on the terminal, without echo.
///
/// Meanwhile, a signal that ends the program first restores the terminal's echo; Ctrl-Z does so, too, and the question
/// is repeated when the program continues.
enum PasswordPrompt {
    /// Asks on a separate thread, because the threads of Swift's tasks must not block.
    ///
    /// - Returns: the typed line, or `nil` if there is no terminal, or its input ended.
    static func ask(_ question: String) async -> String? {
        await withCheckedContinuation { continuation in
            DispatchQueue.global().async { continuation.resume(returning: askBlocking(question)) }
        }
    }

    private static func askBlocking(_ question: String) -> String? {
        let terminal = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY)
        guard terminal >= 0 else { return nil }
        defer { close(terminal) }
        var settings = termios()
        guard tcgetattr(terminal, &settings) == 0, let signals = PromptSignals() else { return nil }
        defer { signals.end() }
        while true {
            let outcome = line(to: question, on: terminal, settings, signals)
            switch outcome {
            case .line(let text): return text
            case .ended: return nil
            case .signal(SIGTSTP): signals.stop()
            case .signal(let number): signals.die(of: number)
            }
        }
    }

    private enum Outcome {
        case line(String)
        case ended
        case signal(Int32)
    }

    /// Reads a line; the terminal has its previous settings again when this returns.
    private static func line(
        to question: String, on terminal: Int32, _ settings: termios, _ signals: PromptSignals
    ) -> Outcome {
        var settings = settings
        var silent = settings
        silent.c_lflag &= ~tcflag_t(ECHO)
        guard tcsetattr(terminal, TCSAFLUSH, &silent) == 0 else { return .ended }
        defer {
            tcsetattr(terminal, TCSAFLUSH, &settings)
            put("\n", to: terminal)
        }
        // It contains names of users and hosts.
        put(OutputGate.visible(question), to: terminal)
        var bytes: [UInt8] = []
        while true {
            var polled = [
                pollfd(fd: terminal, events: Int16(POLLIN), revents: 0),
                pollfd(fd: signals.descriptor, events: Int16(POLLIN), revents: 0),
            ]
            if poll(&polled, 2, -1) < 0, errno != EINTR { return .ended }
            if let number = signals.take() { return .signal(number) }
            guard polled[0].revents != 0 else { continue }
            var byte: UInt8 = 0
            switch read(terminal, &byte, 1) {
            case 1:
                if byte == UInt8(ascii: "\n") { return .line(String(decoding: bytes, as: UTF8.self)) }
                bytes.append(byte)
            case -1 where errno == EINTR: continue
            default: return signals.take().map(Outcome.signal) ?? .ended
            }
        }
    }

    private static func put(_ text: String, to terminal: Int32) {
        let bytes = Array(text.utf8)
        _ = bytes.withUnsafeBytes { write(terminal, $0.baseAddress, $0.count) }
    }
}

/// Writes the signals that end or stop the program into a pipe, while a prompt waits.
///
/// A handler catches them on any thread; if they are blocked, as in a dashboard, this thread unblocks them.
private final class PromptSignals {
    private static let numbers = TerminationSignal.numbers + [SIGTSTP]
    /// The ends of the pipe, created once and never closed: a handler that still runs on another thread when a prompt
    /// ends could otherwise write to another file with the same number. Immutable once made, and made before a handler
    /// is set.
    private static let pipeEnds: (reading: Int32, writing: Int32)? = {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { return nil }
        for end in ends {
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
        }
        return (ends[0], ends[1])
    }()

    let descriptor: Int32
    private var before: [(number: Int32, action: sigaction)] = []
    private var mask = sigset_t()

    init?() {
        guard let ends = Self.pipeEnds else { return nil }
        descriptor = ends.reading
        // Discards signals that arrived after an earlier prompt took its last one.
        while take() != nil {}
        var action = sigaction()
        action.__sigaction_handler.sa_handler = { number in
            let before = errno
            var byte = UInt8(truncatingIfNeeded: number)
            if let ends = PromptSignals.pipeEnds { _ = write(ends.writing, &byte, 1) }
            errno = before
        }
        sigemptyset(&action.sa_mask)
        for number in Self.numbers {
            var old = sigaction()
            guard sigaction(number, nil, &old) == 0 else { continue }
            // The parent process wants the signal ignored, as nohup does.
            if Self.isIgnored(old) { continue }
            sigaction(number, &action, nil)
            before.append((number, old))
        }
        var set = Self.set(before.map(\.number))
        pthread_sigmask(SIG_UNBLOCK, &set, &mask)
    }

    /// Returns the signal that arrived first; nil if there is none.
    func take() -> Int32? {
        var byte: UInt8 = 0
        return read(descriptor, &byte, 1) == 1 ? Int32(byte) : nil
    }

    /// Restores the previous handlers and mask.
    func end() {
        for (number, action) in before {
            var action = action
            sigaction(number, &action, nil)
        }
        pthread_sigmask(SIG_SETMASK, &mask, nil)
    }

    /// Stops the program as Ctrl-Z normally does; returns when it continues.
    func stop() {
        withDefaultAction(SIGTSTP) { kill(getpid(), SIGTSTP) }
    }

    /// Ends the program by this signal, so that a shell sees which one it was.
    func die(of number: Int32) -> Never {
        // Not for the two signals that would write a core file, because it may contain the password.
        if number != SIGQUIT, number != SIGXCPU { withDefaultAction(number) { kill(getpid(), number) } }
        _exit(128 + number)
    }

    private func withDefaultAction(_ number: Int32, _ body: () -> Void) {
        var standard = sigaction()
        standard.__sigaction_handler.sa_handler = SIG_DFL
        sigemptyset(&standard.sa_mask)
        var ours = sigaction()
        sigaction(number, &standard, &ours)
        body()
        sigaction(number, &ours, nil)
    }

    private static func isIgnored(_ action: sigaction) -> Bool {
        unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
    }

    private static func set(_ numbers: [Int32]) -> sigset_t {
        var set = sigset_t()
        sigemptyset(&set)
        for number in numbers { sigaddset(&set, number) }
        return set
    }
}
