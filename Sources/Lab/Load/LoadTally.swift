import Glibc
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

/// Measures elapsed time and this process's CPU time since it was created.
struct LoadMeter {
    private let begun = ContinuousClock.now
    private let cpuBefore = Self.cpu

    /// Returns the elapsed seconds, and the seconds of CPU time of all threads.
    func read() -> (seconds: Double, cpu: Double) {
        ((ContinuousClock.now - begun) / .seconds(1), Self.cpu - cpuBefore)
    }

    private static var cpu: Double {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        return [usage.ru_utime, usage.ru_stime].reduce(0) { $0 + Double($1.tv_sec) + Double($1.tv_usec) / 1e6 }
    }
}

/// Delays messages to a number per second.
struct LoadPace: Sendable {
    private let begun = ContinuousClock.now
    private let interval: Double?

    /// Shorter sleeps would take longer than requested.
    private static let leastSleep = Duration.milliseconds(1)

    init(rate: Double?) {
        interval = rate.map { 1 / $0 }
    }

    /// Waits until the message with this number, counted from 0, is due.
    func wait(for number: Int) async {
        guard let interval else { return }
        let due = begun + .nanoseconds(Int64(min(Double(number) * interval * 1e9, 9e18)))
        if due - .now > Self.leastSleep { try? await Task.sleep(until: due, clock: .continuous) }
    }
}

/// The unconfirmed publishes of one task, up to a limit.
struct ConfirmWindow {
    private let limit: Int
    private var open: [Confirmation] = []

    init(limit: Int) {
        self.limit = max(1, limit)
        open.reserveCapacity(self.limit)
    }

    var isFull: Bool { open.count >= limit }

    mutating func add(_ confirmation: Confirmation) {
        open.append(confirmation)
    }

    /// Waits until the older half is confirmed: one wait for many confirms.
    mutating func makeRoom() async throws(ClientError) {
        try await take(max(1, open.count / 2))
    }

    /// Waits until all are confirmed.
    mutating func drain() async throws(ClientError) {
        try await take(open.count)
    }

    private mutating func take(_ count: Int) async throws(ClientError) {
        guard count > 0 else { return }
        // Confirms arrive in order: when the newest is confirmed, the others are, or nearly so.
        for index in (0..<count).reversed() { try await open[index].wait() }
        open.removeFirst(count)
    }
}
