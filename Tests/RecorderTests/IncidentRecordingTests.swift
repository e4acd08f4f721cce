import Faults
import Foundation
import Names
import Testing
import TopCore

@testable import Recorder

/// Reports of recordings that are large, or full of what attackers and mistakes put into names.
@Suite struct IncidentRecordingTests {
    private static let nasty = [
        "<script>alert(1)</script>", "a\"onmouseover=\"x", "tab\tand\nline", "bell\u{7}\u{1B}[31m", "\u{202E}gnp.exe",
        "zero\u{200B}width", "&amp;", "", String(repeating: "long", count: 300), "日本語 🐇",
    ]

    private func at(_ seconds: Double) -> Date { noon.addingTimeInterval(seconds) }

    private func error(_ text: String, at seconds: Double) -> LedgerEntry {
        LedgerEntry(at: at(seconds), kind: .error, scope: .channel, text: text, source: .logExchange)
    }

    private func page(_ recorder: Recorder, from: Double, to: Double) throws -> String {
        recorder.flush()
        return try recorder.reader.incident(from: at(from), to: at(to)).html(at: at(to))
    }

    @Test func namesCannotBecomeMarkupOrControlTheTerminal() throws {
        let recorder = try Recorder.temporary()
        for second in stride(from: 0.0, through: 60, by: 5) {
            let depths = Dictionary(uniqueKeysWithValues: Self.nasty.map { ($0, Int(second) * 10 + 1) })
            recorder.take(depths, at: second)
        }
        for (index, name) in Self.nasty.enumerated() {
            var entry = error("no queue '\(name)'", at: Double(index))
            entry.clientName = name
            entry.application = name
            entry.queue = name
            recorder.take(entries: [entry], at: at(60))
        }
        let findings = Self.nasty.map {
            Finding(
                .growingQueue, .warning, what: "grows \($0)", where: "queue '\($0)'", since: nil, advice: "See \($0).")
        }
        recorder.take(findings: findings, at: at(60))
        var cluster = ClusterPart(at: at(60), name: Self.nasty[0], version: "<i>4</i>")
        cluster.nodes = [NodeRow(name: Name(Self.nasty[0]), running: true)]
        recorder.take(.cluster(cluster), at: at(60))
        recorder.take(
            .configuration(
                ConfigurationPart(
                    at: at(60), items: Self.nasty.map { ConfigurationItem(.policy, name: Name($0), value: Name($0)) })),
            at: at(60))
        let page = try page(recorder, from: 0, to: 60)
        #expect(!page.contains("<script") && !page.contains("<i>4") && !page.contains("\"onmouseover="))
        #expect(page.contains("&lt;script&gt;alert(1)&lt;/script&gt;"))
        let forbidden = page.unicodeScalars.filter { scalar in
            scalar != "\n" && scalar != "\t"
                && [.control, .format, .surrogate, .privateUse, .unassigned].contains(scalar.properties.generalCategory)
        }
        #expect(forbidden.isEmpty)
        // Nothing is loaded from elsewhere.
        #expect(!page.contains("http://") && !page.contains("https://") && !page.contains("url("))
    }

    @Test func passwordsAndPropertiesAreNotOnThePage() throws {
        let recorder = try Recorder.temporary()
        recorder.take(.configuration(ConfigurationPart(at: at(0), items: [])), at: at(0))
        let secret = "amqp://user:hush@far.example/%2F"
        recorder.take(entries: [error("shovel cannot connect to \(secret)", at: 1)], at: at(1))
        recorder.take(
            findings: [
                Finding(
                    .source, .critical, what: "cannot reach \(secret)", where: "management", since: nil,
                    advice: "Check it.")
            ], at: at(2))
        let source = SourceStatus(name: .management, state: .unreachable, problem: "refused by \(secret)")
        recorder.take(.sources([source]), at: at(2))
        let item = ConfigurationItem(
            .parameter, vhost: "/", name: "shovel/s", value: Name("{\"src-uri\":\"\(secret)\"}"))
        recorder.take(.configuration(ConfigurationPart(at: at(3), items: [item])), at: at(3))
        let page = try page(recorder, from: 0, to: 10)
        #expect(page.contains("far.example") && !page.contains("hush"))
    }

    @Test func ofThousandsOfEventsTheFirstErrorsAreShownAndAllAreCounted() throws {
        let recorder = try Recorder.temporary()
        recorder.take(["a": 1], at: 0)
        var entries: [LedgerEntry] = []
        for number in 0..<6_000 {
            var entry = error("error number \(number)", at: Double(number) / 100)
            if number % 2 == 0 { entry.kind = .opened }
            entries.append(entry)
        }
        recorder.take(entries: entries, at: at(60))
        recorder.flush()
        let report = try recorder.reader.incident(from: at(0), to: at(60))
        #expect(report.counts == EventCounts(all: 6_000, errors: 3_000))
        #expect(report.entries.count == 2_000 && report.entries.allSatisfy { $0.kind == .error })
        #expect(report.entries.first?.text == "error number 1" && report.entries.last?.text == "error number 3999")
        let page = report.html(at: at(60))
        #expect(page.contains("6000 events, 3000 errors among them"))
        #expect(page.contains("4000 more events are left out: what was only opened or closed, then the last ones."))
        #expect(page.utf8.count < 2_000_000)
    }

