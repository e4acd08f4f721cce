import GRDB

/// Why the database did not take or give what it was asked for.
public struct OrderStoreError: Error, Sendable, Hashable {
    public enum Code: String, Sendable, Hashable, Codable, CaseIterable {
        /// Another connection holds a lock on the file (SQLITE_BUSY, SQLITE_LOCKED). Passes by itself.
        case locked
        /// The file was moved or deleted under the open database, or is not there to be opened again. It may come back.
        case gone
        /// No room on the disk, or in the database's own limit (SQLITE_FULL).
        case full
        /// The file cannot be made or written by this user.
        case notWritable
        /// The file is no database, or a damaged one.
        case damaged
        /// The store was closed by the application.
        case closed
        /// The task was cancelled; nothing was written by the attempt that was to follow.
        case cancelled
        /// Anything else that SQLite says.
        case failed
    }

    public let code: Code
    /// The file.
    public let path: String
    /// What is with it, with SQLite's own words: `is locked: database is locked (SQLite 5)`.
    public let words: String
    /// What happened, in one sentence.
    public var message: String { "The database \(path) \(words)." }
    /// What to do about it, in one sentence.
    public var advice: String { code.advice }

    public init(_ code: Code, path: String, _ words: String) {
        self.code = code
        self.path = path
        self.words = words
    }

    /// Whether it may pass by itself, so that it is worthwhile to try again.
    public var isTransient: Bool {
        switch code {
        case .locked, .gone: true
        case .full, .notWritable, .damaged, .closed, .cancelled, .failed: false
        }
    }
}

extension OrderStoreError: CustomStringConvertible {
    public var description: String { "\(message) \(advice)" }
}

extension OrderStoreError.Code {
    fileprivate var advice: String {
        switch self {
        case .locked: "Find who holds it open in a transaction, and try again."
        case .gone: "Put the file back."
        case .full: "Make room on the disk, or choose another folder."
        case .notWritable: "Choose a folder that this user may write in."
        case .damaged: "Choose another file, or restore it from a backup."
        case .closed, .cancelled: "Nothing, if that was meant."
        case .failed: "See SQLite's own words."
        }
    }
}

extension OrderStoreError {
    /// What SQLite's answer means for the file at `path`.
    ///
    /// - Parameter isNew: whether the file is to be made: one that cannot be opened then is none that has gone.
    init(_ error: any Error, path: String, isNew: Bool) {
        if let error = error as? OrderStoreError {
            self = error
            return
        }
        guard let error = error as? DatabaseError else {
            self.init(.failed, path: path, "failed: \(error)")
            return
        }
        let reply = "\(error.message ?? "no words") (SQLite \(error.extendedResultCode.rawValue))"
        switch error.resultCode {
        case .SQLITE_BUSY, .SQLITE_LOCKED:
            self.init(.locked, path: path, "is locked: \(reply)")
        case .SQLITE_READONLY where error.extendedResultCode == .SQLITE_READONLY_DBMOVED:
            self.init(.gone, path: path, "has gone: \(reply)")
        case .SQLITE_CANTOPEN where !isNew:
            self.init(.gone, path: path, "cannot be opened: \(reply)")
        case .SQLITE_FULL:
            self.init(.full, path: path, "cannot grow: \(reply)")
        case .SQLITE_READONLY, .SQLITE_CANTOPEN, .SQLITE_PERM, .SQLITE_AUTH:
            self.init(.notWritable, path: path, "cannot be written: \(reply)")
        case .SQLITE_NOTADB, .SQLITE_CORRUPT:
            self.init(.damaged, path: path, "is not a sound database: \(reply)")
        default:
            self.init(.failed, path: path, "failed: \(reply)")
        }
    }
}
