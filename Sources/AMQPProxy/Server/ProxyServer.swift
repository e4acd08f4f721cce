import Faults
import Foundation
import NIOConcurrencyHelpers
import NIOCore
import NIOPosix
import NIOSSL
import Names

/// A proxy for AMQP 0-9-1 that knows its frames: every client that connects is led to the broker over a connection of its
/// own, and what passes is followed. With nothing asked of it, it changes nothing.
///
/// It lives from `start` to `stop`; both ends of a session are on one event loop.
public final class ProxyServer: Sendable {
    struct State {
        var listener: (any Channel)?
        var sessions: [UInt64: NIOLoopBound<ProxySession>] = [:]
        var nextSession: UInt64 = 1
        var accepted: UInt64 = 0
        var isStopped = false
        /// Waits for the broker to come back.
        var lookout: Task<Void, Never>?
        var emptied: [CheckedContinuation<Void, Never>] = []
        var faults: [ProxyFault] = []
        /// Why no fault may strike, since the broker said which it is.
        var refusal: FaultError?
    }

    /// Reading stops while more bytes than the upper are still to be written to the other side, and goes on at the lower.
    static let waterMark = ChannelOptions.Types.WriteBufferWaterMark(low: 1 << 16, high: 1 << 18)

    let configuration: ProxyConfiguration
    /// What faults keep of all sessions.
    let heldRoom = HeldRoom(limit: HeldRoom.ofAll)
    private let group: any EventLoopGroup
    private let reservation: PortReservation
    let state = NIOLockedValueBox(State())
    private let feed: AsyncStream<ProxyEvent>.Continuation
    /// What happens in the sessions, for one reader; of more than 10,000 that it has not read the oldest are lost.
    public let events: AsyncStream<ProxyEvent>

    /// Ends when no fault may strike any more.
    let refusals: AsyncStream<Void>
    let onRefusal: AsyncStream<Void>.Continuation

