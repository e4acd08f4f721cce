import Foundation
import Synchronization

/// Injects faults at all injection points, keeps their records, and undoes them: on request, when their time is up, and
/// when it closes. A failed undo is retried until it succeeds.
public actor FaultRegistry {
    /// An injected fault, and how it is undone.
    struct Entry {
        var record: FaultRecord
        /// The injection; `nil` when there is nothing left to undo or to count.
        var injection: FaultInjection?
        /// Waits for the end of the fault's time, or for the next attempt to undo it.
        var timer: Task<Void, Never>?
        /// The current attempt to undo the fault; concurrent requests wait for it.
        var attempt: Task<Result<FaultRecord, FaultError>, Never>?
        /// The number of failed attempts to undo the fault.
        var failures = 0
        /// Waits until the fault can no longer take effect.
        var watch: Task<Void, Never>?
    }

    /// The state of the registry.
    enum Phase { case open, closing, closed }

    nonisolated let audience = FaultAudience(capacity: 256)
    let clock: FaultClock
    private let injectors: [FaultDescription.InjectionPoint: any FaultInjector]
    private let capacity: Int
    private var nextID: UInt64 = 1

    var phase = Phase.open
    /// The injected faults, the newest last.
    var entries: [Entry] = []
    /// Injections in progress, which may still become faults in force.
    var arriving: [UInt64: FaultRecord] = [:]
    /// Tasks that wait until no fault is in force or being injected.
    var waiters: [Int: CheckedContinuation<Void, Never>] = [:]
    var nextWaiter = 0

    /// Creates a registry.
    ///
    /// - Parameters:
    ///   - injectors: The injector of each available injection point.
    ///   - capacity: The maximum number of records; those in force are never removed.
    ///   - clock: The clock by which faults are undone.
    public init(
        injectors: [FaultDescription.InjectionPoint: any FaultInjector], capacity: Int = 200,
        clock: FaultClock = .system
    ) {
        self.injectors = injectors
        self.capacity = capacity
        self.clock = clock
    }

    /// The injection points that are available.
    public nonisolated var injectionPoints: Set<FaultDescription.InjectionPoint> { Set(injectors.keys) }

    /// Each change of a fault's state from now on. Each call returns a new bounded stream: a slow subscriber loses the
    /// oldest changes. The stream ends when the registry closes.
    public nonisolated var changes: AsyncStream<FaultRecord> { audience.join() }

    /// The injected faults, newest last; those no longer in force are removed when there are too many.
    public var records: [FaultRecord] { entries.map(Self.counted) }

    /// The faults that are in force, newest last.
    public var inForce: [FaultRecord] { records.filter(\.isInForce) }

    /// The maximum number of faults in force at the same time.
    public static let mostInForce = 256

    /// Whether one more fault may be injected.
    public var hasRoom: Bool { entries.count(where: \.record.isInForce) + arriving.count < Self.mostInForce }

    /// Injects a fault.
    ///
    /// - Returns: Its record: in force, or done when the fault takes effect once.
    /// - Throws: `FaultError` when the fault was not injected. If injection was tried, the error has the number of the
    ///   record.
    @discardableResult
    public func inject(_ fault: Fault) async throws(FaultError) -> FaultRecord {
        var order = try FaultCatalogue.order(fault)
        guard phase == .open else {
            throw FaultError("No fault is injected any more: all are being undone.", advice: "Start rabbittop again.")
        }
        guard let injector = injectors[order.description.injectionPoint] else {
            throw FaultError(
                "'\(fault.name)' cannot be injected here.", advice: Self.need(order.description.injectionPoint))
        }
        guard hasRoom else {
            throw FaultError(
                "\(Self.mostInForce) faults are in force: no more are taken.", advice: "Undo some first.",
                kind: .tooMany)
        }
        let id = nextID
        nextID += 1
        var record = FaultRecord(id: id, fault: order.fault, since: clock.now(), until: nil, state: .inForce)
        order.label = record.label
        arriving[id] = record
        defer {
            arriving[id] = nil
            wakeWaiters()
        }
        do throws(FaultError) {
            let injection = try await injector.inject(order)
            record.note = injection.note
            if injection.undo == nil {
                record.state = .done
            } else {
                record.until = order.duration.map { clock.now() + $0 }
            }
            append(Entry(record: record, injection: injection))
            audience.tell(Self.counted(entries[entries.count - 1]))
            if record.isInForce {
                if phase == .open {
                    if let duration = order.duration { schedule(id, after: duration) }
                    if let spent = injection.spent { watch(id, spent) }
                } else {
                    // The injection was in progress when the registry began to close.
                    startUndoing(id)
                }
            }
            return Self.counted(Entry(record: record, injection: injection))
        } catch {
            record.state = .failed
            record.note = error.description
            append(Entry(record: record))
            audience.tell(record)
            var error = error
            error.record = id
            throw error
        }
    }

    private func watch(_ id: UInt64, _ spent: @escaping @Sendable () async -> Void) {
        guard let index = entries.firstIndex(where: { $0.record.id == id }) else { return }
        // The entry owns it.
        entries[index].watch = Task {
            await spent()
            // Undoing the fault removes the watch.
            if !Task.isCancelled { self.startUndoing(id) }
        }
    }

    private func append(_ entry: Entry) {
        let place = entries.lastIndex { $0.record.id < entry.record.id }.map { $0 + 1 } ?? 0
        entries.insert(entry, at: place)
        while entries.count > capacity, let oldest = entries.firstIndex(where: { !$0.record.isInForce }) {
            entries.remove(at: oldest)
        }
    }

    static func counted(_ entry: Entry) -> FaultRecord {
        var record = entry.record
        if let hits = entry.injection?.hits { record.hits = hits() }
        return record
    }

    private static func need(_ injectionPoint: FaultDescription.InjectionPoint) -> String {
        switch injectionPoint {
        case .own: "It needs the AMQP address of a broker."
        case .broker: "It needs the management API of a broker."
        case .proxy: "It needs the proxy: 'rabbittop proxy', or --proxy PORT in the dashboard."
        case .node: "It needs a private broker: 'rabbittop demo'."
        }
    }
}

