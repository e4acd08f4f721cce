import Foundation
import Names
import Testing

@testable import TopCore

/// What charts know of a figure: what was recorded in memory, gaps, and the answers of the store.
@Suite struct CurveTests {
    private func series(_ points: [(Double, Double)]) -> History.Series {
        var series = History.Series()
        for (at, value) in points { series.append(value, at: later(at)) }
        return series
    }

    @Test func whatWasNotMeasuredForLongIsAGap() {
        let seen = series([(0, 1), (5, 2), (10, 3), (70, 9), (75, 9)])
        #expect(seen.points.map(\.followsGap) == [false, false, false, true, false])
        #expect(seen.value(at: later(7.5)) == 2.5)
        #expect(seen.value(at: later(40)) == nil)
        #expect(seen.value(at: later(72)) == 9)
        #expect(seen.value(at: later(80)) == 9)
        #expect(seen.value(at: later(1_000)) == nil)
        #expect(seen.value(at: later(-1)) == nil)
    }

    @Test func aSlowPaceIsNoGap() {
        var seen = History.Series()
        for step in 0..<10 { seen.append(Double(step), at: later(Double(step) * 60), patience: 180) }
        #expect(seen.points.allSatisfy { !$0.followsGap })
    }

    @Test func anUnchangedValueTakesTwoPoints() {
        let quiet = series((0..<3_000).map { (Double($0), 4) })
        #expect(quiet.points.map(\.at) == [noon, later(2_999)])
        #expect(quiet.value(at: later(1_234)) == 4)
        let changed = series((0..<100).map { (Double($0), $0 < 50 ? 4 : 5) })
        #expect(changed.points.map(\.at) == [noon, later(49), later(50), later(99)])
    }

    @Test func aClockSetBackStartsAnew() {
        let seen = series([(0, 1), (1_000, 2), (1_005, 3), (500, 4), (505, 5)])
        #expect(seen.points.map(\.value) == [1, 4, 5])
        #expect(seen.points[1].followsGap)
        // Answers that overtake each other do not.
        #expect(series([(0, 1), (5, 2), (4.5, 3)]).points.map(\.value) == [1, 3])
    }

    @Test func memoryIsBoundedInBytes() {
        var history = History()
        let metrics = History.Metric.allCases
        for number in 0..<90 {
            for step in 0..<600 {
                for metric in metrics.prefix(8) {
                    history.record(.queue(queue("q\(number)")), metric, step, at: later(Double(number * 600 + step)))
                }
            }
        }
        #expect(history.bytes <= History.byteCapacity)
        #expect(history.bytes > History.byteCapacity / 2)
        #expect(history.pointCount == history.series.values.reduce(0) { $0 + $1.points.count })
        #expect(history[.queue(queue("q89")), .ready].last == 599)
        #expect(history[.queue(queue("q0")), .ready].points.isEmpty)
    }

    @Test func aLostBrokerIsAGapHoweverShort() {
        var state = makeState { $0.initialView = .queues }
        state.send(bulk([depth("a", ready: 1)]))
        func measure(_ at: Double) { state.send(bulk([depth("a", ready: Int(at))], at: later(at)), at: later(at)) }
        func say(_ kind: SourceStatus.State, _ at: Double) {
            state.send(
                .sources([
                    SourceStatus(name: .management, state: kind), SourceStatus(name: .prometheus, state: kind),
                ]), at: later(at))
        }
        say(.live, 0)
        measure(5)
        measure(10)
        say(.stale, 11)
        say(.live, 15)
        measure(16)
        let ready = state.history[.queue(queue("a")), .ready]
        #expect(ready.points.map(\.value) == [5, 10, 16])
        #expect(ready.points.map(\.followsGap) == [false, false, true])
        // The management API alone is not needed for depths.
        state.send(
            .sources([
                SourceStatus(name: .management, state: .stale), SourceStatus(name: .prometheus, state: .live),
            ]), at: later(17))
        measure(21)
        #expect(state.history[.queue(queue("a")), .ready].points.last?.followsGap == false)
    }

    @Test func aSourceThatIsAskedSeldomLeavesNoGaps() {
        var state = makeState { $0.initialView = .queues }
        state.send(.sources([SourceStatus(name: .prometheus, state: .live, interval: 40)]))
        for step in 0..<5 {
            let at = later(Double(step) * 40)
            state.send(bulk([depth("a", ready: step)], at: at), at: at)
        }
        #expect(state.history[.queue(queue("a")), .ready].points.map(\.followsGap) == [false, false, false, false])
    }

