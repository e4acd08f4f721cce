import Foundation
import Names
import RabbitMQManagement
import Testing

@testable import BrokerMonitor
@testable import TopCore

@Suite("The rows of the views that are reached by their names")
struct NamedRowsTests {
    private func list<Row: ManagementObject>(_ version: String, _ name: String) throws -> [Row] {
        try #require(try Answer.sample(version, name).elements).compactMap(Row.init)
    }

    @Test("A stream's segments are told since 3.11, its oldest message since 4.3")
    func streams() throws {
        func stream(_ version: String) throws -> StreamRow {
            let page = try #require(Page<QueueInfo>(json: try Answer.sample(version, "queues-page.json")))
            return StreamRow(try #require(page.items.first { $0.type == "stream" }))
        }
        let old = try stream("3.10.8")
        #expect(old.segments == nil)
        #expect(old.leader == "rabbit@localhost")
        let new = try stream("4.3.6")
        #expect(new.segments == 1)
        #expect((new.members, new.online) == (1, 1))
        // 0 stands for none.
        #expect(new.oldestAt == nil)
        let limited: QueueInfo = try Answer.row(
            #"{"name":"s","vhost":"/","type":"stream","first_timestamp":1700000000000,"segments":-1,"#
                + #""arguments":{"x-max-age":"7D"},"effective_policy_definition":{"max-length-bytes":1000}}"#)
        let row = StreamRow(limited)
        #expect(row.oldestAt == Date(timeIntervalSince1970: 1_700_000_000))
        #expect(row.segments == 0)
        #expect(row.retention == "max-length-bytes 1000, max-age 7D")
        let absurd: QueueInfo = try Answer.row(
            #"{"name":"s","vhost":"/","type":"stream","first_timestamp":9223372036854775807}"#)
        #expect(StreamRow(absurd).oldestAt == nil)
    }

    @Test("A deprecated feature has a state since 4.1, and is used only where the broker says so")
    func deprecatedFeatures() throws {
        let old: [DeprecatedFeatureInfo] = try list("4.0.5", "deprecated-features.json")
        #expect(old.count > 3 && old.allSatisfy { $0.state == nil && $0.phase != nil })
        let new: [DeprecatedFeatureInfo] = try list("4.3.6", "deprecated-features.json")
        #expect(new.allSatisfy { $0.state != nil })
        let row = FeatureRow(new[0], isUsed: nil)
        #expect(FeatureRow.column(.used).value(row, Date()) == Value.none)
        let flags: [FeatureFlagInfo] = try list("4.3.6", "feature-flags.json")
        #expect(flags.map(FeatureRow.init).allSatisfy { $0.kind == .flag && $0.state != nil && $0.stability != nil })
    }

    @Test("A vhost names the nodes where it does not run")
    func vhosts() throws {
        let vhosts: [VhostInfo] = try list("4.3.6", "vhosts.json")
        let row = VhostRow(vhosts[0], limits: ["max-queues": 0])
        #expect(row.state == "running")
        #expect((row.maxQueues, row.maxConnections) == (0, nil))
        let stopped: VhostInfo = try Answer.row(
            #"{"name":"v","cluster_state":{"a@x":"running","b@x":"stopped"}}"#)
        #expect(VhostRow(stopped, limits: [:]).state == "stopped on b@x")
        let silent: VhostInfo = try Answer.row(#"{"name":"v"}"#)
        #expect(VhostRow(silent, limits: [:]).state == nil)
        #expect(VhostRow(silent, limits: [:]).isTracing == nil)
    }

    @Test("A shovel and a link of federation tell their ends, their error, and no password")
    func links() throws {
        let shovel: ShovelInfo = try Answer.row(
            #"{"name":"s","vhost":"/","type":"dynamic","node":"a@x","timestamp":"2026-01-02 3:04:05","#
                + #""state":"terminated","reason":"{auth_failure,<<\"amqp://u:geheim@h\">>}"}"#)
        let broken = LinkRow(shovel)
        #expect(broken.state == "terminated")
        #expect(broken.error?.text.contains("geheim") == false)
        let running: ShovelInfo = try Answer.row(
            #"{"name":"s","state":"running","src_queue":"a","dest_exchange":"","dest_queue":"b","#
                + #""src_uri":"amqp://u:geheim@h:5672"}"#)
        let row = LinkRow(running)
        // A static shovel has no vhost.
        #expect((row.vhost, row.source, row.destination) == (nil, "a", "b"))
        #expect(row.sourceURI?.text.contains("geheim") == false)
        let link: FederationLinkInfo = try Answer.row(
            #"{"vhost":"/","upstream":"u","exchange":"here","upstream_exchange":"there","status":"error","error":"no"}"#
        )
        let federated = LinkRow(link)
        #expect((federated.source, federated.destination, federated.error) == ("there", "here", "no"))
        #expect(row.rowID != federated.rowID)
    }

    @Test("Real shovels and links: one that runs, and one whose target is missing")
    func realLinks() throws {
        for version in ["3.10.8", "4.3.6"] {
            let told: [ShovelInfo] = try list(version, "shovels.json")
            let shovels = told.map(LinkRow.init)
            #expect(shovels.map(\.name) == ["a/b", "archive", "nowhere"])
            let (exchange, running, broken) = (shovels[0], shovels[1], shovels[2])
            #expect((running.state, running.source, running.destination) == ("running", "orders", "archive"))
            #expect(running.vhost == "/" && running.error == nil && running.since != nil)
            #expect(running.sourceURI?.text.hasPrefix("amqp://127.0.0.1:") == true)
            #expect((exchange.source, exchange.destination) == ("orders2", "events"))
            // With 3.10 a shovel that cannot connect stays starting, and the reason is in the log alone.
            let isOld = version == "3.10.8"
            #expect(broken.state == (isOld ? "starting" : "terminated"))
            #expect(broken.error == (isOld ? nil : "failed to connect to destination"))
            #expect(broken.source == nil)

            let toldLinks: [FederationLinkInfo] = try list(version, "federation-links.json")
            let links = toldLinks.map(LinkRow.init)
            #expect(links.count == 4 && Set(links.map(\.rowID)).count == 4)
            #expect(links.filter { $0.name == "lost" }.allSatisfy { $0.state == "error" && $0.error == "econnrefused" })
            #expect(links.filter { $0.name == "up" }.allSatisfy { $0.state == "running" && $0.error == nil })
            #expect(Set(links.compactMap(\.destination)) == ["events", "fed.orders"])
            #expect(links.allSatisfy { $0.linkID?.node == $0.node && $0.linkID != nil })
        }
    }

    @Test("The definition of a policy can be typed unless it has lists or objects")
    func typedDefinitions() throws {
        func settings(_ definition: String) throws -> [NamedSetting]? {
            let policy: PolicyInfo = try Answer.row(
                #"{"name":"p","vhost":"/","pattern":"","definition":\#(definition)}"#)
            return PolicyRow(policy, isOperator: false).settings
        }
        #expect(
            try settings(#"{"max-length":5,"dead-letter-exchange":"5","x":true}"#) == [
                NamedSetting("dead-letter-exchange", .text("5")), NamedSetting("max-length", .integer(5)),
                NamedSetting("x", .flag(true)),
            ])
        #expect(try settings(#"{"ha-params":["a"],"max-length":5}"#) == nil)
        #expect(try settings("{}") == [])
    }

    @Test("Bindings that differ in anything are different rows")
    func bindings() {
        func row(_ source: Name, _ key: Name, _ arguments: Name = "") -> BindingRow {
            BindingRow(
                vhost: "/", source: source, destinationKind: .queue, destination: "q", routingKey: key,
                arguments: arguments)
        }
        let rows = [row("a", "b"), row("a", "b", "{}"), row("a", ""), row("ab", "")]
        #expect(Set(rows.map(\.rowID)).count == rows.count)
    }

    // MARK: Policies

    private func queue(_ name: String, policy: String? = nil, operatorPolicy: String? = nil, type: String = "classic")
        throws -> QueueInfo
    {
        let policy = policy.map { #""\#($0)""# } ?? "null"
        let operatorPolicy = operatorPolicy.map { #""\#($0)""# } ?? "null"
        return try Answer.row(
            #"{"name":"\#(name)","vhost":"/","type":"\#(type)","policy":\#(policy),"operator_policy":\#(operatorPolicy)}"#
        )
    }

    private func policy(_ name: Name, _ pattern: Name, isOperator: Bool = false, of kind: String = "all") -> PolicyRow {
        var row = PolicyRow(vhost: "/", name: name, isOperator: isOperator, pattern: pattern, definition: "{}")
        row.appliesTo = kind
        return row
    }

    @Test("A policy is in force where the broker says so, and matches besides what its pattern matches")
    func policies() throws {
        var matching = PolicyMatching(
            queues: [
                try queue("orders", policy: "low"), try queue("orders.eu", policy: "high"),
                try queue("billing", operatorPolicy: "limits"), try queue("orders.q", type: "quorum"),
            ],
            exchanges: [try Answer.row(#"{"name":"orders.x","vhost":"/","policy":"low"}"#)])
        var low = policy("low", "^orders")
        matching.complete(&low)
        #expect((low.queues, low.exchanges, low.overridden) == (1, 1, 2))
        #expect(low.matches.map(\.effective) == ["low", "low", "high", nil])
        var classic = policy("none", "orders", of: "classic_queues")
        matching.complete(&classic)
        #expect((classic.queues, classic.exchanges, classic.overridden) == (0, 0, 2))
        var limits = policy("limits", ".*", isOperator: true, of: "queues")
        matching.complete(&limits)
        #expect((limits.queues, limits.exchanges, limits.overridden) == (1, 0, 3))
    }

    /// Patterns that are not evaluated: repeated groups, no regular expression, many repetitions, a long one.
    private static let unevaluated: [Name] = [
        "(a+)+$", "(", "a*a*a*a*a*b", "\(String(repeating: "a", count: 500))", "(a|aa){5,}x",
    ]

    @Test(
        "What a pattern matches is unknown where it is not understood or could take for ever",
        arguments: unevaluated)
    func patterns(_ pattern: Name) throws {
        var matching = PolicyMatching(
            queues: [try queue(String(repeating: "a", count: 250)), try queue("q", policy: "p")], exchanges: [])
        var row = policy("p", pattern)
        matching.complete(&row)
        #expect(row.overridden == nil)
        #expect(row.queues == 1)
    }

    @Test("Of very many policies and queues it is worked out only for the first what they match besides")
    func many() throws {
        let queues = try (0..<50).map { try queue("q\($0)", policy: "p\($0)") }
        var matching = PolicyMatching(queues: queues, exchanges: [], mostTries: 100)
        let rows = (0..<10).map { number -> PolicyRow in
            var row = policy(Name("p\(number)"), "^q")
            matching.complete(&row)
            return row
        }
        // What is in force is told of each; what it matches besides only of the first.
        #expect(rows.allSatisfy { $0.queues == 1 })
        #expect(rows.first?.overridden == 49 && rows.last?.overridden == nil)
        #expect(matching.untried == 7 && rows.count { $0.overridden == nil } == 7)
    }
}
