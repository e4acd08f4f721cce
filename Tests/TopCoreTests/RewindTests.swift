import Faults
import Foundation
import Names
import Screen
import Testing

@testable import TopCore

/// Going back in time, and returning.
@Suite struct RewindTests {
    /// What was known some seconds before noon: two queues, of which one is gone now.
    static func moment(_ seconds: Double = -600, ready: Int = 7) -> Moment {
        let at = later(seconds)
        var moment = Moment(at: at)
        moment.cluster = ClusterPart(
            at: at, name: "mq", overview: OverviewRow(), nodes: [NodeRow(name: "rabbit@old", running: true)])
        moment.queues = ListPart(at: at, rows: [row("gone", ready, at), row("orders", 1, at)], isWhole: true)
        moment.connections = list([connection("old")], at: at)
        moment.channels = list([channel("old", 1)], at: at)
        moment.consumers = list([consumer("orders", "old", 1)], at: at)
        moment.exchanges = list([ExchangeRow(id: queue("old"))], at: at)
        moment.client = list([], at: at)
        moment.entries = [ledgerEntry("old trouble", at: at, code: 406)]
        moment.findings = [
            Finding(.growingQueue, .warning, what: "grows", where: "queue gone", since: at, advice: "Consume.")
        ]
        return moment
    }

    static func row(_ name: Name, _ ready: Int, _ at: Date) -> QueueRow {
        var row = QueueRow(id: queue(name))
        row.ready = Measured(ready, at: at, source: .prometheus)
        return row
    }

    /// The present: other rows in every view.
    static func present(_ view: ViewID = .queues) -> State {
        var state = makeState {
            $0.initialView = view
            $0.timeZone = TimeZone(secondsFromGMT: 0)!
        }
        state.send(.cluster(ClusterPart(at: noon, name: "mq", nodes: [NodeRow(name: "rabbit@new", running: true)])))
        state.send(bulk([depth("orders", ready: 5), depth("new", ready: 9)], node: nil, source: .management))
        state.send(.connections(list([connection("new")])))
        state.send(.channels(list([channel("new", 1)])))
        state.send(.consumers(list([consumer("orders", "new", 1)])))
        state.send(.exchanges(list([ExchangeRow(id: queue("new"))])))
        state.send(.entries([ledgerEntry("new trouble")], dropped: 0))
        return state
    }

    static func rewound(_ view: ViewID = .queues) -> State {
        var state = present(view)
        state.type(.character("{"), at: noon)
        state.send(.moment(moment()), at: noon)
        return state
    }

    /// All that the tables show, in a word for each row.
    static func shown(_ state: State) -> Set<RowID> {
        var ids = Set<RowID>()
        ids.formUnion(state.queues.rows.map(\.rowID))
        ids.formUnion(state.connections.rows.map(\.rowID))
        ids.formUnion(state.channels.rows.map(\.rowID))
        ids.formUnion(state.consumers.rows.map(\.rowID))
        ids.formUnion(state.exchanges.rows.map(\.rowID))
        ids.formUnion(state.nodes.rows.map(\.rowID))
        return ids
    }

    static let old: Set<RowID> = [
        .queue(queue("gone")), .queue(queue("orders")), .connection("old"),
        .channel(ChannelID(connection: "old", number: 1)), .consumer(consumer("orders", "old", 1).id),
        .exchange(queue("old")), .node("rabbit@old"),
    ]

    @Test func aKeyAsksForTheTimeAndTheAnswerIsShownInEveryView() {
        var state = Self.present()
        #expect(state.type(.character("{"), at: noon) == [.seek(.time(later(-1)))])
        // Until the answer is there, the present is shown.
        #expect(state.past == nil)
        state.send(.moment(Self.moment(-10)), at: later(0.1))
        #expect(state.past?.at == later(-10))
        #expect(state.now == later(-10))
        #expect(state.clock == later(0.1))
        #expect(Self.shown(state) == Self.old)
        #expect(state.events.rows.map(\.text) == ["old trouble"])
        #expect(state.diagnosis.findings.map(\.where) == ["queue gone"])
        #expect(state.totals?.ready == 8)
    }

