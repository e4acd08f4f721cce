import Foundation
import Glibc
import Synchronization

/// Keeps others from writing to a file: `flock` on a descriptor of its own, which stays open as long as SQLite uses the
/// file. SQLite's locks belong to the process and would be lost if any other descriptor of the file were closed.
final class FileLock: Sendable {
    private let descriptor: Int32
    private let isReleased = Atomic<Bool>(false)
    let path: String

    /// Opens the file, makes it if it is missing, and locks it.
    ///
    /// - Parameters:
    ///   - mustBeNew: Whether a file that exists is refused.
    ///   - name: The path that errors name, if it is not this one.
    init(_ path: String, mustBeNew: Bool = false, named name: String? = nil) throws(RecordingError) {
        self.path = path
        let name = name ?? path
        let flags = O_RDWR | O_CREAT | O_CLOEXEC | (mustBeNew ? O_EXCL : 0)
        descriptor = open(path, flags, 0o600)
        guard descriptor >= 0 else {
            switch errno {
            case EISDIR: throw .failed(path: name, why: "is a folder")
            default: throw RecordingError(errno: errno, path: name)
            }
        }
        while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
            if errno == EINTR { continue }
            let number = errno
            close(descriptor)
            throw number == EWOULDBLOCK ? .inUse(path: name, process: nil) : RecordingError(errno: number, path: name)
        }
    }

    deinit {
        release()
    }

    /// Lets others write to the file, after SQLite has closed it.
    func release() {
        if !isReleased.exchange(true, ordering: .relaxed) { close(descriptor) }
    }

    /// The number of bytes in the file.
    var size: Int {
        var status = stat()
        return fstat(descriptor, &status) == 0 ? Int(status.st_size) : 0
    }

    /// Whether the path still leads to this file: false after it was moved away or removed.
    var isInPlace: Bool {
        var mine = stat()
        var named = stat()
        guard !isReleased.load(ordering: .relaxed), fstat(descriptor, &mine) == 0, stat(path, &named) == 0 else {
            return false
        }
        return mine.st_ino == named.st_ino && mine.st_dev == named.st_dev
    }
}
