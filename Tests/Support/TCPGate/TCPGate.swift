import NIOConcurrencyHelpers
import NIOCore
import NIOPosix

/// A door in the way of a TCP connection, for tests of what a client does on bad days: it listens on a free port of the
/// loopback interface, forwards to a server, and on command resets, closes, holds, loses or cuts what passes through.
///
/// A command has taken effect when it returns. One connection through the gate is a link: a socket to the client, and
/// one to the server.
public final class TCPGate: Sendable {
    /// Which way bytes go.
    public enum Direction: Sendable, Hashable, CaseIterable {
        case toServer
        case toClient
    }

    /// The two sockets of a link.
    public enum Side: Sendable, Hashable, CaseIterable {
        case client
        case server
    }

    /// What happens to bytes in one direction.
    public enum Flow: Sendable, Hashable {
        case pass
        /// Nothing is read: the sender's socket fills up, nothing is lost. Nor is an end of the sender passed on.
        case hold
        /// Read and thrown away: the sender believes that it is heard. Nor is an end of the sender passed on.
        case lose
    }

    /// What becomes of a link whose stream is cut.
    public enum Ending: Sendable, Hashable {
        /// Both sockets end in order, with FIN.
        case close
        /// Both sockets end with RST.
        case reset
        /// That direction is held from here on.
        case hold
    }

    /// What happens to a new connection.
    public enum Admission: Sendable, Hashable {
        case forward
        /// Accepted, and closed before a byte was exchanged.
        case close
        /// Accepted, and reset before a byte was exchanged.
        case reset
        /// Accepted, and left alone.
        case silence
        /// Forwarded, and cut after so many bytes in one direction.
        case cut(Direction, afterBytes: Int, Ending)
    }

    /// What has happened so far, and what is open.
    public struct Counts: Sendable, Hashable {
        /// Connections that came.
        public var accepted = 0
        /// Of these, how many reached the server.
        public var forwarded = 0
        /// Links of which at least one socket is open.
        public var open = 0
        /// Links that were cut after their bytes.
        public var cut = 0
        /// Passed on, in bytes.
        public var bytesToServer: UInt64 = 0
        /// Passed on, in bytes.
        public var bytesToClient: UInt64 = 0
        /// Read and not passed on, in bytes of both directions.
        public var bytesLost: UInt64 = 0
    }

    /// What was awaited did not come.
    public struct NotInTime: Error, CustomStringConvertible {
        public var counts: Counts
        public var description: String { "What was awaited of the TCP gate did not happen: \(counts)" }
    }

    struct State {
        var admission = Admission.forward
        var flows: [Direction: Flow] = [:]
        var counts = Counts()
        var links: [Int: NIOLoopBound<Link>] = [:]
        var nextLink = 0
        var listener: (any Channel)?
        var waiters: [Int: Waiter] = [:]
        var nextWaiter = 0
    }

    struct Waiter {
        var condition: @Sendable (Counts) -> Bool
        var continuation: CheckedContinuation<Void, any Error>
    }

    /// Where clients connect, on 127.0.0.1.
    public var port: Int { reservation.port }
    /// Where the gate leads.
    public let server: (host: String, port: Int)

    let state = NIOLockedValueBox(State())
    let group: any EventLoopGroup
    private let reservation: PortReservation

    private init(server: (host: String, port: Int), group: any EventLoopGroup) throws {
        self.server = server
        self.group = group
        reservation = try PortReservation()
    }

    /// A gate that leads to this server, which need not listen yet.
    public static func open(
        to host: String = "127.0.0.1", port: Int, on group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton
    ) async throws -> TCPGate {
        let gate = try TCPGate(server: (host, port), group: group)
        try await gate.admit()
        return gate
    }

    /// Runs the body with a gate, and ends the gate and all that passes through it.
    public static func with<Value>(
        to host: String = "127.0.0.1", port: Int, _ body: (TCPGate) async throws -> Value
    ) async throws -> Value {
        let gate = try await open(to: host, port: port)
        do {
            let value = try await body(gate)
            await gate.close()
            return value
        } catch {
            await gate.close()
            throw error
        }
    }

    // MARK: New connections

    /// What happens to new connections from now on.
    public var admission: Admission {
        get { state.withLockedValue { $0.admission } }
        set { state.withLockedValue { $0.admission = newValue } }
    }

    /// Nothing listens any more: new connections are refused. What is connected stays.
    public func refuse() async {
        let listener = state.withLockedValue { state in
            defer { state.listener = nil }
            return state.listener
        }
        try? await listener?.close().get()
    }

