import Dispatch
import Faults
import Foundation
import Names
import Testing
import TopCore

@testable import Recorder

/// What is thinned and removed, and what a clock may do.
@Suite struct LimitsTests {
    @Test func olderChangesAreThinnedToMinutesWithTheirExtremes() throws {
        var limits = RecordingLimits()
        limits.full = 600
        let recorder = try Recorder.temporary(limits: limits)
        for second in stride(from: 0, through: 3_600, by: 5) {
            recorder.take(["a": second == 135 ? 9_999 : second], at: Double(second))
            if second % 60 == 0 { recorder.flush() }
        }
        recorder.flush()
        let reader = recorder.reader
        func points(from: Double, to: Double) throws -> [Double] {
            let request = CurveRequest(
                .queue(EntityID(vhost: "/", name: "a")), .ready, from: noon.addingTimeInterval(from),
                to: noon.addingTimeInterval(to), points: 10_000)
            return try reader.curves([request])[0].points.map(\.value)
        }
        let old = try points(from: 60, to: 240)
        #expect(old.contains(9_999))
        #expect(old.count < 15)
        #expect(old.contains(115))
        #expect(try points(from: 3_300, to: 3_480).count > 30)
        // A thinned time is known as before: the last poll of each minute stands for all.
        #expect(try reader.depths(at: 150) != nil)
        #expect(try reader.depths(at: 3) != nil)
    }

    @Test func dataIsRemovedAfterItsTime() throws {
        var limits = RecordingLimits()
        limits.full = 300
        limits.minutes = 600
        limits.retention = 1_200
        let recorder = try Recorder.temporary(limits: limits)
        for second in stride(from: 0, through: 7_200, by: 5) {
            // Each queue lives for ten minutes.
            recorder.take(["q\(second / 600)": second], at: Double(second))
        }
        recorder.flush()
        let reader = recorder.reader
        let span = try #require(try reader.span())
        #expect(span.lowerBound > noon.addingTimeInterval(5_000))
        #expect(span.lowerBound <= noon.addingTimeInterval(6_000))
        #expect(try reader.depths(at: 100) == nil)
        #expect(try reader.count("object") < 6)
        #expect(try reader.count("queue_sample") < 300)
    }

    @Test func theFileStaysBelowItsSize() throws {
        let folder = try TestFolder()
        let path = folder.file("r.sqlite")
        var limits = RecordingLimits()
        limits.size = 2 << 20
        let recorder = try Recorder.file(path, limits: limits)
        var largest = 0
        for step in 0..<300 {
            let depths = Dictionary(uniqueKeysWithValues: (0..<250).map { ("queue \($0)", $0 + step) })
            recorder.take(depths, at: Double(step) * 5)
            if step % 5 == 0 {
                recorder.flush()
                let size = try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int
                largest = max(largest, size ?? .max)
            }
        }
        recorder.close()
        #expect(largest <= limits.size)
        let reader = try RecordingReader(file: path)
        #expect(try reader.depths(at: 1_495)?["queue 7"] == 306)
        #expect(try reader.depths(at: 0) == nil)
    }

    @Test func aClockThatIsSetBackLosesNothing() throws {
        let recorder = try Recorder.temporary()
        for second in stride(from: 0.0, through: 600, by: 5) { recorder.take(["a": 1], at: second) }
        for second in stride(from: 300.0, through: 400, by: 5) { recorder.take(["a": 2], at: second) }
        recorder.flush()
        let reader = recorder.reader
        #expect(try reader.depths(at: 200) == ["a": 1])
        // The newest recording of a time counts.
        #expect(try reader.depths(at: 350) == ["a": 2])
        #expect(try reader.depths(at: 500) == ["a": 1])
        let request = CurveRequest(
            .queue(EntityID(vhost: "/", name: "a")), .ready, from: noon, to: noon.addingTimeInterval(390), points: 100)
        #expect(try reader.curves([request])[0].points.map(\.value) == [1, 2])
    }

    @Test func aClockThatIsSetForwardRemovesNothingAtOnce() throws {
        let recorder = try Recorder.temporary()
        for second in stride(from: 0.0, through: 1_200, by: 5) { recorder.take(["a": 1], at: second) }
        let year = 365.0 * 86_400
        for second in stride(from: 0.0, through: 600, by: 5) { recorder.take(["a": 2], at: year + second) }
        for second in stride(from: 1_800.0, through: 1_900, by: 5) { recorder.take(["a": 3], at: second) }
        recorder.flush()
        #expect(try recorder.reader.depths(at: 600) == ["a": 1])
        #expect(try recorder.reader.depths(at: 1_900) == ["a": 3])
    }

    @Test func manyQueuesThatAreDeletedAndDeclaredAgainKeepTheirIdentity() throws {
        let recorder = try Recorder.temporary()
        let many = Dictionary(uniqueKeysWithValues: (0..<1_000).map { ("queue \($0)", $0) })
        for round in 0..<4 {
            recorder.take(round % 2 == 0 ? many : [:], at: Double(round) * 5)
        }
        recorder.take(many, at: 20)
        recorder.flush()
        let reader = recorder.reader
        #expect(try reader.count("object") == 1_000)
        #expect(try reader.depths(at: 6)?.isEmpty == true)
        #expect(try reader.depths(at: 20) == many)
    }

    @Test func aReportIsRecordedHoweverLargeItIs() throws {
        let recorder = try Recorder.temporary()
        recorder.take(entries: [.large(bytes: Recorder.waitingCapacity + 1)], at: noon)
        recorder.flush()
        #expect(recorder.droppedReports == 0)
        #expect(try recorder.reader.entries(from: noon, to: noon, limit: 2).count == 1)
    }

    @Test func whatTheDiskCannotKeepUpWithIsDroppedAndCounted() throws {
        let disk = DispatchSemaphore(value: 0)
        let recorder = try Recorder.temporary { _ in disk.wait() }
        recorder.take(["a": 1], at: 0)
        for second in 1...10 {
            recorder.take(entries: [.large(bytes: 5 << 20)], at: noon.addingTimeInterval(Double(second)))
        }
        #expect(recorder.droppedReports >= 6)
        for _ in 0..<20 { disk.signal() }
        recorder.take(["a": 2], at: 20)
        recorder.flush()
        let reader = recorder.reader
        #expect(try reader.depths(at: 20) == ["a": 2])
        let kept = try reader.entries(from: .distantPast, to: .distantFuture, limit: 20).count
        #expect(kept == 10 - recorder.droppedReports)
        for _ in 0..<20 { disk.signal() }
    }
}
