import AMQPWire
import Logging
import Metrics
import NIOConcurrencyHelpers
import NIOCore
import Names

/// Drives the state machines of one connection behind a lock, shared by its channels and its handler. It outlives its
/// sockets: the handler and the content of the outbox belong to the current one.
final class ConnectionCore: Sendable {
    struct State {
        var machine: ConnectionMachine
        var socket: ConnectionSocket
        var channels = ChannelTable()
        var topology = TopologyRecord()
        var record = ConnectionRecord()
        /// What the next login uses.
        var password: String
        /// Makes attempts until the connection is open or closed, and then restores what other owners held.
        var recoveryTask: Task<Void, Never>?
        /// Tasks that wait for the connection to open, for the first time or again.
        var readyWaiters = WaiterList<Result<Void, ClientError>>()
        var closeWaiters = WaiterList<CloseReason?>()
        var listeners = StateListeners()
    }

    /// Unique in this process.
    let id: UInt64
    let configuration: ConnectionConfiguration
    let logger: Logger
    let metrics: ClientMetrics?
    let tracing: MessageTracing?
    let registry: ClientRegistry?
    let eventLoop: any EventLoop
    let taskExecutor: EventLoopTaskExecutor
    let outbox = Outbox()
    let operationTimeout: TimeAmount
    let publishTimeout: TimeAmount
    let openedAt: Double
    let state: NIOLockedValueBox<State>
    /// The handler; used on the event loop only.
    let handler: NIOLoopBoundBox<ConnectionHandler?>
    /// The work that `wake` schedules on the event loop, created once.
    private let flush: @Sendable () -> Void

    init(
        _ configuration: ConnectionConfiguration,
        eventLoop: any EventLoop,
        logger: Logger,
        registry: ClientRegistry?
    ) {
        id = ClientRegistry.makeConnectionID()
        self.configuration = configuration
        self.eventLoop = eventLoop
        taskExecutor = EventLoopTaskExecutor(eventLoop)
        self.logger = logger
        metrics = ClientMetrics(MetricsSystem.factory, connectionName: configuration.connectionName)
        tracing = MessageTracing(configuration.tracing, server: configuration.endpoints.first)
        self.registry = registry
        operationTimeout = TimeAmount(configuration.operationTimeout)
        publishTimeout = TimeAmount(configuration.publishTimeout)
        openedAt = ClientRegistry.wallClock()
        let heartbeat = UInt16(clamping: configuration.heartbeat.components.seconds)
        let proposal = SocketMachine.Proposal(
            channelMax: configuration.channelMax,
            frameMax: configuration.frameMax,
            heartbeat: heartbeat
        )
        let name = configuration.endpoints.first.map { "-> \($0)" } ?? "->"
        state = NIOLockedValueBox(
            State(
                machine: ConnectionMachine(policy: configuration.recovery),
                socket: ConnectionSocket(proposal: proposal, name: name), password: configuration.password)
        )
        let handler = NIOLoopBoundBox.makeEmptyBox(valueType: ConnectionHandler.self, eventLoop: eventLoop)
        self.handler = handler
        flush = { handler.value?.flush() }
    }

    var name: String { state.withLockedValue { $0.socket.name } }
    var tuning: SocketMachine.Tuning { state.withLockedValue { $0.socket.tuning } }
    var isOpen: Bool { state.withLockedValue { $0.machine.isOpen } }
    /// How the connection ended for good.
    var end: ConnectionMachine.End? { state.withLockedValue { $0.machine.end } }
    /// Whether the application has requested the close.
    var isGivenUp: Bool { state.withLockedValue { $0.machine.isGivenUp } }
    var allChannels: [ChannelCore] { state.withLockedValue { $0.channels.all } }

    func wallClock() -> Double { ClientRegistry.wallClock() }

    // MARK: The event loop

    /// Wakes the event loop, which writes in one pass everything that is in the outbox by then.
    func wake() {
        eventLoop.execute(flush)
    }

    func pauseReading() {
        eventLoop.execute { self.handler.value?.pauseReading() }
    }

    func resumeReading() {
        eventLoop.execute { self.handler.value?.resumeReading() }
    }

    // MARK: Channels

