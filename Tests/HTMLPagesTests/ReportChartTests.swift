import Foundation
import HTMLPages
import Testing

@Suite struct ReportChartTests {
    /// 2026-11-29 03:00:30 UTC.
    private static let start = Date(timeIntervalSince1970: 1_795_921_230)

    private func chart(seconds: Double, marks: [ReportChart.Mark] = []) -> String {
        ReportChart(
            title: "Ready <orders>", unit: "messages",
            curves: [.init(name: "orders", parts: [[(0, 1), (10, 5)], [(40, 2)]])], marks: marks,
            axis: .clock(from: Self.start, seconds: seconds)
        ).svg()
    }

    @Test func aGapSplitsTheLine() {
        #expect(chart(seconds: 60).components(separatedBy: "<polyline").count == 3)
    }

    @Test func labelsAreRoundTimesOfDay() {
        let minute = chart(seconds: 60)
        #expect(minute.contains(">03:00:40<"))
        #expect(!minute.contains(">03:00:35<"))
        let hours = chart(seconds: 6 * 3_600)
        #expect(hours.contains(">04:00<"))
        #expect(!hours.contains(">04:00:00<"))
        #expect(chart(seconds: 7 * 86_400).contains(">11-30<"))
    }

    @Test func textFromOutsideIsNeverMarkup() {
        let mark = ReportChart.Mark(.error, at: 3, text: "<script>alert(1)</script>")
        let text = chart(seconds: 60, marks: [mark])
        #expect(text.contains("Ready &lt;orders&gt;"))
        #expect(!text.contains("<script>"))
    }

    @Test func aPageLoadsNothing() {
        let page = HTMLPage(title: "a & b", body: HTMLPage.pairs([("x", "<y>")]), footer: "made").text
        #expect(page.contains("<title>a &amp; b</title>"))
        #expect(page.contains("<dt>x</dt><dd>&lt;y&gt;</dd>"))
        #expect(page.contains("default-src 'none'"))
    }

    @Test(arguments: [(12.0, "12"), (3.456, "3.46"), (1234.4, "1234"), (Double.infinity, "-"), (1e20, "1e+20")])
    func figuresAreShortAndNeverTrap(value: Double, text: String) {
        #expect(HTMLText.figure(value) == text)
    }
}
