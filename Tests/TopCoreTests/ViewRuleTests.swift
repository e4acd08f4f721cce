import Foundation
import Names
import Screen
import Testing

@testable import TopCore

@Suite("Rules of the user")
struct ViewRuleTests {
    private func rule(_ text: String, _ severity: ViewRule.Severity = .warning) throws -> ViewRule {
        try ViewRule(text, severity: severity)
    }

    private func broker() -> State {
        var state = makeState()
        var overview = OverviewRow()
        overview.ready = 33
        overview.publishRate = 1.25
        overview.connections = 4
        var node = NodeRow(name: "rabbit@a", running: true)
        node.memory = 3 << 30
        state.send(.cluster(ClusterPart(at: noon, name: "a|b", overview: overview, nodes: [node])))
        state.send(
            bulk([
                depth("orders", ready: 30, consumers: 0), depth("billing", vhost: "/prod", ready: 12_000, consumers: 0),
                depth("busy", ready: 50_000, consumers: 3), depth("unknown", consumers: 0),
            ]))
        return state
    }

    private func report(_ rules: ViewRule...) -> CheckReport {
        let state = broker()
        var report = CheckReport([], cluster: "a|b", seconds: 12)
        report.add(state.cluster?.overview ?? OverviewRow(), now: noon)
        report.add(rules.map { state.outcome(of: $0) })
        return report
    }

    @Test("A rule says for which rows it holds, with the figures that it asks for")
    func matches() throws {
        let critical = report(try rule("queues: ready > 10k and consumers = 0", .critical))
        #expect(critical.status == .critical)
        #expect(critical.lines.first?.where == "queue 'billing' in vhost '/prod'")
        #expect(critical.lines.first?.what == "ready 12,000, consumers 0")
        #expect(critical.lines.first?.advice == "The rule is: queues: ready > 10k and consumers = 0")
        // For one queue it is not known: that is said, and a warning would not hide it.
        #expect(critical.lines.count == 2)
        #expect(critical.lines.last?.where == "queue 'unknown'" && critical.lines.last?.severity == .unknown)
        #expect(critical.lines.last?.what.contains("ready not known") == true)
        let warning = report(try rule("queues: ready > 10k and consumers = 0"))
        #expect(warning.status == .unknown)
        #expect(report(try rule("queues: known(ready) and ready > 10k and consumers = 0")).status == .warning)
        #expect(report(try rule("queues: ready > 1M and known(ready)", .critical)).status == .ok)
        #expect(report(try rule("nodes: memory > 2GiB", .critical)).lines.map(\.where) == ["node rabbit@a"])
        #expect(report(try rule("overview: connections > 3")).lines.map(\.what) == ["connections 4"])
        #expect(report(try rule("overview: unacked > 3")).status == .unknown)
        // What was not listed is not healthy.
        let unlisted = report(try rule("channels: unacked > 3"))
        #expect(unlisted.status == .unknown && unlisted.lines.first?.where == "channels")
    }

    @Test("Many rows are counted, and the first described")
    func many() throws {
        var state = makeState()
        state.send(bulk((0..<500).map { depth(Name("q\($0)"), ready: 5) }))
        let outcome = state.outcome(of: try rule("queues: ready > 1"))
        #expect(outcome.count == 500 && outcome.matches.count == RuleOutcome.mostMatches)
        var report = CheckReport([], cluster: nil, seconds: 1)
        report.add([outcome])
        #expect(report.lines.count == RuleOutcome.mostMatches + 1)
        #expect(report.lines.last?.what == "the same for 480 more")
        #expect(
            report.json.contains(
                "\"rules\":[{\"rule\":\"queues: ready > 1\",\"severity\":\"warning\",\"rows\":500,\"unknown\":0}]"))
    }

    @Test("The first line ends with performance data")
    func figures() throws {
        let table = report(
            try rule("queues: known(ready) and ready > 10k"),
            try rule("queues: ready > 1M and known(ready)", .critical),
            try rule("channels: unacked > 3")
        ).table(now: noon)
        let first = table.split(separator: "\n").first ?? ""
        #expect(first.hasPrefix("UNKNOWN: 3 findings on a/b, looked for 12s | ready=33;;;0 publish_rate=1.25;;;0 "))
        #expect(first.hasSuffix(" connections=4;;;0 rule1_queues=2;0;;0 rule2_queues=0;;0;0"), "\(first)")
        #expect(first.utf8.filter { $0 == UInt8(ascii: "|") }.count == 1)
        // A bar in the cluster's name begins no figures, whatever is combined with it.
        let marked = CheckReport([], cluster: "a|\u{301}", seconds: 1).table(now: noon)
        #expect(!marked.utf8.contains(UInt8(ascii: "|")), "\(marked)")
    }

    @Test("A rule that is wrong says where")
    func errors() throws {
        for (text, column, what) in [
            ("ready > 5", 1, "expected a view and a colon"), ("queus: ready > 5", 1, "perhaps queues is meant"),
            ("events: code = 5", 1, "there are overview"), ("queues: redy > 5", 9, "perhaps ready is meant"),
            ("queues:", 8, "expected a column of queues"), (": ready > 5", 1, "expected a view"),
        ] {
            #expect {
                _ = try rule(text)
            } throws: { error in
                guard let error = error as? ConditionError else { return false }
                return error.column == column && error.what.contains(what)
            }
        }
        let long = "queues: name = " + String(repeating: "x", count: 3_000)
        #expect(throws: ConditionError.self) { _ = try rule(long) }
    }
}

