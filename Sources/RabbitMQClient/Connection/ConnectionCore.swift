import AMQPWire
import DequeModule
import Logging
import Metrics
import NIOConcurrencyHelpers
import NIOCore
import Names

/// The state of a connection behind a lock, shared by its channels and its handler. It outlives its sockets: the
/// machine, the handler and the content of the outbox belong to the current socket.
final class ConnectionCore: Sendable {
    struct State {
        // Of the current socket.
        var machine: ConnectionMachine
        var tuning = ConnectionMachine.Tuning(channelMax: 0, frameMax: 0, heartbeat: 0)
        var serverProperties: FieldTable = [:]
        var name: String
        var endpoint: Endpoint?
        /// The number of sockets so far; the first is 1.
        var socketNumber = 0
        var blockedReason: String?
        var opening: Result<Void, ClientError>?
        var openWaiter: Waiter<Result<Void, ClientError>>?
        var secretWaiters: Deque<SecretWaiter> = []
        var hasSocket = false
        var socketWaiters = WaiterList<Void>()

        // Of the connection as the application sees it.
        var phase = Phase.idle
        /// The connection is lost and its channels are being suspended. The new state is not published before all of
        /// them are.
        var isSuspending = false
        var recovery = RecoveryMachine()
        var supervisor: Task<Void, Never>?
        var latecomers: Task<Void, Never>?
        var loss: RecoveryReport?
        var lastRecovery: RecoveryReport?
        var recoveries = 0
        /// The application has requested the close.
        var isGivenUp = false
        var finalError: ClientError?
        var password: String
        var topology = TopologyRecord()
        /// Tasks that wait for the connection to open, for the first time or again.
        var readyWaiters = WaiterList<Result<Void, ClientError>>()
        var listeners: [UInt64: AsyncStream<ConnectionState>.Continuation] = [:]
        var nextListener: UInt64 = 0
        var channels: [UInt16: ChannelCore] = [:]
        var nextChannelID: UInt64 = 0
        var lowestFree: UInt16 = 1
        var highestUsed: UInt16 = 0
        var closedChannels: Deque<ChannelReport> = []
        var closeWaiters = WaiterList<CloseReason?>()
        var openedAt: Double?
        var closedAt: Double?
        var lastError: ErrorReport?
        /// The counts already reported to the metrics.
        var counted = ConnectionTally()
        /// The counts of closed channels.
        var closedCounts = MessageCounts()
        var startedAt: NIODeadline?
        var bytesIn: UInt64 = 0
        var bytesOut: UInt64 = 0
        var framesIn: UInt64 = 0
    }

    enum Phase {
        /// Not started.
        case idle
        case connecting
        case open
        case recovering(attempt: Int, delay: Duration, error: ClientError)
        case closed(CloseReason)
    }

    struct SecretWaiter {
        var deadline: NIODeadline
        /// Nil once the deadline has passed; the reply may still arrive.
        var waiter: Waiter<Result<Void, ClientError>>?
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
    let proposal: ConnectionMachine.Proposal
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
        let proposal = ConnectionMachine.Proposal(
            channelMax: configuration.channelMax,
            frameMax: configuration.frameMax,
            heartbeat: heartbeat
        )
        self.proposal = proposal
        let name = configuration.endpoints.first.map { "-> \($0)" } ?? "->"
        state = NIOLockedValueBox(
            State(machine: ConnectionMachine(proposal: proposal), name: name, password: configuration.password)
        )
        let handler = NIOLoopBoundBox.makeEmptyBox(valueType: ConnectionHandler.self, eventLoop: eventLoop)
        self.handler = handler
        flush = { handler.value?.flush() }
    }

    var name: String { state.withLockedValue { $0.name } }
    var tuning: ConnectionMachine.Tuning { state.withLockedValue { $0.tuning } }
    var serverProperties: FieldTable { state.withLockedValue { $0.serverProperties } }
    var blockedReason: String? { state.withLockedValue { $0.blockedReason } }
    var isOpen: Bool {
        state.withLockedValue { if case .open = $0.phase { true } else { false } }
    }
    var closeReason: CloseReason? {
        state.withLockedValue { if case .closed(let reason) = $0.phase { reason } else { nil } }
    }

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
                if isGivenUp, let reason = state.withLockedValue({ $0.machine.endReason }) {
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
            guard case .open(let tuning) = state.machine.state else { return .failure(.suspended) }
            if case .open = state.phase {} else if !isScratch { return .failure(.suspended) }
            let limit = tuning.channelMax == 0 ? UInt16.max : tuning.channelMax
            var number = state.lowestFree
            while state.channels[number] != nil, number < limit { number += 1 }
            guard number <= limit, state.channels[number] == nil else {
                return .failure(
                    ClientError(.channelsExhausted, "All \(limit) channels of this connection are in use.")
                )
            }
            state.lowestFree = number == .max ? number : number + 1
            state.highestUsed = max(state.highestUsed, number)
            state.nextChannelID += 1
            let channel = ChannelCore(
                id: state.nextChannelID,
                number: number,
                frameMax: tuning.frameMax,
                connection: self,
                isScratch: isScratch
            )
            state.channels[number] = channel
            return .success(channel)
        }
    }

    /// Returns the channel of a number, and whether the number was ever used.
    func channel(_ number: UInt16) -> (core: ChannelCore?, wasUsed: Bool) {
        state.withLockedValue { ($0.channels[number], number <= $0.highestUsed) }
    }

    /// Removes a channel that is closed on both sides.
    func release(_ channel: ChannelCore) {
        let last = channel.report()
        let counts = channel.takeUncounted()
        metrics?.add(counts.added)
        state.withLockedValue { state in
            guard state.channels[channel.number] === channel else { return }
            state.closedCounts.add(counts.total)
            state.channels[channel.number] = nil
            state.lowestFree = min(state.lowestFree, channel.number)
            state.topology.channelClosed(channel.id)
            guard !channel.isScratch else { return }
            state.closedChannels.append(last)
            while state.closedChannels.count > registry?.keptClosed ?? 0 { state.closedChannels.removeFirst() }
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