    /// Listens again after ``refuse()``.
    public func admit() async throws {
        guard state.withLockedValue({ $0.listener == nil }) else { return }
        let listener = try await ServerBootstrap(group: group)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .serverChannelOption(.backlog, value: 256)
            .childChannelOption(.autoRead, value: false)
            .childChannelOption(.socketOption(.tcp_nodelay), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try self.accept(channel) }
            }
            .bind(host: "127.0.0.1", port: port).get()
        state.withLockedValue { $0.listener = listener }
    }

    private func accept(_ channel: any Channel) throws {
        let (link, admission) = state.withLockedValue { state -> (Link, Admission) in
            state.nextLink += 1
            state.counts.accepted += 1
            state.counts.open += 1
            let link = Link(id: state.nextLink, gate: self, client: channel, flows: state.flows)
            state.links[link.id] = NIOLoopBound(link, eventLoop: channel.eventLoop)
            return (link, state.admission)
        }
        try channel.pipeline.syncOperations.addHandler(GateHandler(link, side: .client, admission: admission))
        notify()
    }

    // MARK: Commands

    /// How bytes pass from now on, on all links and on those to come; nil leaves a direction as it is. Held in both
    /// directions, the gate is a black hole.
    public func setFlow(toServer: Flow? = nil, toClient: Flow? = nil) async {
        state.withLockedValue { state in
            if let toServer { state.flows[.toServer] = toServer }
            if let toClient { state.flows[.toClient] = toClient }
        }
        await onLinks { link in
            if let toServer { link.setFlow(.toServer, toServer) }
            if let toClient { link.setFlow(.toClient, toClient) }
        }
    }

    /// A black hole: sockets stay, and nothing passes.
    public func blackHole() async { await setFlow(toServer: .hold, toClient: .hold) }

    /// Everything passes again; what was held comes first, and cuts that are still to come are called off.
    public func restore() async { await setFlow(toServer: .pass, toClient: .pass) }

    /// Passes so many more bytes in that direction on each link there is now, then ends it: mostly in mid-frame.
    public func cut(_ direction: Direction, afterBytes count: Int, _ ending: Ending = .reset) async {
        await onLinks { $0.cut(direction, afterBytes: count, ending) }
    }

    /// Ends these sockets of all links with RST. A socket whose other one is not named stays open, and hears nothing.
    public func reset(_ sides: Set<Side> = [.client, .server]) async { await end(sides, resetting: true) }

    /// Ends these sockets of all links with FIN. A socket whose other one is not named stays open, and hears nothing.
    public func disconnect(_ sides: Set<Side> = [.client, .server]) async { await end(sides, resetting: false) }

    /// Ends with RST those sockets whose other one has ended: what a one-sided ``reset(_:)`` left.
    public func endHalves() async { await onLinks { $0.endHalf() } }

    private func end(_ sides: Set<Side>, resetting: Bool) async {
        await onLinks { $0.end(sides, resetting: resetting) }
    }

    /// Ends the gate: no listener, no links, no port.
    public func close() async {
        await refuse()
        await reset()
        try? await until { $0.open == 0 }
        reservation.release()
    }

    private func onLinks(_ body: @escaping @Sendable (Link) -> Void) async {
        for link in state.withLockedValue({ Array($0.links.values) }) {
            try? await link.eventLoop.submit { body(link.value) }.get()
        }
    }

    // MARK: Watching

    public var counts: Counts { state.withLockedValue { $0.counts } }

    /// Returns when the condition holds; throws ``NotInTime`` after the deadline, and when the task is cancelled.
    public func until(
        within deadline: Duration = .seconds(30), _ condition: @escaping @Sendable (Counts) -> Bool
    ) async throws {
        let id = state.withLockedValue { state in
            state.nextWaiter += 1
            return state.nextWaiter
        }
        let alarm = group.next().scheduleTask(in: TimeAmount(deadline)) { self.giveUp(id) }
        defer { alarm.cancel() }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let holds = state.withLockedValue { state in
                    guard !condition(state.counts) else { return true }
                    state.waiters[id] = Waiter(condition: condition, continuation: continuation)
                    return false
                }
                if holds { continuation.resume() } else if Task.isCancelled { giveUp(id) }
            }
        } onCancel: {
            giveUp(id)
        }
    }

    /// Returns when so many connections have reached the server.
    public func connections(atLeast count: Int) async throws { try await until { $0.forwarded >= count } }

    private func giveUp(_ id: Int) {
        let (waiter, counts) = state.withLockedValue { ($0.waiters.removeValue(forKey: id), $0.counts) }
        waiter?.continuation.resume(throwing: NotInTime(counts: counts))
    }

    func count(_ change: (inout Counts) -> Void) {
        state.withLockedValue { change(&$0.counts) }
        notify()
    }

    private func notify() {
        let satisfied = state.withLockedValue { state -> [Waiter] in
            guard !state.waiters.isEmpty else { return [] }
            let ids = state.waiters.filter { $0.value.condition(state.counts) }.map(\.key)
            return ids.compactMap { state.waiters.removeValue(forKey: $0) }
        }
        for waiter in satisfied { waiter.continuation.resume() }
    }

    func ended(_ link: Int) {
        state.withLockedValue { state in
            guard state.links.removeValue(forKey: link) != nil else { return }
            state.counts.open -= 1
        }
        notify()
    }
}
