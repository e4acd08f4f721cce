import Faults
import Foundation
import SeededSupport
import Testing

@testable import BrokerMonitor

@Suite struct BrokerLogParserTests {
    /// What is looked at of an entry, in one line.
    private func summary(_ entry: LedgerEntry) -> String {
        let method = entry.methodClass.map { "\($0).\(entry.method ?? "?")" } ?? "-"
        return [
            entry.kind.rawValue, entry.scope.rawValue, entry.clientName ?? "-", entry.user ?? "-", entry.vhost ?? "-",
            entry.channel.map(String.init) ?? "-", entry.code.map(String.init) ?? "-", entry.codeName ?? "-", method,
            entry.queue ?? "-", entry.text,
        ].joined(separator: " | ")
    }

    private func errors(_ entries: [LedgerEntry]) -> [String] {
        entries.filter { $0.kind == .error || $0.kind == .authentication }.map(summary)
    }

    /// The errors that both log samples have in common.
    private func common(refusal: String, badHeader: String) -> [String] {
        let excl =
            "cannot obtain exclusive access to locked queue 'excl' in vhost '/'. It could be originally declared on "
            + "another connection or the exclusive property value does not match that of the original declaration."
        return [
            "error | channel | - | guest | / | 1 | 404 | NOT_FOUND | basic.consume | nosuch | no queue 'nosuch' in vhost '/'",
            "error | channel | - | guest | / | 1 | 404 | NOT_FOUND | basic.publish | - | no exchange 'noex' in vhost '/'",
            "error | channel | - | guest | / | 1 | 406 | PRECONDITION_FAILED | queue.declare | qc | inequivalent arg "
                + "'x-max-length' for queue 'qc' in vhost '/': received the value '1' of type 'signedint' but current is none",
            "error | channel | - | guest | / | 1 | 406 | PRECONDITION_FAILED | basic.ack | - | unknown delivery tag 99",
            "error | channel | - | guest | / | 1 | 405 | RESOURCE_LOCKED | queue.declare | excl | \(excl)",
            "error | channel | app1 | bob | / | 1 | 403 | ACCESS_REFUSED | queue.declare | z | \(refusal)",
            "authentication | connection | - | guest | - | - | 403 | ACCESS_REFUSED | - | - | PLAIN login refused: user "
                + "'guest' - invalid credentials",
            "error | connection | x | guest | nope | - | 530 | NOT_ALLOWED | connection.open | - | vhost nope not found",
            "error | connection | x | bob | v2 | - | 530 | NOT_ALLOWED | connection.open | - | access to vhost 'v2' refused "
                + "for user 'bob'",
            "error | connection | - | - | - | - | - | - | - | - | \(badHeader)",
            "error | connection | frameerr | guest | / | 5 | 501 | FRAME_ERROR | - | - | type 1, all octets = "
                + "<<0,20,0,10>>: {invalid_frame_end_marker,0}",
            "error | connection | unexpected | guest | / | 1 | 505 | UNEXPECTED_FRAME | - | - | expected method frame, got "
                + "non method frame instead",
            "error | connection | chanerr | guest | / | 7 | 501 | FRAME_ERROR | queue.declare | - | cannot decode <<>>",
            "error | connection | frameerr | guest | / | - | 501 | FRAME_ERROR | - | - | fatal_frame_error",
            "error | connection | hb | guest | / | - | - | - | - | - | missed heartbeats from client, timeout: 2s",
        ]
    }

