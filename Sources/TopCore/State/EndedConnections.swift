public import Faults
public import Foundation
public import Names

/// Connections that ended recently. Lists requested before the end, or lists that lag behind, still contain them.
public struct EndedConnections: Sendable {
    /// How long a list may lag behind, in seconds. The broker collects statistics every 5 seconds.
    static let period = 15.0
    static let capacity = 4_096

    private var ends: [RowID: Date] = [:]

    /// Creates a list without connections.
    public init() {}

    /// Takes an entry of the ledger: a connection that ended, or one that was opened.
    ///
    /// - Returns: The connection, if it ended and that was not known before.
    public mutating func take(_ entry: LedgerEntry) -> Name? {
        guard entry.scope == .connection, let connection = Name(entry.connection) else { return nil }
        switch entry.kind {
        case .opened:
            forget(connection)
            return nil
        case .closed, .error: return note(connection, at: entry.at) ? connection : nil
        case .returned, .cancelled, .blocked, .unblocked, .alarm, .authentication, .action, .source, .fault,
            .recovered, .finding:
            return nil
        }
    }

    /// - Returns: Whether the end was not known before.
    mutating func note(_ connection: Name, at: Date) -> Bool {
        if ends.count >= Self.capacity {
            // Drops the older half.
            let middle = ends.values.sorted()[ends.count / 2]
            ends = ends.filter { $0.value > middle }
        }
        return ends.updateValue(at, forKey: .connection(connection)) == nil
    }

    /// Forgets an end because a connection of the same name was opened.
    mutating func forget(_ connection: Name) {
        ends[.connection(connection)] = nil
    }

    /// Forgets the end of a connection that was opened after it, under the same name.
    public mutating func forget(_ connection: Name, endedBefore time: Date) {
        guard !ends.isEmpty, let end = ends[.connection(connection)], end < time else { return }
        ends[.connection(connection)] = nil
    }

    /// Whether a list obtained at this time may contain the connection only because the list lags behind.
    public func hides(_ connection: Name, in listAt: Date) -> Bool {
        guard let end = ends[.connection(connection)] else { return false }
        return listAt.timeIntervalSince(end) < Self.period
    }

    /// Whether no end is known.
    public var isEmpty: Bool { ends.isEmpty }
}

extension State {
    /// Removes connections that ended from the tables immediately, with their channels and consumers: the next list is
    /// seconds away.
    mutating func noteEnds(_ entries: [LedgerEntry]) {
        var ended: [RowID: Date] = [:]
        for entry in entries where entry.scope == .connection {
            if let connection = endedConnections.take(entry) {
                ended[.connection(connection)] = entry.at
            } else if entry.kind == .opened, let connection = Name(entry.connection) {
                // A connection of the same name ended in the same batch; this one is open.
                ended[.connection(connection)] = nil
            }
        }
        guard !ended.isEmpty, frozenAt == nil else { return }
        let at = ended.values.max() ?? now
        connections.remove(at: at, now: now) { ended[.connection($0.name)] != nil }
        removeRows(at: at) { ended[.connection($0)] != nil }
    }

    /// Removes the channels and consumers of connections that are missing from a complete list of connections.
    mutating func removeOrphans(of part: ListPart<ConnectionRow>, before: Set<RowID>) {
        let asksForAll = scope == nil && vhost == nil && connections.filter == .none
        guard part.total <= part.rows.count, part.undecodable == 0, part.isWhole || asksForAll else { return }
        let left = before.subtracting(part.rows.lazy.map(\.rowID))
        guard !left.isEmpty else { return }
        removeRows(at: part.at) { left.contains(.connection($0)) }
    }

    private mutating func removeRows(at: Date, where isGone: (Name) -> Bool) {
        channels.remove(at: at, now: now) { isGone($0.id.connection) }
        consumers.remove(at: at, now: now) { $0.id.connection.map(isGone) ?? false }
    }

    /// Returns a list without the rows of connections that ended recently.
    func living<Row>(_ part: ListPart<Row>, connection: (Row) -> Name?) -> ListPart<Row> {
        guard !endedConnections.isEmpty else { return part }
        var part = part
        let before = part.rows.count
        part.rows.removeAll { row in
            connection(row).map { endedConnections.hides($0, in: part.at) } ?? false
        }
        part.total = part.total.saturatingAdding(part.rows.count - before)
        return part
    }
}

extension Table {
    /// Removes rows that are known to be gone from a source other than a list.
    mutating func remove(at: Date, now: Date, where isGone: (Row) -> Bool) {
        let doomed = Set(rows.indices.filter { isGone(rows[$0]) })
        guard !doomed.isEmpty else { return }
        let before = rows.count
        keep(at: at) { !doomed.contains($0) }
        total = max(rows.count, total.saturatingAdding(rows.count - before))
        arrange(.membership, now: now)
    }
}