    @Test func aTimeOutsideOfTheRecordingIsUnknown() throws {
        let recorder = try Recorder.temporary()
        recorder.take(["a": 1], at: 0)
        for (from, to) in [(-1_000.0, -500.0), (5_000, 6_000), (-4e9, 4e9)] {
            let page = try page(recorder, from: from, to: to)
            #expect(page.contains("unknown"))
        }
    }

    @Test func whatIsOtherAtTheEndIsSaid() throws {
        let recorder = try Recorder.temporary()
        func report(_ version: String, _ policy: String, _ queues: [String: Int], at seconds: Double) {
            var cluster = ClusterPart(at: at(seconds), name: "prod", version: version)
            var node = NodeRow(name: "rabbit@a", running: true)
            node.version = version
            cluster.nodes = [node]
            recorder.take(.cluster(cluster), at: at(seconds))
            recorder.take(queues, at: seconds)
            let items = [
                ConfigurationItem(.policy, vhost: "/", name: "ttl", value: Name(policy)),
                ConfigurationItem(.version, name: "rabbit@a", value: Name("RabbitMQ \(version)")),
            ]
            recorder.take(.configuration(ConfigurationPart(at: at(seconds), items: items)), at: at(seconds))
        }
        report("3.10.8", "ttl 10", ["orders": 5, "mails": 1], at: 0)
        report("4.0.5", "ttl 10", ["orders": 500, "mails": 1], at: 5)
        report("4.3.6", "ttl 20", ["orders": 900, "audit": 1], at: 10)
        // The first second is before anything was known.
        let page = try page(recorder, from: -1, to: 11)
        #expect(page.contains("3.10.8, then 4.0.5, then 4.3.6"))
        #expect(page.contains("What is other at the end"))
        #expect(page.contains("<td>policy</td><td>ttl in /</td><td>value: ttl 10 → ttl 20</td>"))
        #expect(page.contains("<td>node</td><td>rabbit@a</td><td>version: 3.10.8 → 4.3.6</td>"))
        #expect(page.contains("<td>queue</td><td>audit in /</td><td>new</td>"))
        #expect(page.contains("<td>queue</td><td>mails in /</td><td>gone</td>"))
        // Depths have a chart.
        #expect(!page.contains("<td>queue</td><td>orders"))
    }

    /// A slice, as a support bundle has it, shows of its time what the recording shows.
    @Test func aSliceShowsWhatTheRecordingShows() throws {
        let folder = try TestFolder()
        let recorder = try Recorder.file(folder.file("r.sqlite"))
        for second in stride(from: 0.0, through: 1_500, by: 5) {
            let now = at(second)
            recorder.take(["a": Int(second), "b": second < 900 ? 1 : 2], at: second)
            var cluster = ClusterPart(at: now, name: "prod", version: second < 900 ? "3.10.8" : "4.3.6")
            cluster.overview.ready = Int(second)
            recorder.take(.cluster(cluster), at: now)
            let rows = (0..<3).map { ConnectionRow(name: Name("connection \($0 + Int(second) / 600)")) }
            recorder.take(.connections(ListPart(at: now, rows: rows, isWhole: true)), at: now)
            let item = ConfigurationItem(.policy, vhost: "/", name: "p", value: second < 600 ? "one" : "two")
            recorder.take(.configuration(ConfigurationPart(at: now, items: [item])), at: now)
            recorder.take(entries: [error("error at \(second)", at: second)], at: now)
            if second == 700 {
                let finding = Finding(
                    .growingQueue, .warning, what: "grows", where: "queue a", since: now, advice: "Start a consumer.")
                recorder.take(findings: [finding], at: now)
            }
        }
        recorder.flush()
        let reader = recorder.reader
        try reader.slice(from: at(800), to: at(1_000), into: folder.file("slice.sqlite"))
        let slice = try RecordingReader(file: folder.file("slice.sqlite"))
        for second in [800.0, 899, 901, 1_000] {
            let whole = try #require(try reader.moment(at: at(second)))
            let part = try #require(try slice.moment(at: at(second)))
            #expect(part.cluster == whole.cluster)
            #expect(Set(part.queues?.rows.map(\.id) ?? []) == ["a", "b"].map { EntityID(vhost: "/", name: $0) }.asSet)
            #expect(part.queues?.rows.sum(of: \.ready?.value) == whole.queues?.rows.sum(of: \.ready?.value))
            #expect(Set(part.connections?.rows.map(\.name) ?? []) == Set(whole.connections?.rows.map(\.name) ?? []))
            #expect(part.configuration == whole.configuration)
            #expect(part.findings == whole.findings && part.findings.count == 1)
            #expect(part.entries.last?.text == whole.entries.last?.text)
            #expect(part.entries.allSatisfy { $0.at >= at(800) })
        }
        let page = try slice.incident(from: at(800), to: at(1_000)).html(at: noon)
        #expect(page.contains("3.10.8, then 4.3.6") && page.contains("error at 850"))
        recorder.close()
    }
}

extension [EntityID] {
    fileprivate var asSet: Set<EntityID> { Set(self) }
}

extension [QueueRow] {
    fileprivate func sum(of figure: (QueueRow) -> Int?) -> Int { reduce(0) { $0 + (figure($1) ?? 0) } }
}
