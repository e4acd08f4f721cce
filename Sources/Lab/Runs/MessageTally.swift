import Experiments
import Names

/// Tracks each message by its id, and the counts that follow.
struct MessageTally {
    private struct Fate {
        var wasPublished = false
        var wasConfirmed = false
        var hasExpired = false
        var deliveries = 0
    }

    private var fates: [Name: Fate] = [:]
    private(set) var counts = LabCounts()

    mutating func published(_ id: Name) {
        counts.attempts += 1
        if mark(id, \.wasPublished) { counts.published += 1 }
    }

    mutating func confirmed(_ id: Name) {
        if mark(id, \.wasConfirmed) { counts.confirmed += 1 }
    }

    mutating func expired(_ id: Name) {
        if mark(id, \.hasExpired) { counts.expired += 1 }
    }

    mutating func nacked() { counts.nacked += 1 }
    mutating func returned() { counts.returned += 1 }
    mutating func indeterminate() { counts.indeterminate += 1 }
    mutating func error() { counts.errors += 1 }

    mutating func consumed(_ id: Name) {
        let before = fates[id, default: Fate()].deliveries
        fates[id, default: Fate()].deliveries = before + 1
        counts.consumed += 1
        if before == 0 { counts.distinct += 1 } else { counts.duplicates += 1 }
    }

    /// Marks a message.
    ///
    /// - Returns: whether it was not marked before.
    private mutating func mark(_ id: Name, _ path: WritableKeyPath<Fate, Bool>) -> Bool {
        var fate = fates[id, default: Fate()]
        if fate[keyPath: path] { return false }
        fate[keyPath: path] = true
        fates[id] = fate
        return true
    }

    /// The ids of messages that were published and neither consumed nor expired, in order.
    var missing: [String] {
        fates.filter { $0.value.wasPublished && $0.value.deliveries == 0 && !$0.value.hasExpired }
            .keys.sorted(by: Self.comesBefore).map(\.text)
    }

    /// The ids of messages that were confirmed and neither consumed nor expired.
    var lost: [String] {
        fates.filter { $0.value.wasConfirmed && $0.value.deliveries == 0 && !$0.value.hasExpired }
            .keys.sorted(by: Self.comesBefore).map(\.text)
    }

    /// Whether an id comes first; `9` comes before `10`.
    private static func comesBefore(_ one: Name, _ other: Name) -> Bool {
        (one.count, one) < (other.count, other)
    }
}
