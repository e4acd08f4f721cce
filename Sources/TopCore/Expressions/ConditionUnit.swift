import Names

/// A unit behind a number: `10k`, `1GiB`, `5m`, `90%`.
struct ConditionUnit {
    /// What a number measures.
    enum Measure: Equatable {
        /// It goes with everything: a number without a unit, or a proportion.
        case any
        /// A number of things, or of events per second.
        case count
        case bytes
        case seconds
    }

    var name: String
    var factor: Double
    var measure: Measure

    private static let plain: [ConditionUnit] = [
        ConditionUnit(name: "%", factor: 0.01, measure: .any),
        ConditionUnit(name: "k", factor: 1e3, measure: .any), ConditionUnit(name: "K", factor: 1e3, measure: .any),
        ConditionUnit(name: "M", factor: 1e6, measure: .any), ConditionUnit(name: "G", factor: 1e9, measure: .any),
        ConditionUnit(name: "T", factor: 1e12, measure: .any),
    ]

    private static let times: [ConditionUnit] = [
        ConditionUnit(name: "ms", factor: 1e-3, measure: .seconds),
        ConditionUnit(name: "s", factor: 1, measure: .seconds), ConditionUnit(name: "m", factor: 60, measure: .seconds),
        ConditionUnit(name: "min", factor: 60, measure: .seconds),
        ConditionUnit(name: "h", factor: 3_600, measure: .seconds),
        ConditionUnit(name: "d", factor: 86_400, measure: .seconds),
        ConditionUnit(name: "w", factor: 7 * 86_400, measure: .seconds),
    ]

    private static let sizes: [ConditionUnit] = {
        let steps: [(letter: String, decimal: Double, binary: Double)] = [
            ("k", 1e3, 0x1p10), ("K", 1e3, 0x1p10), ("M", 1e6, 0x1p20), ("G", 1e9, 0x1p30), ("T", 1e12, 0x1p40),
        ]
        var units = [ConditionUnit(name: "B", factor: 1, measure: .bytes)]
        for step in steps {
            units.append(ConditionUnit(name: step.letter + "B", factor: step.decimal, measure: .bytes))
            units.append(ConditionUnit(name: step.letter + "i", factor: step.binary, measure: .bytes))
            units.append(ConditionUnit(name: step.letter + "iB", factor: step.binary, measure: .bytes))
        }
        return units
    }()

    /// All units. `m` is a minute and `M` a million, so the case of the letters counts.
    static let all = plain + sizes + times

    static func named(_ name: String) -> ConditionUnit? { all.first { $0.name.hasSameBytes(as: name) } }

    /// The units in words, for messages.
    static let examples = "k, M, G, T (thousands), kB … TB, KiB … TiB (bytes), ms, s, m, h, d, w (times) and %"
}