    func openChannel() async throws(ClientError) -> ChannelCore {
        let deadline = NIODeadline.now() + operationTimeout
        while true {
            try await awaitReady(until: deadline, for: MethodID.channelOpen)
            switch makeChannel(isScratch: false) {
            case .failure(.suspended):
                // The connection is closing, or its loss has just been detected.
                if isGivenUp, let reason = state.withLockedValue({ $0.socket.machine.endReason }) {
                    throw .closed(reason, MethodID.channelOpen)
                }
                guard NIODeadline.now() < deadline else { throw .timeout("channel.open") }
                await Task.yield()
                if Task.isCancelled { throw .cancelled(.channelOpen) }
                continue
            case .failure(let error): throw error
            case .success(let channel):
                do throws(ClientError) {
                    _ = try await channel.call(.channelOpen)
                } catch {
                    // The broker may still open the channel: then it is closed, and its number is free again with the
                    // reply.
                    channel.beginClose(code: 200, text: "No longer wanted")
                    throw error
                }
                return channel
            }
        }
    }

    /// Opens a channel for the use of recovery only.
    func openScratchChannel() async throws(ClientError) -> ChannelCore {
        let channel = try makeChannel(isScratch: true).get()
        do throws(ClientError) {
            _ = try await channel.call(.channelOpen, isRestoring: true)
        } catch {
            channel.beginClose(code: 200, text: "No longer wanted")
            throw error
        }
        return channel
    }

    private func makeChannel(isScratch: Bool) -> Result<ChannelCore, ClientError> {
        state.withLockedValue { state in
            guard case .open(let tuning) = state.socket.machine.state, isScratch || state.machine.isOpen else {
                return .failure(.suspended)
            }
            let limit = tuning.channelMax == 0 ? UInt16.max : tuning.channelMax
            let channel = state.channels.add(limit: limit) { id, number in
                ChannelCore(id: id, number: number, frameMax: tuning.frameMax, connection: self, isScratch: isScratch)
            }
            guard let channel else {
                return .failure(
                    ClientError(.channelsExhausted, "All \(limit) channels of this connection are in use.")
                )
            }
            return .success(channel)
        }
    }

    /// Returns the channel of a number, and whether the number was ever used.
    func channel(_ number: UInt16) -> (core: ChannelCore?, wasUsed: Bool) {
        state.withLockedValue { ($0.channels[number], $0.channels.wasUsed(number)) }
    }

    /// Removes a channel that is closed on both sides.
    func release(_ channel: ChannelCore) {
        let last = channel.report()
        let counts = channel.takeUncounted()
        metrics?.add(counts.added)
        state.withLockedValue { state in
            let kept = registry?.keptClosed ?? 0
            guard state.channels.remove(channel, last: last, counts: counts.total, kept: kept) else { return }
            state.topology.channelClosed(channel.id)
        }
    }

    // MARK: Topology

    /// Records a request that the broker carried out: recovery repeats those that created something.
    func done(_ method: Method, reply: Method, on channel: ChannelCore) {
        switch method {
        case .queueDeclare, .queueDelete, .queueBind, .queueUnbind, .exchangeDeclare, .exchangeDelete, .exchangeBind,
            .exchangeUnbind:
            guard configuration.recovery.isEnabled, !channel.isScratch else { return }
            state.withLockedValue { $0.topology.done(method, reply: reply, channel: channel.id) }
        default: break
        }
    }

    /// Returns the queue that a name stands for; the empty name stands for the queue that the channel declared last.
    func queueName(_ name: Name, on channel: ChannelCore) -> Name {
        guard name.isEmpty else { return name }
        return state.withLockedValue { $0.topology.queueName(name, channel: channel.id) }
    }

    func consumerStarted(_ consumer: ConsumerQueue) {
        let key = TopologyRecord.Consumer(channel: consumer.channel.id, tag: consumer.tag)
        state.withLockedValue { $0.topology.consumerStarted(key, queue: consumer.queueName) }
    }

    func consumerEnded(_ consumer: ConsumerQueue) {
        let key = TopologyRecord.Consumer(channel: consumer.channel.id, tag: consumer.tag)
        state.withLockedValue { $0.topology.consumerEnded(key) }
    }

    /// A queue whose name the broker chose has a new name.
    func queueRenamed(_ old: Name, to new: Name) {
        let channels = state.withLockedValue { state in
            state.topology.renamed(old, to: new)
            return state.channels.all
        }
        for channel in channels { channel.queueRenamed(old, to: new) }
        log(.queueRenamed(old, to: new))
    }

    // MARK: Events

    func note(_ kind: ClientEvent.Kind, channel: UInt16? = nil) {
        observe(kind, channel: channel)
        guard let registry else { return }
        registry.publish(
            ClientEvent(
                at: wallClock(),
                connectionID: id,
                connectionName: name,
                clientName: configuration.connectionName,
                virtualHost: configuration.virtualHost,
                user: configuration.username,
                channel: channel,
                kind: kind
            )
        )
    }
}