    @Test func thePresentGoesOnAsideAndIsThereAfterTheReturn() {
        var state = Self.rewound()
        let before = Self.shown(state)
        state.send(
            bulk(
                [depth("orders", ready: 6), depth("newer", ready: 1)], at: later(5), node: nil,
                source: .management), at: later(5))
        state.send(.connections(list([connection("newer")], at: later(5))), at: later(5))
        state.send(.entries([ledgerEntry("newest trouble", at: later(6))], dropped: 0), at: later(6))
        var dead = NodeRow(name: "rabbit@new", running: true)
        dead.running = false
        state.send(.cluster(ClusterPart(at: later(7), name: "mq", nodes: [dead])), at: later(7))
        #expect(Self.shown(state) == before)
        #expect(state.now == later(-600))
        #expect(state.events.rows.map(\.text) == ["old trouble"])
        #expect(state.type(.escape, at: later(8)) == [])
        #expect(state.past == nil)
        #expect(state.now == later(8))
        #expect(state.queueNames.sorted() == ["newer", "orders"])
        #expect(state.connections.rows.map(\.name) == ["newer"])
        #expect(state.events.rows.map(\.text).prefix(2) == ["new trouble", "newest trouble"])
        #expect(state.diagnosis.findings.map(\.rule) == [.nodeDown])
        #expect(state.totals?.ready == 7)
    }

    @Test func viewOrderFilterAndSelectionStayWhenReturning() {
        var state = Self.rewound()
        state.type(.character(">"), .character("3"), .character("/"), at: noon)
        state.type(text: "e")
        state.type(.enter, at: noon)
        let order = state.queues.rowOrder
        state.type(.escape, at: noon)
        #expect(state.past == nil)
        #expect(state.view == .connections)
        #expect(state.connections.filter == .text("e"))
        #expect(state.queues.rowOrder == order)
        #expect(state.connections.sortedRows.map(\.name) == ["new"])
    }

    @Test func theBrokerIsWatchedAsForTheOverviewWhateverIsDoneInThePast() {
        var state = Self.present()
        _ = update(&state, .key(.character("{")), at: noon)
        var watched: [ViewID] = []
        func send(_ event: Event) {
            for case .watch(let interest) in update(&state, event, at: noon) { watched.append(interest.view) }
        }
        send(.moment(Self.moment()))
        #expect(watched == [.overview])
        for key: Key in [.character("3"), .enter, .character("{"), .down] { send(.key(key)) }
        #expect(watched == [.overview])
        send(.key(.escape))
        send(.key(.escape))
        #expect(state.past == nil)
        #expect(watched == [.overview, .connections])
    }

    @Test func keysThatActAreRefusedAndSayWhy() {
        var state = Self.rewound()
        #expect(!Bindings.footer(for: state).map(\.command).contains(.purge))
        for key in "pcePDfZ" {
            #expect(state.type(.character(key), at: noon) == [])
            #expect(state.overlay == nil, "\(key)")
            #expect(state.notice?.text == "This is 11:50:00, not now: Esc returns to the present", "\(key)")
        }
        #expect(!Bindings.footer(for: state).map(\.command).contains(.freeze))
    }

    @Test func escapeClosesWhatWasOpenedThereAndThenReturns() {
        var state = Self.rewound()
        #expect(state.escapeReturns)
        state.type(.enter, at: noon)
        #expect(!state.escapeReturns)
        state.type(.enter, at: noon)
        #expect(state.view == .consumers)
        state.type(.escape, .escape, at: noon)
        #expect(state.view == .queues)
        #expect(!state.isDetailOpen)
        #expect(state.past != nil)
        #expect(Bindings.footer(for: state).contains { $0.label == "Live" })
        state.type(.escape, at: noon)
        #expect(state.past == nil)
    }

    @Test func whatWasOpenBeforeStaysOpen() {
        var state = Self.present()
        state.send(.key(.character("/")))
        state.type(text: "or")
        state.type(.enter, .enter, .character("{"), at: noon)
        state.send(.moment(Self.moment()), at: noon)
        #expect(state.isDetailOpen)
        #expect(state.escapeReturns)
        state.type(.escape, at: noon)
        #expect(state.past == nil)
        #expect(state.isDetailOpen)
        #expect(state.queues.selected?.id == queue("orders"))
    }

