import Foundation

/// A program in a terminal of its own, 120 columns by 40 rows, whose screen is kept.
///
/// Everything is read as it comes, by whoever waits here: nothing waits for the program in between.
final class PseudoTerminal {
    private(set) var screen: ScreenModel
    let program: ChildProcess
    /// Just before the program was started.
    let started: ContinuousClock.Instant
    /// Bytes that came from the program.
    private(set) var received = 0

    private let master: Int32
    private var buffer = [UInt8](repeating: 0, count: 1 << 16)

    init(_ executable: String, _ arguments: [String], environment: [String: String]) throws(BenchmarkFailure) {
        screen = ScreenModel(width: 120, height: 40)
        var size = winsize(ws_row: 40, ws_col: 120, ws_xpixel: 0, ws_ypixel: 0)
        var ends: (master: Int32, slave: Int32) = (-1, -1)
        var name = [CChar](repeating: 0, count: Int(PATH_MAX))
        guard openpty(&ends.master, &ends.slave, &name, nil, &size) == 0 else {
            throw .system("opening a pseudo-terminal")
        }
        for end in [ends.master, ends.slave] { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        master = ends.master
        // The program's end is held open until the program has it.
        defer { close(ends.slave) }
        let path = String(decoding: name.prefix { $0 != 0 }.map(UInt8.init), as: UTF8.self)
        started = .now
        program = try ChildProcess(executable, arguments, environment: environment, streams: .terminal(path: path))
    }

    deinit {
        close(master)
    }

    func send(_ text: String) {
        let bytes = Array(text.utf8)
        _ = write(master, bytes, bytes.count)
    }

    /// Reads until the screen is as wanted.
    ///
    /// - Returns: when the bytes that made it so arrived; nil when the time was over, or the program had ended, first.
    func wait(within limit: Duration, until isWanted: (ScreenModel) -> Bool) -> ContinuousClock.Instant? {
        let deadline = ContinuousClock.now + limit
        while true {
            switch take(until: deadline) {
            case .bytes(let arrival): if isWanted(screen) { return arrival }
            case .nothing, .end: return nil
            }
        }
    }

    /// Reads for a while, as a terminal that somebody looks at.
    func watch(for time: Duration) {
        let deadline = ContinuousClock.now + time
        while case .bytes = take(until: deadline) {}
    }

    /// Presses q, and SIGKILLs what has not ended after a while.
    ///
    /// - Returns: how long it took to end.
    @discardableResult
    func quit() -> Duration {
        let start = ContinuousClock.now
        send("q")
        let deadline = start + .seconds(10)
        while !program.hasEnded() {
            if ContinuousClock.now >= deadline {
                kill(program.id, SIGKILL)
                program.wait()
                break
            }
            _ = take(until: .now + .milliseconds(1))
        }
        return .now - start
    }

    /// What went wrong here, with what is on the screen and whether the program is still there.
    func failure(_ what: String) -> BenchmarkFailure {
        let fate = program.hasEnded() ? "rabbittop has ended" : "rabbittop is running"
        return BenchmarkFailure("\(what); \(fate):\n\(screen.rows.joined(separator: "\n"))")
    }

    private enum Taken {
        case bytes(arrival: ContinuousClock.Instant)
        case nothing
        case end
    }

    private func take(until deadline: ContinuousClock.Instant) -> Taken {
        while true {
            let left = max(.zero, deadline - ContinuousClock.now)
            var descriptor = pollfd(fd: master, events: Int16(POLLIN), revents: 0)
            let ready = poll(&descriptor, 1, Int32(min(left.inMilliseconds.rounded(.up), 1_000_000)))
            if ready == 0 { return .nothing }
            if ready < 0 {
                if errno == EINTR { continue }
                return .end
            }
            let count = read(master, &buffer, buffer.count)
            let arrival = ContinuousClock.now
            guard count > 0 else { return .end }
            received += count
            screen.feed(buffer[0..<count])
            if !screen.answers.isEmpty {
                _ = write(master, screen.answers, screen.answers.count)
                screen.answers = []
            }
            return .bytes(arrival: arrival)
        }
    }
}
