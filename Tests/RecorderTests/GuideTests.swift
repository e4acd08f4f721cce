import Faults
import Foundation
import GRDB
import Names
import Testing
import TopCore

@testable import Recorder

/// The page about recordings says what is in the file.
@Suite struct GuideTests {
    private static let page: String = {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        return (try? String(contentsOf: root.appendingPathComponent("docs/guide/recordings.md"), encoding: .utf8)) ?? ""
    }()

    /// The code blocks of a language.
    private static func listings(_ language: String) -> [String] {
        page.components(separatedBy: "```\(language)\n").dropFirst().compactMap {
            $0.components(separatedBy: "\n```").first
        }
    }

    /// A recording that has something of everything.
    private static func example() throws -> Recorder {
        let recorder = try Recorder.temporary()
        // 2026-09-21T03:12:00Z
        let time = Date(timeIntervalSince1970: 1_789_960_320)
        recorder.take(.queueDepths(.test(["orders": 3], at: time)), at: time)
        recorder.take(.queueDepths(.test(["orders": 4], at: time + 300)), at: time + 300)
        var connection = ConnectionRow(name: "c")
        connection.clientName = "orders"
        recorder.take(.connections(ListPart(at: time, rows: [connection], isWhole: true)), at: time + 300)
        var channel = ChannelRow(id: ChannelID(connection: "c", number: 1))
        channel.unacked = 200
        recorder.take(.channels(ListPart(at: time, rows: [channel])), at: time + 300)
        var node = NodeRow(name: "rabbit@a", running: true)
        node.memory = 50
        node.memoryLimit = 100
        recorder.take(.cluster(ClusterPart(at: time, name: "prod", nodes: [node])), at: time + 300)
        recorder.take(.sources([SourceStatus(name: .management, state: .stale)]), at: time + 300)
        recorder.take(
            .configuration(
                ConfigurationPart(at: time, items: [ConfigurationItem(.policy, vhost: "/", name: "p", value: "x")])),
            at: time + 300)
        recorder.take(
            entries: [
                LedgerEntry(
                    at: time, kind: .error, scope: .channel, clientName: "orders", code: 404, text: "no queue",
                    source: .logFile)
            ], at: time + 300)
        recorder.take(
            findings: [Finding(.growingQueue, .warning, what: "grows", where: "orders", since: nil, advice: "-")],
            at: time + 300)
        recorder.flush()
        return recorder
    }

    @Test func everyQueryOfThePageFindsSomething() throws {
        let queries = Self.listings("sql")
        #expect(queries.count >= 10)
        let recorder = try Self.example()
        for query in queries {
            let rows = try recorder.reader.store.database.read { try Row.fetchAll($0, sql: query) }
            #expect(!rows.isEmpty, "\(query)")
        }
    }

    @Test func thePageNamesTheColumnsOfEveryView() throws {
        let recorder = try Self.example()
        try recorder.reader.store.database.read { database in
            let views = try String.fetchAll(database, sql: "SELECT name FROM sqlite_master WHERE type = 'view'")
            #expect(views.count == 14)
            for view in views {
                let columns = try database.columns(in: view).map(\.name)
                #expect(columns.first == "at")
                let line = "| `\(view)` | `\(columns.dropFirst().joined(separator: ", "))` |"
                #expect(Self.page.contains(line), "\(line)")
            }
            let tables = try String.fetchAll(database, sql: "SELECT name FROM sqlite_master WHERE type = 'table'")
            for table in tables where !table.hasSuffix("_sample") && !table.hasSuffix("_recent") {
                #expect(Self.page.contains("`\(table)`"), "\(table)")
            }
        }
    }

    @Test func timesHaveMilliseconds() throws {
        let recorder = try Self.example()
        let (times, messages, format) = try recorder.reader.store.database.read { database in
            (
                try String.fetchAll(
                    database, sql: "SELECT DISTINCT at FROM queue_history WHERE name = 'orders' ORDER BY at_ms"),
                try Int.fetchAll(database, sql: "SELECT DISTINCT messages FROM queue_history ORDER BY at_ms"),
                try String.fetchOne(database, sql: "SELECT value FROM recording WHERE key = 'format'")
            )
        }
        #expect(times == ["2026-09-21T03:12:00.000Z", "2026-09-21T03:17:00.000Z"])
        #expect(messages == [4, 5])
        #expect(format == "\(RecordingInfo.currentFormat)")
    }

    /// The samples of one object are found by their keys, those of the open block by an index that SQLite makes once.
    @Test(
        arguments: [
            ("queue_history", "name"), ("exchange_history", "name"), ("connection_history", "name"),
            ("node_history", "name"), ("channel_history", "connection"), ("consumer_history", "queue"),
            ("client_history", "connection"), ("source_history", "source"),
        ]) func aQueryForOneObjectReadsOnlyItsSamples(view: String, column: String) throws
    {
        let recorder = try Self.example()
        let plan = try recorder.reader.store.database.read { database in
            try Row.fetchAll(
                database, sql: "EXPLAIN QUERY PLAN SELECT at FROM \(view) WHERE \(column) = 'orders' ORDER BY at_ms"
            ).compactMap { $0.text("detail") }
        }
        #expect(plan.count { $0.hasPrefix("SEARCH o ") && $0.contains("INDEX object_name (name=?") } == 2)
        #expect(plan.contains { $0.contains("SEARCH s USING PRIMARY KEY (block=? AND object=?)") })
        #expect(!plan.contains { ["SCAN s", "SCAN o", "SCAN a"].contains($0) })
    }

    /// What is asked for when one goes back in time, event by event.
    @Test func eventsAndFindingsAreFoundByTheirTime() throws {
        let recorder = try Self.example()
        let plans = try recorder.reader.store.database.read { database in
            try [
                "SELECT max(at) FROM event WHERE at < 5 AND kind NOT IN ('opened', 'closed')",
                "SELECT * FROM event WHERE at BETWEEN 3 AND 5 ORDER BY at DESC, id DESC LIMIT 7",
                "SELECT max(begins) FROM finding WHERE begins < 5",
            ].flatMap { try Row.fetchAll(database, sql: "EXPLAIN QUERY PLAN " + $0) }.compactMap { $0.text("detail") }
        }
        #expect(plans.count { $0.contains("USING INDEX event_at") } == 2)
        #expect(plans.contains { $0.contains("finding_begins (begins<?)") })
        #expect(!plans.contains { $0.hasPrefix("SCAN") })
    }
}
