import GRDB
import Glibc
import Names

/// Why a recording cannot be opened or written.
public enum RecordingError: Error, Sendable, Hashable {
    /// There is no such file.
    case noSuchFile(path: String)
    /// The file exists already, and would be overwritten.
    case exists(path: String)
    /// The file is something else: a text, an empty file, the database of another program.
    case notARecording(path: String)
    /// A newer rabbittop wrote it.
    case newerFormat(path: String, format: Int)
    /// The file ends early or its contents are damaged.
    case damaged(path: String)
    /// Another process writes to it; its number, when it is known.
    case inUse(path: String, process: Int?)
    /// There is no room left on the disk.
    case diskFull(path: String)
    /// The file or its folder cannot be written to.
    case readOnly(path: String)
    /// The disk, a quota or a limit of file sizes does not let the file grow, or the disk fails.
    case notWritable(path: String)
    /// The file was not completed, because it was not wanted any more.
    case cancelled(path: String)
    /// Anything else that the operating system or SQLite reports.
    case failed(path: String, why: String)

    /// What happened, in one line.
    public var what: String {
        switch self {
        case .noSuchFile(let path): "\(path): no such file"
        case .exists(let path): "\(path) exists already"
        case .notARecording(let path): "\(path) is not a recording of rabbittop"
        case .newerFormat(let path, let format):
            "\(path) has format \(format), this rabbittop reads up to \(RecordingInfo.currentFormat)"
        case .damaged(let path): "\(path) is damaged: it ends early or its contents are not what was written"
        case .inUse(let path, let process):
            "\(path) is being written by another rabbittop\(process.map { ", process \($0)" } ?? "")"
        case .diskFull(let path): "no space left on the disk of \(path)"
        case .readOnly(let path): "\(path) cannot be written to"
        case .notWritable(let path): "\(path) could not be written: the disk failed, or a quota or limit was reached"
        case .cancelled(let path): "\(path) was not written: it was ended before"
        case .failed(let path, let why): "\(path): \(why)"
        }
    }

    /// What to do about it, in one line.
    public var advice: String {
        switch self {
        case .noSuchFile: "Check the path; `rabbittop record FILE` makes a recording."
        case .exists: "Choose another name, or remove the file first."
        case .notARecording: "Name a file that `rabbittop record` made, or choose another name for a new one."
        case .newerFormat: "Use the rabbittop that wrote it, or a later one."
        case .damaged: "`sqlite3 FILE .recover` saves what can still be read; copy -wal files along with a recording."
        case .inUse: "End that process, or record to another file; reading it meanwhile is possible."
        case .diskFull: "Free some space: recording continues by itself, and the time until then is a gap."
        case .readOnly: "Check the owner and the permissions of the file and of its folder."
        case .notWritable:
            "Check the disk, the quota and `ulimit -f`: recording continues by itself, and the time until then is a gap."
        case .cancelled: "Begin it again, and let it write what is remembered."
        case .failed: "Check that the path is a regular file on a local disk."
        }
    }

    /// Translates an error of SQLite.
    init(_ error: any Error, path: String) {
        if let error = error as? RecordingError {
            self = error
            return
        }
        guard let error = error as? DatabaseError else {
            self = .failed(path: path, why: "\(error)")
            return
        }
        self =
            switch error.resultCode {
            case .SQLITE_NOTADB: .notARecording(path: path)
            case .SQLITE_CORRUPT: .damaged(path: path)
            case .SQLITE_FULL: .diskFull(path: path)
            case .SQLITE_IOERR where Self.isWrite(error.extendedResultCode): .notWritable(path: path)
            case .SQLITE_READONLY, .SQLITE_PERM, .SQLITE_AUTH: .readOnly(path: path)
            default: .failed(path: path, why: error.message ?? "SQLite error \(error.resultCode.rawValue)")
            }
    }

    private static func isWrite(_ code: ResultCode) -> Bool {
        switch code {
        case .SQLITE_IOERR_WRITE, .SQLITE_IOERR_FSYNC, .SQLITE_IOERR_TRUNCATE, .SQLITE_IOERR_SHMSIZE,
            .SQLITE_IOERR_SHMOPEN, .SQLITE_IOERR_SHMMAP:
            true
        default: false
        }
    }

    /// Translates an error number of the operating system.
    init(errno number: Int32, path: String) {
        self =
            switch number {
            case ENOENT, ENOTDIR: .noSuchFile(path: path)
            case EEXIST: .exists(path: path)
            case ENOSPC, EDQUOT: .diskFull(path: path)
            case EFBIG, EIO: .notWritable(path: path)
            case EACCES, EPERM, EROFS: .readOnly(path: path)
            default: .failed(path: path, why: String(cString: strerror(number)))
            }
    }
}

extension RecordingError: CustomStringConvertible {
    public var description: String { "\(what). \(advice)" }
}
