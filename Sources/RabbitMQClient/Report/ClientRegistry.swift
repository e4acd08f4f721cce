import DequeModule
import Foundation
import NIOConcurrencyHelpers
import Synchronization

/// The connections of a process or of one part of it, with a report of their state and a stream of their events.
///
/// Pass it to `Connection.connect`. Reading a report takes only short locks. Closed connections and channels stay in
/// the report for `keptSeconds`, with the reason why they closed.
public final class ClientRegistry: Sendable {
    private struct State {
        var connections: [UInt64: ConnectionCore] = [:]
        var closed: Deque<ConnectionReport> = []
        var pools: [UInt64: @Sendable () -> PoolReport?] = [:]
        var listeners: [UInt64: AsyncStream<ClientEvent>.Continuation] = [:]
        var nextListener: UInt64 = 0
    }

    /// A registry shared by the whole process.
    public static let shared = ClientRegistry()

    /// The maximum number of closed connections, and of closed channels of each connection, that are kept.
    public let keptClosed: Int
    /// How long closed connections and channels are kept, in seconds.
    public let keptSeconds: Double

    private let state = NIOLockedValueBox(State())
    private static let connectionIDs = Atomic<UInt64>(0)
    private static let poolIDs = Atomic<UInt64>(0)

    /// Creates a registry.
    public init(keptClosed: Int = 64, keptSeconds: Double = 60) {
        self.keptClosed = max(0, keptClosed)
        self.keptSeconds = max(0, keptSeconds)
    }

    /// Returns a report of the current state.
    public func report() -> ClientReport {
        let now = Self.wallClock()
        let (cores, closed, pools) = state.withLockedValue { state in
            state.closed.removeAll { now - ($0.closedAt ?? now) > keptSeconds }
            return (state.connections.values.sorted { $0.id < $1.id }, Array(state.closed), Array(state.pools.values))
        }
        let open = cores.map { $0.report(now: now) }
        let openIDs = Set(open.map(\.id))
        return ClientReport(
            madeAt: now,
            process: .current,
            connections: open + closed.filter { !openIDs.contains($0.id) },
            pools: pools.compactMap { $0() }.sorted { $0.id < $1.id }
        )
    }

    /// Returns the events from now on. A listener that is more than `capacity` events behind loses the oldest ones. The
    /// stream ends with the task that iterates it, or with the registry.
    public func events(capacity: Int = 1024) -> AsyncStream<ClientEvent> {
        let (stream, continuation) = AsyncStream.makeStream(
            of: ClientEvent.self,
            bufferingPolicy: .bufferingNewest(max(1, capacity))
        )
        let id = state.withLockedValue { state in
            state.nextListener += 1
            state.listeners[state.nextListener] = continuation
            return state.nextListener
        }
        continuation.onTermination = { [weak self] _ in
            self?.state.withLockedValue { $0.listeners[id] = nil }
        }
        return stream
    }

    deinit {
        for listener in state.withLockedValue({ $0.listeners.values }) { listener.finish() }
    }

    static func makeConnectionID() -> UInt64 { connectionIDs.add(1, ordering: .relaxed).newValue }

    /// The current time, in seconds since 1970.
    static func wallClock() -> Double { Date().timeIntervalSince1970 }

    func add(_ core: ConnectionCore) {
        state.withLockedValue { $0.connections[core.id] = core }
    }

    /// Removes a connection that has ended and keeps its last report. A connection that was never open has none.
    func remove(_ id: UInt64, last: ConnectionReport?) {
        state.withLockedValue { state in
            state.connections[id] = nil
            guard let last else { return }
            state.closed.append(last)
            while state.closed.count > keptClosed { state.closed.removeFirst() }
        }
    }

    static func makePoolID() -> UInt64 { poolIDs.add(1, ordering: .relaxed).newValue }

    /// Adds a pool; `report` returns nil once the pool has ended.
    func addPool(_ id: UInt64, _ report: @escaping @Sendable () -> PoolReport?) {
        state.withLockedValue { $0.pools[id] = report }
    }

    func removePool(_ id: UInt64) {
        state.withLockedValue { $0.pools[id] = nil }
    }

    func core(ofConnection id: UInt64) -> ConnectionCore? {
        state.withLockedValue { $0.connections[id] }
    }

    func publish(_ event: ClientEvent) {
        let listeners = state.withLockedValue { Array($0.listeners.values) }
        for listener in listeners { listener.yield(event) }
    }
}

extension ClientRegistry {
    /// Returns the channel with these identifiers of a report (`ConnectionReport.id` and `ChannelReport.id`), for tools
    /// that act on channels which others opened; nil if it does not exist any more.
    public func channel(_ channel: UInt64, ofConnection connection: UInt64) -> Channel? {
        guard let core = core(ofConnection: connection) else { return nil }
        let found = core.allChannels.first { $0.id == channel }
        return found.map(Channel.init)
    }
}
