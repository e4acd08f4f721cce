import Faults
import Foundation
import Names
import Testing

@testable import TopCore

@Suite struct ExportTests {
    private let nasty = "a\"b\\c\u{1B}[31m\n,é;\u{202E}"

    private func state() -> State {
        var state = makeState { $0.initialView = .queues }
        var overview = OverviewRow()
        overview.nodes = 3
        state.send(.cluster(ClusterPart(at: noon, name: "rabbit@a", version: "3.13.7", overview: overview)))
        state.send(
            .sources([
                SourceStatus(name: .management, state: .live, lastSuccess: later(-1.5)),
                SourceStatus(name: .prometheus, node: "rabbit@a", state: .live, lastSuccess: later(-60)),
                SourceStatus(name: .amqp, state: .unreachable),
            ]))
        state.send(rich(depth("orders", ready: 7, unacked: 2, consumers: 1)) { $0.publishRate = 0.1 + 0.2 })
        state.send(bulk([depth("idle", ready: 0)], isComplete: false))
        return state
    }

    @Test func columnsHaveTheNamesThatScriptsKnow() {
        let names: [(ViewID, String)] = [
            (
                .overview,
                "ready unacked messages publish_rate deliver_rate ack_rate connections channels queues consumers exchanges alarms nodes_running nodes"
            ),
            (
                .nodes,
                "name running version memory memory_limit memory_alarm disk_free disk_free_limit disk_alarm fds fds_limit sockets processes uptime_s maintenance"
            ),
            (
                .queues,
                "vhost name type state node messages ready unacked consumers publish_rate deliver_rate ack_rate redeliver_rate memory policy dead_letter_exchange idle_since depth_source depth_age_s"
            ),
            (
                .connections,
                "name client_name user vhost state peer channels heartbeat recv_rate send_rate protocol node connected_at proxy_session"
            ),
            (
                .channels,
                "connection client_name number user peer vhost state prefetch unacked unconfirmed consumers confirm publish_rate deliver_rate local proxy_session proxy_unacked proxy_unconfirmed last_error"
            ),
            (
                .consumers,
                "vhost queue client_name tag connection channel user peer prefetch unacked prefetch_use deliver_rate ack_rate idle_since ack_required exclusive active priority offset_lag"
            ),
            (
                .exchanges,
                "vhost name type durable auto_delete internal bindings_out publish_in_rate publish_out_rate policy"
            ),
            (
                .client,
                "connection name state channel channel_state in_flight unconfirmed unacked consumers last_error_code last_error_text broker_agrees"
            ),
            (
                .events,
                "at kind scope connection client_name user vhost peer channel queue code code_name text class method source fault application seconds redelivered channels_reopened severity"
            ),
        ]
        for (view, expected) in names {
            #expect(view.columnNames == expected.split(separator: " ").map(String.init), "\(view)")
        }
    }

    @Test func eventsHaveTheSameKeysInEveryJSON() throws {
        let entry = LedgerEntry(at: noon, kind: .error, scope: .channel, text: "", source: .client)
        let data = try JSONEncoder().encode(entry)
        let object = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
        #expect(Set(object.keys) == Set(ViewID.events.columnNames).union(["id", "count"]))
    }

    @Test func everyColumnSaysWhatItMeansAndHowItSorts() {
        for view in ViewID.allCases {
            #expect(view.columnGuide.map(\.name) == view.columnNames)
            for column in view.columnGuide { #expect(!column.help.isEmpty && !column.help.contains("|"), "\(column)") }
        }
        let details = QueueRow.column(.deadLetterExchange)
        #expect(details.tier == .rich)
        #expect(details.brokerName == "arguments.x-dead-letter-exchange")
        #expect(details.brokerMember == "arguments")
        // The broker sorts by whatever rabbittop does not know of all queues.
        #expect(QueueRow.columns.allSatisfy { $0.tier == .bulk || $0.brokerName != nil })
    }

    @Test func jsonIsOneObjectWithStableKeys() throws {
        let text = try Export.text(
            of: .queues, in: state(), columns: ["name", "ready", "unacked", "publish_rate", "type"], format: .json)
        #expect(
            text == """
                {"at":"2025-11-21T12:00:00Z","cluster":{"name":"rabbit@a","version":"3.13.7","nodes":3},"view":"queues",\
                "sources":[{"name":"management","node":null,"age_s":1.5,"status":"live","problem":null},\
                {"name":"prometheus","node":"rabbit@a","age_s":60,"status":"stale","problem":null},\
                {"name":"amqp","node":null,"age_s":null,"status":"unreachable","problem":null}],\
                "rows":[{"name":"orders","ready":7,"unacked":2,"publish_rate":0.3,"type":"classic"},\
                {"name":"idle","ready":0,"unacked":null,"publish_rate":null,"type":null}]}

                """)
    }

