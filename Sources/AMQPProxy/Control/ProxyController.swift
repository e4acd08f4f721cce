public import Faults
import Foundation
import NIOConcurrencyHelpers

/// A proxy with the bench of its faults and the ledger of what followed.
///
/// `run` feeds the ledger; whoever wants to follow gets each entry as it is made.
public actor ProxyController {
    public nonisolated let server: ProxyServer
    public nonisolated let registry: FaultRegistry
    public private(set) var ledger: Ledger
    private let changes: AsyncStream<FaultRecord>
    /// Those who wait for the next entry.
    private var waiting: [UInt64: CheckedContinuation<Void, Never>] = [:]
    private var nextWaiter: UInt64 = 0
    private var isOver = false

    public init(_ server: ProxyServer, registry: FaultRegistry? = nil, ledger: Ledger = Ledger(capacity: 20_000)) {
        self.server = server
        let registry = registry ?? FaultRegistry(injectors: [.proxy: ProxyFaults(server)])
        self.registry = registry
        // From here on, however soon the first fault comes.
        changes = registry.changes
        self.ledger = ledger
    }

    /// Returns when the proxy has stopped and the bench is closed.
    public func run() async {
        await withTaskGroup(of: Void.self) { [changes] tasks in
            tasks.addTask { [server] in
                for await event in server.events {
                    if let report = event.report { await self.take(report) }
                }
            }
            tasks.addTask { [server, registry] in
                for await _ in server.refusals {}
                // They strike no more; the ledger is to say so, too.
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

    /// Entries from now on, or from those that are kept and newer than an id.
    public func feed(after id: UInt64? = nil) -> LedgerFeed {
        let newest = ledger.oldestID - 1 + UInt64(ledger.count)
        return LedgerFeed(controller: self, start: min(newest, max(id ?? newest, ledger.oldestID - 1)))
    }

    /// The same, with those left out that have left the ledger before they were read.
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

    /// The next entries behind a number, some at a time; waits while there are none. Empty when the desk has closed, or the
    /// task is cancelled.
    func next(after id: UInt64) async -> [LedgerEntry] {
        while !Task.isCancelled {
            let found = ledger.entries(after: id, most: 64, room: 1 << 16)
            guard found.isEmpty, !isOver else { return found }
            await change()
        }
        return []
    }

    /// Returns when there is another entry, or there will be no more, or the task is cancelled.
    private func change() async {
        let number = nextWaiter
        nextWaiter += 1
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                if Task.isCancelled { return continuation.resume() }
                waiting[number] = continuation
            }
        } onCancel: {
            Task { await self.wake(number) }
        }
    }

    private func wake(_ number: UInt64) { waiting.removeValue(forKey: number)?.resume() }

    private func wakeAll() {
        let all = waiting
        waiting = [:]
        for continuation in all.values { continuation.resume() }
    }

    /// Undoes every fault and ends the proxy.
    ///
    /// - Returns: faults that could not be undone.
    @discardableResult
    public func close() async -> [FaultRecord] {
        let left = await registry.close(within: 5)
        await server.stop()
        return left
    }
}