    @Test func aDepthThatIsNotMeasuredAnyMoreDoesNotHold() {
        var state = makeState { $0.initialView = .queues }
        state.send(bulk([depth("a", ready: 3)]))
        state.send(bulk([depth("a", ready: 3)], at: later(5)), at: later(5))
        for step in 2..<20 {
            let at = Double(step) * 5
            state.send(rich(depth("a"), at: later(at)) { $0.publishRate = 1 }, at: later(at))
        }
        let ready = state.history[.queue(queue("a")), .ready]
        #expect(ready.value(at: later(5)) == 3)
        #expect(ready.value(at: later(60)) == nil)
        #expect(state.history[.queue(queue("a")), .publishRate].value(at: later(60)) == 1)
    }

    // MARK: Spans

    @Test func theSpanIsAutomaticUntilChosen() {
        var state = makeState()
        #expect(state.chartWindow.seconds == 60)
        var part = ClusterPart(at: noon)
        part.overview.publishRate = 1
        state.send(.cluster(part))
        state.send(.tick, at: later(250))
        #expect(state.chartWindow.seconds == 300)
        state.send(.tick, at: later(90_000))
        #expect(state.chartWindow.seconds == 900)
        state.type(.character("]"))
        #expect(state.chartWindow.label == "1 h")
        #expect(state.notice?.text == "Charts show 1 h")
        var labels: [String] = []
        for _ in 0..<6 {
            state.type(.character("]"))
            labels.append(state.chartWindow.label)
        }
        #expect(labels == ["6 h", "24 h", "3 d", "7 d", "7 d", "7 d"])
        #expect(state.notice?.text == "Charts show 7 d, the longest span")
        for _ in 0..<7 { state.type(.character("[")) }
        #expect(state.chartWindow.label == "1 min")
        state.type(.character("["))
        #expect(state.chosenSpan == nil)
        #expect(state.chartWindow.seconds == 900)
    }

    // MARK: The store

    private func requests(_ actions: [Action]) -> [CurveRequest] {
        actions.flatMap { action -> [CurveRequest] in if case .curves(let requests) = action { requests } else { [] } }
    }

    private func withStore(_ view: ViewID = .queues) -> (state: State, requests: [CurveRequest]) {
        var state = makeState { $0.initialView = view }
        state.send(bulk([depth("a", ready: 1), depth("b", ready: 2)]))
        let actions = update(&state, .recording(RecordingStatus(span: later(-86_400)...noon)), at: later(1))
        return (state, requests(actions))
    }

    /// A curve that grows by one each second.
    private func answer(_ request: CurveRequest, until end: Double, step: Double = 5) -> Curve {
        let begin = request.from.timeIntervalSince(noon)
        let points = stride(from: begin, through: end, by: step).map { Curve.Point(at: later($0), value: 10_000 + $0) }
        return Curve(request, points: points, knownUntil: later(end))
    }

    @Test func withoutAStoreNothingIsAsked() {
        var state = makeState { $0.initialView = .queues }
        state.send(bulk([depth("a", ready: 1)]))
        state.type(.enter)
        for step in 1..<50 {
            #expect(requests(update(&state, .tick, at: later(Double(step)))).isEmpty)
        }
    }

