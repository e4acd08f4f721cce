import AMQPWire
import NIOCore
import Names

/// Publishes for any number of tasks with a limit on unconfirmed messages, and optionally publishes again when the
/// outcome of a message is unknown.
///
/// On a connection it uses a channel of its own, opened when it is first needed and again after the broker closed it,
/// for example because of a missing exchange. `publish` returns when the message is confirmed. At most `limit` messages
/// are unconfirmed at a time; further publishes wait in the order of the calls, so that a slow broker slows its
/// publishers down instead of filling their memory.
///
/// A publisher without references closes its own channel, and its unconfirmed messages end as `.indeterminate`: keep a
/// reference until all are confirmed.
public final class Publisher: Sendable {
    /// The exchange of messages that name none; empty is the default exchange.
    public let exchange: Name
    /// Whether messages without a setting of their own are mandatory: one that reaches no queue fails as `.returned`.
    public let mandatory: Bool
    /// The maximum number of unconfirmed messages.
    public let limit: Int
    /// The retry policy.
    public let retry: PublishRetry
    private let source: ChannelSource
    private let window: PublishWindow

    /// Creates a publisher with a channel of its own on this connection.
    public convenience init(
        _ connection: Connection,
        exchange: some NameConvertible = "",
        mandatory: Bool = false,
        limit: Int = 1000,
        retry: PublishRetry = .off
    ) {
        self.init(.connection(connection), exchange.asName, mandatory, limit, retry)
    }

    /// Creates a publisher on a channel that others may use too. It cannot publish once that channel is closed.
    public convenience init(
        _ channel: Channel,
        exchange: some NameConvertible = "",
        mandatory: Bool = false,
        limit: Int = 1000,
        retry: PublishRetry = .off
    ) {
        self.init(.channel(channel), exchange.asName, mandatory, limit, retry)
    }

    /// Creates a publisher that takes one channel of a pool when it is first needed, and keeps it until the publisher
    /// is closed.
    public convenience init(
        _ pool: ChannelPool,
        exchange: some NameConvertible = "",
        mandatory: Bool = false,
        limit: Int = 1000,
        retry: PublishRetry = .off
    ) {
        self.init(.pool(pool), exchange.asName, mandatory, limit, retry)
    }

    private init(
        _ origin: ChannelSource.Origin,
        _ exchange: Name,
        _ mandatory: Bool,
        _ limit: Int,
        _ retry: PublishRetry
    ) {
        source = ChannelSource(origin)
        window = PublishWindow(limit: limit)
        self.exchange = exchange
        self.mandatory = mandatory
        self.limit = max(1, limit)
        self.retry = retry
    }

    /// The number of unconfirmed messages.
    public var outstanding: Int { window.used }

    // MARK: Publishing

    /// Publishes a message and returns once the broker has confirmed it.
    ///
    /// Throws as `Channel.publish` does, and `.timeout` when no slot was free within the connection's `publishTimeout`,
    /// or within the retry policy's `timeout`. With a retry policy the message gets a message id if it has none. If no
    /// attempt was confirmed and one of them may have arrived, the error is `.indeterminate`.
    public func publish(_ message: Message) async throws(ClientError) {
        var message = message.outgoing(exchange: exchange, mandatory: mandatory)
        let start = NIODeadline.now()
        let patience = retry.isEnabled ? TimeAmount(retry.timeout) : source.connection.publishTimeout
        try await window.take(until: start + patience)
        defer { window.release() }
        guard retry.isEnabled else { return try await attempt(message) }
        if message.properties.messageID == nil { message.properties.messageID = Self.makeMessageID() }
        var machine = RetryMachine(
            retry, deadline: start + patience, exchange: message.exchange, reopens: source.reopens)
        while true {
            do throws(ClientError) {
                return try await attempt(message)
            } catch {
                switch machine.failed(error, now: .now(), random: .random(in: 0...1)) {
                case .fail(let error): throw error
                case .retry(let pause):
                    do { try await Task.sleep(for: pause) } catch { throw machine.cancelled() }
                }
            }
        }
    }

    /// Publishes a body; otherwise like the method with a `Message`.
    public func publish(
        _ body: ByteBuffer,
        exchange: Name? = nil,
        routingKey: some NameConvertible,
        properties: BasicProperties = BasicProperties(),
        mandatory: Bool? = nil
    ) async throws(ClientError) {
        try await publish(
            Message(body, exchange: exchange, routingKey: routingKey, properties: properties, mandatory: mandatory)
        )
    }

    /// Publishes bytes; otherwise like the method with a `Message`.
    public func publish(
        _ body: some Sequence<UInt8>,
        exchange: Name? = nil,
        routingKey: some NameConvertible,
        properties: BasicProperties = BasicProperties(),
        mandatory: Bool? = nil
    ) async throws(ClientError) {
        try await publish(
            Message(body, exchange: exchange, routingKey: routingKey, properties: properties, mandatory: mandatory)
        )
    }

