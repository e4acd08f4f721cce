import Experiments
import Foundation
import NIOPosix
import Testing

@testable import Lab

@Suite struct LabResultTests {
    private func ledger() -> LabLedger {
        let recorder = RunRecorder()
        recorder.published("1")
        recorder.confirmed("1")
        recorder.consumed("1")
        recorder.error(.channel, code: 404, text: "NOT_FOUND - no queue 'a\u{1b}'", application: "one")
        recorder.error(.client, code: nil, text: "timeout", application: "one")
        recorder.recovered("one", from: "stop", seconds: 1.23456)
        recorder.detail("rate", .number(12.5))
        return recorder.ledger
    }

    @Test func theVerdictIsPassWhenAllHolds() {
        func result(_ expectations: [LabExpectation], _ interruption: String? = nil) -> LabResult {
            LabResult(
                lab: "a", variant: "b", settings: [:], ledger: LabLedger(), expectations: expectations,
                interruption: interruption)
        }
        let holds = LabExpectation("nothing is lost", true, "0 lost")
        let breaks = LabExpectation("all is consumed", false, "3 of 4")
        #expect(result([holds]).verdict == .pass)
        #expect(result([holds]).why == "nothing is lost (0 lost)")
        #expect(result([holds, breaks]).verdict == .fail)
        #expect(result([holds, breaks]).why == "not so: all is consumed (3 of 4)")
        #expect(result([holds], "interrupted after 3 s").verdict == .fail)
        #expect(result([holds], "interrupted after 3 s").why == "interrupted after 3 s")
        // Who expects nothing cannot pass.
        #expect(result([]).verdict == .fail)
        #expect(result([holds]).words == "pass" && result([breaks]).words == "fail")
    }

    @Test func aWrongVariantFailsAsExpectedAndDoesNotPass() {
        func words(_ holds: Bool) -> String {
            LabResult(
                lab: "a", variant: "naive", isCure: false, settings: [:], ledger: LabLedger(),
                expectations: [LabExpectation("messages are lost", holds, "12 of 10,000 arrived")]
            ).words
        }
        #expect(words(true) == "failed as expected")
        #expect(words(false) == "not as expected")
    }

    @Test func jsonHasTheNamesThatScriptsRelyOn() throws {
        let result = LabResult(
            lab: "publisher-confirms", variant: "confirmed",
            settings: ["producers": .integer(10), "pause": .number(0.5), "audit": .flag(true)], ledger: ledger(),
            expectations: [LabExpectation("nothing is lost", true, "0 lost")])
        let text = try result.json()
        #expect(!text.contains("\n"))
        let object = try #require(JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
        #expect(
            Set(object.keys) == [
                "lab", "variant", "settings", "ledger", "errors", "recoveries", "details", "verdict", "why",
            ])
        let counts = try #require(object["ledger"] as? [String: Int])
        #expect(
            Set(counts.keys) == [
                "published", "confirmed", "nacked", "returned", "indeterminate", "consumed", "distinct", "duplicates",
                "lost", "expired",
            ])
        #expect(counts["distinct"] == 1)
        let errors = try #require(object["errors"] as? [[String: Any]])
        #expect(errors.count == 2)
        #expect(Set(errors[0].keys) == ["scope", "code", "text", "count"])
        #expect(errors[0]["code"] as? Int == 404)
        // What is not known is null.
        #expect(errors[1]["code"] is NSNull)
        let recoveries = try #require(object["recoveries"] as? [[String: Any]])
        #expect(Set(recoveries[0].keys) == ["application", "fault", "seconds"])
        #expect(recoveries[0]["seconds"] as? Double == 1.235)
        let details = try #require(object["details"] as? [String: Any])
        #expect(details["rate"] as? Double == 12.5)
        #expect(details["missing"] as? Int == 0)
        #expect(object["verdict"] as? String == "pass")
        let settings = try #require(object["settings"] as? [String: Any])
        #expect(settings["pause"] as? Double == 0.5)
    }

    @Test func valuesSurviveJSON() throws {
        let value = LabValue.object([
            "a": .list([.integer(1), .number(1.5), .text("x"), .flag(true), .null]), "b": .object(["c": .integer(-3)]),
        ])
        let decoded = try JSONDecoder().decode(LabValue.self, from: JSONEncoder().encode(value))
        #expect(decoded == value)
        // JSON has no infinity.
        #expect(String(decoding: try JSONEncoder().encode([LabValue.number(.infinity)]), as: UTF8.self) == "[null]")
    }

    @Test func theVerdictsOfTheConfirmsExperimentFollowTheLedger() throws {
        let settings = try LabSettings(
            PublisherConfirms.description, texts: ["producers": "1", "messages": "8", "stops": "1"])
        let all = (0..<8).map { "0-\($0)" } + [PublisherConfirms.endMessage]
        func verdict(_ variant: String, consumed: [String], taken: Int = 2) -> [Bool] {
            let recorder = RunRecorder()
            for id in all { recorder.published(id) }
            for id in consumed { recorder.consumed(id) }
            recorder.fault("stop").ended()
            recorder.detail("taken_at_stop_1", .integer(taken))
            let experiment = PublisherConfirms(.trial(variant, settings, recorder))
            return experiment.expectations(recorder.ledger).map(\.holds)
        }
        #expect(verdict("confirmed", consumed: all).allSatisfy { $0 })
        // All that may go before the second half had gone: that is no mid-stream.
        #expect(!verdict("confirmed", consumed: all, taken: 4).allSatisfy { $0 })
        #expect(verdict("confirmed", consumed: all + ["0-0"]).allSatisfy { $0 })
        #expect(!verdict("confirmed", consumed: Array(all.dropFirst())).allSatisfy { $0 })
        #expect(verdict("unconfirmed", consumed: Array(all.dropFirst())).allSatisfy { $0 })
        #expect(!verdict("unconfirmed", consumed: all).allSatisfy { $0 })
    }
}

extension LabContext {
    /// For what needs no broker.
    static func trial(_ variant: String, _ settings: LabSettings, _ recorder: RunRecorder) -> LabContext {
        LabContext(
            variant: variant, settings: settings, broker: LabBroker(configuration: .init()), recorder: recorder,
            registry: .init(), group: MultiThreadedEventLoopGroup.singleton,
            folder: FileManager.default.temporaryDirectory, program: "", mark: "0")
    }
}