    @Test func theStoreIsAskedForWhatTheScreenShowsOnceAndOneAtATime() {
        var (state, asked) = withStore()
        // The header's sparklines.
        #expect(Set(asked.map(\.metric)) == [.publishRate, .deliverRate, .ackRate])
        #expect(asked.allSatisfy { $0.subject == .cluster && $0.to == later(1) && $0.from == later(1 - 900) })
        #expect(asked.allSatisfy { $0.points == 200 })
        // No other request before the answer.
        #expect(requests(update(&state, .key(.enter), at: later(2))).isEmpty)
        let answers = asked.map { Curve($0, points: []) }
        asked = requests(update(&state, .curves(answers), at: later(2)))
        #expect(Set(asked.map(\.subject)) == [.queue(queue("b"))])
        #expect(Set(asked.map(\.metric)) == Set(State.chartMetrics(of: .queue(queue("b")))))
        #expect(requests(update(&state, .curves(asked.map { answer($0, until: 1) }), at: later(2))).isEmpty)
        // Measured since, nothing is missing.
        for second in 3..<60 {
            let at = later(Double(second))
            let depth = depth("b", ready: 10_000 + second, unacked: second, consumers: 1)
            let actions =
                update(&state, .snapshot(live([depth], at: at)), at: at)
                + update(
                    &state,
                    .snapshot(
                        rich(depth, at: at) {
                            $0.publishRate = 1
                            $0.deliverRate = 1
                            $0.ackRate = 1
                            $0.redeliverRate = 0
                        }), at: at)
            #expect(requests(actions).filter { $0.subject != .cluster }.isEmpty, "\(second)")
        }
        // The curve is whole from the store's points into those in memory.
        let whole = state.history.series(.queue(queue("b")), .ready, in: state.chartWindow)
        #expect(whole.isWhole(since: later(-800)))
        #expect(whole.value(at: later(-500)) == 9_500)
        #expect(whole.value(at: later(30)) == 10_030)
        // A longer span is asked for.
        asked = requests(update(&state, .key(.character("]")), at: later(60)))
        #expect(asked.contains { $0.subject == .queue(queue("b")) && $0.from == later(60 - 3_600) })
    }

    @Test func aStoreThatDoesNotAnswerIsLeftAlone() {
        var (state, asked) = withStore()
        #expect(asked.count == 3)
        var count = 0
        for second in 2..<62 { count += requests(update(&state, .tick, at: later(Double(second)))).count }
        #expect(count <= 3)
    }

    @Test func whatWasMissedSinceIsAskedForAgain() {
        var (state, asked) = withStore()
        _ = update(&state, .curves(asked.map { answer($0, until: 1) }), at: later(2))
        // No figures of the cluster for a minute.
        asked = []
        for second in stride(from: 4.0, through: 60, by: 2) where asked.isEmpty {
            asked = requests(update(&state, .tick, at: later(second)))
        }
        #expect(asked.count == 3)
        #expect(asked.allSatisfy { $0.to > later(10) })
    }

    @Test func anAnswerHoldsWhatDidNotChangeAndKeepsGaps() {
        var (state, asked) = withStore()
        let points = [
            Curve.Point(at: later(-800), value: 5), Curve.Point(at: later(-400), value: 50),
            Curve.Point(at: later(-200), value: 60, followsGap: true),
            Curve.Point(at: later(-900), value: 1), Curve.Point(at: later(-100), value: .nan),
        ]
        _ = update(&state, .curves(asked.map { Curve($0, points: points, knownUntil: later(-50)) }), at: later(2))
        let series = state.history.series(.cluster, .publishRate, in: state.chartWindow)
        #expect(series.value(at: later(-500)) == 5)
        #expect(series.value(at: later(-400)) == 50)
        #expect(series.value(at: later(-300)) == nil)
        #expect(series.value(at: later(-60)) == 60)
        #expect(series.value(at: later(-40)) == nil)
        #expect(series.points.map(\.at) == series.points.map(\.at).sorted())
        asked = []
    }

    @Test func anEarlierTimeIsShownFromTheStoreAlone() throws {
        var history = History()
        let figure = History.Figure(.queue(queue("a")), .ready)
        for second in 0..<600 { history.record(.queue(queue("a")), .ready, 7, at: later(Double(second))) }
        func window(_ end: Double) -> ChartWindow { ChartWindow(end: later(end), seconds: 300, isLive: false) }
        func request(_ end: Double) -> CurveRequest? {
            history.request(
                for: figure, in: window(end), points: 100, stored: later(-86_400)...later(600), now: later(600))
        }
        #expect(history.series(figure.subject, .ready, in: window(400)).points.isEmpty)
        // More is asked for than is shown, because the time is often moved a little.
        let asked = try #require(request(400))
        #expect(asked.from == later(25) && asked.to == later(475) && asked.points == 150)
        history.note([asked], at: later(600))
        #expect(request(400) == nil)
        history.take([answer(asked, until: 475)], charted: [figure])
        #expect(request(400) == nil)
        #expect(request(440) == nil)
        let moved = try #require(request(500))
        #expect(moved.to == later(575))
        // What is later than the time that is shown is not.
        let shown = history.series(figure.subject, .ready, in: window(400))
        #expect(shown.last == 10_400)
        #expect(shown.points.allSatisfy { $0.at <= later(400) })
        #expect(history.series(figure.subject, .ready, in: window(402)).value(at: later(402)) == 10_400)
    }

