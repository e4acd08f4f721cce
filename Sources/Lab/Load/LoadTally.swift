import RabbitMQClient
import Synchronization

/// Issues the numbers of the messages of a run, each once.
final class LoadTickets: Sendable {
    private let taken = Atomic<Int>(0)

    /// Returns the next number, counted from 0; nil if all are taken.
    func next(below count: Int) -> Int? {
        let number = taken.add(1, ordering: .relaxed).oldValue
        return number < count ? number : nil
    }
}

/// Adds up the bytes that several tasks received.
final class LoadBytes: Sendable {
    private let total = Atomic<Int>(0)

    func add(_ bytes: Int) {
        total.add(bytes, ordering: .relaxed)
    }

    var sum: Int { total.load(ordering: .relaxed) }
}

/// Collects the latencies of confirms.
final class LoadLatencies: Sendable {
    private let all = Mutex<[Duration]>([])

    func add(_ latency: Duration) {
        all.withLock { $0.append(latency) }
    }

    func add(_ latencies: [Duration]) {
        all.withLock { $0 += latencies }
    }

    var summary: LoadResult.Latency? { .init(all.withLock { $0 }) }
}

/// Ends consumers that no longer receive messages.
final class LoadWatch: Sendable {
    let patience: Duration
    private let received = Atomic<Int>(0)

    /// - Parameter rate: the intended messages per second; a low rate extends the patience.
    init(patience: Duration, rate: Double?) {
        self.patience = max(patience, .seconds(2 / (rate ?? .infinity)))
    }

    /// The number of deliveries so far.
    var count: Int { received.load(ordering: .relaxed) }

    func note() {
        received.add(1, ordering: .relaxed)
    }

    /// Cancels the consumer when none has received a message for `patience`; runs until its task is cancelled.
    func end(_ consumer: Consumer) async {
        var seen = count
        var since = ContinuousClock.now
        while (try? await Task.sleep(for: patience / 10)) != nil {
            if count != seen {
                seen = count
                since = .now
            } else if .now - since >= patience {
                try? await consumer.cancel()
                return
            }
        }
    }
}