@Suite("Conditions on a broker")
struct BrokerConditionTests {
    private func moment() -> Moment {
        var moment = Moment(at: noon)
        var overview = OverviewRow()
        overview.connections = 4
        var node = NodeRow(name: "rabbit@a", running: true)
        node.memory = 3 << 30
        moment.cluster = ClusterPart(at: noon, name: "shop", overview: overview, nodes: [node])
        moment.queues = ListPart(
            at: noon,
            rows: [("orders", "/", 12), ("orders.dead", "/", 0), ("twice", "/", 1), ("twice", "/prod", 2)].map {
                var row = QueueRow(id: queue(Name($0.0), vhost: Name($0.1)))
                row.ready = Measured($0.2, at: noon, source: .management)
                return row
            } + [QueueRow(id: queue("dark"))])
        return moment
    }

    private func reading(_ text: String, _ moment: Moment) throws -> ConditionReading {
        try BrokerCondition(text).reading(of: moment)
    }

    @Test("Objects, figures of the cluster and counts; what is missing is not known, and why")
    func values() throws {
        let moment = moment()
        for (text, truth, words) in [
            ("queue.orders.ready > 10", Truth.yes, "queue.orders.ready is 12"),
            ("queue.orders.dead.ready = 0", .yes, "queue.orders.dead.ready is 0"),
            ("queue.gone.ready = 0", .unknown, "queue.gone.ready is not known (there is no queue 'gone')"),
            ("queue.twice.ready > 0", .unknown, "several vhosts have a queue 'twice': '/', '/prod'"),
            ("queue.\"/prod\".twice.ready = 2", .yes, "queue.\"/prod\".twice.ready is 2"),
            ("queue.dark.ready = 0", .unknown, "queue.dark.ready is not known (not known of queue 'dark')"),
            ("not queue.dark.ready = 0", .unknown, "not known"),
            ("node.rabbit@a.memory > 2GiB", .yes, "node.rabbit@a.memory is 3 GiB"),
            ("node.rabbit@a.running", .yes, "is yes"), ("node.rabbit@b.running", .unknown, "there is no node"),
            ("overview.connections = 4", .yes, "overview.connections is 4"),
            ("overview.channels = 0", .unknown, "overview.channels is not known"),
            ("count(queues) = 5", .yes, "count(queues) is 5"),
            ("count(queues where ready > 1) >= 2", .yes, "between 2 and 3: of 1 it is not known"),
            ("count(queues where ready > 1) = 2", .unknown, "between 2 and 3"),
            ("count(queues where ready > 1 and known(ready)) = 2", .yes, "is 2"),
            ("count(nodes where running) = 1", .yes, "is 1"),
            ("count(connections) = 0", .unknown, "connections are not known at this time"),
            ("queue.orders.ready > 10 or queue.gone.ready > 5", .yes, "is 12, queue.gone.ready is not known"),
        ] {
            let reading = try reading(text, moment)
            #expect(reading.truth == truth && reading.words.contains(words), "\(text): \(reading.words)")
        }
        let nothing = try reading("overview.connections = 4 and queue.a.ready = 0", Moment(at: noon))
        #expect(nothing.truth == .unknown && nothing.words.contains("the cluster's figures are not known at this time"))
    }

    @Test("Lists that the broker did not send whole leave a count open")
    func partial() throws {
        var moment = moment()
        moment.connections = ListPart(at: noon, rows: [connection(orders)], total: 10, undecodable: 2)
        #expect(try reading("count(connections) >= 1", moment).truth == .yes)
        #expect(try reading("count(connections) > 5", moment).truth == .unknown)
        #expect(try reading("count(connections) > 10", moment).truth == .no)
        moment.cluster?.gaps = [.nodes]
        #expect(try reading("count(nodes) = 1", moment).truth == .unknown)
        #expect(try reading("node.rabbit@a.running", moment).truth == .unknown)
    }

    @Test("What is asked for, and the answer as JSON")
    func asked() throws {
        let condition = try BrokerCondition("queue.a.ready > 1 and queue.a.unacked = 0 and count(nodes) = 3")
        #expect(condition.objects == [ConditionObject(.queue, name: "a")] && condition.countedViews == [.nodes])
        let reading = condition.reading(of: moment())
        let object = try #require(
            try JSONSerialization.jsonObject(with: Data(reading.json(of: condition.condition).utf8)) as? [String: Any])
        #expect(object["holds"] as? Bool == false)
        #expect((object["values"] as? [String: Any])?["count(nodes)"] as? Int == 1)
        #expect((object["values"] as? [String: Any])?["queue.a.ready"] is NSNull)
        #expect(reading.line.hasPrefix("2025-11-21T12:00:00Z  queue.a.ready is not known"))
    }
}
