import Synchronization

/// Numbers for orders, from 1 on, released in shares, so that orders are in progress at each outage, however long the
/// earlier ones took, and some are left for the time after it.
final class OrderNumbers: Sendable {
    private struct State {
        var taken = 0
        var released: Int
    }

    let count: Int
    /// The number of outages between the shares.
    let outages: Int
    private let state: Mutex<State>

    init(count: Int, outages: Int) {
        self.count = count
        self.outages = outages
        state = Mutex(State(released: Self.released(0, count: count, outages: outages)))
    }

    /// Returns how many orders are due when outage `outage`, counted from 0, begins.
    func due(_ outage: Int) -> Int { count * (outage + 1) / (outages + 1) }

    /// Releases the next share, because the outage is over and the service recovers.
    func outageIsOver(_ outage: Int) {
        state.withLock { $0.released = Self.released(outage + 1, count: count, outages: outages) }
    }

    /// Returns the number of released orders: up to halfway between the next outage and the one after it; all, if no
    /// outage follows.
    private static func released(_ outage: Int, count: Int, outages: Int) -> Int {
        outage < outages ? count * (2 * outage + 3) / (2 * outages + 2) : count
    }

    /// Returns the next number when it is released; nil if all are taken, or the task is cancelled.
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
