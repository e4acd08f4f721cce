import Faults
import Foundation
import Names
import Screen
import Testing

@testable import TopCore

/// What changed between two times.
@Suite struct DifferenceTests {
    private func queues(_ depths: [(Name, Int)], at: Date, isWhole: Bool = true, total: Int? = nil) -> Moment {
        var moment = Moment(at: at)
        moment.queues = ListPart(
            at: at, rows: depths.map { RewindTests.row($0.0, $0.1, at) }, total: total, isWhole: isWhole)
        return moment
    }

    @Test func queuesThatAreGoneNewAndDeeper() {
        let difference = Difference(
            from: queues([("gone", 3), ("long gone", 80), ("same", 1), ("deep", 10), ("deeper", 10)], at: noon),
            to: queues([("new", 4), ("same", 1), ("deep", 12), ("deeper", 5_000)], at: later(690)))
        #expect(difference.gone.map(\.name) == ["long gone", "gone"])
        #expect(difference.new.map(\.name) == ["new"])
        #expect(difference.changed.map(\.item.name) == ["deeper", "deep"])
        #expect(difference.changed.first?.before == .integer(10))
        #expect(difference.changed.first?.after == .integer(5_000))
        #expect(difference.counts[.queue] == Difference.Count(gone: 2, new: 1, changed: 2))
        #expect(
            difference.text().split(separator: "\n").map(String.init).prefix(7) == [
                "What changed from 2025-11-21 12:00:00 UTC to 2025-11-21 12:11:30 UTC, 11m30s later",
                "Queues: 2 gone, 1 new, 2 changed", "  - long gone", "  - gone", "  + new",
                "  ~ deeper  ready  10 → 5,000", "  ~ deep  ready  10 → 12",
            ])
    }

    @Test func namesAreComparedByTheirBytes() {
        let difference = Difference(
            from: queues([("caf\u{e9}", 1)], at: noon), to: queues([("cafe\u{301}", 1)], at: later(1)))
        #expect(difference.gone.count == 1)
        #expect(difference.new.count == 1)
    }

    @Test func whatWasNotKnownIsNeitherGoneNorNew() {
        // The later list is a part of all.
        var difference = Difference(
            from: queues([("a", 1), ("b", 1)], at: noon),
            to: queues([("a", 2), ("c", 1)], at: later(1), isWhole: false, total: 9))
        #expect(difference.gone.isEmpty)
        #expect(difference.new.map(\.name) == ["c"])
        #expect(difference.changed.count == 1)
        #expect(difference.unknown.contains("1 queue may be gone: the later list does not have all"))
        // A list that is missing on one side.
        difference = Difference(from: Moment(at: noon), to: queues([("a", 1)], at: later(1)))
        #expect(difference.new.isEmpty)
        #expect(difference.unknown.contains("queues were not known at the earlier time"))
        #expect(difference.unknown.contains("channels were known at neither time"))
        // A value that was unknown did not change.
        var bare = queues([], at: noon)
        bare.queues?.rows = [QueueRow(id: queue("a"))]
        #expect(Difference(from: bare, to: queues([("a", 7)], at: later(1))).isEmpty)
    }

    @Test func configurationIsComparedItemByItem() {
        var from = Moment(at: noon)
        from.configuration = ConfigurationPart(
            at: noon,
            items: [
                ConfigurationItem(.policy, vhost: "/", name: "ttl", value: "^orders: ttl 10"),
                ConfigurationItem(.binding, vhost: "/", name: "a -> b", value: "#"),
                ConfigurationItem(.featureFlag, name: "khepri_db", value: "disabled"),
            ])
        var to = Moment(at: later(1))
        to.configuration = ConfigurationPart(
            at: later(1),
            items: [
                ConfigurationItem(.policy, vhost: "/", name: "ttl", value: "^orders: ttl 20"),
                ConfigurationItem(.featureFlag, name: "khepri_db", value: "disabled"),
                ConfigurationItem(.queueArguments, vhost: "x", name: "q", value: "x-max-length 5"),
            ])
        let difference = Difference(from: from, to: to)
        #expect(difference.gone.map(\.what) == [.configured(.binding)])
        #expect(difference.new.map(\.what) == [.configured(.queueArguments)])
        #expect(difference.changed.map(\.item.name) == ["ttl"])
        let text = difference.text()
        #expect(text.contains("Policies: 1 changed\n  ~ ttl  value  ^orders: ttl 10 → ^orders: ttl 20\n"))
        #expect(text.contains("  + q  (vhost x)  x-max-length 5\n"))
    }

    @Test func findingsAndVersionsAreCompared() {
        func finding(_ place: String, _ what: String) -> Finding {
            Finding(.growingQueue, .warning, what: what, where: place, since: noon, advice: "")
        }
        var from = Moment(at: noon)
        from.cluster = ClusterPart(at: noon, name: "mq", version: "4.0.5")
        from.findings = [finding("queue a", "grows"), finding("queue b", "grows by 5")]
        var to = Moment(at: later(1))
        to.cluster = ClusterPart(at: later(1), name: "mq", version: "4.3.6")
        to.findings = [finding("queue b", "grows by 9"), finding("queue c", "grows")]
        let difference = Difference(from: from, to: to)
        #expect(difference.gone.map(\.name) == ["queue a"])
        #expect(difference.new.map(\.name) == ["queue c"])
        #expect(difference.changed.map(\.field) == ["version"])
        #expect(difference.text().contains("Findings: 1 over, 1 new\n  - queue a  grows\n  + queue c  grows\n"))
    }

    @Test func ratesThatAreNearlySteadyDidNotChange() {
        func moment(_ rate: Double, at: Date) -> Moment {
            var moment = queues([("a", 1)], at: at)
            var details = QueueDetails()
            details.publishRate = rate
            moment.queues?.rows[0].details = details
            moment.queues?.rows[0].detailsAt = at
            return moment
        }
        #expect(Difference(from: moment(1_000, at: noon), to: moment(1_010, at: later(1))).changed.isEmpty)
        #expect(Difference(from: moment(1_000, at: noon), to: moment(1_100, at: later(1))).changed.count == 1)
        #expect(Difference(from: moment(0, at: noon), to: moment(0.05, at: later(1))).changed.isEmpty)
    }

    @Test func theLargestChangesOfManyAreKeptAndAllAreCounted() {
        let names = (0..<20_000).map { Name("q\($0)") }
        let from = queues(names.map { ($0, 0) }, at: noon)
        let to = queues(names.enumerated().map { ($0.element, $0.offset) }, at: later(1))
        let difference = Difference(from: from, to: to)
        #expect(difference.changed.count == Difference.most)
        #expect(difference.changed.first?.item.name == "q19999")
        #expect(difference.changed.last?.item.name == "q19800")
        #expect(difference.counts[.queue]?.changed == 19_999)
        #expect(difference.text().contains("and 19,899 more"))
        #expect(difference.json.utf8.count < 60_000)
    }

    @Test func theJSONHasTheKeysOfTheContract() throws {
        let difference = Difference(
            from: queues([("gone", 1), ("deep", 1)], at: noon), to: queues([("new", 1), ("deep", 9)], at: later(1)))
        #expect(
            difference.json.hasPrefix(
                """
                {"from":"2025-11-21T12:00:00Z","to":"2025-11-21T12:00:01Z",\
                "gone":[{"what":"queue","vhost":"/","name":"gone","remark":null}],\
                "new":[{"what":"queue","vhost":"/","name":"new","remark":null}],\
                "changed":[{"what":"queue","vhost":"/","name":"deep","field":"ready","before":1,"after":9}],\
                "counts":[{"what":"queue","gone":1,"new":1,"changed":1}],"unknown":["nodes and totals
                """))
    }

    @Test func controlCharactersOfNamesDoNotReachATerminal() {
        let difference = Difference(from: queues([], at: noon), to: queues([("a\u{1b}[2J\nb", 1)], at: later(1)))
        #expect(difference.new.count == 1)
        #expect(!difference.text().contains("\u{1b}"))
        #expect(difference.text().contains("  + a\\x1b[2J\\nb\n"))
    }

    @Test func aMarkIsComparedWithWhatIsShown() {
        var state = RewindTests.present()
        #expect(Bindings.binding(for: .character("M"), in: state) == nil)
        state.type(.character("M"))
        #expect(state.notice?.text.hasPrefix("No time is marked") == true)
        state.type(.character("m"))
        #expect(state.notice?.text.hasPrefix("Marked 12:00:00") == true)
        state.send(
            bulk([depth("orders", ready: 50), depth("newer", ready: 1)], at: later(5), node: nil, source: .management),
            at: later(5))
        state.type(.character("M"))
        guard case .difference(let page) = state.overlay else {
            Issue.record("no page")
            return
        }
        #expect(page.difference.gone.map(\.name) == ["new"])
        #expect(page.difference.new.map(\.name) == ["newer"])
        #expect(page.difference.from == noon)
        // It is written from the page, which is still there afterwards.
        state.type(.character("w"))
        #expect(state.form?.fields.first?.editor.text == "rabbittop-changes-2025-11-21-120005.txt")
        let actions = state.type(.enter)
        guard case .start(_, .write(let request))? = actions.first, case .text(let text) = request.content else {
            Issue.record("nothing is written")
            return
        }
        #expect(text == page.difference.text())
        #expect(state.context == .difference)
        state.type(.escape)
        #expect(state.overlay == nil)
    }

    @Test func thePageFollowsWhatIsReportedAndKeepsItsPlace() throws {
        var state = RewindTests.present()
        state.type(.character("m"))
        func report(_ ready: Int, at seconds: Double) {
            state.send(
                bulk(
                    [depth("orders", ready: ready), depth("new", ready: 9)], at: later(seconds), node: nil,
                    source: .management), at: later(seconds))
        }
        state.type(.character("M"), at: noon)
        #expect(try #require(state.changes).difference.isEmpty)
        #expect(state.changes?.course == .toPresent)
        state.send(.viewport(rows: 10, limits: ScrollLimits(overlay: 40)))
        state.type(.down, .down)
        report(50, at: 2)
        #expect(state.changes?.difference.changed.map(\.after) == [.integer(50)])
        #expect(state.changes?.difference.to == later(2))
        #expect(state.changes?.scroll == 2)
        // Many reports in a second are compared once, and none is forgotten.
        report(60, at: 2.5)
        #expect(state.changes?.difference.changed.map(\.after) == [.integer(50)])
        state.send(.tick, at: later(3.1))
        #expect(state.changes?.difference.changed.map(\.after) == [.integer(60)])
    }

    @Test func thePageFollowsTheTimeThatIsGoneTo() throws {
        var state = RewindTests.present()
        state.type(.character("m"), .character("M"))
        #expect(state.type(.character("{"), at: later(1)) == [.seek(.time(noon))])
        state.send(.moment(RewindTests.moment(-60, ready: 3)), at: later(1))
        #expect(state.changes?.course == .fromEarlier)
        #expect(state.changes?.difference.from == later(-60))
        // At once, however quickly times follow.
        state.type(.character("("), at: later(1.1))
        state.send(.moment(RewindTests.moment(-90, ready: 3)), at: later(1.1))
        #expect(state.changes?.difference.from == later(-90))
        // What happens meanwhile is not part of the time that is shown.
        state.send(bulk([depth("orders", ready: 70)], at: later(9), node: nil, source: .management), at: later(9))
        #expect(state.changes?.difference.from == later(-90))
        #expect(state.changes?.difference.to == noon)
        // A time is typed in front of the page.
        state.type(.character("T"), at: later(9))
        state.type(text: "now")
        state.type(.enter, at: later(9))
        #expect(state.past == nil)
        #expect(state.changes?.course == .toPresent)
        #expect(state.changes?.difference.changed.contains { $0.after == .integer(70) } == true)
        #expect(Bindings.footer(for: state).map(\.command).contains(.earlier))
    }

    @Test func anEarlierTimeIsComparedUntilTheMark() {
        var state = RewindTests.present()
        state.type(.character("m"), .character("{"), at: noon)
        state.send(.moment(RewindTests.moment()), at: noon)
        state.type(.character("M"), at: noon)
        guard case .difference(let page) = state.overlay else {
            Issue.record("no page")
            return
        }
        #expect(page.difference.from == later(-600))
        #expect(page.difference.to == noon)
        #expect(page.difference.gone.contains { $0.what == .queue && $0.name == "gone" })
        #expect(page.difference.gone.contains { $0.what == .finding })
    }

    @Test func aFilteredViewDoesNotMakeRowsGone() {
        var state = RewindTests.present(.connections)
        state.type(.character("m"), .character("/"))
        state.type(text: "zzz")
        state.type(.enter)
        state.send(.connections(list([], at: later(1))), at: later(1))
        state.type(.character("M"))
        guard case .difference(let page) = state.overlay else {
            Issue.record("no page")
            return
        }
        #expect(!page.difference.gone.contains { $0.what == .connection })
        #expect(page.difference.unknown.contains { $0.hasPrefix("1 connection may be gone") })
    }
}

extension State {
    /// The page of changes that is shown.
    fileprivate var changes: DifferenceView? {
        if case .difference(let page)? = overlay { page } else { nil }
    }
}