/// The subscribers to changes of faults. Each has its own bounded stream: a slow one loses the oldest changes.
final class FaultAudience: Sendable {
    private struct Seats {
        var next = 0
        var taken: [Int: AsyncStream<FaultRecord>.Continuation] = [:]
        var isOver = false
    }

    private let seats = Mutex(Seats())
    private let capacity: Int

    init(capacity: Int) {
        self.capacity = capacity
    }

    func join() -> AsyncStream<FaultRecord> {
        let (stream, continuation) = AsyncStream.makeStream(
            of: FaultRecord.self, bufferingPolicy: .bufferingNewest(capacity))
        let seat: Int? = seats.withLock { seats in
            guard !seats.isOver else { return nil }
            seats.next += 1
            seats.taken[seats.next] = continuation
            return seats.next
        }
        guard let seat else {
            continuation.finish()
            return stream
        }
        continuation.onTermination = { [weak self] _ in
            _ = self?.seats.withLock { $0.taken.removeValue(forKey: seat) }
        }
        return stream
    }

    func tell(_ record: FaultRecord) {
        let all = seats.withLock { Array($0.taken.values) }
        for continuation in all { continuation.yield(record) }
    }

    func finish() {
        let all = seats.withLock { seats in
            seats.isOver = true
            return Array(seats.taken.values)
        }
        // Finishing calls `onTermination`, which takes the lock.
        for continuation in all { continuation.finish() }
    }
}

/// The clock by which a registry undoes faults.
public struct FaultClock: Sendable {
    /// Returns the seconds since 1970.
    public var now: @Sendable () -> Double
    /// Returns after this many seconds; throws when its task is cancelled before.
    public var sleep: @Sendable (_ seconds: Double) async throws -> Void

    /// Creates a clock.
    public init(
        now: @escaping @Sendable () -> Double, sleep: @escaping @Sendable (_ seconds: Double) async throws -> Void
    ) {
        self.now = now
        self.sleep = sleep
    }

    /// The system clock.
    public static let system = FaultClock(
        now: { Date().timeIntervalSince1970 },
        sleep: { try await Task.sleep(for: .seconds($0)) })
}
