import Foundation
import Glibc

/// Writes a file completely or not at all: to a temporary file in the same folder, which is renamed when it is on disk.
public enum WholeFile {
    /// A failed system call.
    public struct Failure: Error, Hashable, CustomStringConvertible {
        /// The system's `errno`.
        public var code: Int32

        /// The system's description of the error.
        public var description: String { String(cString: strerror(code)) }
        /// Whether the path already belongs to another file.
        public var isTaken: Bool { code == EEXIST }
    }

    /// Writes a file.
    ///
    /// - Parameters:
    ///   - path: the target. With `isReplacing`, a symbolic link to a file is followed; a device or a pipe is written
    ///     to directly.
    ///   - isReplacing: whether to replace an existing file, keeping its permissions; otherwise an existing file is a
    ///     failure.
    ///   - mode: the permissions of a new file; nil leaves them to the process.
    /// - Throws: `Failure`; then nothing of the written data is left.
    public static func write(
        _ bytes: some Sequence<UInt8>, to path: String, isReplacing: Bool, mode: UInt32? = nil
    ) throws(Failure) {
        var found = stat()
        var target = path
        var mode = mode
        if lstat(path, &found) == 0 {
            guard isReplacing else { throw Failure(code: EEXIST) }
            if stat(path, &found) == 0 {
                if let whole = realpath(path, nil) {
                    target = String(cString: whole)
                    free(whole)
                }
                guard found.st_mode & S_IFMT == S_IFREG else { return try writeInPlace(Array(bytes), to: target) }
                mode = found.st_mode & 0o7777
            }
        }
        let folder = (target as NSString).deletingLastPathComponent
        // Not derived from the file's own name, which may already have the maximum length.
        let name = ".rabbittop-\(UInt64.random(in: .min ... .max))"
        let part = folder.isEmpty ? name : (folder as NSString).appendingPathComponent(name)
        let file = open(part, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode ?? 0o666)
        guard file >= 0 else { throw Failure(code: errno) }
        do {
            try fill(file, Array(bytes), mode)
            try move(part, to: target, isReplacing: isReplacing)
        } catch {
            unlink(part)
            throw error
        }
        sync(folder.isEmpty ? "." : folder)
    }

    private static func writeInPlace(_ bytes: [UInt8], to path: String) throws(Failure) {
        let file = open(path, O_WRONLY | O_CLOEXEC)
        guard file >= 0 else { throw Failure(code: errno) }
        let failure = put(bytes, into: file)
        guard close(file) == 0, failure == nil else { throw Failure(code: failure ?? errno) }
    }

    /// Writes the bytes, and closes the file in any case.
    private static func fill(_ file: Int32, _ bytes: [UInt8], _ mode: mode_t?) throws(Failure) {
        var failure = put(bytes, into: file)
        if let mode, failure == nil, fchmod(file, mode) != 0 { failure = errno }
        // Some file systems report only now that no space is left.
        if failure == nil, fsync(file) != 0 { failure = errno }
        let isClosed = close(file) == 0
        if let failure = failure ?? (isClosed ? nil : errno) { throw Failure(code: failure) }
    }

    private static func put(_ bytes: [UInt8], into file: Int32) -> Int32? {
        var written = 0
        while written < bytes.count {
            let count = bytes.withUnsafeBytes {
                Glibc.write(file, $0.baseAddress.map { $0 + written }, $0.count - written)
            }
            if count > 0 {
                written += count
            } else if count == 0 || errno != EINTR {
                return count == 0 ? EIO : errno
            }
        }
        return nil
    }

    private static func move(_ part: String, to path: String, isReplacing: Bool) throws(Failure) {
        if isReplacing {
            guard rename(part, path) == 0 else { throw Failure(code: errno) }
            return
        }
        // A hard link never replaces another file; afterwards the first name is removed.
        if link(part, path) == 0 {
            unlink(part)
            return
        }
        // On file systems without hard links the file is renamed; a file that was created meanwhile is kept where this
        // can be detected.
        let code = errno
        guard code == EPERM || code == EOPNOTSUPP || code == EMLINK else { throw Failure(code: code) }
        guard access(path, F_OK) != 0 else { throw Failure(code: EEXIST) }
        guard rename(part, path) == 0 else { throw Failure(code: errno) }
    }

    private static func sync(_ folder: String) {
        let directory = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard directory >= 0 else { return }
        fsync(directory)
        close(directory)
    }
}
