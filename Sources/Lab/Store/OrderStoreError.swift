import GRDB

/// Why the database could not store or return orders.
public struct OrderStoreError: Error, Sendable, Hashable {
    /// The kind of failure.
    public enum Code: String, Sendable, Hashable, Codable, CaseIterable {
        /// Another connection holds a lock on the file (SQLITE_BUSY, SQLITE_LOCKED). Passes by itself.
        case locked
        /// The file was moved or deleted while the database was open, or does not exist when it is opened again. It may
        /// come back.
        case gone
        /// No space is left on the disk, or within the database's own limit (SQLITE_FULL).
        case full
        /// This user cannot create or write the file.
        case notWritable
        /// The file is not a database, or is damaged.
        case damaged
        /// The application closed the store.
        case closed
        /// The task was cancelled; the next attempt was not made.
        case cancelled
        /// Any other SQLite error.
        case failed
    }

    /// The kind of failure.
    public let code: Code
    /// The path of the database's file.
    public let path: String
    /// What is wrong with it, including SQLite's own text: `is locked: database is locked (SQLite 5)`.
    public let words: String
    /// What happened, in one sentence.
    public var message: String { "The database \(path) \(words)." }
    /// What to do about it, in one sentence.
    public var advice: String { code.advice }

    /// Creates an error.
    public init(_ code: Code, path: String, _ words: String) {
        self.code = code
        self.path = path
        self.words = words
    }

    /// Whether it may pass by itself, so that another attempt is worthwhile.
    public var isTransient: Bool {
        switch code {
        case .locked, .gone: true
        case .full, .notWritable, .damaged, .closed, .cancelled, .failed: false
        }
    }
}

extension OrderStoreError: CustomStringConvertible {
    /// What happened and what to do about it.
    public var description: String { "\(message) \(advice)" }
}

extension OrderStoreError.Code {
    fileprivate var advice: String {
        switch self {
        case .locked: "Find who holds it open in a transaction, and try again."
        case .gone: "Put the file back."
        case .full: "Free space on the disk, or choose another folder."
        case .notWritable: "Choose a folder that this user may write in."
        case .damaged: "Choose another file, or restore it from a backup."
        case .closed, .cancelled: "Nothing, if that was meant."
        case .failed: "See SQLite's own words."
        }
    }
}

extension OrderStoreError {
    /// Creates the error for the file at `path` from SQLite's error.
    ///
    /// - Parameter isNew: whether the file is to be created; then failing to open it does not mean that it is gone.
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
