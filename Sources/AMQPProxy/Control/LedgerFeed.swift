public import Faults

/// A ledger's entries as they are made, for one follower at its own pace.
///
/// They wait in the ledger and nowhere else, so that a follower that does not read takes no memory. It ends when the ledger
/// has dropped entries that the follower has not had yet.
public struct LedgerFeed: AsyncSequence, Sendable {
    public enum Item: Sendable {
        case entry(LedgerEntry)
        /// So many entries have left the ledger unread; nothing follows. What is kept comes after that number.
        case leftOut(UInt64, after: UInt64)
    }

    let controller: ProxyController
    let start: UInt64

    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(controller: controller, last: start) }

    public struct AsyncIterator: AsyncIteratorProtocol, Sendable {
        let controller: ProxyController
        /// The number of the entry that was given last.
        var last: UInt64
        private var waiting: ArraySlice<LedgerEntry> = []
        private var isOver = false

        init(controller: ProxyController, last: UInt64) {
            self.controller = controller
            self.last = last
        }

        /// Nil when the desk has closed, and when the task is cancelled.
        public mutating func next() async -> Item? {
            if waiting.isEmpty, !isOver { waiting = await controller.next(after: last)[...] }
            guard let entry = waiting.popFirst() else {
                isOver = true
                return nil
            }
            guard entry.id == last + 1 else {
                let leftOut = entry.id - last - 1
                waiting = []
                isOver = true
                return .leftOut(leftOut, after: entry.id - 1)
            }
            last = entry.id
            return .entry(entry)
        }
    }
}
