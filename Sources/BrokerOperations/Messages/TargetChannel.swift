import AMQPWire
import BrokerMonitor
import NIOCore
import NIOPosix
import Names
import RabbitMQClient
import Synchronization
import TopCore

/// What a transfer publishes to: a connection with a channel, which is opened anew if the broker closes it because of
/// one message.
final class TargetChannel: Sendable {
    private struct State {
        var channel: AMQPChannel
        /// The exchanges of dead letters that are there.
        var usable: Set<Name> = [""]
        /// Why others cannot be published to.
        var refused: [Name: MessageRefusal] = [:]
        var reopened = 0
    }

    private let connection: Connection
    private let state: Mutex<State>
    /// Whether a closed channel concerns some messages, not all.
    private let mayReopen: Bool

    /// How many times a channel is opened anew.
    private static let mostReopened = 100

    private init(_ connection: Connection, _ channel: AMQPChannel, mayReopen: Bool) {
        self.connection = connection
        self.mayReopen = mayReopen
        state = Mutex(State(channel: channel))
    }

    static func open(
        _ address: ConnectionConfiguration, _ plan: TransferPlan
    ) async throws(TransferFailure) -> TargetChannel {
        var address = address
        address.connectionName = "\(address.connectionName ?? "rabbittop messages") publishing"
        do throws(ClientError) {
            let connection = try await Connection.connect(address, on: MultiThreadedEventLoopGroup.singleton)
            do throws(ClientError) {
                var mayReopen = false
                switch plan.destination {
                case .queue(let queue)?:
                    try await Self.ask(connection) { channel throws(ClientError) in
                        _ = try await channel.declareQueuePassive(queue)
                    }
                case .exchange(let exchange, _)? where !exchange.isEmpty:
                    try await Self.ask(connection) { channel throws(ClientError) in
                        try await channel.declareExchangePassive(exchange)
                    }
                case .exchange?, nil: break
                case .origin?: mayReopen = true
                }
                return TargetChannel(connection, try await connection.openChannel(), mayReopen: mayReopen)
            } catch {
                await connection.close(timeout: .milliseconds(500))
                throw error
            }
        } catch {
            throw TransferFailure(error)
        }
    }

    /// Asks on a channel of its own, which the broker closes if the answer is no.
    private static func ask(
        _ connection: Connection, _ body: (AMQPChannel) async throws(ClientError) -> Void
    ) async throws(ClientError) {
        let channel = try await connection.openChannel()
        try await body(channel)
        try await channel.close()
    }

    var blockedReason: String? { connection.blockedReason }

    /// Refuses a dead letter whose exchange is not there.
    func check(_ copy: OutgoingCopy) async throws(MessageRefusal) {
        let exchange = copy.exchange
        let (isUsable, known) = state.withLock { ($0.usable.contains(exchange), $0.refused[exchange]) }
        if let known { throw known }
        if isUsable { return }
        var refusal: MessageRefusal?
        do throws(ClientError) {
            try await Self.ask(connection) { channel throws(ClientError) in
                try await channel.declareExchangePassive(exchange)
            }
        } catch {
            let why = error.closeReason.map { "\($0.code) \(OperationRun.words($0))" } ?? error.message
            refusal = MessageRefusal(why: "its origin cannot be used: \(why)")
        }
        state.withLock { state in
            if let refusal { state.refused[exchange] = refusal } else { state.usable.insert(exchange) }
        }
        if let refusal { throw refusal }
    }

    /// Publishes a message; it is returned if no queue takes it.
    func publish(_ copy: OutgoingCopy, body: ByteBuffer) async throws(TransferFailure) -> Confirmation {
        do throws(ClientError) {
            let channel = try await openChannel()
            return try await channel.publishUnchanged(
                body, exchange: copy.exchange, routingKey: copy.routingKey, properties: copy.properties)
        } catch {
            throw TransferFailure(error)
        }
    }

    /// Returns the channel, or another one if the broker closed it because of a message.
    private func openChannel() async throws(ClientError) -> AMQPChannel {
        let (channel, reopened) = state.withLock { ($0.channel, $0.reopened) }
        guard let reason = channel.closeReason, reason.scope == .channel, reopened < Self.mostReopened,
            mayReopen || reason.isTooLarge
        else { return channel }
        let another = try await connection.openChannel()
        state.withLock { state in
            state.channel = another
            state.reopened += 1
            // The exchange that it was closed for is not tried again; others may have gone, too.
            let why = MessageRefusal(why: "its origin cannot be used: \(reason.code) \(OperationRun.words(reason))")
            state.usable = [""]
            if let name = Self.exchange(in: reason.text) { state.refused[name] = why }
        }
        return another
    }

    /// Returns the exchange that a reply names: `no exchange 'orders' in vhost '/'`.
    private static func exchange(in text: String) -> Name? {
        guard let start = text.range(of: "exchange '")?.upperBound,
            let end = text.range(of: "' in vhost", range: start..<text.endIndex)?.lowerBound
        else { return nil }
        return Name(text[start..<end])
    }

    /// Gives up what is not confirmed yet.
    func abandon() async { try? await state.withLock { $0.channel }.close() }

    func close() async { await connection.close(timeout: .milliseconds(500)) }
}