    private init(_ configuration: ProxyConfiguration, group: any EventLoopGroup, reservation: PortReservation) {
        self.configuration = configuration
        self.group = group
        self.reservation = reservation
        (refusals, onRefusal) = AsyncStream.makeStream()
        (events, feed) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(10_000))
    }

    /// Listens. The broker need not be there yet. Throws `ProxyFailure` when the address cannot be had.
    public static func start(
        _ configuration: ProxyConfiguration, on group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton
    ) async throws -> ProxyServer {
        let (host, port) = configuration.listen
        do {
            let address = try SocketAddress.makeAddressResolvingHost(host, port: port)
            let server = ProxyServer(configuration, group: group, reservation: try PortReservation(address))
            try await server.listen()
            return server
        } catch {
            throw ProxyFailure("cannot listen on \(String(host: host, port: port)): \(words(error))")
        }
    }

    /// The port that clients connect to.
    public var port: Int { reservation.address.port ?? 0 }

    // MARK: Listening

    private func listen() async throws {
        let configuration = self.configuration
        let listener = try await ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 1024)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.autoRead, value: false)
            .childChannelOption(.socketOption(.tcp_nodelay), value: 1)
            .childChannelOption(.writeBufferWaterMark, value: Self.waterMark)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    if let tls = configuration.listenTLS {
                        try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: tls))
                    }
                    guard let session = self.admit(channel) else { throw ChannelError.ioOnClosedChannel }
                    try channel.pipeline.syncOperations.addHandler(RelayHandler(session, side: .client))
                }
            }
            .bind(to: reservation.address).get()
        let isStopped = state.withLockedValue { state in
            state.listener = state.isStopped ? nil : listener
            return state.isStopped
        }
        if isStopped { try? await listener.close().get() }
    }

    /// Nil when it has stopped.
    private func admit(_ channel: any Channel) -> ProxySession? {
        state.withLockedValue { state in
            guard !state.isStopped else { return nil }
            let id = state.nextSession
            state.nextSession += 1
            state.accepted += 1
            let session = ProxySession(id: id, server: self, client: channel)
            let bound = NIOLoopBound(session, eventLoop: channel.eventLoop)
            state.sessions[id] = bound
            // A socket that the listener drops as it closes never becomes active, nor inactive.
            channel.closeFuture.whenComplete { _ in
                if !bound.value.isAccepted { _ = self.remove(id) }
            }
            return session
        }
    }

    /// - Returns: whether it was there.
    func remove(_ session: UInt64) -> Bool {
        let (wasThere, waiters) = state.withLockedValue { state in
            let wasThere = state.sessions.removeValue(forKey: session) != nil
            guard state.sessions.isEmpty else { return (wasThere, [CheckedContinuation<Void, Never>]()) }
            defer { state.emptied.removeAll() }
            return (wasThere, state.emptied)
        }
        for waiter in waiters { waiter.resume() }
        return wasThere
    }

    /// A connect to the broker failed: until one succeeds nobody is let in, if that is wanted.
    func upstreamIsAway() {
        guard configuration.whenAway == .refuse else { return }
        state.withLockedValue { state in
            guard !state.isStopped, state.lookout == nil, let listener = state.listener else { return }
            state.listener = nil
            state.lookout = Task {
                try? await listener.close().get()
                await self.waitForUpstream()
            }
        }
    }

    private func waitForUpstream() async {
        while !Task.isCancelled {
            try? await Task.sleep(for: .milliseconds(100))
            if await isUpstreamThere() {
                state.withLockedValue { $0.lookout = nil }
                do {
                    return try await listen()
                } catch {
                    // Somebody took the port for a moment: it is tried again.
                    state.withLockedValue { $0.lookout = Task { await self.waitForUpstream() } }
                    return
                }
            }
        }
    }

    private func isUpstreamThere() async -> Bool {
        let (host, port) = configuration.upstream
        let probe = ClientBootstrap(group: group).connectTimeout(.seconds(1))
        guard let channel = try? await probe.connect(host: host, port: port).get() else { return false }
        try? await channel.close().get()
        return true
    }

    // MARK: Telling and asking

    func tell(_ event: ProxyEvent) { feed.yield(event) }

    /// Connections that came, ever.
    public var accepted: UInt64 { state.withLockedValue { $0.accepted } }

    /// Every session as it stands, by its number.
    public func sessions() async -> [SessionReport] {
        await onEach { $0.report }.sorted { $0.id < $1.id }
    }

    /// Sessions with a larger number, in their order, as many as go into one answer, and whether those are all.
    func reports(after first: UInt64) async -> (reports: [SessionReport], isWhole: Bool) {
        var budget = ReportBudget.ofAnswer
        var reports: [SessionReport] = []
        let numbers = state.withLockedValue { $0.sessions.keys.filter { $0 > first } }.sorted()
        for number in numbers {
            guard budget.isLeft else { return (reports, false) }
            guard let (report, left) = await report(of: number, after: 0, budget) else { continue }
            reports.append(report)
            budget = left
        }
        return (reports, true)
    }

    /// One session with its channels of larger numbers, as many as go into one answer; nil when there is none.
    func report(of id: UInt64, after channel: UInt16 = 0) async -> SessionReport? {
        await report(of: id, after: channel, .ofAnswer)?.0
    }

    private func report(
        of id: UInt64, after channel: UInt16, _ budget: ReportBudget
    ) async -> (SessionReport, left: ReportBudget)? {
        guard let session = session(id) else { return nil }
        return try? await session.eventLoop.submit {
            var budget = budget
            return (session.value.report(after: channel, &budget), budget)
        }.get()
    }

    /// Does this with every session, on its event loop.
    func onEach<Value: Sendable>(_ work: @escaping @Sendable (ProxySession) -> Value) async -> [Value] {
        var byLoop: [ObjectIdentifier: (any EventLoop, [NIOLoopBound<ProxySession>])] = [:]
        for session in state.withLockedValue({ Array($0.sessions.values) }) {
            byLoop[ObjectIdentifier(session.eventLoop), default: (session.eventLoop, [])].1.append(session)
        }
        var values: [Value] = []
        for (loop, sessions) in byLoop.values {
            values += (try? await loop.submit { sessions.map { work($0.value) } }.get()) ?? []
        }
        return values
    }

    private func session(_ id: UInt64) -> NIOLoopBound<ProxySession>? {
        state.withLockedValue { $0.sessions[id] }
    }

    // MARK: Commands

    /// Puts a close into one channel. Where a message is in mid-flight there, it is put in behind it.
    ///
    /// - Returns: false when there is no such session, or it has no such open channel.
    public func closeChannel(_ number: UInt16, of id: UInt64, _ request: ChannelCloseRequest) async -> Bool {
        guard let session = session(id) else { return false }
        return (try? await session.eventLoop.submit { session.value.closeChannel(number, request) }.get()) ?? false
    }

    /// Closes a session: both sides are told with this code, and after `timeout` their sockets end anyhow.
    ///
    /// - Returns: false when there is no such session.
    public func closeConnection(
        _ id: UInt64, code: UInt16, text: String, timeout: Duration = .seconds(1)
    ) async -> Bool {
        guard let session = session(id) else { return false }
        let time = TimeAmount(timeout)
        let done: Void? = try? await session.eventLoop.submit {
            session.value.closeConnection(code: code, text: text, within: time)
        }.get()
        return done != nil
    }

    /// Ends the proxy: nobody is let in, clients are told 320 CONNECTION_FORCED and the broker an orderly end. Returns when all
    /// sockets are closed, a little after `timeout` at the latest.
    public func stop(timeout: Duration = .seconds(1)) async {
        let (listener, lookout, sessions) = state.withLockedValue { state in
            state.isStopped = true
            defer {
                state.listener = nil
                state.lookout = nil
            }
            return (state.listener, state.lookout, Array(state.sessions.keys))
        }
        lookout?.cancel()
        try? await listener?.close().get()
        for id in sessions {
            _ = await closeConnection(
                id, code: 320, text: "CONNECTION_FORCED - the proxy is stopping", timeout: timeout)
        }
        await withCheckedContinuation { continuation in
            let isEmpty = state.withLockedValue { state in
                if !state.sessions.isEmpty { state.emptied.append(continuation) }
                return state.sessions.isEmpty
            }
            if isEmpty { continuation.resume() }
        }
        await lookout?.value
        reservation.release()
        feed.finish()
        onRefusal.finish()
    }

    // MARK: Words

    static func wallClock() -> Double { Date().timeIntervalSince1970 }

    /// What a person understands of an error of the sockets.
    static func words(_ error: any Error) -> String {
        switch error {
        case let error as NIOConnectionError:
            if let first = error.connectionErrors.first { return words(first.error) }
            return error.dnsAError != nil ? "there is no host \(error.host)" : "it did not answer"
        case let error as IOError: return String(cString: strerror(error.errnoCode))
        case is SocketAddressError: return "there is no such host"
        case ChannelError.connectTimeout: return "it did not answer in time"
        default: return "\(error)"
        }
    }
}
