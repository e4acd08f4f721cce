import Experiments
import Faults
import Foundation
import HTMLPages
import Testing

@testable import Lab

@Suite struct LabReportTests {
    private let hostile = "<script>alert('x')</script> & \"quoted\" \u{1b}[31m \u{202e}"

    private func page() -> String {
        let recorder = RunRecorder()
        recorder.published("1")
        recorder.sample(depth: [hostile: 0])
        recorder.sample(depth: [hostile: 40])
        let fault = recorder.fault("stop \(hostile)")
        recorder.error(.channel, code: 505, text: hostile, application: hostile)
        fault.ended()
        recorder.recovered(hostile, from: "stop", seconds: 2)
        recorder.detail("name", .text(hostile))
        let result = LabResult(
            lab: "a", variant: hostile, settings: ["text": .text(hostile)], ledger: recorder.ledger,
            expectations: [LabExpectation(hostile, true, hostile)])
        return LabReport(
            title: hostile, story: hostile,
            runs: [LabReport.Run(result, explanation: hostile), LabReport.Run(title: "b")]
        ).html(at: Date(timeIntervalSince1970: 0))
    }

    @Test func whatComesFromOutsideIsNeverMarkup() {
        let page = page()
        #expect(!page.contains("<script"))
        #expect(!page.contains("\u{1b}"))
        #expect(!page.contains("\u{202e}"))
        #expect(!page.contains("\"quoted\""))
        #expect(page.contains("&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt; &amp; &quot;quoted&quot;"))
    }

    @Test func thePageNeedsNothingElse() {
        let page = page()
        for sign in ["http://", "https://", "src=", "url(", "@import", "<link"] { #expect(!page.contains(sign)) }
        #expect(page.contains("default-src 'none'"))
        #expect(page.contains("prefers-color-scheme: dark"))
        #expect(page.contains("1970-01-01T00:00:00Z"))
    }

    @Test func faultsErrorsAndCurvesAreDrawn() {
        let page = page()
        // Depths and rates, with a band and marks each.
        #expect(page.components(separatedBy: "<svg").count - 1 == 2)
        #expect(page.components(separatedBy: "class=\"fault\"").count - 1 == 2)
        #expect(page.components(separatedBy: "class=\"error\"").count - 1 == 2)
        #expect(page.contains("<polyline"))
        #expect(page.components(separatedBy: "<").count == page.components(separatedBy: ">").count)
    }

    @Test func aCurveHasAGapWhereTheQueueWasNotSeen() {
        let samples = [
            LabSample(at: 0, depths: ["q": 1]), LabSample(at: 1, depths: ["q": 2]), LabSample(at: 2, depths: [:]),
            LabSample(at: 3, depths: ["q": 3]),
        ]
        let curve = ReportChart.Curve.depth(of: "q", samples)
        #expect(curve.parts.map { $0.map(\.value) } == [[1, 2], [3]])
    }

    @Test func ratesAreDifferencesByTheSecond() {
        let samples = [LabSample(at: 0, depths: [:]), LabSample(at: 0.5, depths: [:], published: 10)]
        #expect(ReportChart.Curve.rate("published", samples, \.published).parts.first?.map(\.value) == [20])
    }

    @Test func theLedgerOfAnyFaultRunIsAReportToo() throws {
        let begun = Date(timeIntervalSince1970: 1_000)
        var error = LedgerEntry(
            at: begun + 2, kind: .error, scope: .channel, code: 406, text: "PRECONDITION_FAILED", source: .proxy)
        error.application = "shop"
        error.fault = "latency #1"
        var recovery = LedgerEntry(at: begun + 5, kind: .recovered, scope: .channel, text: "back", source: .rabbittop)
        recovery.application = "shop"
        recovery.seconds = 3
        recovery.fault = "latency #1"
        // Taken back long before its time was up.
        var fault = FaultRecord(
            id: 1, fault: Fault("latency", on: FaultSelector(connection: "shop")), since: 1_001, until: 1_061,
            state: .undone, note: "slowed 1")
        fault.ended = 1_004
        let failed = FaultRecord(
            id: 2, fault: Fault("policy-ttl", ["ttl_ms": 7], on: FaultSelector(queue: "orders")), since: 1_002,
            until: nil, state: .failed, note: "no such queue")
        var timeout = LedgerEntry(
            at: begun + 5, kind: .action, scope: .cluster,
            text: "failed: Publish to orders: 0 confirmed, 1 indeterminate", source: .rabbittop)
        timeout.severity = .warning
        let done = LedgerEntry(
            at: begun + 6, kind: .action, scope: .cluster, text: "Purge orders: 3 messages", source: .rabbittop)
        let run = LabReport.Run(
            title: "Faults", entries: [error, error, recovery, timeout, done], faults: [fault, failed],
            samples: [LabSample(at: 0, depths: ["orders": 3])], begun: begun, ended: begun + 10)
        #expect(run.errors.map(\.count) == [2, 1])
        #expect(run.errors.last?.scope == .client)
        #expect(run.errors.last?.text.contains("1 indeterminate") == true)
        #expect(
            run.figures.prefix(3).map { "\($0.name) \($0.value)" } == ["faults 1", "failed injections 1", "errors 3"])
        #expect(run.recoveries.map(\.seconds) == [3])
        #expect(run.seconds == 10)
        #expect(run.timeline.first?.kind == .fault(until: 4))
        #expect(run.timeline.first?.at == 1)
        let page = LabReport(title: "Faults", runs: [run]).html(at: begun)
        // With the values that were injected, those of the catalogue too.
        #expect(page.contains("latency #1 (delay_ms 100"))
        #expect(page.contains("): slowed 1"))
        #expect(page.contains("policy-ttl #2 (ttl_ms 7) was not injected: no such queue"))
        #expect(page.contains("PRECONDITION_FAILED (after latency #1)"))
        #expect(run.explanation.hasPrefix("latency #1 (delay_ms 100"))
        #expect(run.explanation.contains("It led to: 406"))
        #expect(run.explanation.contains("Recovered: back."))
    }
}
