import AMQPWire
import Foundation
import NIOCore
import RabbitMQClient
import RabbitMQManagement
import Synchronization
import TopCore

/// How often messages of queues with a delivery limit were seen to have been delivered.
final class PeekMemory: Sendable {
    private let seen = Mutex<[EntityID: Int64]>([:])

    /// The most deliveries that a message of the queue had behind it when it was put back last.
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
    /// The most bytes of a body that are fetched.
    static let peekBytes = 64 << 10
    static let peekLimit = 100

    func peek(_ id: EntityID, count: Int) async -> OperationReport {
        let count = min(max(1, count), Self.peekLimit)
        do throws(ManagementError) {
            let queue = try await context.management.queue(vhost: id.vhost, name: id.name).queue
            if queue.type == "stream" { return await peekStream(id, count: count) }
            if context.configuration.isReadOnly {
                return .failed(
                    "refused: rabbittop is read-only, and a peek counts as a delivery",
                    advice: "Start it without --read-only.")
            }
            let overview = try await context.management.overview()
            let version = (overview.rabbitMQVersion ?? overview.managementVersion)?.split(separator: ".").first
            let limit = QueueDetails(queue, majorVersion: version.flatMap { Int($0) }).deliveryLimit.map(Int64.init)
            if let limit, queue.type == "quorum", let refusal = refusal(id, queue, limit: limit) { return refusal }
            let messages = try await context.management.getMessages(
                vhost: id.vhost, queue: id.name, count: count, ackMode: .requeue, truncate: Self.peekBytes)
            var note: String?
            if let limit, queue.type == "quorum" {
                let most = messages.items.map { ($0.deliveryCount ?? 0) + 1 }.max() ?? 0
                context.peeks[id] = most
                note = "each peek counts as a delivery: \(most) of \(limit) used by the most delivered of these"
            } else if messages.items.contains(where: { $0.isRedelivered != true }) {
                note = "these messages are now marked as redelivered"
            }
            return .peeked(id, messages.items.map(PeekedMessage.init), note: note)
        } catch {
            return Self.failed(error)
        }
    }

    /// A message that was delivered as often as its queue allows is dropped or dead-lettered when it is put back. How often
    /// it was delivered shows only once it has been fetched, so what is known before that has to do.
    private func refusal(
        _ id: EntityID, _ queue: RabbitMQManagement.QueueRow, limit: Int64
    ) -> OperationReport? {
        let advice = "Consume it with a test consumer, or raise the delivery limit by a policy."
        if let seen = context.peeks[id], seen >= limit {
            return .failed(
                "refused: a message was delivered \(seen) times, and the limit is \(limit); another peek would lose it",
                advice: advice)
        }
        // Where the limit is small and it is not known what was delivered before, the queue's total is an upper bound.
        let redelivered = queue.stats?.redeliver.value ?? 0
        if limit < 1 || (context.peeks[id] == nil && limit < 5 && redelivered + 1 > limit) {
            return .failed(
                "refused: the queue's delivery limit is \(limit), and a peek counts as a delivery", advice: advice)
        }
        return nil
    }

    /// Reads a stream from its first message with a consumer of ours; reading takes nothing out of a stream.
    private func peekStream(_ id: EntityID, count: Int) async -> OperationReport {
        let connection: Connection
        do throws(ClientError) {
            connection = try await context.connect(vhost: id.vhost, purpose: "peek")
        } catch {
            return Self.failed(error)
        }
        let messages = Shared<[PeekedMessage]>([])
        let failure = await withTaskGroup(of: ClientError?.self) { tasks in
            tasks.addTask {
                do throws(ClientError) {
                    let channel = try await connection.openChannel()
                    let consumer = try await channel.consume(
                        id.name, arguments: ["x-stream-offset": "first"], prefetch: UInt16(clamping: count))
                    var deliveries = consumer.makeAsyncIterator()
                    while messages.value.count < count, let delivery = try await deliveries.next() {
                        messages.change { $0.append(PeekedMessage(delivery)) }
                    }
                    try await consumer.cancel()
                    return nil
                } catch {
                    return error
                }
            }
            tasks.addTask {
                // A short stream has no more to give: a second without another message is its end.
                var before = -1
                while !Task.isCancelled {
                    let now = messages.value.count
                    if now == before { break }
                    before = now
                    try? await Task.sleep(for: .seconds(1))
                }
                return nil
            }
            let first = await tasks.next() ?? nil
            tasks.cancelAll()
            return first
        }
        await connection.close(timeout: .milliseconds(500))
        let found = messages.value
        if let failure, failure.code != .cancelled, found.isEmpty { return Self.failed(failure) }
        if Task.isCancelled { return .cancelled("stopped after \(found.count) messages") }
        return .peeked(id, found, note: "the first messages of the stream; reading takes nothing out of it")
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

    private static func fields(_ map: [String: JSONValue]) -> [DetailField] {
        map.sorted { $0.key < $1.key }.map { DetailField($0.key, $0.value.text ?? $0.value.jsonText) }
    }

    init(_ delivery: Delivery) {
        let properties = delivery.properties
        let named: [(String, String?)] = [
            ("app_id", properties.appID), ("content_encoding", properties.contentEncoding),
            ("content_type", properties.contentType), ("correlation_id", properties.correlationID),
            ("delivery_mode", properties.deliveryMode.map { "\($0)" }), ("expiration", properties.expiration),
            ("message_id", properties.messageID), ("priority", properties.priority.map { "\($0)" }),
            ("reply_to", properties.replyTo), ("timestamp", properties.timestamp.map { "\($0)" }),
            ("type", properties.type), ("user_id", properties.userID),
        ]
        let headers = properties.headers ?? [:]
        self.init(
            exchange: delivery.exchange, routingKey: delivery.routingKey, redelivered: delivery.redelivered,
            deliveryCount: headers["x-delivery-count"]?.intValue,
            properties: named.compactMap { label, value in value.map { DetailField(label, $0) } },
            headers: headers.map { DetailField($0.key, $0.value.description) },
            body: Array(delivery.body.readableBytesView.prefix(OperationRun.peekBytes)),
            bodySize: delivery.body.readableBytes)
    }
}
