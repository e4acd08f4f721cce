import RabbitMQClient
import Synchronization

/// Hands out the numbers of the messages of a run, each once.
final class LoadTickets: Sendable {
    private let taken = Atomic<Int>(0)

    /// The next number, counted from 0; nil when all are taken.
    func next(below count: Int) -> Int? {
        let number = taken.add(1, ordering: .relaxed).oldValue
        return number < count ? number : nil
    }
}

/// Adds up what several tasks got.
final class LoadBytes: Sendable {
    private let total = Atomic<Int>(0)

    func add(_ bytes: Int) {
        total.add(bytes, ordering: .relaxed)
    }

    var sum: Int { total.load(ordering: .relaxed) }
}

/// How long confirms took.
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

/// Ends consumers to which nothing comes any more.
final class LoadWatch: Sendable {
    let patience: Duration
    private let received = Atomic<Int>(0)

    /// - Parameter rate: messages a second that are wanted; slow ones are waited for longer.
    init(patience: Duration, rate: Double?) {
        self.patience = max(patience, .seconds(2 / (rate ?? .infinity)))
    }

    /// Deliveries so far.
    var count: Int { received.load(ordering: .relaxed) }

    func note() {
        received.add(1, ordering: .relaxed)
    }

    /// Cancels the consumer when nothing has come to any for `patience`; runs until its task is cancelled.
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
