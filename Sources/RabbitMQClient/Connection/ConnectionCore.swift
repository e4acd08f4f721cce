import AMQPWire
import DequeModule
import Logging
import Metrics
import NIOConcurrencyHelpers
import NIOCore
import Names

/// A connection's state behind a lock, what its channels and its handler share. It outlives its sockets: the machine,
/// the handler and what is in the outbox are those of the present one.
final class ConnectionCore: Sendable {
    struct State {
        // The present socket's.
        var machine: ConnectionMachine
        var tuning = ConnectionMachine.Tuning(channelMax: 0, frameMax: 0, heartbeat: 0)
        var serverProperties: FieldTable = [:]
        var name: String
        var endpoint: Endpoint?
        /// Counts the sockets, from 1.
        var socketNumber = 0
        var blockedReason: String?
        var opening: Result<Void, ClientError>?
        var openWaiter: UnsafeContinuation<Result<Void, ClientError>, Never>?
        var secretWaiters: Deque<SecretWaiter> = []
        var hasSocket = false
        var socketWaiters: [UnsafeContinuation<Void, Never>] = []

        // The connection's as the application knows it.
        var phase = Phase.idle
        /// Lost, and its channels are just being told to wait: nobody is to know before all of them do.
        var isSuspending = false
        var recovery = RecoveryMachine()
        var supervisor: Task<Void, Never>?
        var latecomers: Task<Void, Never>?
        var loss: RecoveryReport?
        var lastRecovery: RecoveryReport?
        var recoveries = 0
        /// The application asked for the end.
        var isGivenUp = false
        var finalError: ClientError?
        var password: String
        var topology = TopologyRecord()
        var readyWaiters: [ReadyWaiter] = []
        var listeners: [UInt64: AsyncStream<ConnectionState>.Continuation] = [:]
        var nextListener: UInt64 = 0
        var channels: [UInt16: ChannelCore] = [:]
        var nextChannelID: UInt64 = 0
        var lowestFree: UInt16 = 1
        var highestUsed: UInt16 = 0
        var closedChannels: Deque<ChannelReport> = []
        var closeWaiters: [CloseWaiter] = []
        var openedAt: Double?
        var closedAt: Double?
        var lastError: ErrorReport?
        /// What the metrics know already.
        var counted = ConnectionTally()
        /// What the channels counted that have closed.
        var closedCounts = ChannelCore.Counts()
        var startedAt: NIODeadline?
        var bytesIn: UInt64 = 0
        var bytesOut: UInt64 = 0
        var framesIn: UInt64 = 0
    }

    enum Phase {
        /// Not begun.
        case idle
        case connecting
        case open
        case recovering(attempt: Int, delay: Duration, error: ClientError)
        case closed(CloseReason)
    }

    /// Who waits for the connection to be open, again or for the first time.
    struct ReadyWaiter {
        var token: UInt64
        var continuation: UnsafeContinuation<Result<Void, ClientError>, Never>
    }

    struct SecretWaiter {
        var deadline: NIODeadline
        /// Nil once the deadline passed; the answer may still come.
        var continuation: UnsafeContinuation<Result<Void, ClientError>, Never>?
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
    /// The handler, reachable on the event loop alone.
    let handler: NIOLoopBoundBox<ConnectionHandler?>
    /// What `wake` has the event loop do: made once.
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

    /// One turn of the event loop writes all that is in the outbox by then.
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
                // Its end is under way, or its loss has just been noticed.
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
                    // The broker may open it yet: it is closed then, and its number free again with the answer.
                    channel.beginClose(code: 200, text: "No longer wanted")
                    throw error
                }
                return channel
            }
        }
    }

    /// A channel of the recovery's own.
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

    /// The channel of a number, and whether the number was ever used.
    func channel(_ number: UInt16) -> (core: ChannelCore?, wasUsed: Bool) {
        state.withLockedValue { ($0.channels[number], number <= $0.highestUsed) }
    }

    /// The channel is closed on both sides.
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

    /// The broker carried out a request: recovery will repeat it where it made something.
    func done(_ method: Method, reply: Method, on channel: ChannelCore) {
        switch method {
        case .queueDeclare, .queueDelete, .queueBind, .queueUnbind, .exchangeDeclare, .exchangeDelete, .exchangeBind,
            .exchangeUnbind:
            guard configuration.recovery.isEnabled, !channel.isScratch else { return }
            state.withLockedValue { $0.topology.done(method, reply: reply, channel: channel.id) }
        default: break
        }
    }

    /// The queue that a name stands for; an empty one for the queue that the channel declared last.
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