    /// Publishes a message and returns its confirmation without waiting for the broker. Waits while `limit` messages
    /// are unconfirmed, also if their confirmations are not awaited. Never publishes again by itself. Throws only when
    /// nothing was sent.
    public func publishDeferred(_ message: Message) async throws(ClientError) -> Confirmation {
        try await window.take(until: .now() + source.connection.publishTimeout)
        do throws(ClientError) {
            let core = try await source.channel().core
            let sequence = try await core.publishConfirmed(
                message.outgoing(exchange: exchange, mandatory: mandatory))
            let confirmation = Confirmation(sequence: sequence, channel: core)
            window.releaseLater(confirmation)
            return confirmation
        } catch {
            window.release()
            throw error
        }
    }

    /// Publishes many messages and returns when each is confirmed or has failed. They are sent with as few writes as
    /// the limit allows. With a retry policy, messages whose outcome is unknown are published again one by one, and
    /// therefore out of order.
    public func publishBatch(_ messages: [Message]) async -> BatchResult {
        var batch = messages
        if retry.isEnabled {
            for index in batch.indices where batch[index].properties.messageID == nil {
                batch[index].properties.messageID = Self.makeMessageID()
            }
        }
        var results: [Result<Void, ClientError>] = []
        results.reserveCapacity(batch.count)
        var sent: [Result<Confirmation, ClientError>] = []
        sent.reserveCapacity(batch.count)
        let deadline = NIODeadline.now() + TimeAmount(retry.timeout)
        while results.count < batch.count {
            if Task.isCancelled {
                // The messages that were sent determine their results; no more are sent.
                let taken = results.count
                for one in sent[taken...] { results.append(await one.outcome()) }
                window.release(sent.count - taken)
                let cancelled = ClientError(.cancelled, "The publish was cancelled before it was sent.")
                results += repeatElement(.failure(cancelled), count: batch.count - sent.count)
                break
            }
            let places = window.takeFree(batch.count - sent.count)
            if places > 0 {
                sent += await send(Array(batch[sent.count..<sent.count + places]))
            } else if results.count < sent.count {
                // The slots of this batch are the next to become free; when one confirm has arrived, more may have.
                let before = results.count
                repeat {
                    results.append(await sent[results.count].outcome())
                } while results.count < sent.count && sent[results.count].isSettled
                window.release(results.count - before)
            } else {
                do throws(ClientError) {
                    try await window.take(until: .now() + source.connection.publishTimeout)
                    sent += await send([batch[sent.count]])
                } catch {
                    results += repeatElement(.failure(error), count: batch.count - results.count)
                }
            }
        }
        guard retry.isEnabled else { return BatchResult(results) }
        for (index, result) in results.enumerated() {
            if case .failure(let error) = result {
                results[index] = await again(batch[index], after: error, until: deadline)
            }
        }
        return BatchResult(results)
    }

    // MARK: Ending

    /// Returns when all messages published with `publishDeferred` so far are confirmed or have failed.
    public func drain() async { await window.drain() }

    /// Closes the channel if it belongs to the publisher; unconfirmed messages end as `.indeterminate`. Call `drain`
    /// before, or await the confirmations.
    public func close() { source.close() }

    // MARK: Attempts

    private func attempt(_ message: OutgoingMessage) async throws(ClientError) {
        try await source.channel().core.publishAndWait(message)
    }

    private func send(_ messages: [Message]) async -> [Result<Confirmation, ClientError>] {
        do throws(ClientError) {
            let core = try await source.channel().core
            return await core.send(messages.map { $0.outgoing(exchange: exchange, mandatory: mandatory) })
        } catch {
            return messages.map { _ in .failure(error) }
        }
    }

    /// Makes the remaining attempts for a message of a batch whose first attempt failed.
    private func again(
        _ message: Message, after first: ClientError, until deadline: NIODeadline
    ) async -> Result<Void, ClientError> {
        let outgoing = message.outgoing(exchange: exchange, mandatory: mandatory)
        var machine = RetryMachine(retry, deadline: deadline, exchange: outgoing.exchange, reopens: source.reopens)
        var error = first
        while true {
            switch machine.failed(error, now: .now(), random: .random(in: 0...1)) {
            case .fail(let error): return .failure(error)
            case .retry(let pause):
                do { try await Task.sleep(for: pause) } catch { return .failure(machine.cancelled()) }
            }
            do throws(ClientError) {
                try await window.take(until: deadline)
                defer { window.release() }
                try await attempt(outgoing)
                return .success(())
            } catch let failure {
                error = failure
            }
        }
    }

    /// Returns 128 random bits as 32 hexadecimal digits.
    private static func makeMessageID() -> Name {
        let halves = (0..<2).map { _ in
            let digits = String(UInt64.random(in: 0 ... .max), radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }
        return Name(halves.joined())
    }
}
