import Foundation

extension History {
    /// Returns the figures until a time, for a screen that shows that time.
    func until(_ time: Date) -> History {
        var history = self
        history.series = series.mapValues { figures in
            guard let last = figures.points.last, last.at > time else { return figures }
            var earlier = figures
            let later = figures.points.reversed().prefix { $0.at > time }.count
            earlier.points.removeLast(later)
            return earlier
        }
        return history
    }
}
