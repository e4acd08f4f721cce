import Glibc

/// A program that was started, with the signal mask and the actions of a fresh login.
struct ChildProcess {
    let id: pid_t

    /// Where the child's standard input, output and error lead: descriptors of this process, or a terminal.
    enum Streams {
        case descriptors(input: Int32, output: Int32, error: Int32)
        /// The child leads a session whose controlling terminal this is.
        case terminal(path: String)
    }

    init(
        _ executable: String, _ arguments: [String], environment: [String: String], streams: Streams
    ) throws(BenchmarkFailure) {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        switch streams {
        case .descriptors(let input, let output, let error):
            posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO)
            posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO)
            posix_spawn_file_actions_adddup2(&actions, error, STDERR_FILENO)
        case .terminal(let path):
            // The first terminal that the leader of a session opens becomes its controlling terminal.
            posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, path, O_RDWR, 0)
            posix_spawn_file_actions_adddup2(&actions, STDIN_FILENO, STDOUT_FILENO)
            posix_spawn_file_actions_adddup2(&actions, STDIN_FILENO, STDERR_FILENO)
        }
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        sigfillset(&signals)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        // A session of its own: Ctrl-C at the benchmark's terminal reaches the benchmark alone.
        let flags = Int32(POSIX_SPAWN_SETSIGMASK) | Int32(POSIX_SPAWN_SETSIGDEF) | 0x80  // POSIX_SPAWN_SETSID
        posix_spawnattr_setflags(&attributes, Int16(flags))

        var words: [UnsafeMutablePointer<CChar>?] = ([executable] + arguments).map { strdup($0) } + [nil]
        var variables: [UnsafeMutablePointer<CChar>?] = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for word in words + variables { free(word) } }
        var id: pid_t = 0
        let code = posix_spawn(&id, executable, &actions, &attributes, &words, &variables)
        guard code == 0 else { throw .system("starting \(executable)", code) }
        self.id = id
    }

    /// Waits for its end. - Returns: its exit status, 128 and more for a signal, and the CPU time, in seconds, of it
    /// and of the children that it waited for.
    @discardableResult
    func wait() -> (status: Int32, cpu: Double) {
        var status: Int32 = 0
        var usage = rusage()
        while wait4(id, &status, 0, &usage) < 0 {
            if errno != EINTR { return (-1, 0) }
        }
        let cpu = [usage.ru_utime, usage.ru_stime].reduce(0) { $0 + Double($1.tv_sec) + Double($1.tv_usec) / 1e6 }
        return (status & 0x7F == 0 ? (status >> 8) & 0xFF : 128 + status & 0x7F, cpu)
    }

    /// Whether it has ended by now; takes note of its end.
    func hasEnded() -> Bool {
        var status: Int32 = 0
        return waitpid(id, &status, WNOHANG) != 0
    }
}

/// A pipe whose ends no child inherits unless it is given them.
struct Pipe {
    let reading: Int32
    let writing: Int32

    init() throws(BenchmarkFailure) {
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0 else { throw .system("making a pipe") }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        reading = ends[0]
        writing = ends[1]
    }
}

/// What is read from it ends at once, and what is written to it is gone.
enum NullDevice {
    static let descriptor = open("/dev/null", O_RDWR | O_CLOEXEC)
}
