import Foundation
import Names
import SeededSupport
import Testing
import TopCore

@testable import Recorder

/// The first time at which a condition holds is what looking at every moment would find.
@Suite struct RecordedConditionTests {
    private func first(_ text: String, _ recorder: Recorder, from seconds: Double = 0) throws -> Double? {
        let condition = try BrokerCondition(text)
        let reading = try recorder.reader.firstReading(of: condition, from: noon.addingTimeInterval(seconds)).found
        return reading.map { $0.at.timeIntervalSince(noon) }
    }

    @Test func theFirstTimeIsFoundFromAGivenTimeOn() throws {
        let recorder = try Recorder.temporary()
        for (seconds, ready) in [(0, 1), (5, 20), (10, 30), (15, 2), (20, 40)] {
            recorder.take(["orders": ready, "orders.dead": 0], at: Double(seconds))
        }
        recorder.flush()
        #expect(try first("queue.orders.ready > 10", recorder) == 5)
        #expect(try first("queue.orders.ready > 10", recorder, from: 7) == 7)
        #expect(try first("queue.orders.ready < 10", recorder, from: 7) == 15)
        #expect(try first("queue.orders.ready > 30", recorder) == 20)
        #expect(try first("queue.orders.dead.ready > 0", recorder) == nil)
        #expect(try first("count(queues where ready > 10) = 1", recorder, from: 11) == 11)
        #expect(try first("queue.gone.ready >= 0", recorder) == nil)
        let condition = try BrokerCondition("queue.gone.ready >= 0")
        let last = try recorder.reader.firstReading(of: condition, from: noon).last
        #expect(last?.words.contains("there is no queue 'gone'") == true)
    }

    @Test func aQueueThatIsGoneIsUnknownAndComesBack() throws {
        let recorder = try Recorder.temporary()
        recorder.take(["a": 1, "b": 5], at: 0)
        recorder.take(["b": 5], at: 5)
        recorder.take(["a": 3, "b": 6], at: 10)
        recorder.flush()
        #expect(try first("count(queues) = 1", recorder) == 5)
        #expect(try first("queue.a.ready = 3", recorder, from: 5) == 10)
        #expect(try first("queue.a.ready != 99", recorder, from: 5) == 10)
    }

    @Test(arguments: [UInt64(1), 2, 3])
    func itIsWhatEveryMomentSays(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let recorder = try Recorder.temporary()
        var seconds = 0.0
        for _ in 0..<60 {
            var depths: [String: Int] = [:]
            for name in ["a", "b", "c"] where Int.random(in: 0..<8, using: &random) > 0 {
                depths[name] = Int.random(in: 0..<20, using: &random)
            }
            recorder.take(depths, at: seconds)
            seconds += Double(Int.random(in: 1...8, using: &random))
        }
        recorder.flush()
        for text in [
            "queue.a.ready > 15 and queue.b.ready < 5", "count(queues where ready > 17) >= 2", "count(queues) < 2",
            "queue.a.ready + queue.c.ready = 30", "not count(queues) = 3 and queue.b.ready = 7",
        ] {
            let condition = try BrokerCondition(text)
            var expected: Double?
            for time in stride(from: 0.0, through: seconds, by: 1) where expected == nil {
                guard let moment = try recorder.reader.moment(at: noon.addingTimeInterval(time)) else { continue }
                if condition.reading(of: moment).truth == .yes { expected = time }
            }
            let found = try first(text, recorder)
            // After the last poll nothing new is written that would be looked at.
            #expect(found == expected || (expected ?? 0) > seconds - 8 && found == nil, "\(text)")
        }
    }
}
