import Synchronization

/// How many tasks are somewhere at a time.
final class Gauge: Sendable {
    private let value = Atomic<Int>(0)
    private let highest = Atomic<Int>(0)
    private let isDone = Atomic<Bool>(false)

    /// The most there ever were.
    var most: Int { highest.load(ordering: .relaxed) }

    func enter() { see(value.add(1, ordering: .relaxed).newValue) }
    func leave() { value.subtract(1, ordering: .relaxed) }
    func see(_ count: Int) { highest.max(count, ordering: .relaxed) }

    /// Looks again and again at a number until `stop`.
    func watch(_ count: @Sendable () -> Int) async {
        while !isDone.load(ordering: .relaxed) {
            see(count())
            await Task.yield()
        }
    }

    func stop() { isDone.store(true, ordering: .relaxed) }
}

/// What happened, in order.
final class Record<Item: Sendable>: Sendable {
    private let state = Mutex<[Item]>([])

    var items: [Item] { state.withLock { $0 } }

    func append(_ item: Item) { state.withLock { $0.append(item) } }
}
