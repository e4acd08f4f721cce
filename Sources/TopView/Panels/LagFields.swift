import Foundation
import Names
import Screen
import TopCore

/// What the details say of how old a queue's oldest message is, and who is behind: members of a quorum queue, consumers
/// of a stream. What is not known is said, with why.
struct LagFields {
    /// The labelled values, in the order in which they are shown.
    private(set) var fields: [(label: String, value: String, role: Role)] = []

    init(_ row: some TableRow, state: State, canvas: Canvas) {
        if let queue = row as? QueueRow { take(queue, state, canvas) }
        if let consumer = row as? ConsumerRow { take(consumer, state) }
    }

    private mutating func take(_ queue: QueueRow, _ state: State, _ canvas: Canvas) {
        guard let details = queue.details else { return }
        if let head = details.headMessageAt {
            let age = canvas.age(max(0, state.now.timeIntervalSince(head)))
            fields.append(
                ("oldest message", "\(canvas.format.dateAndTime(head)), \(age) ago by its timestamp", .text))
        } else if details.type == "classic", queue.ready?.value ?? 0 > 0 {
            fields.append(("oldest message", "not known: it has no timestamp", .muted))
        }
        for lag in details.memberLags ?? [] {
            let age = canvas.age(max(0, state.now.timeIntervalSince(lag.since)))
            fields.append(
                (
                    "member behind",
                    "\(lag.node) lacks \(canvas.format.count(lag.entries)) of the log's entries, for \(age)", .warning
                ))
        }
        if let lag = details.consumerLag {
            let who = lag.connection.map { ", at \($0)" } ?? ""
            fields.append(("consumer lag", "\(canvas.format.count(lag.messages)) messages\(who)", .text))
        } else if details.type == "stream", queue.consumers?.value ?? 0 > 0 {
            fields.append(("consumer lag", Self.unknownLag, .muted))
        }
    }

    private mutating func take(_ consumer: ConsumerRow, _ state: State) {
        guard consumer.offsetLag == nil,
            state.queues.row(.queue(consumer.id.queue))?.details?.type == "stream"
        else { return }
        fields.append(("offset lag", Self.unknownLag, .muted))
    }

    private static let unknownLag =
        "not known: the broker tells it of the stream protocol, with rabbitmq_stream_management"
}