    @Test func aRowThatDoesNotExistThenIsSelectedAgainWhenItDoes() {
        var state = Self.present()
        state.queues.apply(.item(.queue(queue("new"))), now: noon)
        state.type(.enter, .character("{"), at: noon)
        state.send(.moment(Self.moment()), at: noon)
        #expect(!state.isDetailOpen)
        #expect(!state.queues.rows.contains { $0.name == "new" })
        state.type(.character("}"), at: noon)
        var moment = Self.moment(-5)
        moment.queues?.rows.append(Self.row("new", 2, later(-5)))
        state.send(.moment(moment), at: noon)
        #expect(state.queues.selected?.name == "new")
        #expect(state.isDetailOpen)
    }

    @Test func whatWasNotKnownIsUnknown() {
        var state = Self.present()
        state.type(.character("{"), at: noon)
        state.send(.moment(Moment(at: later(-10))), at: noon)
        #expect(Self.shown(state).isEmpty)
        #expect(state.cluster == nil)
        #expect(state.totals == nil)
        #expect(state.queues.at == nil)
        #expect(state.isStale(.queues))
    }

    @Test func chartsEndAtTheTimeThatIsShown() {
        var state = makeState { $0.initialView = .queues }
        for (seconds, ready) in [(-40.0, 5), (-30, 6), (0, 50)] {
            let at = later(seconds)
            state.send(bulk([depth("orders", ready: ready)], at: at), at: at)
            state.send(live([depth("orders", ready: ready)], at: at), at: at)
        }
        let subject = History.Subject.queue(queue("orders"))
        #expect(state.history[subject, .ready].last == 50)
        state.type(.character("{"), at: noon)
        state.send(.moment(Self.moment(-10)), at: noon)
        #expect(state.history[subject, .ready].last == 6)
        state.type(.escape, at: noon)
        #expect(state.history[subject, .ready].last == 50)
    }

    @Test func aStepGrowsWhileTheKeyIsRepeatedQuickly() {
        var pace = SeekPace()
        var steps = (0..<12).map { pace.step(-1, span: 900, at: later(Double($0) * 0.3)) }
        #expect(steps == [-15, -15, -15, -15, -15, -30, -30, -30, -30, -30, -60, -60])
        steps = [pace.step(1, span: 900, at: later(4)), pace.step(1, span: 900, at: later(6))]
        #expect(steps == [15, 15])
    }

    @Test(arguments: [
        (60.0, 1.0, 60.0), (300, 5, 300), (3_600, 60, 3_600), (86_400, 900, 86_400), (604_800, 7_200, 86_400),
    ])
    func aStepIsAboutAColumnOfTheChartsAndNeverMoreThanTheirTime(span: Double, first: Double, longest: Double) {
        var pace = SeekPace()
        let steps = (0..<100).map { pace.step(1, span: span, at: later(Double($0) * 0.1)) }
        #expect(steps.first == first)
        #expect(steps.last == longest)
        #expect(steps == steps.sorted())
    }

    @Test func theStepFollowsTheSpanOfTheCharts() {
        var state = Self.present()
        state.send(.recording(RecordingStatus(span: later(-100_000)...noon)), at: noon)
        // 1, 5, 15 min, 1, 6, 24 h.
        while state.chosenSpan != .day { state.type(.character("]"), at: noon) }
        #expect(state.type(.character("{"), at: noon) == [.seek(.time(later(-900)))])
        state.send(.moment(Self.moment(-900)), at: noon)
        while state.chosenSpan != .minute { state.type(.character("["), at: noon) }
        #expect(state.type(.character("{"), at: later(5)) == [.seek(.time(later(-901)))])
    }

    @Test func onlyOneTimeIsLookedUpAtOnceAndThenTheLastOne() {
        var state = Self.present()
        #expect(state.type(.character("{"), at: noon) == [.seek(.time(later(-1)))])
        #expect(state.type(.character("{"), .character("{"), at: later(0.1)) == [])
        let actions = state.send(.moment(Self.moment(-1)), at: later(0.2))
        #expect(actions == [.seek(.time(later(-3)))])
        #expect(state.send(.moment(Self.moment(-3)), at: later(0.3)) == [])
        #expect(state.past?.at == later(-3))
        // One that is never answered does not stop the keys for ever.
        #expect(state.type(.character("{"), at: later(1)).count == 1)
        #expect(state.type(.character("{"), at: later(2)) == [])
        #expect(state.type(.character("{"), at: later(7)).count == 1)
    }

