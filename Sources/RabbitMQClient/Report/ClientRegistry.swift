import DequeModule
import Foundation
import NIOConcurrencyHelpers
import Synchronization

/// The connections of one process or one purpose, for a report of what they do and a stream of what happens to them.
///
/// Give it to `Connection.connect`. Reading a report takes short locks and disturbs nobody. Closed connections and
/// channels stay in it for a while, so that one sees why they closed.
public final class ClientRegistry: Sendable {
    private struct State {
        var connections: [UInt64: ConnectionCore] = [:]
        var closed: Deque<ConnectionReport> = []
        var pools: [UInt64: @Sendable () -> PoolReport?] = [:]
        var listeners: [UInt64: AsyncStream<ClientEvent>.Continuation] = [:]
        var nextListener: UInt64 = 0
    }

    /// One registry for all who want to share it.
    public static let shared = ClientRegistry()

    /// How many closed connections, and closed channels of each connection, are kept.
    public let keptClosed: Int
    /// How many seconds closed ones are kept.
    public let keptSeconds: Double

    private let state = NIOLockedValueBox(State())
    private static let connectionIDs = Atomic<UInt64>(0)
    private static let poolIDs = Atomic<UInt64>(0)

    public init(keptClosed: Int = 64, keptSeconds: Double = 60) {
        self.keptClosed = max(0, keptClosed)
        self.keptSeconds = max(0, keptSeconds)
    }

    /// Everything at this moment.
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

    /// What happens from now on. A listener that falls more than `capacity` events behind loses the oldest. The stream
    /// ends with the task that iterates it, or with the registry.
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

    /// Seconds since 1970.
    static func wallClock() -> Double { Date().timeIntervalSince1970 }

    func add(_ core: ConnectionCore) {
        state.withLockedValue { $0.connections[core.id] = core }
    }

    /// It ended: its last report is kept. One that never opened leaves without a trace.
    func remove(_ id: UInt64, last: ConnectionReport?) {
        state.withLockedValue { state in
            state.connections[id] = nil
            guard let last else { return }
            state.closed.append(last)
            while state.closed.count > keptClosed { state.closed.removeFirst() }
        }
    }

    static func makePoolID() -> UInt64 { poolIDs.add(1, ordering: .relaxed).newValue }

    /// A pool is there; `report` is nil once it has gone.
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
