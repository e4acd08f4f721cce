import Faults
import Foundation
import Names
import Testing
import TopCore

@testable import Recorder

/// Events, findings, faults and curves.
@Suite struct HistoryTests {
    private let subject = History.Subject.queue(EntityID(vhost: "/", name: "a"))

    private func curve(_ recorder: Recorder, from: Double, to: Double, points: Int = 1_000) throws -> Curve {
        let request = CurveRequest(
            subject, .ready, from: noon.addingTimeInterval(from), to: noon.addingTimeInterval(to), points: points)
        return try #require(try recorder.reader.curves([request]).first)
    }

    @Test func aCurveHasAGapWhereNothingWasAsked() throws {
        let recorder = try Recorder.temporary()
        for second in stride(from: 0.0, through: 50, by: 5) { recorder.take(["a": Int(second)], at: second) }
        for second in stride(from: 200.0, through: 220, by: 5) { recorder.take(["a": 50], at: second) }
        recorder.flush()
        let curve = try curve(recorder, from: 0, to: 300)
        #expect(curve.points.map(\.value) == [0, 5, 10, 15, 20, 25, 30, 35, 40, 45, 50, 50, 50])
        // The value held until the gap began.
        #expect(curve.points.dropLast().last.map { $0.at > noon.addingTimeInterval(50) } == true)
        #expect(curve.points.map(\.followsGap).filter { $0 }.count == 1)
        #expect(curve.points.last?.followsGap == true)
        #expect(curve.points.last?.at == noon.addingTimeInterval(200))
        #expect(curve.knownUntil.map { $0 > noon.addingTimeInterval(220) && $0 < noon.addingTimeInterval(300) } == true)
    }

    @Test func aCurveHasAGapWhereTheBrokerWasLostHoweverShortThatWas() throws {
        let recorder = try Recorder.temporary()
        func tell(_ state: SourceStatus.State, at seconds: Double) {
            let at = noon.addingTimeInterval(seconds)
            recorder.take(.sources([SourceStatus(name: .management, state: state)]), at: at)
        }
        tell(.live, at: 0)
        for second in stride(from: 0.0, through: 50, by: 5) { recorder.take(["a": 7], at: second) }
        tell(.unreachable, at: 53)
        tell(.live, at: 61)
        for second in stride(from: 62.0, through: 82, by: 5) { recorder.take(["a": 7], at: second) }
        recorder.flush()
        let curve = try curve(recorder, from: 0, to: 82)
        #expect(curve.points.map { $0.at.timeIntervalSince(noon) } == [0, 50, 62])
        #expect(curve.points.map(\.followsGap) == [false, false, true])
        // While another source tells the depths there is no gap in them.
        let other = try Recorder.temporary()
        for second in stride(from: 0.0, through: 50, by: 5) { other.take(["a": 7], at: second) }
        other.take(
            .sources([
                SourceStatus(name: .management, state: .unreachable), SourceStatus(name: .prometheus, state: .live),
            ]), at: noon.addingTimeInterval(53))
        for second in stride(from: 55.0, through: 80, by: 5) { other.take(["a": 7], at: second) }
        other.flush()
        #expect(try self.curve(other, from: 0, to: 80).points.allSatisfy { !$0.followsGap })
    }

    @Test func aCurveThatBeginsLaterBeginsWithTheValueThatHeld() throws {
        let recorder = try Recorder.temporary()
        for second in stride(from: 0.0, through: 60, by: 5) { recorder.take(["a": second < 20 ? 4 : 9], at: second) }
        recorder.flush()
        let curve = try curve(recorder, from: 12, to: 40)
        #expect(curve.points.map(\.value) == [4, 9])
        #expect(curve.points.first?.at == noon.addingTimeInterval(12))
        #expect(curve.knownUntil == noon.addingTimeInterval(40))
    }

    @Test func manySamplesOfAPointKeepTheirExtremes() throws {
        let recorder = try Recorder.temporary()
        for second in stride(from: 0.0, through: 95, by: 5) {
            recorder.take(["a": second == 35 ? 5_000 : Int(second)], at: second)
        }
        recorder.flush()
        let curve = try curve(recorder, from: 0, to: 100, points: 2)
        #expect(curve.points.count == 2)
        #expect(curve.points.first?.high == 5_000)
        #expect(curve.points.first?.low == 0)
        #expect(curve.points.first?.value == 45)
        #expect(curve.points.last?.value == 95)
    }

    @Test func aDeletedQueueEndsItsCurve() throws {
        let recorder = try Recorder.temporary()
        for second in stride(from: 0.0, through: 30, by: 5) { recorder.take(["a": 1, "b": 1], at: second) }
        for second in stride(from: 35.0, through: 60, by: 5) { recorder.take(["b": 1], at: second) }
        recorder.take(["a": 7, "b": 1], at: 65)
        recorder.flush()
        let earlier = try curve(recorder, from: 0, to: 60)
        #expect(earlier.points.map(\.value) == [1, 1])
        #expect(earlier.knownUntil == noon.addingTimeInterval(35))
        let later = try curve(recorder, from: 0, to: 66)
        #expect(later.points.map(\.value) == [1, 1, 7])
        #expect(later.points.last?.followsGap == true)
    }

