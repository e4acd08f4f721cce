import TopCore

/// Divides the time for which rabbittop may keep one core of the broker busy among the lists watched in the background.
///
/// A list that takes `d` seconds and is polled every `t` keeps the broker busy for the share `d / t`. Cheap lists get
/// the pace they want; what is left is divided evenly among the dear ones, which are polled more slowly.
struct PollBudget: Sendable, Equatable {
    /// The share of one core that all requests together may take.
    static let share = PollingPace.budget
    /// The fraction of it that is planned with; the rest is for answers that take longer than the last ones.
    static let planned = 0.9
    /// The share that the background may take however much the screen needs.
    static let leastShare = 0.02

    /// The highest share of one list; nil when the lists together need less than there is.
    let level: Double?
    /// The share that no list needs.
    let rest: Double

    /// - Parameters:
    ///   - demands: the share that each list would take at the pace it wants.
    ///   - used: the share that the screen's requests take.
    init(demands: [Double], used: Double) {
        var rest = max(Self.leastShare, Self.share * Self.planned - max(0, used))
        var left = demands.count
        for demand in demands.sorted() {
            let fair = rest / Double(left)
            guard demand <= fair else {
                level = fair
                self.rest = 0
                return
            }
            rest -= max(0, demand)
            left -= 1
        }
        level = nil
        self.rest = rest
    }

    /// Returns the seconds from the start of a request to the next one.
    ///
    /// - Parameters:
    ///   - took: how long the last request took, in seconds.
    ///   - interval: the pace that is wanted.
    ///   - demand: the share that was counted for the list.
    func pace(took: Double, interval: Double, demand: Double) -> Double {
        let share = level ?? (rest + demand)
        guard share > 0 else { return interval }
        return max(interval, took / share)
    }
}
