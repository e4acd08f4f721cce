import AMQPWire
import BrokerMonitor
import Foundation
import NIOCore
import Names
import RabbitMQClient
import RabbitMQManagement
import Synchronization
import TopCore

/// Remembers how often messages of queues with a delivery limit had been delivered.
final class PeekMemory: Sendable {
    private let seen = Mutex<[EntityID: Int64]>([:])

    /// The highest delivery count of a message of the queue when it was last requeued.
    subscript(id: EntityID) -> Int64? {
        get { seen.withLock { $0[id] } }
        set {
            seen.withLock { seen in
                if seen.count > 1_000 { seen = [:] }
                seen[id] = newValue
            }
        }
    }
}

extension OperationRun {
    /// The highest number of bytes of a body that are fetched.
    static let peekBytes = 64 << 10
    static let peekLimit = 100

    func peek(_ id: EntityID, count: Int, from start: PeekStart) async -> OperationReport {
        let count = min(max(1, count), Self.peekLimit)
        do throws(ManagementError) {
            let queue = try await context.management.queue(vhost: id.vhost, name: id.name).queue
            if queue.type == "stream" { return await peekStream(id, count: count, from: start) }
            if context.configuration.isReadOnly {
                return .failed(
                    "refused: rabbittop is read-only, and a peek counts as a delivery",
                    advice: "Start it without --read-only.")
            }
            let overview = try await context.management.overview()
            let version = BrokerVersion(overview.brokerVersion)
            let counts = queue.type == "quorum" && version?.countsLooks ?? true
            let limit = QueueDetails(queue, majorVersion: version?.major).deliveryLimit.map(Int64.init)
            if let limit, counts, let refusal = refusal(id, queue, limit: limit) { return refusal }
            var looked = LookedAt()
            var failure: OperationReport?
            if id.isAddressable {
                let messages = try await context.management.getMessages(
                    vhost: id.vhost, queue: id.name, count: count, ackMode: .requeue, truncate: Self.peekBytes)
                for message in messages.items { looked.add(PeekedMessage(message), acquired: message.acquiredCount) }
            } else {
                (looked, failure) = await fetchOverAMQP(id, count: count)
            }
            if limit != nil, counts, failure == nil || !looked.messages.isEmpty {
                context.peeks[id] = looked.deliveries
            }
            return failure
                ?? .peeked(
                    id, looked.messages, note: looked.note(limit: queue.type == "quorum" ? limit : nil, counts: counts))
        } catch {
            return Self.failed(error)
        }
    }

    /// Refuses a peek that may lose a message: one that was delivered as often as its queue allows is dropped or
    /// dead-lettered when it is requeued. The delivery count is known only once the message has been fetched, so the
    /// decision uses what was known before.
    private func refusal(
        _ id: EntityID, _ queue: QueueInfo, limit: Int64
    ) -> OperationReport? {
        let advice = "Consume it with a test consumer, or raise the delivery limit by a policy."
        if let seen = context.peeks[id], seen >= limit {
            return .failed(
                "refused: a message was delivered \(seen) times, and the limit is \(limit); another peek would lose it",
                advice: advice)
        }
        // If the limit is small and the delivery counts are unknown, the queue's total of redeliveries is an upper
        // bound.
        let redelivered = queue.stats?.redeliver.value ?? 0
        if limit < 1 || (context.peeks[id] == nil && limit < 5 && redelivered >= limit) {
            return .failed(
                "refused: the queue's delivery limit is \(limit), and a peek counts as a delivery", advice: advice)
        }
        return nil
    }
}

/// Messages that were fetched and requeued.
struct LookedAt {
    private(set) var messages: [PeekedMessage] = []
    /// The highest number of previous acquisitions of a message, whether or not they count towards the limit.
    private var mostAcquired: Int64 = 0

    mutating func add(_ message: PeekedMessage, acquired: Int64?) {
        messages.append(message)
        mostAcquired = max(mostAcquired, acquired ?? 0)
    }

    /// The highest delivery count of the messages including this look, if looks count.
    var deliveries: Int64 {
        guard let most = messages.map({ $0.deliveryCount ?? 0 }).max() else { return 0 }
        return most < .max ? Int64(most) + 1 : .max
    }

    /// Returns the effect of the look on the messages.
    ///
    /// - Parameters:
    ///   - limit: the delivery limit of their quorum queue.
    ///   - counts: whether a look counts towards it.
    func note(limit: Int64?, counts: Bool) -> String? {
        if let limit, counts {
            return "each peek counts as a delivery: \(deliveries) of \(limit) used by the most delivered of these"
        }
        if let limit {
            return "a look does not count towards the delivery limit of \(limit) here (4.3 and later); most looks and "
                + "deliveries before of these: \(mostAcquired)"
        }
        return messages.contains { !$0.redelivered } ? "these messages are now marked as redelivered" : nil
    }
}

extension PeekedMessage {
    init(_ message: FetchedMessage) {
        self.init(
            exchange: message.exchange, routingKey: message.routingKey, redelivered: message.isRedelivered ?? false,
            deliveryCount: message.deliveryCount.map(Int.init(clamping:)),
            properties: Self.fields(message.properties), headers: Self.fields(message.headers), body: message.payload,
            bodySize: message.payloadSize.map(Int.init(clamping:)) ?? message.payload.count)
    }

    private static func fields(_ map: [Name: JSONValue]) -> [DetailField] {
        map.sorted { $0.key < $1.key }.map { DetailField($0.key.text, $0.value.text ?? $0.value.jsonText) }
    }

    init(_ delivery: Delivery) {
        let properties = delivery.properties
        let named: [(String, String?)] = [
            ("app_id", properties.appID?.text), ("content_encoding", properties.contentEncoding?.text),
            ("content_type", properties.contentType?.text), ("correlation_id", properties.correlationID?.text),
            ("delivery_mode", properties.deliveryMode.map { "\($0)" }), ("expiration", properties.expiration?.text),
            ("message_id", properties.messageID?.text), ("priority", properties.priority.map { "\($0)" }),
            ("reply_to", properties.replyTo?.text), ("timestamp", properties.timestamp.map { "\($0)" }),
            ("type", properties.type?.text), ("user_id", properties.userID?.text),
        ]
        let headers = properties.headers ?? [:]
        self.init(
            exchange: delivery.exchange, routingKey: delivery.routingKey, redelivered: delivery.redelivered,
            deliveryCount: headers["x-delivery-count"]?.intValue,
            properties: named.compactMap { label, value in value.map { DetailField(label, $0) } },
            headers: headers.map { DetailField($0.key.text, $0.value.description) },
            body: Array(delivery.body.readableBytesView.prefix(OperationRun.peekBytes)),
            bodySize: delivery.body.readableBytes + delivery.droppedBytes)
    }
}
