import Foundation
import GRDB
import Glibc

extension RecordingStore {
    /// How many pages are copied before it is asked again whether the copy is still wanted: a few milliseconds.
    private static let pagesPerStep: CInt = 256

    /// Writes everything into a file that must not exist. It gets its name when it is complete: until then it is a file
    /// beside it, whose name ends in `.part`.
    ///
    /// - Parameter isCancelled: Is asked every few milliseconds whether the copy is not wanted any more.
    /// - Throws: Why the file could not be written; `RecordingError.cancelled` when it is not wanted any more. Nothing is
    ///   left of it then.
    func copy(to path: String, isCancelled: @escaping @Sendable () -> Bool = { false }) throws(RecordingError) {
        guard access(path, F_OK) != 0 else { throw .exists(path: path) }
        let part = path + ".part"
        // What an earlier attempt left, which did not come to its end.
        let lock = try FileLock(part, named: path)
        defer { lock.release() }
        do {
            guard truncate(part, 0) == 0 else { throw RecordingError(errno: errno, path: path) }
            unlink(part + "-journal")
            let target = try DatabaseQueue(path: part)
            do {
                try database.backup(to: target, pagesPerStep: Self.pagesPerStep) { _ in
                    if isCancelled() { throw RecordingError.cancelled(path: path) }
                }
                try target.close()
            } catch {
                try? target.close()
                throw error
            }
            try Self.rename(part, to: path)
        } catch {
            unlink(part)
            unlink(part + "-journal")
            throw RecordingError(error, path: path)
        }
    }

    /// Gives a file another name, which no file has.
    private static func rename(_ part: String, to path: String) throws(RecordingError) {
        // A second name fails where a file has it; not every file system knows second names.
        if link(part, path) == 0 {
            unlink(part)
        } else if errno == EEXIST {
            throw .exists(path: path)
        } else {
            guard access(path, F_OK) != 0 else { throw .exists(path: path) }
            guard Glibc.rename(part, path) == 0 else { throw RecordingError(errno: errno, path: path) }
        }
    }
}