    @Test func readsTheLogOf3_10() throws {
        let entries = try Samples.entries(Samples.findings(file: "3.10.8-log.txt"))
        #expect(
            errors(entries)
                == common(
                    refusal: "access to queue 'z' in vhost '/' refused for user 'bob'",
                    badHeader: "{bad_header,<<\"GET / HT\">>}"))
    }

    @Test func readsTheLogOf4_3() throws {
        let entries = try Samples.entries(Samples.findings(file: "4.3.6-log.txt"))
        let expected = common(
            refusal: "configure access to queue 'z' in vhost '/' refused for user 'bob'",
            badHeader: "HTTP GET request detected on AMQP port. Ensure the client is connecting to the correct port.")
        // The sample begins a moment later: the first two errors of the other one are missing.
        let got = errors(entries)
        #expect(got.suffix(13) == expected.suffix(13))
        #expect(got.allSatisfy { expected.contains($0) })
    }

    @Test(arguments: ["3.10.8-log.txt", "4.3.6-log.txt"])
    func readsClosuresAndOpenings(file: String) throws {
        let entries = try Samples.entries(Samples.findings(file: file))
        let abrupt = entries.filter { $0.text == "client unexpectedly closed TCP connection" }
        #expect(abrupt.map(\.clientName) == [nil, "abrupt", "rst"])
        #expect(abrupt.allSatisfy { $0.kind == .closed && $0.scope == .connection && $0.peer != nil })
        let opened = entries.filter { $0.kind == .opened }.compactMap(\.clientName)
        #expect(opened.contains("owner") && opened.contains("victim"))
        #expect(entries.contains { $0.kind == .closed && $0.clientName == "app1" && $0.user == "bob" })
    }

    @Test func readsAnOperatorsCloseOf4_3() throws {
        let entries = try Samples.entries(Samples.findings(file: "4.3.6-log.txt"))
        let closed = try #require(entries.last { $0.code == 320 && $0.connection != nil })
        #expect(
            summary(closed)
                == "closed | connection | victim | guest | / | - | 320 | CONNECTION_FORCED | - | - | too noisy, rabbittop"
        )
        #expect(closed.connection == "127.0.0.1:46776 -> 127.0.0.1:42200")
        #expect(closed.peer == "127.0.0.1:46776")
    }

    @Test(arguments: ["3.10.8", "4.0.5", "4.3.6"])
    func readsTheLogExchange(version: String) throws {
        let entries = try Samples.entries(Samples.findings(exchange: "\(version)-log-and-events.txt"))
        #expect(
            errors(entries) == [
                "error | channel | orders-worker | guest | / | 1 | 404 | NOT_FOUND | queue.declare | nope | no queue 'nope' in vhost '/'",
                "error | channel | orders-worker | guest | / | 1 | 406 | PRECONDITION_FAILED | basic.ack | - | unknown delivery tag 77",
                "error | channel | orders-worker | guest | / | 2 | 404 | NOT_FOUND | basic.publish | - | no exchange 'noex' in vhost '/'",
                "error | connection | orders-worker | guest | / | 1 | 505 | UNEXPECTED_FRAME | basic.publish | - | expected content header for class 60, got non content header frame instead",
                "authentication | connection | - | guest | - | - | 403 | ACCESS_REFUSED | - | - | PLAIN login refused: user 'guest' - invalid credentials",
            ])
    }

    @Test(arguments: ["4.0.5", "4.3.6"])
    func readsWhatHappensToSessionsAndLinksOfAMQP10(version: String) throws {
        let entries = try Samples.entries(Samples.findings(file: "\(version)-amqp10-log.txt"))
        let errors = entries.filter { $0.kind == .error }
        #expect(
            errors.map(\.codeName) == [
                "amqp:not-found", "amqp:not-found", "amqp:invalid-field", "amqp:unauthorized-access",
            ])
        #expect(errors.map(\.queue) == ["nope", nil, nil, nil] && errors.allSatisfy { $0.scope == .channel })
        #expect(errors.map(\.vhost) == ["/", "/", nil, "/"])
        let first = try #require(errors.first)
        #expect(first.text.hasSuffix("amqp:not-found: no queue 'nope' in vhost '/'"))
        #expect(first.text.hasPrefix(version == "4.0.5" ? "ended the session: " : "refused link '2ecbebdf"))
        #expect(errors[2].text.contains("/bad/address\""), "what is escaped in the term is not in the text")
        #expect(errors.allSatisfy { !$0.text.contains("<<") || $0.text.contains("{utf8,<<") })
        let opened = entries.filter { $0.kind == .opened }
        #expect(
            opened.count == 4
                && opened.allSatisfy { $0.user == "guest" && $0.vhost == "/" && $0.clientName?.count == 36 })
    }

    @Test func joinsASessionWithItsConnectionByTheProcess() throws {
        let findings = try Samples.findings(file: "4.0.5-amqp10-log.txt")
        let session = try #require(findings.first { $0.entry?.kind == .error })
        #expect(session.process == "<0.982.0>")
        let accepted = try #require(findings.first { $0.process == "<0.982.0>" && $0.connection != nil })
        #expect(accepted.connection == "127.0.0.1:56752 -> 127.0.0.1:47743")
        let opened = try #require(findings.first { $0.entry?.kind == .opened })
        #expect(opened.process == "<0.982.0>" && opened.clientName != nil)
    }

    @Test(arguments: [
        (
            "Error on AMQP 1.0 connection <0.7.0> (running), channel number 0:\nframe size (1 bytes) < minimum",
            LedgerEntry.Kind.error
        ),
        ("Closing AMQP 1.0 connection <0.7.0>: bye", .closed),
    ])
    func readsWhatHappensToConnectionsOfAMQP10(text: String, kind: LedgerEntry.Kind) throws {
        let message = LogMessage(at: nil, level: "error", process: nil, text: text)
        let finding = BrokerLogParser(source: .logFile).read(message, now: Date(timeIntervalSince1970: 0))
        #expect(finding.process == "<0.7.0>" && finding.entry?.kind == kind && finding.entry?.scope == .connection)
        #expect(finding.entry?.text == (kind == .closed ? "bye" : "frame size (1 bytes) < minimum"))
    }

    @Test func ourOwnRequestsInTheLogOf4_3AreNoEvents() {
        for text in [
            "User 'guest' authenticated successfully", "HTTP access denied: user 'mon' - Not administrator user",
            "User 'guest' authenticated successfully by backend rabbit_auth_backend_internal",
        ] {
            let message = LogMessage(at: nil, level: "info", process: "<0.1.0>", text: text)
            #expect(BrokerLogParser(source: .logExchange).read(message, now: Date()).entry == nil)
        }
    }

    @Test func keepsTheBrokersOwnTime() throws {
        let entries = try Samples.entries(Samples.findings(file: "3.10.8-log.txt"))
        let first = try #require(entries.first { $0.code == 404 })
        #expect(abs(first.at.timeIntervalSince1970 - 1_795_220_939.389637) < 0.000_01)
        #expect(LogTime.date("2026-11-21T01:28:59.5+01:00") == Date(timeIntervalSince1970: 1_795_220_939.5))
        #expect(LogTime.date("1970-01-01 00:00:00") == Date(timeIntervalSince1970: 0))
        #expect(LogTime.date("2026-13-21 00:00:00") == nil)
        #expect(LogTime.date("2026-11") == nil)
    }

    @Test func readsJSON() throws {
        let line =
            #"{"time":"2026-11-21 00:28:59.389637+00:00","level":"error","msg":"Channel error on connection <0.1402.0> (127.0.0.1:50644 -> 127.0.0.1:42000, vhost: '/', user: 'guest'), channel 3:\noperation basic.get caused a channel exception not_found: no queue 'a b' in vhost '/'","pid":"<0.1409.0>","node":"rabbit@a"}"#
        let message = try #require(LogMessage(entry: line))
        let entry = try #require(BrokerLogParser(source: .logFile).read(message, now: .distantPast).entry)
        #expect(entry.code == 404 && entry.channel == 3 && entry.queue == "a b" && entry.method == "get")
        #expect(abs(entry.at.timeIntervalSince1970 - 1_795_220_939.389637) < 0.000_01)

        var assembler = LogAssembler()
        #expect(assembler.take(line: line) == nil)
        #expect(assembler.take(line: line)?.text == message.text)
        #expect(assembler.flush()?.text == message.text)
        #expect(assembler.flush() == nil)
    }

    @Test func survivesNamesMadeToConfuse() throws {
        let name = "a), channel 9: b -> c, user: 'root', vhost: '/x'"
        let text = """
            Error on AMQP connection <0.1.0> (10.0.0.1:1 -> 10.0.0.2:5672 - \(name), vhost: '/', user: 'o'reilly', state: \
            running), channel 4:
             operation none caused a connection exception frame_error: "it said \\"no\\""
            """
        let entry = try #require(
            BrokerLogParser(source: .logFile).read(
                LogMessage(at: nil, level: "error", process: nil, text: text), now: Date(timeIntervalSince1970: 7)
            ).entry)
        #expect(entry.connection == "10.0.0.1:1 -> 10.0.0.2:5672")
        #expect(entry.clientName == name)
        #expect(entry.user == "o'reilly" && entry.vhost == "/" && entry.channel == 4 && entry.code == 501)
        #expect(entry.text == #"it said "no""#)
        #expect(entry.at == Date(timeIntervalSince1970: 7))
    }

    @Test func leavesTheRestAlone() {
        let parser = BrokerLogParser(source: .logFile)
        for text in [
            "HTTP access denied: user 'x' - invalid credentials", "Server startup complete; 5 plugins started.",
            "Channel error on connection", "Error on AMQP connection <0.1.0> (", "closing AMQP connection <0.1.0> ()",
            "",
            "User 'guest' failed to authenticate: user 'guest' - invalid credentials",
        ] {
            let finding = parser.read(LogMessage(at: nil, level: "error", process: nil, text: text), now: .distantPast)
            #expect(finding.entry == nil, "\(text)")
        }
    }

    @Test func readsAlarms() throws {
        let parser = BrokerLogParser(source: .logFile)
        func read(_ text: String) -> LedgerEntry? {
            parser.read(LogMessage(at: nil, level: "warning", process: nil, text: text), now: .distantPast).entry
        }
        let set = try #require(read("memory resource limit alarm set on node rabbit@a."))
        #expect(set.kind == .alarm && set.text == "memory alarm set on rabbit@a")
        let cleared = try #require(read("disk resource limit alarm cleared on node 'rabbit@a'"))
        #expect(cleared.text == "disk alarm cleared on rabbit@a")
        #expect(read("memory resource limit alarm cleared across the cluster") == nil)
    }

    @Test func brokenLinesAreSurvived() throws {
        var random = SeededRandom(seed: 29)
        let parser = BrokerLogParser(source: .logExchange)
        for file in ["3.10.8-log.txt", "4.3.6-log.txt"] {
            let lines = try Samples.text(file).split(separator: "\n")
            for _ in 0..<3_000 {
                var bytes = Array((lines.randomElement(using: &random) ?? "").utf8)
                for _ in 0..<Int.random(in: 1...4, using: &random) where !bytes.isEmpty {
                    let place = Int.random(in: 0..<bytes.count, using: &random)
                    switch Int.random(in: 0..<3, using: &random) {
                    case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
                    case 1: bytes.removeSubrange(place...)
                    default: bytes.insert(contentsOf: Array("'\"()<>[]:, -> ".utf8).shuffled(using: &random), at: place)
                    }
                }
                guard let message = LogMessage(entry: String(decoding: bytes, as: UTF8.self)) else { continue }
                _ = parser.read(message, now: .distantPast)
            }
        }
    }

    @Test func aCrashReportWithoutEndIsBounded() {
        var assembler = LogAssembler()
        _ = assembler.take(line: "2026-11-21 00:28:59.079153+00:00 [error] <0.1.0> crash")
        for _ in 0..<10_000 { #expect(assembler.take(line: "    at some place in the broker") == nil) }
        #expect((assembler.flush()?.text.utf8.count ?? 0) <= LogAssembler.maximumLength + 100)
    }
}
