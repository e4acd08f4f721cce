/// Values of one kind, measured again and again.
struct Samples {
    private(set) var values: [Double]

    init(_ values: [Double] = []) {
        self.values = values.sorted()
    }

    mutating func add(_ value: Double) {
        values.insert(value, at: values.firstIndex { $0 > value } ?? values.endIndex)
    }

    var count: Int { values.count }
    var median: Double { quantile(0.5) }
    var worst: Double { values.last ?? .nan }

    /// The least value that is not exceeded by this share of all (nearest rank).
    func quantile(_ share: Double) -> Double {
        guard !values.isEmpty else { return .nan }
        let rank = Int((share * Double(values.count)).rounded(.up))
        return values[min(max(rank, 1), values.count) - 1]
    }
}

extension Duration {
    var inSeconds: Double {
        let (seconds, attoseconds) = components
        return Double(seconds) + Double(attoseconds) / 1e18
    }

    var inMilliseconds: Double { inSeconds * 1_000 }
}
