import AMQPWire
import NIOConcurrencyHelpers
import NIOCore
import NIOPosix
import Names

/// Calls servers through queues and awaits their replies, with RabbitMQ's direct reply-to: no reply queue is declared,
/// and a reply goes directly to the caller (RabbitMQ documentation: Direct Reply-to).
///
/// Any number of calls may be in progress concurrently, on one channel. A request is published as mandatory and with a
/// confirm: if no queue takes it the call fails at once. Every call ends by its reply, an error, or its timeout. A
/// request expires in its queue when its call times out, unless its properties set another expiration.
///
/// When the connection is lost, calls whose request was sent fail as `.indeterminate`, because their reply can no
/// longer arrive; later calls wait for the connection. A server may carry out a request more than once.
public final class RPCClient: Sendable {
    struct State {
        var machine: RPCMachine
        var calls: [RPCMachine.CallID: Waiter<Result<RPCReply, ClientError>>] = [:]
        var link: Link?
        var linking: Task<Linked, Never>?
        var isClosed = false
    }

    /// A channel with the consumer that receives the replies.
    struct Link: Sendable {
        var channel: Channel
        var receiver: Task<Void, Never>
        var watcher: Task<Void, Never>
    }

    struct Linked: Sendable {
        var channel: Channel?
        var error: ClientError?
    }

    /// The timeout of calls without one of their own.
    public let timeout: Duration
    let source: ChannelSource
    let state: NIOLockedValueBox<State>
    let timers = MultiThreadedEventLoopGroup.singleton.any()

    /// Creates a client with a channel of its own on this connection, opened by the first call.
    public convenience init(_ connection: Connection, timeout: Duration = .seconds(10)) {
        self.init(.connection(connection), timeout)
    }

    /// Creates a client on a channel that others may use too. A channel can have only one such client. Once the channel
    /// is closed all calls fail.
    public convenience init(_ channel: Channel, timeout: Duration = .seconds(10)) {
        self.init(.channel(channel), timeout)
    }

    private init(_ origin: ChannelSource.Origin, _ timeout: Duration) {
        self.timeout = timeout
        source = ChannelSource(origin)
        let prefix = String(UInt64.random(in: 0 ... .max), radix: 36)
        state = NIOLockedValueBox(State(machine: RPCMachine(prefix: prefix)))
    }

    deinit {
        let link = state.withLockedValue { $0.link }
        link?.receiver.cancel()
        link?.watcher.cancel()
    }

    /// The number of calls that wait for their reply.
    public var pending: Int { state.withLockedValue { $0.machine.count } }

    /// Sends a request and returns its reply.
    ///
    /// Throws `.returned` when no queue takes the request, `.nacked` when the broker refuses it, `.timeout` when no
    /// reply arrived in time, `.indeterminate` when channel or connection were lost before the reply, `.cancelled` with
    /// the task, and the errors of opening a channel. The request may have been carried out in all cases except the
    /// first.
    public func call(
        _ body: ByteBuffer,
        exchange: some NameConvertible = "",
        routingKey: some NameConvertible,
        properties: BasicProperties = BasicProperties(),
        timeout: Duration? = nil
    ) async throws(ClientError) -> RPCReply {
        let timeout = max(timeout ?? self.timeout, .zero)
        let deadline = NIODeadline.now() + TimeAmount(timeout)
        let (id, correlationID): (RPCMachine.CallID, Name) = state.withLockedValue { state in
            let id = state.machine.called()
            return (id, state.machine.correlationID(id))
        }
        var properties = properties
        properties.correlationID = correlationID
        properties.replyTo = ConsumerQueue.directReplyTo
        if properties.expiration == nil { properties.timeToLive = timeout }
        let request = OutgoingMessage(body, exchange.asName, routingKey.asName, properties, true)
        var sender: Task<Void, Never>?
        defer { sender?.cancel() }
        let result: Result<RPCReply, ClientError> = await Waiter.wait(id: id, until: deadline, on: timers) { waiter in
            let isClosed = state.withLockedValue { state in
                if !state.isClosed { state.calls[id] = waiter }
                return state.isClosed
            }
            if isClosed {
                _ = state.withLockedValue { $0.machine.ended(id) }
                return .failure(Self.closed)
            }
            // Without a parent: the call may end before the broker has read its request. Its end cancels the task.
            sender = Task { await self.send(id, request) }
            return nil
        } givenUp: { [weak self] id, why in
            self?.end(id, why == .cancelled ? Self.cancelled : Self.overdue)
        }
        return try result.get()
    }

    /// Sends a request with these bytes; otherwise like the method with a `ByteBuffer`.
    public func call(
        _ body: some Sequence<UInt8>,
        exchange: some NameConvertible = "",
        routingKey: some NameConvertible,
        properties: BasicProperties = BasicProperties(),
        timeout: Duration? = nil
    ) async throws(ClientError) -> RPCReply {
        try await call(
            ByteBuffer(bytes: body),
            exchange: exchange,
            routingKey: routingKey,
            properties: properties,
            timeout: timeout
        )
    }

    /// Ends the calls in progress as `.channelClosed`, and closes the channel if it belongs to the client.
    public func close() async {
        let (link, linking, calls) = state.withLockedValue { state in
            state.isClosed = true
            defer { state.link = nil }
            return (state.link, state.linking, Array(state.calls.keys))
        }
        for id in calls { end(id, Self.closed) }
        _ = await linking?.value
        link?.watcher.cancel()
        link?.receiver.cancel()
        await link?.receiver.value
        source.close()
    }
}
