import Faults
import Foundation
import Testing
import TopCore

@testable import rabbittop

@Suite("Pages of the lab")
struct LaboratoryPageTests {
    @Test("Faults and what followed become a page with their errors, recoveries and curves")
    func faults() {
        let begun = Date(timeIntervalSince1970: 1_795_249_800)
        let fault = FaultRecord(
            id: 3, fault: Fault("latency"), since: begun.timeIntervalSince1970 + 5,
            until: begun.timeIntervalSince1970 + 9, state: .undone, note: "slowed <1> connection")
        let entry = LedgerEntry(
            at: begun.addingTimeInterval(6), kind: .error, scope: .channel, clientName: "orders & more", code: 406,
            codeName: "PRECONDITION_FAILED", text: "delivery acknowledgement timed out", source: .logFile)
        let report = FaultReport(
            title: "Faults", faults: [fault], entries: [entry],
            samples: (0..<20).map {
                .init(
                    at: begun.addingTimeInterval(Double($0)), ready: $0 * 10, unacked: 1, publishRate: 200,
                    deliverRate: 190)
            }, begun: begun, ended: begun.addingTimeInterval(20))
        let page = LaboratoryRunner().page(on: report)
        #expect(page.contains("latency #3 (delay_ms 100"))
        #expect(page.contains("): slowed &lt;1&gt; connection"))
        #expect(page.contains("delivery acknowledgement timed out"))
        #expect(page.contains("orders &amp; more"))
        for curve in ["ready", "unacked", "published", "consumed"] { #expect(page.contains("</i>\(curve)</span>")) }
        #expect(!page.contains("</i>confirmed</span>"))
    }
}