    @Test func chartsGoBackInTimeWithTheScreen() {
        var state = RewindTests.present()
        _ = update(&state, .recording(RecordingStatus(span: later(-86_400)...noon)), at: noon)
        state.type(.character("]"))
        state.type(.character("{"), at: noon)
        let asked = requests(update(&state, .moment(RewindTests.moment()), at: noon))
        let window = state.chartWindow
        #expect(window.end == later(-600) && !window.isLive && window.seconds == state.chosenSpan?.seconds)
        #expect(asked.map(\.metric).contains(.publishRate))
        #expect(asked.allSatisfy { $0.from <= window.start && $0.to >= window.end })
        #expect(state.history.series(.cluster, .publishRate, in: window).points.isEmpty)
        let answers = asked.map { answer($0, until: $0.to.timeIntervalSince(noon)) }
        #expect(requests(update(&state, .curves(answers), at: later(1))).isEmpty)
        #expect(state.history.series(.cluster, .publishRate, in: state.chartWindow).last.map { $0 <= 9_400 } == true)
        // The present goes on aside, and asks for nothing that nobody sees.
        for second in 2..<40 {
            #expect(requests(update(&state, .tick, at: later(Double(second)))).isEmpty)
        }
        state.type(.escape)
        #expect(state.chartWindow.isLive && state.chartWindow.seconds == window.seconds)
    }

    @Test func answersAreBounded() {
        var history = History()
        let points = (0..<10_000).map { Curve.Point(at: later(Double($0)), value: 1) }
        for number in 0..<500 {
            let request = CurveRequest(.queue(queue("q\(number)")), .ready, from: noon, to: later(10_000), points: 200)
            history.note([request], at: noon)
            history.take([Curve(request, points: points)], charted: [request.figure])
        }
        #expect(history.answers.count <= History.answerCapacity)
        #expect(history.asked.count <= History.answerCapacity)
        #expect(history.answers.values.allSatisfy { $0.points.count <= 2 * History.Answer.capacity })
        // What nobody asked for is not taken.
        let request = CurveRequest(.cluster, .ready, from: noon, to: later(10), points: 200)
        history.take([Curve(request, points: points)], charted: [])
        #expect(history.answers[request.figure] == nil)
    }

    // MARK: Comparing

    @Test func aRowIsMarkedAndComparedWithOthers() {
        var state = makeState { $0.initialView = .queues }
        state.send(bulk([depth("a", ready: 1), depth("b", ready: 2), depth("c", ready: 3)]))
        state.type(.character("="))
        let marked = state.selectedID
        #expect(state.compared == marked)
        #expect(state.notice?.text == "Charts of another queue's details show queue c too; = ends that")
        #expect(state.overlaid(on: .queue(queue("c"))) == nil)
        state.type(.down, .enter)
        #expect(state.compared == marked)
        #expect(state.overlaid(on: .queue(queue("b"))) == marked)
        #expect(state.overlaid(on: .connection(orders)) == nil)
        // Both are polled, and recorded.
        #expect(state.interest?.queues.contains(queue("c")) == true)
        state.type(.down)
        #expect(state.overlaid(on: .queue(queue("a"))) == marked)
        state.type(.character("="))
        #expect(state.compared == nil)
        #expect(state.notice?.text == "queue c is no longer compared")
    }

    @Test func theFiguresOfAComparedConnectionAreRecorded() {
        var state = makeState { $0.initialView = .connections }
        func send(_ at: Double) {
            let rows = [orders, billing].map { name in connection(name) { $0.receiveRate = at } }
            state.send(.connections(list(rows, at: later(at))), at: later(at))
        }
        send(0)
        let first = state.selectedID
        state.type(.character("="), .down)
        send(5)
        let recorded = [orders, billing].filter { state.history[.connection($0), .receiveRate].last == 5 }
        #expect(recorded.count == 2)
        #expect(state.compared == first)
        state.send(.channels(list([channel(orders, 1)], at: later(6))), at: later(6))
        state.type(.character("3"), .character("4"), .character("="))
        // A row of another kind takes the place of the first.
        #expect(state.compared == .channel(ChannelID(connection: orders, number: 1)))
    }
}
