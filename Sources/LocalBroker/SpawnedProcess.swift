import Foundation
import Glibc
import Synchronization

/// A child process in a session of its own, with an empty signal mask, default signal actions, and no open descriptors
/// except the three standard streams. It is waited for as soon as it ends.
///
/// Not made with swift-subprocess: there a child lives in the scope of `run` and is ended with the task that called it,
/// while a node outlives the call that started it, and its ``Guardian`` must outlive every task.
final class SpawnedProcess: Sendable {
    /// Where a standard stream of the child goes.
    enum Stream {
        case null
        /// A file that is appended to.
        case file(String)
        case descriptor(Int32)
    }

    let id: Int32
    /// `nil` if /proc no longer listed the process when it was read, because it had ended.
    let identity: ProcessIdentity?
    /// The exit status, or 128 plus the number of the signal that ended it.
    private let status = Mutex<Int32?>(nil)

    /// - Parameter body: runs on a thread of its own, and may block; see ``BlockingWork``.
    init(
        executable: String, arguments: [String], environment: [String: String],
        input: Stream = .null, output: Stream = .null, error: Stream = .null
    ) throws(BrokerNodeError) {
        id = try Self.spawn(
            executable, arguments, environment, streams: [input, output, error])
        identity = ProcessIdentity(id: id)
        BlockingWork.detach { [self] in waitForExit() }
    }

    var exitStatus: Int32? { status.withLock { $0 } }

    /// Sends a signal, unless the process has been waited for; until then its id cannot be reused.
    func signal(_ number: Int32, group: Bool = false) {
        status.withLock { status in
            if status == nil { _ = Glibc.kill(group ? -id : id, number) }
        }
    }

    private func waitForExit() {
        var information = siginfo_t()
        // Leaves the zombie, and with it the id, until the lock is held.
        while waitid(P_PID, id_t(bitPattern: id), &information, WEXITED | WNOWAIT) == -1, errno == EINTR {}
        status.withLock { status in
            var raw: Int32 = 0
            while waitpid(id, &raw, 0) == -1 {
                guard errno == EINTR else {
                    raw = 255 << 8
                    break
                }
            }
            let signal = raw & 0x7f
            status = signal == 0 ? (raw >> 8) & 0xff : 128 + signal
        }
    }

    /// Returns the descriptors that a child could inherit beyond the standard streams, with a margin for those that
    /// other threads are opening now. Closing a descriptor that is not open does no harm.
    private static func inheritable() -> ClosedRange<Int32> {
        let open = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? []
        let highest = open.compactMap { Int32($0) }.max() ?? 0
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        let last = min(max(highest, 3) + 64, Int32(clamping: limit.rlim_cur) - 1)
        return 3...max(last, 3)
    }

    private static func spawn(
        _ executable: String, _ arguments: [String], _ environment: [String: String],
        streams: [Stream]
    ) throws(BrokerNodeError) -> Int32 {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for (number, stream) in streams.enumerated() {
            let target = Int32(number)
            switch stream {
            case .null:
                posix_spawn_file_actions_addopen(&actions, target, "/dev/null", O_RDWR, 0)
            case .file(let path):
                posix_spawn_file_actions_addopen(&actions, target, path, O_WRONLY | O_CREAT | O_APPEND, 0o600)
            case .descriptor(let descriptor):
                posix_spawn_file_actions_adddup2(&actions, descriptor, target)
            }
        }
        for descriptor in inheritable() { posix_spawn_file_actions_addclose(&actions, descriptor) }

        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        sigfillset(&signals)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        // POSIX_SPAWN_SETSID is a macro that Swift does not import; it is 0x80 on Linux (spawn.h).
        let flags = Int32(POSIX_SPAWN_SETSIGMASK) | Int32(POSIX_SPAWN_SETSIGDEF) | 0x80
        posix_spawnattr_setflags(&attributes, Int16(flags))

        var argv = ([executable] + arguments).map { strdup($0) } + [nil]
        var envp = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { (argv + envp).forEach { free($0) } }
        var id: pid_t = 0
        let failure = posix_spawn(&id, executable, &actions, &attributes, &argv, &envp)
        guard failure == 0 else {
            throw BrokerNodeError(
                .notStarted, "\(executable) could not be started: \(String(cString: strerror(failure))).")
        }
        return id
    }
}

/// A connected pair of descriptors that no other child process can inherit, not even one that another thread is
/// starting at the same time. (Swift does not import `pipe2`, and `pipe` with a later `fcntl` leaves that gap.)
struct ClosedOnExec {
    var first: Int32
    var second: Int32

    /// Returns a pair, or `nil` if no descriptors are left.
    static func pair() -> ClosedOnExec? {
        var ends: [Int32] = [-1, -1]
        guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0, &ends) == 0 else {
            return nil
        }
        return ClosedOnExec(first: ends[0], second: ends[1])
    }
}