    @Test func jsonOfNastyNamesIsReadBackAsItWas() throws {
        var state = state()
        state.send(bulk([depth(Name(nasty), ready: 99)], at: later(1), isComplete: false))
        let text = try Export.text(of: .queues, in: state, format: .json)
        #expect(text.filter(\.isNewline).count == 1)
        let object = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
        let rows = try #require(object["rows"] as? [[String: Any]])
        #expect(rows.first?["name"] as? String == nasty)
        #expect(rows.first?.count == QueueRow.columns.count)
        #expect(!text.contains("\u{1B}"))
    }

    @Test func jsonLinesHaveOneRowEach() throws {
        let text = try Export.text(of: .queues, in: state(), columns: ["name", "messages"], format: .jsonl)
        #expect(text == "{\"name\":\"orders\",\"messages\":9}\n{\"name\":\"idle\",\"messages\":0}\n")
    }

    @Test func csvQuotesWhatNeedsIt() throws {
        var state = state()
        state.send(bulk([depth(Name(nasty), ready: 99)], at: later(1), isComplete: false))
        let text = try Export.text(of: .queues, in: state, columns: ["name", "ready", "unacked"], format: .csv)
        let quoted = "\"" + nasty.replacing("\"", with: "\"\"") + "\""
        #expect(text == "name,ready,unacked\r\n\(quoted),99,\r\norders,7,2\r\nidle,0,\r\n")
        let bare = try Export.text(of: .queues, in: state, columns: ["ready"], format: .csv, heading: false)
        #expect(bare == "99\r\n7\r\n0\r\n")
    }

    @Test func csvJoinsListsAndWritesTimes() {
        var overview = OverviewRow()
        overview.alarms = ["memory on a", "disk on b"]
        let frame = Export.Document(at: noon, view: .overview)
        let alarms = [OverviewRow.column(.alarms)]
        #expect(
            Export.text([overview], columns: alarms, format: .csv, frame: frame)
                == "alarms\r\nmemory on a;disk on b\r\n")
        let row = connection(orders) { $0.connectedAt = noon.addingTimeInterval(0.25) }
        let at = [ConnectionRow.column(.connectedAt)]
        #expect(
            Export.text([row], columns: at, format: .csv, frame: frame)
                == "connected_at\r\n2025-11-21T12:00:00.250Z\r\n")
    }

    @Test func theTableIsAlignedAndHasNoControlCharacters() throws {
        var state = state()
        state.send(bulk([depth("q\u{1B}[2J", ready: 12_345)], at: later(1), isComplete: false))
        let text = try Export.text(of: .queues, in: state, columns: ["name", "ready", "type"], format: .table)
        let lines = text.split(separator: "\n").map(String.init)
        #expect(
            lines == [
                "NAME       READY  TYPE", "q\\x1b[2J  12,345  -", "orders         7  classic", "idle           0  -",
            ])
        #expect(!text.contains("\u{1B}"))
    }

    @Test func sortAndFilterApply() throws {
        var state = state()
        try state.arrange(.queues, sort: "name", filter: "/^(orders|idle)$/")
        let text = try Export.text(of: .queues, in: state, columns: ["name"], format: .jsonl)
        #expect(text == "{\"name\":\"idle\"}\n{\"name\":\"orders\"}\n")
    }

    @Test(
        "A filter finds text in every column, also where the details come later", arguments: ["CLASSIC", "/^classic$/"])
    func filterLooksAtAllColumns(_ filter: String) throws {
        var state = state()
        try state.arrange(.queues, filter: filter)
        let text = try Export.text(of: .queues, in: state, columns: ["name", "type"], format: .jsonl)
        #expect(text == "{\"name\":\"orders\",\"type\":\"classic\"}\n")
        try state.arrange(.queues, filter: "idle")
        #expect(try Export.text(of: .queues, in: state, columns: ["name"], format: .jsonl) == "{\"name\":\"idle\"}\n")
    }

    @Test func unknownColumnsAndBrokenFiltersAreErrors() throws {
        var state = state()
        #expect(throws: ExportError.self) {
            _ = try Export.text(of: .nodes, in: state, columns: ["ready"], format: .csv)
        }
        #expect(throws: ExportError.unknownColumn("nope", view: .queues, known: ViewID.queues.columnNames)) {
            try state.arrange(.queues, sort: "nope")
        }
        #expect(throws: ExportError.self) { try state.arrange(.queues, filter: "/(/") }
    }

    @Test func everyViewIsWrittenInEveryFormat() throws {
        var state = state()
        state.send(.entries([ledgerEntry(nasty, code: 404)], dropped: 0))
        for view in ViewID.allCases {
            for format in Export.Format.allCases {
                let text = try Export.text(of: view, in: state, format: format)
                if format == .json {
                    _ = try JSONSerialization.jsonObject(with: Data(text.utf8))
                }
                #expect(!text.contains("\u{1B}") || format == .csv)
            }
        }
    }

    @Test(arguments: [
        (0.1 + 0.2, "0.3"), (12.0, "12"), (-0.0004, "0"), (1.0005, "1.0"), (Double.nan, "null"),
        (Double.infinity, "null"), (1e15, "1000000000000000.0"), (-2.5, "-2.5"),
    ])
    func numbersHaveNoNoise(_ number: Double, _ text: String) {
        let written = JSONText.number(number)
        if number == 1.0005 {
            #expect(["1", "1.001"].contains(written))
        } else {
            #expect(Double(written) == Double(text))
        }
        if number.isNaN { #expect(written == "null") }
        #expect(written.count < 20)
    }
}

