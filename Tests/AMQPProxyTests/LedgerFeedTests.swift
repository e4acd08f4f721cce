import Faults
import Foundation
import NIOConcurrencyHelpers
import NIOCore
import Testing

@testable import AMQPProxy

/// Followers of the ledger take no memory of their own.
@Suite(.timeLimit(.minutes(1))) struct LedgerFeedTests {
    private func withController(_ capacity: Int, _ body: (ProxyController, FaultRegistry) async throws -> Void)
        async throws
    {
        let server = try await ProxyServer.start(
            ProxyConfiguration(listen: ("127.0.0.1", 0), upstream: ("127.0.0.1", 1)))
        let controller = ProxyController(server, ledger: Ledger(capacity: capacity))
        let running = Task { await controller.run() }
        try await body(controller, controller.registry)
        await controller.close()
        await running.value
    }

    /// Makes entries, and waits until the ledger has them.
    private func make(_ count: Int, _ controller: ProxyController) async throws {
        let before = await controller.ledger.total
        for _ in 0..<count { _ = try? await controller.registry.inject(Fault("close-channel")) }
        while await controller.ledger.total < before + UInt64(count) { await Task.yield() }
    }

    @Test func itGoesOnFromANumberAndEndsWithTheDesk() async throws {
        let ids = NIOLockedValueBox<[UInt64]>([])
        try await withController(1_000) { controller, _ in
            try await make(5, controller)
            let feed = await controller.feed(after: 2)
            let reading = Task {
                for await item in feed {
                    if case .entry(let entry) = item { ids.withLockedValue { $0.append(entry.id) } }
                }
            }
            try await make(100, controller)
            await controller.close()
            await reading.value
            #expect(ids.withLockedValue { $0.prefix(103) }.elementsEqual(3...105))
        }
    }

    @Test func oneThatFallsBehindEndsWithWhatWasLeftOut() async throws {
        try await withController(50) { controller, _ in
            try await make(1, controller)
            var feed = await controller.feed().makeAsyncIterator()
            try await make(200, controller)
            let oldest = await controller.ledger.oldestID
            guard case .leftOut(let count, let last)? = await feed.next() else {
                Issue.record("it was not told")
                return
            }
            #expect(count == oldest - 2 && last == oldest - 1)
            #expect(await feed.next() == nil)
            // Entries alone go on behind the gap.
            var entries = await controller.entries(after: last).makeAsyncIterator()
            #expect(await entries.next()?.id == oldest)
        }
    }

    @Test func whatWasNeverKeptIsNoGapAtTheBeginning() async throws {
        try await withController(10) { controller, _ in
            try await make(40, controller)
            var feed = await controller.feed(after: 0).makeAsyncIterator()
            guard case .entry(let entry)? = await feed.next() else {
                Issue.record("no entry")
                return
            }
            #expect(entry.id == (await controller.ledger.oldestID))
            // A number that was never given follows what comes.
            var later = await controller.feed(after: .max).makeAsyncIterator()
            try await make(1, controller)
            guard case .entry(let next)? = await later.next() else {
                Issue.record("no entry")
                return
            }
            #expect(next.id == 41)
        }
    }

    @Test func aCancelledReaderIsLetGo() async throws {
        try await withController(10) { controller, _ in
            let feed = await controller.feed()
            let reading = Task {
                for await _ in feed {}
                return true
            }
            reading.cancel()
            #expect(await reading.value)
        }
    }

    @Test func aGateHasSoManyPlaces() {
        let gate = RequestGate(limit: 2)
        var places = [gate.enter(), gate.enter()]
        #expect(gate.enter() == nil)
        places.removeLast()
        #expect(places.count == 1)
        #expect(gate.enter() != nil)
    }
}
