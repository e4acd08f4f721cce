import Faults
import Foundation
import Names
import Testing
import TopCore

@testable import Recorder

/// The clock of the machine is set back and forward while something is recorded.
@Suite struct ClockTests {
    private static let policy = ConfigurationItem(.policy, vhost: "/", name: "ttl", value: "ttl 1000")
    private static let changed = ConfigurationItem(.policy, vhost: "/", name: "ttl", value: "ttl 2000")
    private static let finding = Finding(
        .growingQueue, .warning, what: "grows", where: "queue a", since: noon, advice: "Start a consumer.")

    private func at(_ seconds: Double) -> Date { noon.addingTimeInterval(seconds) }

    private func configure(_ recorder: Recorder, _ items: [ConfigurationItem], at seconds: Double) {
        recorder.take(.configuration(ConfigurationPart(at: at(seconds), items: items)), at: at(seconds))
    }

    private func entry(_ text: String, id: UInt64, at seconds: Double) -> LedgerEntry {
        var entry = LedgerEntry(at: at(seconds), kind: .error, scope: .channel, text: text, source: .logFile)
        entry.id = id
        return entry
    }

    private func curve(_ recorder: Recorder, from: Double, to: Double) throws -> Curve {
        let subject = History.Subject.queue(EntityID(vhost: "/", name: "a"))
        let request = CurveRequest(subject, .ready, from: at(from), to: at(to), points: 10_000)
        return try #require(try recorder.reader.curves([request]).first)
    }

    /// Twenty minutes are recorded; then the clock is set back by ten, and it goes on for a minute and a half.
    private func recorderSetBack() throws -> Recorder {
        let recorder = try Recorder.temporary()
        configure(recorder, [Self.policy], at: 0)
        recorder.take(findings: [Self.finding], at: at(0))
        for second in stride(from: 0.0, through: 1_200, by: 5) {
            recorder.take(["a": Int(second)], at: second)
            if second == 900 {
                let fault = FaultRecord(id: 1, fault: Fault("latency"), since: 0, until: nil, state: .inForce)
                recorder.take(.faults([fault]), at: at(900))
            }
        }
        recorder.take(entries: [entry("first", id: 1, at: 1_190)], at: at(1_200))
        configure(recorder, [Self.changed], at: 1_200)
        // Set back; the queues are polled a little later.
        recorder.take(findings: [Self.finding], at: at(601))
        for second in stride(from: 602.5, through: 697.5, by: 5) { recorder.take(["a": 5_000], at: second) }
        recorder.take(entries: [entry("second", id: 2, at: 650)], at: at(697.5))
        return recorder
    }

    @Test func whatHoldsIsTrueAtTheTimesThatComeAgain() throws {
        let recorder = try recorderSetBack()
        configure(recorder, [Self.changed], at: 700)
        recorder.flush()
        let before = try #require(try recorder.reader.moment(at: at(500)))
        #expect(before.findings.map(\.what) == ["grows"] && before.faults.isEmpty)
        let again = try #require(try recorder.reader.moment(at: at(700)))
        #expect(again.queues?.rows.first?.ready?.value == 5_000)
        #expect(again.configuration?.items == [Self.changed])
        #expect(again.findings.map(\.what) == ["grows"])
        #expect(again.faults.count == 1)
        #expect(again.entries.map(\.text) == ["second"])
    }

    @Test func whatEndsAfterTheClockWasSetBackIsOverAtTheTimesThatComeAgain() throws {
        let recorder = try recorderSetBack()
        configure(recorder, [], at: 699)
        recorder.take(findings: [], at: at(699))
        recorder.take(["a": 5_000], at: 700)
        recorder.flush()
        let again = try #require(try recorder.reader.moment(at: at(700)))
        #expect(again.configuration?.items == [])
        #expect(again.findings.isEmpty)
        let periods = try recorder.reader.findings(from: at(0), to: at(2_000))
        #expect(periods.count == 1 && periods.allSatisfy { period in period.to.map { $0 >= period.from } == true })
    }

    @Test func curvesStayInTheOrderOfTimeAndSayWhatIsUnknown() throws {
        let recorder = try recorderSetBack()
        recorder.flush()
        let curve = try curve(recorder, from: 500, to: 1_200)
        #expect(zip(curve.points, curve.points.dropFirst()).allSatisfy { $0.at <= $1.at })
        func value(at seconds: Double) -> Double? { curve.points.last { $0.at <= at(seconds) }?.value }
        #expect(value(at: 590) == 590)
        // The newer time counts where there are two, and the older one goes on after it.
        #expect(value(at: 650) == 5_000)
        #expect(value(at: 703) == 700)
        #expect(value(at: 1_000) == 1_000)
        #expect(curve.points.contains { $0.at == at(602.5) && $0.value == 5_000 && $0.followsGap })
        #expect(curve.knownUntil.map { $0 >= at(1_200) } == true)
    }

    @Test func seeksGoInTheOrderOfTime() throws {
        let recorder = try recorderSetBack()
        recorder.flush()
        let reader = recorder.reader
        #expect(try reader.time(of: .eventAfter(at(640))) == at(650))
        #expect(try reader.time(of: .eventAfter(at(650))) == at(1_190))
        #expect(try reader.time(of: .eventBefore(at(1_190))) == at(650))
        let entries = try reader.entries(from: at(0), to: at(2_000), limit: 10)
        #expect(entries.map(\.text) == ["second", "first"])
    }

    /// The recorder is started again after the clock was set back.
    @Test func aRecordingThatIsContinuedEarlierKnowsWhatIsConfigured() throws {
        let folder = try TestFolder()
        let path = folder.file("r.sqlite")
        let first = try Recorder.file(path)
        configure(first, [Self.policy], at: 1_000)
        first.close()
        let second = try Recorder.file(path)
        configure(second, [Self.policy], at: 100)
        second.flush()
        #expect(try second.reader.moment(at: at(101))?.configuration?.items == [Self.policy])
        second.close()
    }

    @Test func aClockSetForwardLeavesAGap() throws {
        let recorder = try Recorder.temporary()
        for second in stride(from: 0.0, through: 60, by: 5) { recorder.take(["a": 7], at: second) }
        for second in stride(from: 7_200.0, through: 7_260, by: 5) { recorder.take(["a": 7], at: second) }
        // And back again: nothing of before is lost.
        for second in stride(from: 70.0, through: 100, by: 5) { recorder.take(["a": 8], at: second) }
        recorder.flush()
        #expect(try recorder.reader.depths(at: 3_600) == nil)
        #expect(try recorder.reader.depths(at: 30) == ["a": 7])
        #expect(try recorder.reader.depths(at: 90) == ["a": 8])
        #expect(try recorder.reader.depths(at: 7_230) == ["a": 7])
        let curve = try curve(recorder, from: 0, to: 8_000)
        #expect(zip(curve.points, curve.points.dropFirst()).allSatisfy { $0.at <= $1.at })
        #expect(curve.points.contains { $0.at == at(7_200) && $0.followsGap })
    }
}
