import AMQPWire
import NIOCore
import Names

/// Publishes for any number of tasks with a limit on what is under way, and if wanted again when an outcome is unknown.
///
/// On a connection it has a channel of its own, opened when it is first needed and again when the broker closed it, because
/// of a missing exchange say. `publish` returns when the message is confirmed. At most `limit` messages await their confirm
/// at a time; who publishes more waits in line, first come first served, so that a slow broker slows its publishers down
/// instead of filling their memory.
///
/// A publisher that nobody refers to any more closes its own channel, and what still awaits its confirm there ends as
/// `.indeterminate`: keep it until all is confirmed.
public final class Publisher: Sendable {
    /// Where messages go that name no exchange; empty is the default exchange.
    public let exchange: Name
    /// Whether messages that do not say are mandatory: one that reaches no queue fails as `.returned`.
    public let mandatory: Bool
    /// The most messages that await their confirm.
    public let limit: Int
    public let retry: PublishRetry
    private let source: ChannelSource
    private let window: PublishWindow

    /// A publisher with a channel of its own on this connection.
    public convenience init(
        _ connection: Connection,
        exchange: some NameConvertible = "",
        mandatory: Bool = false,
        limit: Int = 1000,
        retry: PublishRetry = .off
    ) {
        self.init(.connection(connection), exchange.asName, mandatory, limit, retry)
    }

    /// A publisher on a channel that others may use too. Once that is closed it publishes no more.
    public convenience init(
        _ channel: Channel,
        exchange: some NameConvertible = "",
        mandatory: Bool = false,
        limit: Int = 1000,
        retry: PublishRetry = .off
    ) {
        self.init(.channel(channel), exchange.asName, mandatory, limit, retry)
    }

    /// A publisher that takes one channel of a pool when it is first needed, and keeps it until it is closed.
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

    /// How many messages are under way.
    public var outstanding: Int { window.used }

    // MARK: Publishing

    /// Publishes a message and returns once the broker has taken responsibility for it.
    ///
    /// Throws as `Channel.publish`, and `.timeout` when no place was free within the connection's `publishTimeout`, or
    /// with a retry policy within its `timeout`. With a policy a message gets a message id if it has none; when no attempt
    /// was confirmed and one of them may have arrived, the error is `.indeterminate`.
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

    /// Publishes a body; see the form for a `Message`.
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

    /// Publishes bytes; see the form for a `Message`.
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

    /// Publishes a message and returns as soon as it is on its way. Waits while `limit` messages await their confirm, also
    /// when nobody awaits those confirmations. Never publishes again by itself. Throws when nothing was sent.
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

    /// Publishes many messages and returns when each is confirmed or has failed. They go out in as few writes as the limit
    /// allows. With a retry policy those whose outcome is unknown are published again, one by one, and out of order then.
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
                // What was sent says what became of it; nothing more is sent.
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
                // Places of our own are the next to be free; where one confirm is there, more may be.
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

    /// Waits for the confirms of all that was published with `publishDeferred` until now.
    public func drain() async { await window.drain() }

    /// Closes the channel if it is the publisher's own; what awaits its confirm ends as `.indeterminate`. Call `drain`
    /// before, or await what was published.
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

    /// The rest of the attempts for a message of a batch, the first of which failed.
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

    /// 128 random bits as 32 hexadecimal digits.
    private static func makeMessageID() -> Name {
        let halves = (0..<2).map { _ in
            let digits = String(UInt64.random(in: 0 ... .max), radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }
        return Name(halves.joined())
    }
}
