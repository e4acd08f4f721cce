import Glibc
import Synchronization

/// Standard output or standard error. A failed write never ends the program; it is recorded.
final class StandardStream: Sendable {
    static let output = StandardStream(STDOUT_FILENO)
    static let error = StandardStream(STDERR_FILENO)

    /// Like the system's `write`: returns the number of bytes written, or -1 with `errno`.
    typealias Write = @Sendable (_ descriptor: Int32, _ bytes: UnsafeRawPointer?, _ count: Int) -> Int

    private let descriptor: Int32
    private let take: Write
    /// Held while bytes are written, which may block until they are read. The value is whether a failure cut off a
    /// line.
    private let isCut = Mutex(false)
    private let firstFailure = Atomic<Int32>(0)

    init(_ descriptor: Int32, write: @escaping Write = { Glibc.write($0, $1, $2) }) {
        self.descriptor = descriptor
        take = write
    }

    var isTerminal: Bool { isatty(descriptor) == 1 }

    /// The `errno` of the first write that failed; nil if everything was written.
    var failure: Int32? {
        let code = firstFailure.load(ordering: .acquiring)
        return code == 0 ? nil : code
    }

    /// Whether the output can no longer be read: the reader went away, or the stream was never open.
    var isClosed: Bool { failure == EPIPE || failure == EBADF }

    /// Writes a text.
    ///
    /// - Returns: false if not all of it was written.
    @discardableResult
    func write(_ text: String) -> Bool {
        guard !text.isEmpty else { return true }
        return isCut.withLock { isCut in
            guard !isClosed else { return false }
            // What follows a cut-off line starts on a new line.
            let bytes = Array((isCut ? "\n" : "").utf8) + Array(text.utf8)
            var written = 0
            while written < bytes.count {
                let count = bytes.withUnsafeBytes {
                    take(descriptor, $0.baseAddress.map { $0 + written }, $0.count - written)
                }
                if count > 0 {
                    written += count
                } else if count < 0, errno == EAGAIN {
                    // Another program made the terminal or the pipe non-blocking for all.
                    var polled = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                    poll(&polled, 1, -1)
                } else if count == 0 || errno != EINTR {
                    let code = count == 0 ? EIO : errno
                    _ = firstFailure.compareExchange(expected: 0, desired: code, ordering: .acquiringAndReleasing)
                    if written > 0 { isCut = bytes[written - 1] != UInt8(ascii: "\n") }
                    return false
                }
            }
            isCut = false
            return true
        }
    }

    /// Opens a placeholder for each standard stream that was closed when the program started. Otherwise the next socket
    /// or file would get its number, and receive the printed text.
    static func fillClosed() {
        for descriptor in STDIN_FILENO...STDERR_FILENO where fcntl(descriptor, F_GETFD) == -1 && errno == EBADF {
            // The lowest free number is this one. Reading from the first and writing to the others fails, as before.
            _ = open("/dev/null", descriptor == STDIN_FILENO ? O_WRONLY : O_RDONLY)
        }
    }
}
