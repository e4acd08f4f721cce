import NIOConcurrencyHelpers

/// Counts the answers that are under way, so that those whose readers have stopped reading do not fill the memory.
final class RequestGate: Sendable {
    /// A place in the gate; it is free again when nobody refers to it any more.
    final class Slot: Sendable {
        private let gate: RequestGate

        fileprivate init(_ gate: RequestGate) { self.gate = gate }

        deinit { gate.taken.withLockedValue { $0 -= 1 } }
    }

    let limit: Int
    private let taken = NIOLockedValueBox(0)

    init(limit: Int) { self.limit = limit }

    /// Nil when all places are taken.
    func enter() -> Slot? {
        let isFree = taken.withLockedValue { taken in
            guard taken < limit else { return false }
            taken += 1
            return true
        }
        return isFree ? Slot(self) : nil
    }
}
