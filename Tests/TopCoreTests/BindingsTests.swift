import Foundation
import Screen
import Testing

@testable import TopCore

@Suite struct BindingsTests {
    @Test func noKeyMeansTwoThingsAtOnce() {
        for view in ViewID.allCases {
            for context in Binding.Context.allCases {
                var seen: [Key: [Command]] = [:]
                for time in Binding.Time.allCases {
                    seen = [:]
                    for binding in Bindings.all
                    where binding.contexts.contains(context) && binding.views.contains(view)
                        && binding.times.contains(time)
                    {
                        for key in binding.keys { seen[key, default: []].append(binding.command) }
                    }
                    for (key, commands) in seen where Set(commands).count > 1 {
                        // In a question the arrows move between buttons, up and down between all stops.
                        Issue.record("\(key.label) in \(context), \(view), \(time): \(commands)")
                    }
                }
            }
        }
    }

    @Test func theDocumentedKeysAreThere() throws {
        var state = makeState { $0.initialView = .queues }
        state.send(bulk([depth("a", ready: 1)]))
        let expected: [(Key, Command)] = [
            (.character("1"), .view(.overview)), (.character("9"), .view(.client)), (.tab, .nextView),
            (.backTab, .previousView), (.up, .up), (.character("k"), .up), (.down, .down), (.character("j"), .down),
            (.pageUp, .pageUp), (.pageDown, .pageDown), (.home, .top), (.character("g"), .top), (.end, .bottom),
            (.character("G"), .bottom), (.left, .scrollLeft), (.character("h"), .scrollLeft),
            (.right, .scrollRight), (.character("l"), .scrollRight), (.enter, .open), (.character("/"), .filter),
            (.character("<"), .sortPrevious), (.character(">"), .sortNext), (.character("I"), .sortInvert),
            (.character("F"), .follow), (.character("v"), .chooseVhost), (.character("Z"), .freeze),
            (.character("+"), .slower), (.character("-"), .faster), (.character("p"), .publish),
            (.character("c"), .consume), (.character("e"), .browse), (.character("P"), .purge),
            (.character("D"), .delete), (.character("?"), .help), (.character("q"), .quit), (.control("c"), .quit),
            (.control("l"), .redraw), (.control("f"), .pageDown), (.control("b"), .pageUp),
        ]
        for (key, command) in expected {
            #expect(Bindings.binding(for: key, in: state)?.command == command, "\(key.label)")
        }
        #expect(Bindings.binding(for: .character("X"), in: state) == nil)
        #expect(Bindings.binding(for: .escape, in: state) == nil)
        state.type(.enter)
        #expect(Bindings.binding(for: .escape, in: state)?.command == .back)
    }

    @Test func whatDoesNotApplyIsInNeitherFooterNorHelp() {
        var state = makeState { $0.initialView = .queues }
        func footer() -> [Command] { Bindings.footer(for: state).map(\.command) }
        func help() -> [String] { Bindings.help(for: state).flatMap(\.items).map(\.label) }
        #expect(!footer().contains(.purge))
        state.send(bulk([depth("a", ready: 1)]))
        #expect(footer().contains(.purge))
        #expect(help().contains("purge"))
        #expect(!footer().contains(.closeChannel))
        #expect(!help().contains("close channel"))
        state.type(.character("7"))
        #expect(!footer().contains(.purge))
        #expect(!help().contains("purge"))
    }

    @Test func theFooterIsThatOfWhatIsOnTop() {
        var state = makeState { $0.initialView = .queues }
        state.send(bulk([depth("a", ready: 1)]))
        state.type(.character("P"))
        #expect(Bindings.footer(for: state).map(\.keyLabel) == ["Enter", "Esc", "Tab"])
        state.type(.escape, .character("?"))
        #expect(Bindings.footer(for: state).map(\.label) == ["Help", "Close"])
    }

    @Test func dangerousKeysAreMarked() throws {
        let dangerous = Bindings.all.filter(\.isDangerous).map(\.command)
        #expect(dangerous == [.purge, .delete, .closeChannel, .closeConnection, .browser(.delete)])
    }