    @Test func anAnswerThatComesAfterTheReturnIsNotShown() {
        var state = Self.rewound()
        state.type(.character("{"), .escape, at: noon)
        #expect(state.past == nil)
        state.send(.moment(Self.moment(-610)), at: noon)
        #expect(state.past == nil)
        #expect(state.queueNames.contains("new"))
    }

    @Test func theEndsOfTheHistoryAreSaid() {
        var state = Self.rewound()
        state.send(.recording(RecordingStatus(span: later(-600.5)...later(-1))), at: noon)
        // A step of 1 s would lead beyond the beginning.
        #expect(state.type(.character("{"), at: noon) == [.seek(.time(later(-600.5)))])
        #expect(state.notice?.text == "The history begins at 11:49:59")
        state.send(.moment(nil), at: noon)
        #expect(state.notice?.text == "The history holds nothing of 11:49:59: it holds 11:49:59 to 11:59:59")
        #expect(state.past?.at == later(-600))
        // Beyond the newest is the present.
        state.send(.moment(Self.moment(-4)), at: noon)
        #expect(state.type(.character("}"), at: noon) == [])
        #expect(state.past == nil)
    }

    @Test func eventsAndFindingsAreGoneTo() {
        var state = Self.present()
        #expect(state.type(.character("("), at: noon) == [.seek(.eventBefore(noon))])
        state.send(.moment(Self.moment(-90)), at: noon)
        #expect(state.type(.character(")"), at: noon) == [.seek(.eventAfter(later(-90)))])
        state.send(.moment(nil), at: noon)
        #expect(state.notice?.text == "No event or finding after 11:58:30 is known")
        #expect(state.past?.at == later(-90))
    }

    @Test func aTimeCanBeTyped() {
        var state = Self.present()
        state.type(.character("T"), at: noon)
        state.type(text: "11:5x")
        #expect(state.type(.enter, at: noon) == [])
        #expect(state.form?.fields.first?.problem?.hasPrefix("a time: 03:12") == true)
        state.type(.backspace, at: noon)
        state.type(text: "5:30")
        #expect(state.form?.fields.first?.editor.text == "11:55:30")
        #expect(state.type(.enter, at: noon) == [.seek(.time(later(-270)))])
        state.send(.moment(Self.moment(-270)), at: noon)
        state.type(.character("T"), at: noon)
        state.type(text: "-30s")
        #expect(state.type(.enter, at: noon) == [.seek(.time(later(-300)))])
        state.send(.moment(Self.moment(-300)), at: noon)
        state.type(.character("T"), at: noon)
        state.type(text: "now")
        state.type(.enter, at: noon)
        #expect(state.past == nil)
    }

    @Test func anOperationThatRunsOnIsToldAboutInThePast() {
        var state = Self.present()
        let actions = state.start(
            .publish(
                PublishRequest(
                    vhost: "/", exchange: "", routingKey: "orders", count: nil, rate: 1, body: .size(1))))
        #expect(actions.count == 1)
        state.type(.character("{"), at: noon)
        state.send(.moment(Self.moment()), at: noon)
        #expect(state.activities.map(\.phase) == [.running])
        state.send(.operation(OperationID(1), .finished("1,000 messages")), at: later(1))
        #expect(state.activities.map(\.phase) == [.finished])
        #expect(state.notice?.text.contains("1,000 messages") == true)
        #expect(state.events.rows.map(\.text) == ["old trouble"])
        state.type(.escape, at: later(2))
        #expect(state.events.rows.contains { $0.kind == .action })
    }

    @Test func recordingAsksForAFileAndStops() {
        var state = Self.present()
        state.type(.character("r"), at: noon)
        #expect(state.form?.fields.first?.editor.text == "rabbittop-2025-11-21T12-00.sqlite")
        #expect(state.type(.enter, at: noon) == [.record("rabbittop-2025-11-21T12-00.sqlite")])
        var status = RecordingStatus(span: later(-60)...noon, bytes: 2_048, file: "a.sqlite", startedAt: noon)
        state.send(.recording(status), at: noon)
        #expect(state.type(.character("r"), at: later(90)) == [.record(nil)])
        #expect(state.notice?.text == "The recording ends: a.sqlite, 1m30s, 2 KiB")
        status.file = nil
        state.send(.recording(status), at: later(91))
        #expect(state.recording.file == nil)
    }
}
