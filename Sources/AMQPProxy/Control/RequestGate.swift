import NIOConcurrencyHelpers

/// Limits the number of answers in progress, so that readers that have stopped reading do not exhaust the memory.
final class RequestGate: Sendable {
    /// A slot in the gate; it becomes free when the last reference to it is released.
    final class Slot: Sendable {
        private let gate: RequestGate

        fileprivate init(_ gate: RequestGate) { self.gate = gate }

        deinit { gate.taken.withLockedValue { $0 -= 1 } }
    }

    let limit: Int
    private let taken = NIOLockedValueBox(0)

    init(limit: Int) { self.limit = limit }

    /// Returns a slot, or nil if all are taken.
    func enter() -> Slot? {
        let isFree = taken.withLockedValue { taken in
            guard taken < limit else { return false }
            taken += 1
            return true
        }
        return isFree ? Slot(self) : nil
    }
}
