import Faults
import Foundation
import Recorder
import Testing
import TopCore

@Suite struct IncidentReportTests {
    private static let from = Date(timeIntervalSince1970: 1_795_921_200)
    private static let to = from + 600

    private var report: IncidentReport {
        var report = IncidentReport(from: Self.from, to: Self.to)
        report.cluster = "rabbit@<a>"
        var moment = Moment(at: Self.from)
        var overview = OverviewRow()
        overview.ready = 4_711
        moment.cluster = ClusterPart(at: Self.from, overview: overview)
        report.before = moment
        report.findings = [
            FindingPeriod(
                finding: Finding(
                    .growingQueue, .critical, what: "grows without a consumer", where: "queue orders", since: nil,
                    advice: "Start a consumer."), from: Self.from + 60, to: nil)
        ]
        report.entries = [
            LedgerEntry(
                at: Self.from + 90, kind: .error, scope: .channel, channel: 3, queue: "orders", code: 404,
                codeName: "NOT_FOUND", text: "no queue '<b>'", source: .logExchange)
        ]
        report.counts = EventCounts(all: 2_001, errors: 1)
        let request = CurveRequest(
            .queue(EntityID(vhost: "/", name: "orders")), .ready, from: Self.from, to: Self.to, points: 100)
        report.charts = [
            .init(
                title: "Ready messages", unit: "messages",
                curves: [
                    (
                        "orders",
                        Curve(
                            request,
                            points: [
                                .init(at: Self.from, value: 1), .init(at: Self.from + 60, low: 0, high: 9, value: 4),
                                .init(at: Self.from + 300, value: 2, followsGap: true),
                            ], knownUntil: Self.from + 400)
                    )
                ])
        ]
        return report
    }

    @Test func thePageSaysWhatIsKnownAndWhatIsNot() {
        let page = report.html(at: Self.to)
        #expect(page.contains("<td>messages ready for delivery</td><td>4,711</td><td>unknown</td>"))
        #expect(page.contains("grows without a consumer") && page.contains("still true"))
        #expect(page.contains("404 NOT_FOUND"))
        #expect(
            page.contains("1 finding, 1 of them critical; 2001 events, 1 error among them; 0 injected faults"))
        #expect(page.contains("2000 more events are left out"))
    }

    @Test func textFromTheBrokerIsNeverMarkup() {
        let page = report.html(at: Self.to)
        #expect(page.contains("rabbit@&lt;a&gt;") && page.contains("no queue &#39;&lt;b&gt;&#39;"))
        #expect(!page.contains("<b>'"))
    }

    /// The gap splits the line; a point of several samples shows its extremes.
    @Test func curvesHaveGapsAndExtremes() {
        let lines = report.html(at: Self.to).components(separatedBy: "<polyline").dropFirst()
        #expect(lines.count == 2)
        // 1, then 0, 9 and 4.
        #expect(lines.first?.split(separator: "\"").first { $0.contains(",") }?.split(separator: " ").count == 4)
    }

    @Test func aTimeOfWhichNothingIsKnownIsAReportToo() {
        let page = IncidentReport(from: Self.from, to: Self.from).html(at: Self.to)
        #expect(page.contains("unknown") && page.contains("<p>None.</p>"))
    }
}
