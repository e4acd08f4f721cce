import Faults
import Foundation
import Names
import Testing

@testable import TopCore

@Suite struct FindingMarkTests {
    private func held(at: Date = noon, idleSince: Date? = later(-60), isWhole: Bool = false) -> Snapshot {
        var part = list(
            [
                channel(orders, 3) {
                    $0.clientName = "orders-service"
                    $0.consumers = 1
                    $0.prefetch = 10
                    $0.unacked = 10
                    $0.idleSince = idleSince
                },
                channel(billing, 1) { $0.consumers = 0 },
            ], at: at)
        part.isWhole = isWhole
        return .channels(part)
    }

    private var consumers: Snapshot {
        .consumers(list([consumer("orders", orders, 3), consumer("invoices", billing, 1)]))
    }

    @Test(arguments: ViewID.allCases)
    func aFindingMarksItsRowsInEveryView(_ view: ViewID) throws {
        var state = makeState { $0.initialView = view }
        state.send(consumers)
        state.send(held())
        #expect(state.marks.findings.map(\.rule) == [.fullPrefetch])
        #expect(state.marks.severity(of: channel(orders, 3)) == .warning)
        #expect(state.marks.severity(of: channel(billing, 1)) == nil)
        #expect(state.marks.severity(of: connection(orders)) == .warning)
        #expect(state.marks.severity(of: connection(billing)) == nil)
        #expect(state.marks.severity(of: connection(billing) { $0.clientName = "orders-service" }) == .warning)
        #expect(state.marks.severity(of: consumer("orders", orders, 3)) == .warning)
        #expect(state.marks.severity(of: QueueRow(id: queue("orders"))) == .warning)
        #expect(state.marks.severity(of: QueueRow(id: queue("orders", vhost: "other"))) == nil)
        #expect(state.marks.findings(about: QueueRow(id: queue("orders"))).first?.since == later(-60))
    }

    @Test func whatIsFoundWhileTheScreenIsFrozenIsMarkedToo() {
        var state = makeState { $0.initialView = .channels }
        state.type(.character("Z"))
        #expect(state.frozenAt != nil)
        state.send(consumers)
        state.send(held())
        #expect(state.marks.findings.count == 1)
    }

    @Test func aWholeListIsCompleteWhateverTheScreenIsNarrowedTo() {
        var state = makeState { $0.initialView = .channels }
        state.send(held(isWhole: true))
        state.type(.character("/"))
        state.type(text: "other")
        state.type(.enter)
        var part = list([channel(billing, 1)], at: later(5))
        state.send(.channels(part), at: later(5))
        #expect(state.marks.findings.count == 1, "a page does not tell that the channel is gone")
        part.isWhole = true
        part.at = later(6)
        state.send(.channels(part), at: later(6))
        #expect(state.marks.findings.isEmpty)
    }

    @Test func aSourceThatComesBackIsAnEventThatTellsHowLongItWasAway() throws {
        var state = makeState { $0.initialView = .queues }
        func source(_ sourceState: SourceStatus.State) -> Snapshot {
            .sources([SourceStatus(name: .prometheus, node: "rabbit@a", state: sourceState, lastSuccess: noon)])
        }
        state.send(source(.live))
        state.send(source(.stale), at: later(10))
        state.send(source(.live), at: later(45))
        let entry = try #require(state.ledger.entries.last)
        #expect(entry.kind == .finding && entry.severity == .ok && entry.at == later(45))
        #expect(entry.text.hasPrefix("over: source prometheus of rabbit@a"))
        #expect(entry.seconds == 45)
    }

    @Test func aReturnedMessageIsFoundWithItsKey() throws {
        var state = makeState()
        state.send(
            .entries(
                [
                    LedgerEntry(
                        at: noon, kind: .returned, scope: .channel, connection: orders.text,
                        clientName: "orders-service", channel: 2, code: 312, codeName: "NO_ROUTE",
                        text: "NO_ROUTE: exchange 'events', routing key 'order.new'", source: .client)
                ], dropped: 0))
        let finding = try #require(state.marks.findings.first)
        #expect(finding.rule == .unroutable)
        #expect(finding.what.contains("(exchange 'events', routing key 'order.new')"))
        #expect(state.marks.severity(of: channel(orders, 2)) == .warning)
    }

    @Test func theDetailsOfSuspectsAreAskedForAndDoNotChangeWithEachList() {
        var state = makeState { $0.initialView = .events }
        func grow(_ step: Int) {
            let depths = (0..<40).map { depth("q\($0)", step: step, $0) }
            state.send(bulk(depths, at: later(Double(step) * 5)), at: later(Double(step) * 5))
        }
        for step in 0..<4 { grow(step) }
        let suspects = state.interest?.suspects ?? []
        #expect(suspects.count == 20)
        grow(4)
        #expect(state.interest?.suspects == suspects)
    }

    private func depth(_ name: String, step: Int, _ number: Int) -> QueueDepth {
        QueueDepth(
            id: queue(Name(name)), ready: 1 + step * (1 + number % 5) + (step == 4 ? number * 7 : 0), consumers: 0)
    }

    @Test func whatTheBrokerTellsOfQueuesReachesTheRules() {
        var state = makeState { $0.initialView = .connections }
        state.send(
            rich(TopCoreTests.depth("orders", ready: 100, consumers: 1)) {
                $0.type = "quorum"
                $0.maxLength = 100
                $0.overflow = "reject-publish"
                $0.members = ["a", "b", "c"]
                $0.onlineMembers = ["a", "b"]
                $0.state = "recovering"
            })
        #expect(Set(state.marks.findings.map(\.rule)) == [.queueLimit, .missingMember, .queueState])
        #expect(state.marks.criticalCount == 1)
        #expect(state.marks.severity(of: QueueRow(id: queue("orders"))) == .critical)
        #expect(state.marks.severity(of: NodeRow(name: "c", running: true)) == .warning)
        var part = QueuesRichPart(at: later(1), queues: [])
        part.gone = [queue("orders")]
        state.send(.queuesRich(part), at: later(1))
        #expect(state.marks.findings.isEmpty)
    }

    @Test func whatTheBrokerTellsOfChannelsNodesAndVhostsReachesTheRules() {
        var state = makeState()
        state.send(
            .channels(
                list([
                    channel(orders, 1) {
                        $0.droppedRate = 4
                        $0.publishes = [ExchangePublishes(exchange: queue("events"), rate: 4)]
                    }
                ])))
        var node = NodeRow(name: "a", running: true)
        (node.memory, node.memoryLimit) = (95, 100)
        (node.diskFree, node.diskFreeLimit) = (120, 100)
        node.maintenance = true
        var part = ClusterPart(at: noon, nodes: [node])
        part.stoppedVhosts = [VhostState(vhost: "shop", node: "a", state: "stopped")]
        state.send(.cluster(part))
        #expect(
            Set(state.marks.findings.map(\.rule)) == [.unroutable, .nodeLimit, .maintenance, .vhostState])
        #expect(state.marks.findings.filter { $0.rule == .nodeLimit }.count == 2)
        #expect(state.marks.severity(of: ExchangeRow(id: queue("events"))) == .warning)
        // The states of vhosts that are not known do not say that all is well.
        part.stoppedVhosts = nil
        state.send(.cluster(part), at: later(5))
        #expect(state.marks.findings.contains { $0.rule == .vhostState })
    }
}