@Suite struct ValueFormatTests {
    private let format = ValueFormat()

    @Test(arguments: [
        (0, 9, "0"), (999, 3, "999"), (1_234, 9, "1,234"), (1_234, 4, "1234"), (12_345, 6, "12,345"),
        (12_345, 5, "12345"), (12_345, 4, "12k"), (123_456, 5, "123k"), (4_500_000, 5, "4.50M"),
        (4_500_000, 4, "4.5M"), (4_500_000, 2, "4M"), (999_999, 5, "1.00M"), (-1_234_567, 6, "-1.23M"),
        (Int.max, 6, "9.22E"), (Int.min, 7, "-9.22E"),
    ])
    func countsGetShorterToFit(_ value: Int, _ width: Int, _ text: String) {
        if value == 4_500_000, width == 2 {
            #expect(["4M", "5M"].contains(format.count(value, width: width)))
        } else {
            #expect(format.count(value, width: width) == text)
        }
    }

    @Test(arguments: [
        (0.0, "0"), (0.04, "0"), (0.4, "0.4"), (12.0, "12"), (12.34, "12.3"), (99.96, "100"), (1_234.4, "1,234"),
        (Double.nan, "-"), (-3.5, "-3.5"),
    ])
    func rates(_ value: Double, _ text: String) { #expect(format.rate(value) == text) }

    @Test(arguments: [
        (0.0, "0 B"), (512.0, "512 B"), (1_536.0, "1.5 KiB"), (1_048_576.0, "1 MiB"), (5.5e9, "5.1 GiB"),
        (1_047_552.0, "1023 KiB"), (1_048_100.0, "1 MiB"),
    ])
    func bytes(_ value: Double, _ text: String) { #expect(format.bytes(value) == text) }

    @Test func bytesGetShorterToFit() {
        #expect(format.bytes(12_582_912, width: 5) == "12.0M")
        #expect(format.bytes(12_582_912, width: 3) == "12M")
        #expect(format.text(.number(2_048), .bytesPerSecond, width: 9, now: noon) == "2 KiB/s")
        #expect(format.text(.number(2_048), .bytesPerSecond, width: 7, now: noon) == "2.00K/s")
    }

    @Test(arguments: [
        (0.0, "0s"), (0.42, "0.4s"), (9.96, "10s"), (59.6, "1m00s"), (185.0, "3m05s"), (7_620.0, "2h07m"),
        (273_600.0, "3d4h"), (35_596_800.0, "412d"), (-5.0, "-5s"), (Double.infinity, "-"),
    ])
    func durations(_ seconds: Double, _ text: String) { #expect(format.duration(seconds) == text) }

    @Test func timesSayTheirZone() {
        #expect(format.clock(noon, now: later(60)) == "12:00:00")
        #expect(format.clock(noon, now: later(86_400)) == "2025-11-21")
        #expect(format.dateAndTime(noon) == "2025-11-21 12:00:00 UTC")
        let india = ValueFormat(zone: .offset(19_800))
        #expect(india.clock(noon, now: noon) == "17:30:00")
        #expect(india.dateAndTime(noon) == "2025-11-21 17:30:00 +05:30")
        #expect(ValueFormat(zone: .offset(-3_600)).zoneName(now: noon) == "-01:00")
    }

    @Test func datesAreRightFarAwayFromNow() {
        #expect(CivilTime.rfc3339(Date(timeIntervalSince1970: 0)) == "1970-01-01T00:00:00Z")
        #expect(CivilTime.rfc3339(Date(timeIntervalSince1970: -1)) == "1969-12-31T23:59:59Z")
        #expect(CivilTime.rfc3339(Date(timeIntervalSince1970: 951_782_400)) == "2000-02-29T00:00:00Z")
        #expect(CivilTime.rfc3339(Date(timeIntervalSince1970: 4_107_542_399.5)) == "2100-02-28T23:59:59.500Z")
        #expect(CivilTime.rfc3339(Date(timeIntervalSince1970: 1e300)) == "9999-12-31T23:59:59Z")
        #expect(CivilTime.rfc3339(Date(timeIntervalSince1970: .nan)) == "1970-01-01T00:00:00Z")
    }

    @Test func unknownIsADash() {
        #expect(format.text(.none, .count, now: noon) == "-")
        #expect(format.text(.flag(true), .flag, now: noon) == "yes")
        #expect(format.text(.list(["a", "b"]), .list, now: noon) == "a, b")
        #expect(format.text(.integer(1_500), .count, width: 4, now: noon) == "1500")
    }
}
