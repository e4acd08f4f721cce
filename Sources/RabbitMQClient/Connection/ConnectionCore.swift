import AMQPWire
import DequeModule
import Logging
import NIOConcurrencyHelpers
import NIOCore

/// One connection's state behind a lock, what its channels and its handler share.
final class ConnectionCore: Sendable {
    struct State {
        var machine: ConnectionMachine
        var tuning = ConnectionMachine.Tuning(channelMax: 0, frameMax: 0, heartbeat: 0)
        var serverProperties: FieldTable = [:]
        var name: String
        var blockedReason: String?
        var channels: [UInt16: ChannelCore] = [:]
        var nextChannelID: UInt64 = 0
        var lowestFree: UInt16 = 1
        var highestUsed: UInt16 = 0
        var closedChannels: Deque<ChannelReport> = []
        var opening: Result<Void, ClientError>?
        var openWaiter: UnsafeContinuation<Result<Void, ClientError>, Never>?
        var secretWaiters: Deque<SecretWaiter> = []
        var closeWaiters: [CloseWaiter] = []
        var closedAt: Double?
        var lastError: ErrorReport?
        var bytesIn: UInt64 = 0
        var bytesOut: UInt64 = 0
        var framesIn: UInt64 = 0
        var isGivenUp = false
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
    let registry: ClientRegistry?
    let eventLoop: any EventLoop
    let outbox = Outbox()
    let operationTimeout: TimeAmount
    let publishTimeout: TimeAmount
    let openedAt: Double
    let state: NIOLockedValueBox<State>
    /// The handler, reachable on the event loop alone.
    let handler: NIOLoopBoundBox<ConnectionHandler?>

    init(
        _ configuration: ConnectionConfiguration,
        eventLoop: any EventLoop,
        logger: Logger,
        registry: ClientRegistry?
    ) {
        id = ClientRegistry.makeConnectionID()
        self.configuration = configuration
        self.eventLoop = eventLoop
        self.logger = logger
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
        state = NIOLockedValueBox(
            State(
                machine: ConnectionMachine(proposal: proposal),
                name: "-> \(configuration.host):\(configuration.port)"
            )
        )
        handler = NIOLoopBoundBox.makeEmptyBox(valueType: ConnectionHandler.self, eventLoop: eventLoop)
    }

    var name: String { state.withLockedValue { $0.name } }
    var tuning: ConnectionMachine.Tuning { state.withLockedValue { $0.tuning } }
    var serverProperties: FieldTable { state.withLockedValue { $0.serverProperties } }
    var blockedReason: String? { state.withLockedValue { $0.blockedReason } }
    var isOpen: Bool {
        state.withLockedValue { if case .open = $0.machine.state { true } else { false } }
    }
    var closeReason: CloseReason? {
        state.withLockedValue { state in
            switch state.machine.state {
            case .closing(let reason, _), .ending(let reason), .closed(let reason): reason
            case .idle, .awaitingStart, .awaitingTune, .awaitingOpenOk, .open: nil
            }
        }
    }

    func wallClock() -> Double { ClientRegistry.wallClock() }

    // MARK: The event loop

    /// One turn of the event loop writes all that is in the outbox by then.
    func wake() {
        eventLoop.execute { self.handler.value?.flush() }
    }

    func pauseReading() {
        eventLoop.execute { self.handler.value?.pauseReading() }
    }

    func resumeReading() {
        eventLoop.execute { self.handler.value?.resumeReading() }
    }

    // MARK: Channels

    func openChannel() async throws(ClientError) -> ChannelCore {
        let channel = try makeChannel().get()
        do throws(ClientError) {
            _ = try await channel.call(.channelOpen)
        } catch {
            // The broker may open it yet: it is closed then, and its number free again with the answer.
            channel.beginClose(code: 200, text: "No longer wanted")
            throw error
        }
        return channel
    }

    private func makeChannel() -> Result<ChannelCore, ClientError> {
        state.withLockedValue { state in
            guard case .open(let tuning) = state.machine.state else {
                let reason: CloseReason =
                    switch state.machine.state {
                    case .closing(let reason, _), .ending(let reason), .closed(let reason): reason
                    case .idle, .awaitingStart, .awaitingTune, .awaitingOpenOk, .open: .noLongerAwaited(.connection)
                    }
                return .failure(.closed(reason, MethodID(classID: 20, methodID: 10)))
            }
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
                connection: self
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
        state.withLockedValue { state in
            state.channels[channel.number] = nil
            state.lowestFree = min(state.lowestFree, channel.number)
            state.closedChannels.append(last)
            while state.closedChannels.count > registry?.keptClosed ?? 0 { state.closedChannels.removeFirst() }
        }
    }

    // MARK: Events

    func note(_ kind: ClientEvent.Kind, channel: UInt16? = nil) {
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
