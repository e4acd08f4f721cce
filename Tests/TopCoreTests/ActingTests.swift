import Foundation
import Names
import Screen
import Testing

@testable import TopCore

@Suite struct ActingTests {
    private func queues(
        readOnly: Bool = false, version: String = "3.13.0", _ change: (inout QueueDetails) -> Void = { _ in }
    ) -> State {
        var state = makeState {
            $0.initialView = .queues
            $0.readOnly = readOnly
        }
        state.send(.cluster(ClusterPart(at: noon, name: "rabbit@a", version: version)))
        state.send(rich(depth("orders", ready: 1_234, unacked: 5, consumers: 2), change))
        return state
    }

    private func channels(rabbitmqctl: Bool = false, local: Bool = false) -> State {
        var state = makeState {
            $0.initialView = .channels
            $0.hasRabbitmqctl = rabbitmqctl
        }
        state.send(
            .channels(
                list([
                    channel(orders, 1) {
                        $0.consumers = 3
                        $0.unacked = 1
                        $0.clientName = "shop"
                        $0.local = local
                    },
                    channel(orders, 2) { $0.consumers = 4 },
                ])))
        return state
    }

    // MARK: Purge and delete

    @Test func purgeAsksWithCancelAsDefault() {
        var state = queues()
        #expect(state.type(.character("P")) == [])
        #expect(state.confirmation?.operation == .purge(queue("orders")))
        #expect(state.confirmation?.focus == .cancel)
        #expect(state.confirmation?.lines.contains("throws away 1,234 ready messages") == true)
        #expect(state.confirmation?.lines.contains("5 unacked messages stay with the consumers") == true)
        #expect(state.type(.enter) == [])
        #expect(state.overlay == nil)
        state.type(.character("P"))
        #expect(state.type(.character("y")) == [])
        #expect(state.confirmation != nil)
        #expect(state.type(.tab, .enter) == [.start(OperationID(1), .purge(queue("orders")))])
        #expect(state.activities.map(\.title) == ["purge of orders"])
        #expect(state.activities.map(\.phase) == [.running])
    }

    @Test func theQuestionKeepsItsQueueWhateverTheTableDoes() {
        var state = queues()
        state.type(.character("P"))
        state.send(live([], at: later(1), gone: [queue("orders")]))
        #expect(state.type(.right, .enter) == [.start(OperationID(1), .purge(queue("orders")))])
    }

