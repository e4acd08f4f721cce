import Dispatch
import Foundation
import GRDB
import Synchronization

/// A fault on a database's file: another connection holds it locked, or it was renamed.
public final class StoreFault: Sendable {
    /// The kind of fault.
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        /// Another connection holds an exclusive transaction.
        case locked
        /// The file has another name.
        case gone
    }

    /// The kind of fault.
    public let kind: Kind
    private let path: String
    private let queue = DispatchQueue(label: "rabbittop-store-fault")
    private let locker = Mutex<DatabaseQueue?>(nil)

    private init(_ kind: Kind, _ path: String) {
        self.kind = kind
        self.path = path
    }

    /// Injects the fault, and returns when it is in force; `end` undoes it. Waits up to ten seconds for a lock that is
    /// in use.
    public static func begin(_ kind: Kind, path: String) async throws(OrderStoreError) -> StoreFault {
        let fault = StoreFault(kind, path)
        try await fault.onQueue { fault in
            switch fault.kind {
            case .locked:
                var configuration = Configuration()
                configuration.busyMode = .timeout(10)
                // The transaction stays open until the fault ends.
                configuration.allowsUnsafeTransactions = true
                let database = try DatabaseQueue(path: fault.path, configuration: configuration)
                try database.inDatabase { try $0.execute(sql: "BEGIN EXCLUSIVE") }
                fault.locker.withLock { $0 = database }
            case .gone:
                try FileManager.default.moveItem(atPath: fault.path, toPath: fault.hidden)
            }
        }
        return fault
    }

    /// Undoes the fault. A second call does nothing.
    public func end() async throws(OrderStoreError) {
        try await onQueue { fault in
            switch fault.kind {
            case .locked:
                let database = fault.locker.withLock { locker in
                    defer { locker = nil }
                    return locker
                }
                try database?.inDatabase { try $0.execute(sql: "ROLLBACK") }
                try database?.close()
            case .gone:
                guard FileIdentity.inode(of: fault.hidden) != nil else { return }
                try FileManager.default.moveItem(atPath: fault.hidden, toPath: fault.path)
            }
        }
    }

    /// Appended to the name of the file.
    static let suffix = ".away"

    private var hidden: String { path + Self.suffix }

    private func onQueue(_ body: @escaping @Sendable (StoreFault) throws -> Void) async throws(OrderStoreError) {
        let result: Result<Void, OrderStoreError> = await withCheckedContinuation { continuation in
            queue.async {
                do {
                    continuation.resume(returning: .success(try body(self)))
                } catch {
                    let error = OrderStoreError(error, path: self.path, isNew: false)
                    continuation.resume(returning: .failure(error))
                }
            }
        }
        try result.get()
    }
}
