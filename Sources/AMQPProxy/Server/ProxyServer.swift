import Faults
import Foundation
import NIOConcurrencyHelpers
import NIOCore
import NIOPosix
import NIOSSL
import Names

/// A proxy for AMQP 0-9-1 that parses its frames. It connects every client to the broker over a separate connection,
/// and follows the traffic. Without faults it changes nothing.
///
/// It runs from `start` to `stop`; both sockets of a session are on one event loop.
public final class ProxyServer: Sendable {
    struct State {
        var listener: (any Channel)?
        var sessions: [UInt64: NIOLoopBound<ProxySession>] = [:]
        var nextSession: UInt64 = 1
        var accepted: UInt64 = 0
        var isStopped = false
        /// Waits for the broker to come back.
        var upstreamWatch: Task<Void, Never>?
        var emptied: [CheckedContinuation<Void, Never>] = []
        var faults: [ProxyFault] = []
        var lastFault: ProxyFault.ID = 0
        /// Why faults are refused, after the broker revealed its cluster.
        var refusal: FaultError?
    }

    /// Reading stops while more bytes than the upper mark wait to be written to the other side, and resumes at the
    /// lower mark.
    static let waterMark = ChannelOptions.Types.WriteBufferWaterMark(low: 1 << 16, high: 1 << 18)

    let configuration: ProxyConfiguration
    /// What the sessions share of the faults; the only lock that a session's machine depends on.
    let counters = NIOLockedValueBox(FaultCounters())
    private let group: any EventLoopGroup
    private let reservation: PortReservation
    let state = NIOLockedValueBox(State())
    private let feed: AsyncStream<ProxyEvent>.Continuation
    /// The events of the sessions, for one reader; if more than 10,000 are unread, the oldest are lost.
    public let events: AsyncStream<ProxyEvent>

    /// Ends when faults are refused.
    let refusals: AsyncStream<Void>
    let onRefusal: AsyncStream<Void>.Continuation

    private init(_ configuration: ProxyConfiguration, group: any EventLoopGroup, reservation: PortReservation) {
        self.configuration = configuration
        self.group = group
        self.reservation = reservation
        (refusals, onRefusal) = AsyncStream.makeStream()
        (events, feed) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(10_000))
    }

    /// Starts to listen. The broker need not be reachable yet. Throws `ProxyFailure` if the address cannot be bound.
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

    /// Creates the session of an accepted connection; nil if the proxy has stopped.
    private func admit(_ channel: any Channel) -> ProxySession? {
        state.withLockedValue { state in
            guard !state.isStopped else { return nil }
            let id = state.nextSession
            state.nextSession += 1
            state.accepted += 1
            let session = ProxySession(id: id, server: self, client: channel)
            let bound = NIOLoopBound(session, eventLoop: channel.eventLoop)
            state.sessions[id] = bound
            // A socket that the listener drops while it closes becomes neither active nor inactive.
            channel.closeFuture.whenComplete { _ in
                if !bound.value.isAccepted { _ = self.remove(id) }
            }
            return session
        }
    }

    /// Removes a session.
    ///
    /// - Returns: whether it was present.
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

    /// Handles a failed connection to the broker: if so configured, the proxy stops listening until one succeeds.
    func upstreamIsAway() {
        guard configuration.whenAway == .refuse else { return }
        state.withLockedValue { state in
            guard !state.isStopped, state.upstreamWatch == nil, let listener = state.listener else { return }
            state.listener = nil
            // `stop` cancels it and waits for it.
            state.upstreamWatch = Task {
                try? await listener.close().get()
                await self.waitForUpstream()
            }
        }
    }

    private func waitForUpstream() async {
        while !Task.isCancelled {
            try? await Task.sleep(for: .milliseconds(100))
            if await isUpstreamThere() {
                state.withLockedValue { $0.upstreamWatch = nil }
                do {
                    return try await listen()
                } catch {
                    // Another process took the port for a moment, so it is tried again.
                    // `stop` cancels this one, too.
                    state.withLockedValue { $0.upstreamWatch = Task { await self.waitForUpstream() } }
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

    /// The number of connections accepted since the start.
    public var accepted: UInt64 { state.withLockedValue { $0.accepted } }

    /// Returns the current state of every session, ordered by number.
    public func sessions() async -> [SessionReport] {
        await onEach { $0.report }.sorted { $0.id < $1.id }
    }

    /// Returns sessions with a larger number in order, as many as fit one answer, and whether those are all.
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

    /// Returns a session with its channels of larger numbers, as many as fit one answer; nil if there is no such
    /// session.
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

    /// Runs a body on every session, on its event loop.
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

    /// Injects a close into one channel. If a message is partly transmitted on it, the close follows the message.
    ///
    /// - Returns: false if there is no such session, or it has no such open channel.
    public func closeChannel(_ number: UInt16, of id: UInt64, _ request: ChannelCloseRequest) async -> Bool {
        guard let session = session(id) else { return false }
        return (try? await session.eventLoop.submit { session.value.closeChannel(number, request) }.get()) ?? false
    }

    /// Closes a session: both sides receive a close with this code, and after `timeout` their sockets are closed in any
    /// case.
    ///
    /// - Returns: false if there is no such session.
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

    /// Stops the proxy: it no longer accepts connections, closes clients with 320 CONNECTION_FORCED, and closes the
    /// connections to the broker in order. Returns when all sockets are closed, shortly after `timeout` at the latest.
    public func stop(timeout: Duration = .seconds(1)) async {
        let (listener, upstreamWatch, sessions) = state.withLockedValue { state in
            state.isStopped = true
            defer {
                state.listener = nil
                state.upstreamWatch = nil
            }
            return (state.listener, state.upstreamWatch, Array(state.sessions.keys))
        }
        upstreamWatch?.cancel()
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
        await upstreamWatch?.value
        reservation.release()
        feed.finish()
        onRefusal.finish()
    }

    // MARK: Words

    static func wallClock() -> Double { Date().timeIntervalSince1970 }

    /// Returns a readable description of a socket error.
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