    @Test func deleteNamesWhatIsLost() {
        var state = queues { $0.deadLetterExchange = "dlx" }
        state.type(.enter)
        state.send(
            .detail(
                DetailPart(
                    at: noon, row: .queue(queue("orders")),
                    sections: [
                        DetailSection(title: "Bindings", fields: [DetailField("a", "b"), DetailField("c", "d")])
                    ])
            ))
        state.type(.character("D"))
        #expect(
            state.confirmation?.lines == [
                "in vhost /", "throws away 1,234 ready messages and 5 unacked messages", "cancels 2 consumers",
                "removes 2 bindings", "nothing is dead-lettered to dlx", "This cannot be undone.",
            ])
        #expect(state.type(.escape) == [])
        #expect(state.overlay == nil)
    }

    @Test func theBrokersOwnExchangesAreNotDeleted() {
        var state = makeState { $0.initialView = .exchanges }
        var mine = ExchangeRow(id: queue("events"))
        mine.bindingsOut = 7
        state.send(.exchanges(list([ExchangeRow(id: queue("")), ExchangeRow(id: queue("amq.topic")), mine])))
        state.type(.character("D"))
        #expect(state.overlay == nil)
        #expect(state.notice?.text == "The default exchange cannot be deleted")
        state.type(.down, .character("D"))
        #expect(state.overlay == nil)
        #expect(state.notice?.text.hasPrefix("amq.topic is one of the broker's own") == true)
        state.type(.down, .character("D"))
        #expect(state.confirmation?.operation == .deleteExchange(queue("events")))
        #expect(state.confirmation?.lines.contains("removes 7 bindings") == true)
    }

    @Test func aStreamIsNotPurged() {
        var state = queues { $0.type = "stream" }
        state.type(.character("P"))
        #expect(state.overlay == nil)
        #expect(state.notice?.severity == .warning)
    }

    @Test func readOnlyRefusesAndSaysWhy() {
        var state = queues(readOnly: true)
        for key in ["p", "c", "e", "P", "D"] as [Character] {
            state.notice = nil
            #expect(state.type(.character(key)) == [])
            #expect(state.overlay == nil)
            #expect(state.notice?.text.hasPrefix("Read-only: \(key) ") == true)
        }
        let commands = Bindings.footer(for: state).map(\.command)
        #expect(!commands.contains(.purge))
        #expect(!commands.contains(.publish))
        #expect(Bindings.help(for: state).allSatisfy { $0.title != "Acting on the broker" })
        #expect(state.send(.pointer(.command(.purge))) == [])
        #expect(state.overlay == nil)
    }

    // MARK: Channels and connections

    @Test func anyChannelCanBeClosedWithRabbitmqctl() throws {
        var state = channels(rabbitmqctl: true)
        state.type(.character("x"))
        let picker = try #require(state.picker)
        #expect(picker.choices.map { $0.disabled == nil } == [false, true, true, true])
        #expect(picker.selected == 1)
        #expect(picker.lines.contains("ends 3 consumers, returns 1 unacked message to the queues"))
        state.type(.down, .enter)
        #expect(state.confirmation?.focus == .cancel)
        let id = ChannelID(connection: orders, number: 1)
        #expect(state.type(.tab, .enter) == [.start(OperationID(1), .closeChannel(id, .preconditionFailed))])
    }

    @Test func aChannelThatCannotBeClosedAloneOffersItsConnection() throws {
        var state = channels()
        state.type(.character("x"))
        let picker = try #require(state.picker)
        #expect(picker.choices.map { $0.disabled == nil } == [false, false, false, true])
        #expect(picker.selected == 3)
        #expect(picker.lines.last?.contains("--rabbitmqctl") == true)
        state.type(.home, .enter)
        #expect(state.picker != nil)
        #expect(state.notice?.text == "only channels of ours can be closed politely")
        state.type(.end, .enter)
        #expect(state.confirmation?.title == "Close connection \(orders)?")
        #expect(state.confirmation?.lines.contains("closes 1 connection, 2 channels, 7 consumers") == true)
    }

    @Test func ourOwnChannelIsClosedPolitely() {
        var state = channels(local: true)
        state.type(.character("x"), .enter, .tab)
        let id = ChannelID(connection: orders, number: 1)
        #expect(state.type(.enter) == [.start(OperationID(1), .closeChannel(id, .polite))])
    }

    @Test func aChannelOfTheClientViewIsClosedByTheLibrarysOwnNumbers() {
        var state = makeState { $0.initialView = .client }
        var row = ClientRow(id: ClientRowID(connection: 1, channel: 4, epoch: 2), connection: orders, state: "open")
        row.channel = 4
        state.send(.client(list([row])))
        state.type(.character("x"), .down, .enter, .right)
        #expect(state.type(.enter) == [.start(OperationID(1), .closeClientChannel(row.id, .notFound))])
    }

    @Test func theReasonOfAConnectionsEndCanBeEdited() {
        var state = makeState { $0.initialView = .connections }
        state.send(.connections(list([connection(orders) { $0.channels = 14 }])))
        var own = ClientRow(id: ClientRowID(connection: 1, channel: nil), connection: orders, state: "open")
        own.name = "rabbittop"
        state.send(.client(list([own])))
        state.type(.character("X"))
        #expect(state.confirmation?.lines.contains("It is one of rabbittop's own connections.") == true)
        #expect(state.confirmation?.lines.contains("closes 1 connection, 14 channels, consumers: not known") == true)
        state.type(.backTab, .control("u"))
        state.type(text: "drill y")
        // Enter ends the line; it confirms nothing.
        #expect(state.type(.enter) == [])
        #expect(state.confirmation?.focus == .cancel)
        #expect(
            state.type(.tab, .enter) == [.start(OperationID(1), .closeConnection(orders, reason: "drill y"))])
    }

    @Test func theBrokerSideOffersTheConnection() {
        var state = channels(rabbitmqctl: true)
        state.type(.character("x"), .enter, .tab, .enter)
        let id = ChannelID(connection: orders, number: 1)
        state.send(.operation(OperationID(1), .offersConnection(id, why: "rabbitmqctl failed")))
        #expect(state.confirmation?.title == "Close connection \(orders)?")
        #expect(state.confirmation?.lines.first == "The channel cannot be closed alone: rabbitmqctl failed.")
        #expect(state.confirmation?.focus == .cancel)
        #expect(state.activities.first?.phase == .failed)
    }

    // MARK: Messages

    @Test func whatALookCostsIsSaidFirst() {
        var state = queues {
            $0.type = "quorum"
            $0.deliveryLimit = 3
        }
        state.type(.character("e"))
        #expect(state.form?.lines.contains { $0.contains("counts as a delivery") } == true)
        #expect(state.form?.lines.contains { $0.contains("Delivery limit 3:") } == true)
        #expect(state.type(.enter) == [browse("orders", 1)])
    }

    @Test func quorumQueuesOfFourHaveALimitOfTwenty() {
        var state = queues(version: "4.0.5") { $0.type = "quorum" }
        state.type(.character("e"))
        #expect(state.form?.lines.contains { $0.contains("Delivery limit 20 (the default of 4.x)") } == true)
    }

    @Test func looksDoNotCountSinceFourThree() {
        var state = queues(version: "4.3.6") {
            $0.type = "quorum"
            $0.deliveryLimit = 2
        }
        state.type(.character("e"))
        #expect(state.form?.lines.contains { $0.contains("does not count towards the delivery limit of 2") } == true)
    }

    private func browse(_ name: Name, _ number: UInt64, count: Int = 100, start: String = "first") -> Action {
        .start(
            OperationID(number),
            .messages(.browse(BrowseRequest(queue: queue(name), count: count, start: start))))
    }

    @Test func versionsAreComparedByNumbers() throws {
        let (older, newer) = (try #require(BrokerVersion("3.9.29")), try #require(BrokerVersion("3.10.8")))
        #expect(older < newer)
        #expect(BrokerVersion("4.2.1")?.countsLooks == true)
        #expect(BrokerVersion("4.3.0-rc.1")?.countsLooks == false)
        #expect(BrokerVersion("unknown") == nil && BrokerVersion(nil) == nil)
        #expect(BrokerVersion("99999999999999999999.1") == nil)
    }

    @Test func aStreamIsReadFromAnyPlace() {
        var stream = queues { $0.type = "stream" }
        stream.type(.character("e"))
        #expect(stream.type(.enter) == [browse("orders", 1, start: "last")])
        stream.type(.character("e"), .control("u"))
        stream.type(text: "1h")
        #expect(stream.type(.enter) == [browse("orders", 2, start: "1h")])
        stream.type(.character("e"), .control("u"), .enter)
        #expect(stream.form?.fields.first?.problem != nil)
    }

    @Test func exclusiveQueuesAreNotLookedAt() {
        var exclusive = queues { $0.exclusive = true }
        exclusive.type(.character("e"))
        #expect(exclusive.overlay == nil)
        #expect(exclusive.notice?.text.contains("405") == true)
    }

    @Test func whatArrivesDoesNotTakeTheKeysOfAForm() {
        var state = queues()
        state.type(.character("p"))
        let page = BrowsedPage(
            BrowseRequest(queue: queue("orders"), count: 1), messages: [message(1, "k")], ready: 1)
        state.send(.operation(OperationID(9), .messages(.browsed(page))))
        #expect(state.form != nil)
        state.type(.escape)
        #expect(state.browser != nil)
    }

    @Test func nothingToLookAtIsSaid() {
        var state = queues()
        state.type(.character("e"), .enter)
        let page = BrowsedPage(BrowseRequest(queue: queue("orders"), count: 100), messages: [], ready: 0)
        state.send(.operation(OperationID(1), .messages(.browsed(page))))
        #expect(state.overlay == nil)
        #expect(state.notice?.text == "messages of orders: no message is ready in orders")
    }

    // MARK: What runs

    @Test func anOperationReportsAndItsResultIsKept() {
        var state = queues()
        state.type(.character("p"), .enter)
        state.send(.operation(OperationID(1), .progress("400 of 1,000", fraction: 0.4)))
        #expect(state.activities.first?.progress == "400 of 1,000")
        #expect(state.activities.first?.fraction == 0.4)
        state.send(.operation(OperationID(1), .finished("1 message confirmed")), at: later(2))
        #expect(state.notice?.text == "publish to orders: 1 message confirmed")
        #expect(state.ledger.entries.last?.kind == .action)
        #expect(state.ledger.entries.last?.source == .rabbittop)
        #expect(state.events.count == 1)
        state.send(.operation(OperationID(1), .failed("late", advice: nil)), at: later(3))
        #expect(state.activities.first?.phase == .finished)
        state.send(.tick, at: later(7))
        #expect(state.activities.count == 1)
        state.send(.tick, at: later(9))
        #expect(state.activities.isEmpty)
        #expect(state.notice == nil)
    }

    @Test func escCancelsTheNewestThatRuns() {
        var state = queues()
        state.type(.character("p"), .enter, .character("p"), .enter)
        #expect(state.type(.escape) == [.cancel(OperationID(2))])
        #expect(state.activities.map(\.phase) == [.running, .cancelling])
        #expect(state.type(.escape) == [.cancel(OperationID(1))])
        #expect(state.type(.escape) == [])
        state.send(.operation(OperationID(2), .cancelled("12 sent")))
        #expect(state.activities.last?.phase == .finished)
    }

    @Test func escClosesWhatIsOpenBeforeItCancels() {
        var state = queues()
        state.type(.character("p"), .enter, .enter)
        #expect(state.type(.escape) == [])
        #expect(!state.isDetailOpen)
        #expect(state.type(.escape) == [.cancel(OperationID(1))])
    }

    @Test func aFailureSaysWhatToDo() {
        var state = queues()
        state.type(.character("P"), .tab, .enter)
        state.send(
            .operation(OperationID(1), .failed("403 ACCESS_REFUSED", advice: "ask for the configure permission")))
        #expect(state.notice?.severity == .failure)
        #expect(
            state.ledger.entries.last?.text
                == "failed: purge of orders: 403 ACCESS_REFUSED — ask for the configure permission")
        #expect(state.ledger.entries.last?.queue == "orders")
    }
}
