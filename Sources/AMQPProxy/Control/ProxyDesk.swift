public import Faults
import Foundation

/// A proxy with the bench of its faults and the ledger of what followed.
///
/// `run` feeds the ledger; whoever wants to follow gets each entry as it is made.
public actor ProxyDesk {
    public nonisolated let server: ProxyServer
    public nonisolated let bench: FaultBench
    public private(set) var ledger: Ledger
    private let changes: AsyncStream<FaultRecord>
    private var followers: [UInt64: AsyncStream<LedgerEntry>.Continuation] = [:]
    private var nextFollower: UInt64 = 0
    private var isOver = false

    public init(_ server: ProxyServer, bench: FaultBench? = nil, ledger: Ledger = Ledger(capacity: 20_000)) {
        self.server = server
        let bench = bench ?? FaultBench(injectors: [.proxy: ProxyFaults(server)])
        self.bench = bench
        // From here on, however soon the first fault comes.
        changes = bench.changes
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
            tasks.addTask {
                for await record in changes { await self.take(.fault(record, at: Date())) }
            }
        }
        isOver = true
        for follower in followers.values { follower.finish() }
        followers = [:]
    }

    private func take(_ report: LedgerReport) {
        for entry in ledger.take(report) {
            for follower in followers.values { follower.yield(entry) }
        }
    }

    /// Entries from now on, or from those that are kept and newer than an id; a follower that is 5,000 behind misses the
    /// oldest.
    public func entries(after id: UInt64? = nil) -> AsyncStream<LedgerEntry> {
        let (stream, continuation) = AsyncStream.makeStream(
            of: LedgerEntry.self, bufferingPolicy: .bufferingNewest(25_000))
        if let id { for entry in ledger.entries where entry.id > id { continuation.yield(entry) } }
        guard !isOver else {
            continuation.finish()
            return stream
        }
        let number = nextFollower
        nextFollower += 1
        followers[number] = continuation
        continuation.onTermination = { _ in Task { await self.forget(number) } }
        return stream
    }

    private func forget(_ follower: UInt64) { followers[follower] = nil }

    /// Undoes every fault and ends the proxy.
    ///
    /// - Returns: faults that could not be undone.
    @discardableResult
    public func close() async -> [FaultRecord] {
        let left = await bench.close(within: 5)
        await server.stop()
        return left
    }
}
