import Foundation
import Names
import TopCore

/// What is known of a queue beside its figures.
struct QueueRest: Codable, Equatable, Sendable {
    /// The details without the figures in them.
    var details: QueueDetails?
    var readySource: DepthSource?
    var unackedSource: DepthSource?
    var totalSource: DepthSource?
    var consumersSource: DepthSource?
}

extension QueueRow: RecordedRow {
    static let kind = ObjectKind.queue
    static let figures: [Figure<Self>] = [
        depth(.ready, \.ready), depth(.unacked, \.unacked),
        // The sum is not stored: only a total that is known without its parts, or differs from them.
        Figure(.messages) { row in
            guard let total = row.total else { return nil }
            if let ready = row.ready, let unacked = row.unacked, let messages = row.messages,
                ready.value.addingReportingOverflow(unacked.value) == (messages, false)
            {
                return nil
            }
            return Int64(total.value)
        } set: { row, value in
            row.total = restored(value, row.total)
        },
        depth(.consumers, \.consumers),
        detailRate(.publishRate, \.publishRate), detailRate(.deliverRate, \.deliverRate),
        detailRate(.ackRate, \.ackRate),
        detailRate(.redeliverRate, \.redeliverRate),
        detailCount(.memory, \.memory), detailCount(.messageBytes, \.messageBytes), detailTime(.idleSince, \.idleSince),
        detailTime(.headMessageAt, \.headMessageAt), detailRate(.consumerCapacity, \.consumerCapacity),
    ]
    static let emptyRest: QueueRest = QueueRest()

    private static func depth(
        _ column: FigureColumn, _ path: any WritableKeyPath<QueueRow, Measured<Int>?> & Sendable
    ) -> Figure<Self> {
        Figure(column) {
            $0[keyPath: path].map { Int64($0.value) }
        } set: {
            $0[keyPath: path] = restored($1, $0[keyPath: path])
        }
    }

    /// Returns the figure with a value; its time and source are those that the rest of the row was restored with.
    private static func restored(_ value: Int64?, _ figure: Measured<Int>?) -> Measured<Int>? {
        guard let value else { return nil }
        let known = figure ?? Measured(0, at: .distantPast, source: .management)
        return Measured(Int(clamping: value), at: known.at, source: known.source)
    }

    private static func detailRate(
        _ column: FigureColumn, _ path: any WritableKeyPath<QueueDetails, Double?> & Sendable
    ) -> Figure<Self> {
        Figure(column) {
            ($0.details?[keyPath: path]).flatMap { Int64(thousandthsOf: $0) }
        } set: {
            $0.details?[keyPath: path] = $1.map { Double($0) / 1_000 }
        }
    }

    private static func detailCount(
        _ column: FigureColumn, _ path: any WritableKeyPath<QueueDetails, Int?> & Sendable
    ) -> Figure<Self> {
        Figure(column) {
            ($0.details?[keyPath: path]).map { Int64($0) }
        } set: {
            $0.details?[keyPath: path] = $1.map { Int(clamping: $0) }
        }
    }

    private static func detailTime(
        _ column: FigureColumn, _ path: any WritableKeyPath<QueueDetails, Date?> & Sendable
    ) -> Figure<Self> {
        Figure(column) {
            ($0.details?[keyPath: path]).flatMap { $0.milliseconds }
        } set: {
            $0.details?[keyPath: path] = $1.map { Date(milliseconds: $0) }
        }
    }

    var identity: ObjectIdentity { ObjectIdentity(id) }

    var rest: QueueRest {
        QueueRest(
            details: withoutFigures.details, readySource: ready?.source, unackedSource: unacked?.source,
            totalSource: total?.source, consumersSource: consumers?.source)
    }

    init?(_ identity: ObjectIdentity, rest: QueueRest, at: Date) {
        self.init(id: identity.entity)
        details = rest.details
        detailsAt = rest.details == nil ? nil : at
        // The sources are kept in figures without a value until the values are put back.
        ready = rest.readySource.map { Measured(0, at: at, source: $0) }
        unacked = rest.unackedSource.map { Measured(0, at: at, source: $0) }
        total = rest.totalSource.map { Measured(0, at: at, source: $0) }
        consumers = rest.consumersSource.map { Measured(0, at: at, source: $0) }
    }
}