    @Test func aKeyThatDoesNothingHereSaysWhereItDoes() {
        var state = makeState { $0.initialView = .nodes }
        state.type(.character("P"))
        #expect(state.notice?.text == "P (purge) works in Queues")
        state.type(.character("2"), .character("P"))
        #expect(state.notice?.text == "Nothing is selected that P (purge) could work on")
    }
}

@Suite struct StatusTests {
    @Test func aPanelSaysWhichSourceIsSilentAndWhatToDo() {
        var state = makeState()
        #expect(state.panelStatus(for: .queues).map(\.text) == ["waiting for the first answer from localhost:15672"])
        #expect(state.isStale(.queues))
        var management = SourceStatus(name: .management, state: .stale, lastSuccess: later(-12))
        management.problem = "connection refused by localhost:15672"
        management.advice = "start the broker or give -H"
        var prometheus = SourceStatus(name: .prometheus, node: "rabbit@b", state: .notEnabled)
        prometheus.advice = "rabbitmq-plugins enable rabbitmq_prometheus"
        state.send(
            .sources([
                management, prometheus, SourceStatus(name: .amqp, state: .live, lastSuccess: later(-0.5)),
                SourceStatus(name: .logExchange, state: .off),
            ]))
        state.send(live([], at: noon))
        #expect(
            state.panelStatus(for: .queues).map(\.text) == [
                "management: connection refused by localhost:15672 · 12 s old — start the broker or give -H",
                "prometheus of rabbit@b: not enabled — rabbitmq-plugins enable rabbitmq_prometheus",
            ])
        #expect(state.panelStatus(for: .queues).map(\.severity) == [.warning, .info])
        #expect(
            state.panelStatus(for: .queues).map(\.item)
                == [.source(.management, node: nil), .source(.prometheus, node: "rabbit@b")])
        #expect(!state.isStale(.queues))
        #expect(state.isStale(.connections))
        #expect(state.panelStatus(for: .connections).count == 1)
    }

    @Test func aLiveSourceThatFellSilentIsStale() {
        var state = makeState()
        state.send(.sources([SourceStatus(name: .management, state: .live, lastSuccess: noon, interval: 5)]))
        state.send(.connections(list([connection(orders)])))
        #expect(!state.isStale(.connections))
        #expect(state.panelStatus(for: .connections).isEmpty)
        state.send(.tick, at: later(20))
        #expect(state.isStale(.connections))
        #expect(state.panelStatus(for: .connections).map(\.text) == ["management: no answer · 20 s old"])
        #expect(state.age(of: .connections) == 20)
    }

    @Test func oldRowsOfAFreshSourceAreStale() {
        var state = makeState()
        state.send(.connections(list([connection(orders)])))
        state.send(.sources([SourceStatus(name: .management, state: .live, lastSuccess: later(60))]), at: later(60))
        #expect(state.isStale(.connections))
        #expect(!state.isStale(.overview))
    }

    @Test func theEventsViewTellsHowToSeeMore() {
        var state = makeState()
        state.send(.sources([SourceStatus(name: .client, state: .live, lastSuccess: noon)]))
        let text = state.panelStatus(for: .events).map(\.text).joined()
        #expect(text.contains("log.exchange = true"))
        #expect(text.contains("log.file.level = info"))
    }

    @Test func aPartOfTheListIsSaidToBeOne() {
        var state = makeState()
        var part = list([connection(orders)])
        part.total = 5_000
        state.send(.connections(part))
        #expect(
            state.panelStatus(for: .connections).map(\.text).contains(
                "the first 1 of 5,000 are known — a filter finds the others"))
    }
}

@Suite struct HistoryTests {
    @Test func isBoundedAndEvenlySpaced() {
        var history = History()
        for step in 0..<2_000 {
            history.record(.cluster, .ready, step, at: later(Double(step) * 0.1))
        }
        let points = history[.cluster, .ready].points
        #expect(points.count <= History.Series.capacity)
        #expect(points.count > 500)
        // Of figures that came at once the newest counts.
        #expect(points.last?.value == 1_999)
        #expect(zip(points, points.dropFirst()).allSatisfy { $1.at.timeIntervalSince($0.at) >= 0.15 })
    }

