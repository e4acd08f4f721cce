import Synchronization

/// The traffic of the watching connections, as the broker counts it; it is subtracted from the totals that are shown.
final class OwnTraffic: Sendable {
    enum Kind: Int, Sendable, CaseIterable {
        case connectionsOpened, connectionsClosed, channelsOpened, channelsClosed
        /// Deliveries of the log and event exchanges, without acknowledgements.
        case delivered
    }

    /// The window in seconds; the broker's own rates cover its last interval or two.
    static let window = 10

    private struct Second: Sendable {
        var number = -1
        var counts = [Int](repeating: 0, count: Kind.allCases.count)
    }

    private let seconds = Mutex([Second](repeating: Second(), count: window + 1))
    private let clock: @Sendable () -> Double

    init(clock: @escaping @Sendable () -> Double) {
        self.clock = clock
    }

    func note(_ kind: Kind, _ count: Int = 1) {
        let number = Int(clock())
        seconds.withLock { seconds in
            let place = number % seconds.count
            if seconds[place].number != number { seconds[place] = Second(number: number) }
            seconds[place].counts[kind.rawValue] += count
        }
    }

    /// Returns the rate per second over the last ten seconds.
    func rate(_ kind: Kind) -> Double {
        let now = Int(clock())
        return seconds.withLock { seconds in
            let sum = seconds.filter { $0.number > now - Self.window && $0.number <= now }
                .reduce(0) { $0 + $1.counts[kind.rawValue] }
            return Double(sum) / Double(Self.window)
        }
    }
}
