public import Faults
import Foundation
import NIOConcurrencyHelpers

/// A headless proxy with the registry of its faults and the ledger of their effects.
///
/// `run` feeds the ledger; each reader of `feed` or `entries` receives the entries as they are added.
public actor ProxyController {
    /// The proxy.
    public nonisolated let server: ProxyServer
    /// The registry that injects and undoes the proxy's faults.
    public nonisolated let registry: FaultRegistry
    /// The events of the sessions and the faults.
    public private(set) var ledger: Ledger
    private let changes: AsyncStream<FaultRecord>
    /// The tasks that wait for the next entry.
    private var waiting: [UInt64: CheckedContinuation<Void, Never>] = [:]
    private var nextWaiter: UInt64 = 0
    private var isOver = false

    /// Creates a controller for a proxy; without a registry it makes its own.
    public init(_ server: ProxyServer, registry: FaultRegistry? = nil, ledger: Ledger = Ledger(capacity: 20_000)) {
        self.server = server
        let registry = registry ?? FaultRegistry(injectors: [.proxy: ProxyFaults(server)])
        self.registry = registry
        // Subscribed here, so that the first fault is not missed.
        changes = registry.changes
        self.ledger = ledger
    }

    /// Runs until the proxy has stopped and the registry is closed.
    public func run() async {
        await withTaskGroup(of: Void.self) { [changes] tasks in
            tasks.addTask { [server] in
                for await event in server.events {
                    if let report = event.report { await self.take(report) }
                }
            }
            tasks.addTask { [server, registry] in
                for await _ in server.refusals {}
                // The faults no longer take effect; undoing them records that in the ledger.
                if server.faultRefusal != nil { await registry.undoAll() }
            }
            tasks.addTask {
                for await record in changes { await self.take(.fault(record, at: Date())) }
            }
        }
        isOver = true
        wakeAll()
    }

    private func take(_ report: LedgerReport) {
        if !ledger.take(report).isEmpty { wakeAll() }
    }

    // MARK: Followers

    /// Returns the entries from now on, or those that are kept with an identifier greater than `id`.
    public func feed(after id: UInt64? = nil) -> LedgerFeed {
        let newest = ledger.oldestID - 1 + UInt64(ledger.count)
        return LedgerFeed(controller: self, start: min(newest, max(id ?? newest, ledger.oldestID - 1)))
    }

    /// Returns the same entries as a stream, without notice of those that left the ledger before they were read.
    public func entries(after id: UInt64? = nil) -> AsyncStream<LedgerEntry> {
        let place = NIOLockedValueBox(feed(after: id).makeAsyncIterator())
        return AsyncStream {
            while true {
                var iterator = place.withLockedValue { $0 }
                let item = await iterator.next()
                switch item {
                case nil: return nil
                case .entry(let entry):
                    place.withLockedValue { [iterator] in $0 = iterator }
                    return entry
                case .leftOut(_, let last):
                    let next = LedgerFeed(controller: self, start: last).makeAsyncIterator()
                    place.withLockedValue { $0 = next }
                }
            }
        }
    }

    /// Returns the next entries after a number, a few at a time, and waits while there are none. Returns an empty list
    /// when the controller has ended or the task is cancelled.
    func next(after id: UInt64) async -> [LedgerEntry] {
        while !Task.isCancelled {
            let found = ledger.entries(after: id, most: 64, room: 1 << 16)
            guard found.isEmpty, !isOver else { return found }
            await change()
        }
        return []
    }

    /// Waits until another entry is added, no more can be added, or the task is cancelled.
    private func change() async {
        let number = nextWaiter
        nextWaiter += 1
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                if Task.isCancelled { return continuation.resume() }
                waiting[number] = continuation
            }
        } onCancel: {
            // A cancellation handler cannot wait for the actor.
            Task { await self.wake(number) }
        }
    }

    private func wake(_ number: UInt64) { waiting.removeValue(forKey: number)?.resume() }

    private func wakeAll() {
        let all = waiting
        waiting = [:]
        for continuation in all.values { continuation.resume() }
    }

    /// Undoes every fault and stops the proxy.
    ///
    /// - Returns: the faults that could not be undone.
    @discardableResult
    public func close() async -> [FaultRecord] {
        let left = await registry.close(within: 5)
        await server.stop()
        return left
    }
}

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
