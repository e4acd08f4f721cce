/// What became of each message, by its id, and the numbers that follow from it.
struct MessageTally {
    private struct Fate {
        var wasPublished = false
        var wasConfirmed = false
        var hasExpired = false
        var deliveries = 0
    }

    private var fates: [String: Fate] = [:]
    private(set) var counts = LabCounts()

    mutating func published(_ id: String) {
        counts.attempts += 1
        if mark(id, \.wasPublished) { counts.published += 1 }
    }

    mutating func confirmed(_ id: String) {
        if mark(id, \.wasConfirmed) { counts.confirmed += 1 }
    }

    mutating func expired(_ id: String) {
        if mark(id, \.hasExpired) { counts.expired += 1 }
    }

    mutating func nacked() { counts.nacked += 1 }
    mutating func returned() { counts.returned += 1 }
    mutating func indeterminate() { counts.indeterminate += 1 }
    mutating func error() { counts.errors += 1 }

    mutating func consumed(_ id: String) {
        let before = fates[id, default: Fate()].deliveries
        fates[id, default: Fate()].deliveries = before + 1
        counts.consumed += 1
        if before == 0 { counts.distinct += 1 } else { counts.duplicates += 1 }
    }

    /// - Returns: whether it was not marked before.
    private mutating func mark(_ id: String, _ path: WritableKeyPath<Fate, Bool>) -> Bool {
        var fate = fates[id, default: Fate()]
        if fate[keyPath: path] { return false }
        fate[keyPath: path] = true
        fates[id] = fate
        return true
    }

    /// Published and never consumed nor expired, in the order of their ids.
    var missing: [String] {
        fates.filter { $0.value.wasPublished && $0.value.deliveries == 0 && !$0.value.hasExpired }
            .keys.sorted(by: Self.comesBefore)
    }

    /// Confirmed and never consumed nor expired.
    var lost: [String] {
        fates.filter { $0.value.wasConfirmed && $0.value.deliveries == 0 && !$0.value.hasExpired }
            .keys.sorted(by: Self.comesBefore)
    }

    /// `9` before `10`.
    private static func comesBefore(_ one: String, _ other: String) -> Bool {
        one.utf8.count == other.utf8.count ? one < other : one.utf8.count < other.utf8.count
    }
}
