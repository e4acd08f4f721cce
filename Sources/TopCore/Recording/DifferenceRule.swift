import Foundation
import Names

/// How the rows of one kind are compared.
struct DifferenceRule<Row: TableRow>: Sendable {
    /// The columns whose values are compared.
    var fields: [Row.Key]
    /// How important a row is among those that are gone or new.
    var importance: @Sendable (Row) -> Double = { _ in 0 }
    /// What a row is called.
    var item: @Sendable (Row) -> Difference.Item

    /// Rates that differ by less than this fraction of the larger one are the same: they are never quite steady.
    private static var steadiness: Double { 0.05 }

    /// The columns of the fields: made once for many rows.
    var columns: [Column<Row>] { fields.map(Row.column) }

    /// Returns the values that differ between two rows. A value that is unknown in one of them did not change.
    ///
    /// - Parameters:
    ///   - columns: The columns of the fields.
    ///   - item: What the row is called; it is made only for a row that changed.
    func changes(
        _ columns: [Column<Row>], _ item: @autoclosure () -> Difference.Item, _ before: Row, _ after: Row,
        at times: (before: Date, after: Date)
    ) -> [Difference.Change] {
        var named: Difference.Item?
        var changes: [Difference.Change] = []
        for column in columns {
            let old = column.value(before, times.before)
            let new = column.value(after, times.after)
            guard Self.differ(old, new, column.kind) else { continue }
            let item = named ?? item()
            named = item
            changes.append(
                Difference.Change(
                    item: item, field: column.key.rawValue, kind: column.kind, before: old, after: new))
        }
        return changes
    }

    private static func differ(_ old: Value, _ new: Value, _ kind: ColumnKind) -> Bool {
        switch (old, new) {
        case (.none, _), (_, .none): return false
        case (.text(let one), .text(let other)): return !one.hasSameBytes(as: other)
        case (.list(let one), .list(let other)):
            return one.count != other.count || !zip(one, other).allSatisfy { $0.hasSameBytes(as: $1) }
        case (.number(let one), .number(let other)) where kind == .rate:
            return abs(one - other) > max(0.1, steadiness * max(abs(one), abs(other)))
        default: return old != new
        }
    }
}

extension OverviewRow {
    static let differences = DifferenceRule<Self>(
        fields: [
            .alarms, .ready, .unacked, .publishRate, .deliverRate, .ackRate, .queues, .connections, .channels,
            .consumers, .exchanges, .nodesRunning, .nodes,
        ], item: { _ in Difference.Item(.cluster, name: "cluster") })
}

extension NodeRow {
    static let differences = DifferenceRule<Self>(
        fields: [.running, .version, .memoryAlarm, .diskAlarm, .memoryLimit, .diskFreeLimit, .maintenance],
        item: { Difference.Item(.node, name: $0.name) })
}

extension QueueRow {
    static let differences = DifferenceRule<Self>(
        fields: [
            .type, .state, .node, .policy, .deadLetterExchange, .ready, .unacked, .consumers, .publishRate,
            .deliverRate, .ackRate, .redeliverRate,
        ], importance: { Double($0.messages ?? 0) }, item: { Difference.Item(.queue, vhost: $0.vhost, name: $0.name) })
}

extension ExchangeRow {
    static let differences = DifferenceRule<Self>(
        fields: [
            .type, .durable, .autoDelete, .isInternal, .policy, .bindingsOut, .publishInRate, .publishOutRate,
        ], item: { Difference.Item(.exchange, vhost: $0.id.vhost, name: Name($0.displayName)) })
}

extension ConnectionRow {
    static let differences = DifferenceRule<Self>(
        fields: [.state, .channels], importance: { Double($0.channels ?? 0) },
        item: { Difference.Item(.connection, vhost: $0.vhost, name: $0.name, remark: $0.clientName) })
}

extension ChannelRow {
    static let differences = DifferenceRule<Self>(
        fields: [.state, .prefetch, .consumers, .confirm, .unacked, .unconfirmed],
        importance: { Double($0.unacked ?? 0) },
        item: { Difference.Item(.channel, vhost: $0.vhost, name: $0.id.name, remark: $0.clientName) })
}

extension ConsumerRow {
    static let differences = DifferenceRule<Self>(
        fields: [.prefetch, .ackRequired, .exclusive, .active, .priority],
        item: {
            Difference.Item(.consumer, vhost: $0.id.queue.vhost, name: $0.id.tag, remark: $0.id.queue.name)
        })
}
