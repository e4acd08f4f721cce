import Faults
import Foundation
import Testing

@testable import TopCore

@Suite struct DiagnosisStateTests {
    private func blocked(_ state: String) -> Snapshot {
        .connections(
            ListPart(
                at: noon,
                rows: [
                    connection(orders) {
                        $0.clientName = "orders-service"
                        $0.state = state
                    }
                ]))
    }

    @Test func aFindingIsAnEventWhenItAppearsAndWhenItIsOver() throws {
        var state = makeState { $0.initialView = .events }
        state.send(blocked("running"))
        #expect(state.events.count == 0)
        state.send(blocked("blocked"), at: later(5))
        #expect(state.diagnosis.findings.map(\.rule) == [.blockedPublisher])
        state.send(blocked("blocked"), at: later(10))
        state.send(blocked("running"), at: later(15))
        let entries = state.events.sortedRows
        #expect(entries.map(\.kind) == [.finding, .finding])
        #expect(entries.last?.severity == .warning)
        #expect(entries.last?.text.hasPrefix("orders-service at 10.0.0.7:50640 publishes and is blocked") == true)
        #expect(entries.first?.severity == .ok && entries.first?.seconds == 10)
        #expect(state.diagnosis.findings.isEmpty)
    }

    @Test func queuesThatGrowAreSeenInTheBulkOfAllNodes() {
        var state = makeState()
        for step in 0..<4 {
            let at = later(Double(step) * 5)
            state.send(bulk([depth("a", ready: step * 10 + 1, consumers: 0)], at: at, node: "rabbit@a"), at: at)
            state.send(bulk([depth("b", ready: 7, consumers: 0)], at: at, node: "rabbit@b"), at: at)
        }
        #expect(state.diagnosis.findings.map(\.where) == ["queue 'a'"])
    }

    @Test func aStreamThatGrowsIsDoingItsWork() {
        var state = makeState()
        state.send(rich(depth("s", ready: 1, consumers: 0)) { $0.type = "stream" })
        for step in 0..<4 {
            let at = later(Double(step) * 5)
            state.send(bulk([depth("s", ready: step * 10 + 1, consumers: 0)], at: at), at: at)
        }
        #expect(state.diagnosis.findings.isEmpty)
    }

    @Test func aFilteredListDoesNotSayThatTheRestIsWell() {
        var state = makeState { $0.initialView = .connections }
        state.send(blocked("blocked"))
        state.type(.character("/"))
        state.type(text: "other")
        state.type(.enter)
        state.send(.connections(ListPart(at: later(5), rows: [connection(billing)])), at: later(5))
        #expect(state.diagnosis.findings.count == 1)
    }

    @Test func aClientsChannelThatTheBrokerDoesNotKnowIsCritical() {
        var state = makeState()
        var row = ClientRow(id: ClientRowID(connection: 1, channel: 2), connection: orders, state: "open")
        row.channel = 2
        row.channelState = "open"
        row.brokerAgrees = false
        for step in 0..<3 { state.send(.client(ListPart(at: noon, rows: [row])), at: later(Double(step) * 2)) }
        #expect(state.diagnosis.findings.map(\.severity) == [.critical])
    }

    // MARK: check

    @Test func theStatusIsTheWorstFinding() {
        func finding(_ severity: Finding.Severity) -> Finding {
            Finding(.alarm, severity, what: "what \"it\" is", where: "node a", since: noon, advice: "do it")
        }
        func report(_ findings: [Finding], unknown: CheckReport.Line? = nil) -> CheckReport {
            CheckReport(findings, unknown: unknown.map { [$0] } ?? [], cluster: "shop", seconds: 12)
        }
        #expect(report([]).status.exitCode == 0)
        #expect(report([finding(.warning)]).status.exitCode == 1)
        #expect(report([finding(.warning), finding(.critical)]).status.exitCode == 2)
        let away = CheckReport.Line(.unknown, what: "away", where: "here", advice: "start it")
        #expect(report([finding(.critical)], unknown: away).status.exitCode == 2)
        #expect(report([finding(.warning)], unknown: away).status.exitCode == 3)
        #expect(report([]).json == #"{"status":"ok","findings":[]}"# + "\n")
        #expect(
            report([finding(.warning)]).json
                == #"{"status":"warning","findings":[{"severity":"warning","what":"what \"it\" is","where":"node a","#
                + #""since":"2025-11-21T12:00:00Z","advice":"do it"}]}"# + "\n")
        #expect(report([]).table(now: noon) == "OK: nothing wrong on shop, looked for 12s\n")
        // What an operator calls the cluster forges no line and drives no terminal.
        let forged = CheckReport([], cluster: "a\nOK: b\u{1b}[2J\u{9b}\u{7}\u{202e}", seconds: 12).table(now: noon)
        #expect(
            forged == #"OK: nothing wrong on a\nOK: b\x1b[2J\u{009b}\x07\u{202e}, looked for 12s"# + "\n")
        #expect(
            report([finding(.critical)]).table(now: noon).hasPrefix(
                "CRITICAL: 1 finding on shop, looked for 12s\ncritical  node a: what \"it\" is, since "))
    }
}

