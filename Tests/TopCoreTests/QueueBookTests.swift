import Foundation
import Names
import SeededSupport
import Testing

@testable import TopCore

@Suite("The book of queues holds what the Queues view shows")
struct QueueBookTests {
    @Test("After any reports, with queues that come, go and come back", arguments: 1...20)
    func equalsTable(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let names = (0..<12).map { Name("q\($0)") }
        let nodes: [Name] = ["rabbit@a", "rabbit@b"]
        var state = makeState { $0.initialView = .queues }
        var book = QueueBook()
        func merge(_ report: (inout QueueBook, QueueBook.Visitor) throws -> [EntityID]) rethrows {
            let before = book
            var told: [EntityID: Bool] = [:]
            _ = try report(&book) { row, isChanged in told[row.id, default: false] = told[row.id] == true || isChanged }
            for (id, isChanged) in told {
                #expect(isChanged == (before[id]?.withoutTimes != book[id]?.withoutTimes))
            }
        }
        for step in 0..<60 {
            let at = noon.addingTimeInterval(Double(step) * 7)
            var some: [QueueDepth] {
                names.filter { _ in Bool.random(using: &random) }.map { name in
                    depth(
                        name, vhost: Bool.random(using: &random) ? "/" : "shop",
                        ready: Int.random(in: 0..<3, using: &random),
                        consumers: Int.random(in: 0..<3, using: &random))
                }
            }
            switch Int.random(in: 0..<5, using: &random) {
            case 0, 1:
                let isManagement = Int.random(in: 0..<4, using: &random) == 0
                let part = QueueDepthsPart(
                    at: at, source: isManagement ? .management : .prometheus,
                    node: isManagement ? nil : nodes.randomElement(using: &random),
                    vhost: Int.random(in: 0..<4, using: &random) == 0 ? "shop" : nil, depths: some,
                    isComplete: Int.random(in: 0..<4, using: &random) > 0)
                try merge { try $0.merge(part, $1) }
                state.send(.queueDepths(part), at: at)
            case 2:
                // Only queues that are known are declared passively.
                let known = some.filter { book[$0.id] != nil }
                let part = QueuesLivePart(
                    at: at, depths: known, gone: some.map(\.id).filter { id in !known.contains { $0.id == id } })
                try merge { try $0.merge(part, $1) }
                state.send(.queuesLive(part), at: at)
            default:
                var details = QueueDetails()
                details.node = nodes.randomElement(using: &random)
                let part = QueuesRichPart(at: at, queues: some.map { ($0, details) })
                try merge { try $0.merge(part, $1) }
                state.send(.queuesRich(part), at: at)
            }
            let rows = state.queues.rows
            #expect(rows.count == book.count)
            for row in rows { #expect(book[row.id] == row) }
        }
        #expect(book.count > 0)
    }
}

extension QueueRow {
    /// What is recorded of a queue: the times of its figures are not.
    fileprivate var withoutTimes: QueueRow {
        var row = QueueRow(id: id)
        func timeless(_ figure: Measured<Int>?) -> Measured<Int>? {
            figure.map { Measured($0.value, at: .distantPast, source: $0.source) }
        }
        row.ready = timeless(ready)
        row.unacked = timeless(unacked)
        row.total = timeless(total)
        row.consumers = timeless(consumers)
        row.details = details
        // The sum depends on the times of its parts.
        row.reportedReady = messages.map { Measured($0, at: .distantPast, source: .management) }
        return row
    }
}
