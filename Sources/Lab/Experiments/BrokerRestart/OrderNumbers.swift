import Synchronization

/// Numbers for orders, from 1 on, in shares: so that each outage finds orders on their way, however long the ones before it
/// took, and leaves some for when it is over.
final class OrderNumbers: Sendable {
    private struct State {
        var taken = 0
        var released: Int
    }

    let count: Int
    /// Outages between the shares.
    let outages: Int
    private let state: Mutex<State>

    init(count: Int, outages: Int) {
        self.count = count
        self.outages = outages
        state = Mutex(State(released: Self.released(0, count: count, outages: outages)))
    }

    /// How many orders there are when outage number `outage`, from 0, is to begin.
    func due(_ outage: Int) -> Int { count * (outage + 1) / (outages + 1) }

    /// The outage is over, and who it met recovers: the next share is released.
    func outageIsOver(_ outage: Int) {
        state.withLock { $0.released = Self.released(outage + 1, count: count, outages: outages) }
    }

    /// Up to halfway between the outage that is to come and the one after it; all, where none is to come.
    private static func released(_ outage: Int, count: Int, outages: Int) -> Int {
        outage < outages ? count * (2 * outage + 3) / (2 * outages + 2) : count
    }

    /// The next one, when it is released. Nil when all are taken, or the task is cancelled.
    func next() async -> Int? {
        while true {
            let (number, isLast): (Int?, Bool) = state.withLock { state in
                if state.taken >= count { return (nil, true) }
                if state.taken >= state.released { return (nil, false) }
                state.taken += 1
                return (state.taken, false)
            }
            if number != nil || isLast { return number }
            do { try await Task.sleep(for: .milliseconds(5)) } catch { return nil }
        }
    }
}