    @Test func findingsHaveABeginningAndAnEnd() throws {
        let recorder = try Recorder.temporary()
        func finding(_ what: String, _ severity: Finding.Severity = .warning) -> Finding {
            Finding(
                .growingQueue, severity, what: what, where: "queue a", since: noon, advice: "consume",
                subjects: [.queue(.init(vhost: "/", name: "a")), .connection("c")])
        }
        func at(_ seconds: Double) -> Date { noon.addingTimeInterval(seconds) }
        recorder.take(findings: [finding("grows by 5/s")], at: at(10))
        recorder.take(findings: [finding("grows by 6/s")], at: at(12))
        recorder.take(findings: [finding("grows by 9/s", .critical)], at: at(14))
        recorder.take(findings: [], at: at(20))
        recorder.flush()
        let reader = recorder.reader
        let before = try reader.moment(at: at(9.9))
        #expect(before == nil)
        #expect(try reader.moment(at: at(13))?.findings == [finding("grows by 5/s")])
        #expect(try reader.moment(at: at(15))?.findings == [finding("grows by 9/s", .critical)])
        #expect(try reader.moment(at: at(20))?.findings == [])
        #expect(
            try reader.findings(from: at(0), to: at(60)) == [
                FindingPeriod(finding: finding("grows by 9/s", .critical), from: at(10), to: at(20))
            ])
        #expect(try reader.findings(from: at(21), to: at(60)).isEmpty)
        #expect(try reader.time(of: .eventAfter(at(0))) == at(10))
        #expect(try reader.time(of: .eventAfter(at(10))) == at(20))
        #expect(try reader.time(of: .eventBefore(at(20))) == at(10))
        #expect(try reader.time(of: .eventBefore(at(10))) == nil)
    }

    @Test func entriesComeBackWholeAndAreReplacedByTheirNumber() throws {
        let recorder = try Recorder.temporary()
        var entry = LedgerEntry(
            at: noon, kind: .error, scope: .channel, connection: "c", clientName: "orders", user: "u", vhost: "/",
            peer: "10.0.0.1:5", channel: 2, queue: "a", code: 406, codeName: "PRECONDITION_FAILED",
            text: "unknown delivery tag 1", methodClass: "basic", method: "ack", source: .logExchange)
        entry.id = 1
        recorder.take(entries: [entry], at: noon)
        recorder.flush()
        entry.fault = "close-channel #1"
        entry.count = 3
        entry.application = "orders"
        entry.seconds = 1.5
        recorder.take(entries: [entry], at: noon.addingTimeInterval(1))
        var noise = LedgerEntry(
            at: noon.addingTimeInterval(5), kind: .opened, scope: .connection, text: "opened", source: .eventExchange)
        noise.id = 2
        recorder.take(entries: [noise], at: noon.addingTimeInterval(5))
        recorder.flush()
        let reader = recorder.reader
        #expect(try reader.moment(at: noon.addingTimeInterval(2))?.entries == [entry])
        #expect(try reader.entries(from: noon, to: noon.addingTimeInterval(9), limit: 1) == [noise])
        #expect(try reader.time(of: .eventAfter(noon)) == nil)
    }

    @Test func faultsAreAsTheyWereThen() throws {
        let recorder = try Recorder.temporary()
        var record = FaultRecord(
            id: 3, fault: Fault("latency"), since: noon.timeIntervalSince1970, until: nil, state: .inForce)
        let later = noon.addingTimeInterval(60)
        recorder.take(.faults([record]), at: noon)
        let inForce = record
        record.state = .undone
        record.ended = later.timeIntervalSince1970
        recorder.take(.faults([record]), at: later)
        recorder.flush()
        #expect(try recorder.reader.moment(at: noon.addingTimeInterval(30))?.faults == [inForce])
        #expect(try recorder.reader.moment(at: later)?.faults == [record])
        #expect(try recorder.reader.faults(from: noon, to: later) == [record])
    }

    @Test func configurationsAreAsTheyWereThen() throws {
        let recorder = try Recorder.temporary()
        let old = ConfigurationItem(.policy, vhost: "/", name: "p", value: "1")
        let new = ConfigurationItem(.policy, vhost: "/", name: "p", value: "2")
        let shovel = ConfigurationItem(.parameter, vhost: "/", name: "s", value: "amqp://u:secret@h/%2f")
        recorder.take(.configuration(ConfigurationPart(at: noon, items: [old, shovel])), at: noon)
        let later = noon.addingTimeInterval(60)
        recorder.take(.configuration(ConfigurationPart(at: later, items: [shovel, new])), at: later)
        recorder.flush()
        let reader = recorder.reader
        let first = try reader.moment(at: noon.addingTimeInterval(1))?.configuration?.items
        #expect(first?.first == old)
        #expect(first?.last?.value == "amqp://***@h/%2f")
        #expect(try reader.moment(at: later)?.configuration?.items.last == new)
        #expect(try reader.count("configuration") == 3)
    }

    @Test func theLargestChangesComeFirst() throws {
        let recorder = try Recorder.temporary()
        for second in stride(from: 0.0, through: 60, by: 5) {
            recorder.take(["steady": 5_000, "a": Int(second) * 10, "b": Int(second)], at: second)
        }
        recorder.flush()
        let changes = try recorder.reader.changes(
            of: [.ready], from: noon.addingTimeInterval(12), to: noon.addingTimeInterval(60), limit: 5)
        #expect(
            changes == [
                FigureChange(subject: subject, metric: .ready, low: 100, high: 600),
                FigureChange(
                    subject: .queue(EntityID(vhost: "/", name: "b")), metric: .ready, low: 10, high: 60),
            ])
    }
}