@Suite struct EventStoryTests {
    private func faultRecord(_ state: FaultRecord.State = .done) -> FaultRecord {
        FaultRecord(
            id: 3,
            fault: Fault("close-channel", ["code": 406], on: FaultSelector(connection: "orders-service", channel: 1)),
            since: noon.timeIntervalSince1970, until: nil, state: state, note: "closed channel 1")
    }

    private func closed() -> LedgerEntry {
        LedgerEntry(
            at: later(0.1), kind: .error, scope: .channel, connection: orders.text, clientName: "orders-service",
            vhost: "/",
            channel: 1, code: 406, codeName: "PRECONDITION_FAILED", text: "drill", source: .logExchange)
    }

    private func activity(_ seconds: Double) -> ApplicationActivity {
        ApplicationActivity(
            at: later(seconds), connection: orders.text, clientName: "orders-service", vhost: "/", channel: 1,
            kind: .consumed, redelivered: 2)
    }

    /// A fault, its error, and the application that works again.
    private func struck() -> State {
        var state = makeState { $0.initialView = .events }
        state.send(.reports([.activity(activity(-5))]))
        state.send(.faults([faultRecord()]))
        state.send(.entries([closed()], dropped: 0), at: later(1))
        var opened = activity(1.2)
        opened.kind = .channelOpened
        opened.redelivered = 0
        state.send(.reports([.activity(opened), .activity(activity(1.5))]), at: later(2))
        return state
    }

    @Test func faultErrorAndRecoveryStandInOneTimeline() throws {
        let state = struck()
        #expect(state.events.sortedRows.map(\.kind) == [.recovered, .error, .fault])
        #expect(state.events.sortedRows.allSatisfy { $0.fault == "close-channel #3" })
        #expect(abs((state.events.sortedRows.first?.seconds ?? 0) - 1.4) < 0.001)
    }

    @Test func theSameFaultIsToldOnce() {
        var state = struck()
        state.send(.faults([faultRecord()]), at: later(3))
        #expect(state.events.count == 3)
    }

    @Test func anErrorsDetailNamesItsCauseAndTheRecovery() throws {
        let state = struck()
        let error = try #require(state.events.sortedRows.first { $0.kind == .error })
        let story = state.story(of: error)
        #expect(story.map(\.title) == ["What to do", "Cause", "Recovery"])
        #expect(story.first?.fields.first?.value == error.advice?.words)
        #expect(story.dropFirst().first?.fields.first?.value.hasPrefix("close-channel #3 injected") == true)
        #expect(
            story.last?.fields == [
                DetailField("orders-service", "worked again after 1.4 s, 2 messages redelivered, 1 channel reopened")
            ])
    }

    @Test func aFaultsDetailTellsWhatFollowed() throws {
        var state = struck()
        let fault = try #require(state.events.sortedRows.first { $0.kind == .fault })
        let story = state.story(of: fault)
        #expect(story.map(\.title) == ["Recovery", "What followed", "Close a channel"])
        #expect(
            story[1].fields.map(\.value) == [
                "recovered orders-service channel 1: consumes again after 1.4 s, 2 messages redelivered, 1 channel reopened",
                "error 406 PRECONDITION_FAILED orders-service channel 1: drill",
            ])
        // Enter on it, twice: all that came of it.
        state.type(.end, .enter, .enter)
        #expect(state.events.filter == .text("close-channel #3"))
        #expect(state.events.sortedRows.count == 3)
    }

    @Test(arguments: ["log exchange", "billing", "guest", "precondition_failed", "channel 1", "/9/", "10.0.0.7"])
    func theFilterLooksIntoEveryField(_ typed: String) {
        var state = makeState { $0.initialView = .events }
        var entry = closed()
        entry.user = "guest"
        entry.queue = "billing"
        entry.peer = "10.0.0.7:50649"
        var other = ledgerEntry("nothing of it")
        other.source = .client
        state.send(.entries([entry, other], dropped: 0))
        state.type(.character("/"))
        state.type(text: typed)
        #expect(state.events.sortedRows.map(\.code) == [406])
    }
}