    @Test func whatIsNoNumberNeverGetsIn() {
        var history = History()
        history.record(.cluster, .publishRate, Double.nan, at: noon)
        history.record(.cluster, .publishRate, Double.infinity, at: later(1))
        history.record(.cluster, .publishRate, nil as Double?, at: later(2))
        #expect(history[.cluster, .publishRate].points.isEmpty)
        #expect(history.lastUse.isEmpty)
    }

    @Test func theSubjectLongestUnseenLeaves() {
        var history = History()
        history.record(.cluster, .ready, 1, at: noon)
        for step in 0..<150 {
            history.record(.queue(queue("q\(step)")), .ready, step, at: later(Double(step)))
            history.record(.queue(queue("q0")), .ready, step, at: later(Double(step)))
        }
        #expect(history.lastUse.count == History.subjectCapacity)
        #expect(history[.queue(queue("q0")), .ready].points.count > 100)
        #expect(history[.queue(queue("q1")), .ready].points.isEmpty)
        #expect(history[.cluster, .ready].last == 1)
        #expect(history[.queue(queue("q149")), .ready].last == 149)
        #expect(history.series.count <= History.subjectCapacity)
    }

    @Test func isFoldedInFromSnapshots() {
        var state = makeState { $0.initialView = .queues }
        var overview = OverviewRow()
        overview.ready = 5
        overview.publishRate = .nan
        state.send(.cluster(ClusterPart(at: noon, overview: overview)))
        state.send(bulk((0..<300).map { (n: Int) in depth("q\(n)", ready: n) }))
        state.send(bulk((0..<300).map { (n: Int) in depth("q\(n)", ready: n) }, at: later(5)))
        #expect(state.history[.cluster, .ready].last == 5)
        #expect(state.history[.cluster, .publishRate].points.isEmpty)
        #expect(state.history[.queue(queue("q299")), .ready].last == 299)
        // Off the screen, and so not kept.
        #expect(state.history[.queue(queue("q3")), .ready].points.isEmpty)
        state.send(live([depth("q299", ready: 400)], at: later(6)))
        #expect(state.history[.queue(queue("q299")), .ready].points.map(\.value) == [299, 400])
    }
}

@Suite struct EventListTests {
    @Test func aThousandErrorsOfOneSecondAreEachCounted() {
        var state = makeState { $0.initialView = .events }
        for batch in 0..<10 {
            let entries = (0..<100).map { ledgerEntry("error \(batch * 100 + $0)", at: noon, code: 404) }
            state.send(.entries(entries, dropped: batch == 9 ? 3 : 0))
        }
        #expect(state.ledger.total == 1_000)
        #expect(state.ledger.dropped == 3)
        #expect(state.ledger.countByCode[404] == 1_000)
        #expect(state.events.count == 1_000)
        #expect(state.events.window(2).map(\.text) == ["error 999", "error 998"])
    }

    @Test func theTableKeepsWhatTheLedgerKeeps() {
        var state = makeState { $0.initialView = .events }
        state.ledger = .init(capacity: 50)
        for number in 0..<120 {
            state.send(.entries([ledgerEntry("error \(number)", at: later(Double(number)))], dropped: 0))
        }
        #expect(state.events.count == 50)
        #expect(state.events.total == 120)
        #expect(state.events.sortedRows.first?.text == "error 119")
        #expect(state.events.sortedRows.last?.text == "error 70")
    }

    @Test func newsAreFilteredAndTheSelectionStaysWithItsEntry() {
        var state = makeState { $0.initialView = .events }
        state.send(
            .entries(
                [ledgerEntry("NOT_FOUND - no queue 'a'", code: 404), ledgerEntry("PRECONDITION_FAILED", code: 406)],
                dropped: 0))
        state.type(.character("/"))
        state.type(text: "404")
        state.type(.enter, .down)
        #expect(state.events.sortedRows.map(\.code) == [404])
        let selected = state.selectedID
        state.send(.entries((0..<60).map { ledgerEntry("again \($0)", at: later(1), code: 404) }, dropped: 0))
        #expect(state.events.count == 61)
        #expect(state.selectedID == selected)
    }
}
