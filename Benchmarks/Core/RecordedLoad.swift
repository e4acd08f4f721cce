import Foundation
import TopCore

/// Queues of which some change between two samples; their depths are the same in each run.
struct RecordedLoad {
    /// Seconds between samples: the pace of the broker's statistics.
    static let interval = 5.0
    static let start = Date(timeIntervalSince1970: 1_790_000_000)

    let hours: Int
    let queues: Int
    let changed: Int

    var samples: Int { hours * Int(3_600 / Self.interval) }
    var end: Date { Self.start.addingTimeInterval(Double(samples) * Self.interval) }

    /// The depths of all queues, before anything has changed.
    var depths: [QueueDepth] {
        (0..<queues).map {
            QueueDepth(
                id: EntityID(vhost: "/", name: "queue.\($0)"), messages: 100, ready: 100, unacked: 0, consumers: 1)
        }
    }
}

/// A generator whose numbers are the same in each run (splitmix64).
struct RepeatableGenerator: RandomNumberGenerator {
    private var state: UInt64 = 42

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}
