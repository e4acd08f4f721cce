public import Faults

/// The entries of a ledger as they are added, for one reader at its own pace.
///
/// The entries are kept only in the ledger, so a reader that does not read uses no memory. The sequence ends when the
/// ledger has dropped entries that the reader has not received yet.
public struct LedgerFeed: AsyncSequence, Sendable {
    /// An element of the feed.
    public enum Item: Sendable {
        /// The next entry of the ledger.
        case entry(LedgerEntry)
        /// The number of entries that left the ledger unread, after which the feed ends. The kept entries have numbers
        /// greater than `after`.
        case leftOut(UInt64, after: UInt64)
    }

    let controller: ProxyController
    let start: UInt64

    /// Creates an iterator that begins at the feed's first entry.
    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(controller: controller, last: start) }

    /// Iterates over the entries of a feed.
    public struct AsyncIterator: AsyncIteratorProtocol, Sendable {
        let controller: ProxyController
        /// The number of the last returned entry.
        var last: UInt64
        private var waiting: ArraySlice<LedgerEntry> = []
        private var isOver = false

        init(controller: ProxyController, last: UInt64) {
            self.controller = controller
            self.last = last
        }

        /// Returns the next item, or nil when the proxy controller has ended or the task is cancelled.
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
