import Foundation
import Names

/// Connections with entries that were passed on without the client's name, because it was not known yet.
struct NamelessConnections: Sendable {
    let capacity: Int
    /// When the first such entry of each connection happened.
    private var since: [Name: Date] = [:]
    /// The connections in the order in which they were noted; some may be gone from `since`.
    private var order: [Name] = []

    init(capacity: Int = 2_000) {
        self.capacity = capacity
    }

    var count: Int { since.count }

    /// Records an entry without a name.
    mutating func note(_ connection: String, at: Date) {
        guard connection.utf8.count <= String.longestName else { return }
        let name = Name(connection)
        if let first = since[name] {
            since[name] = min(first, at)
            return
        }
        if order.count >= capacity {
            // Half at once, so that the array is not shifted for each entry.
            for old in order.prefix(capacity / 2) { since[old] = nil }
            order.removeFirst(capacity / 2)
        }
        since[name] = at
        order.append(name)
    }

    /// Forgets a connection whose name is known now, or whose name another connection uses now.
    ///
    /// - Returns: When its first entry without a client's name happened; `nil` when there is none.
    mutating func remove(_ connection: String) -> Date? {
        guard !since.isEmpty, let at = since.removeValue(forKey: Name(connection)) else { return nil }
        order.removeAll { $0 == Name(connection) }
        return at
    }
}
