import Faults
import Foundation
import TopCore

/// The time that the rules take for a list.
enum RulesMeasurement {
    /// Applies the rules to lists of as many queues, channels and consumers, whose figures change each time.
    ///
    /// - Returns: The time of each list.
    static func milliseconds(objects count: Int, rounds: Int) -> [Double] {
        var generator = RepeatableGenerator()
        var diagnosis = Diagnosis()
        var depths = RecordedLoad(hours: 1, queues: count, changed: 0).depths
        let channels = (0..<count).map { ChannelID(connection: "127.0.0.1:\($0) -> 127.0.0.1:5672", number: 1) }
        var times: [Double] = []
        for round in 0..<rounds {
            let at = RecordedLoad.start.addingTimeInterval(Double(round) * RecordedLoad.interval)
            for index in depths.indices where Int.random(in: 0..<10, using: &generator) == 0 {
                depths[index].ready = Int.random(in: 0..<100_000, using: &generator)
                depths[index].messages = depths[index].ready
            }
            let rows = channels.map { id in
                var row = ChannelRow(id: id)
                row.prefetch = 10
                row.unacked = Int.random(in: 0...10, using: &generator)
                row.consumers = 1
                return row
            }
            let consumers = channels.indices.map { index in
                var row = ConsumerRow(
                    id: ConsumerID(queue: depths[index].id, channel: channels[index], tag: "consumer"))
                row.prefetch = 10
                row.ackRequired = true
                return row
            }
            let snapshots: [Snapshot] = [
                .queueDepths(QueueDepthsPart(at: at, source: .prometheus, depths: depths)),
                .channels(ListPart(at: at, rows: rows, total: count)),
                .consumers(ListPart(at: at, rows: consumers, total: count)),
            ]
            for snapshot in snapshots {
                let start = ContinuousClock.now
                guard let facts = DiagnosisFacts(snapshot, at: at) else { continue }
                diagnosis.examine(facts)
                times.append((ContinuousClock.now - start) / .milliseconds(1))
            }
        }
        return times
    }
}
