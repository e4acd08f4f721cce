import Synchronization

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
