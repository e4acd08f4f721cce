/// The value axis of a chart: from zero to a round number, with round numbers in between.
struct Scale: Equatable, Sendable {
    let maximum: Double
    /// The number of parts that the marks divide the axis into.
    let divisions: Int
    private let unit: Unit

    /// The base of the round numbers.
    enum Unit: Sendable {
        case decimal
        /// Powers of 1,024.
        case bytes
    }

    /// Round numbers up to ten, with the divisions that again give round numbers.
    private static let rounds: [(value: Double, divisions: [Int])] = [
        (1, [4, 2]), (1.2, [4, 3, 2]), (1.5, [3]), (2, [4, 2]), (2.5, [5]), (3, [3]), (4, [4, 2]), (5, [5]),
        (6, [6, 3, 2]), (8, [4, 2]), (10, [5, 2]),
    ]

    /// Creates a scale.
    ///
    /// - Parameters:
    ///   - largest: The largest value to show.
    ///   - rows: The length of the axis, in rows of the screen.
    ///   - unit: The base of the round numbers.
    ///   - whole: Whether all values are whole numbers.
    init(largest: Double, rows: Int, unit: Unit = .decimal, whole: Bool = false) {
        self.unit = unit
        var largest = largest.isFinite ? min(max(largest, 0), 1e18) : 0
        if whole { largest = max(1, largest) }
        // Smaller values are invisible, and dividing by them gives no finite number.
        guard largest > 1e-9 else {
            maximum = 1
            divisions = 1
            return
        }
        var size = 1.0
        if unit == .bytes { while largest / size >= 1_024, size < 1e18 { size *= 1_024 } }
        while largest / size > 10 { size *= 10 }
        while largest / size < 1 { size /= 10 }
        let wanted = largest / size
        let isWhole = { (value: Double) in !whole || value == value.rounded() }
        let round = Self.rounds.first { $0.value >= wanted - 1e-9 && isWhole($0.value * size) } ?? (10, [5, 2])
        let top = round.value * size
        maximum = top
        divisions = round.divisions.first { $0 <= max(1, rows / 2) && isWhole(top / Double($0)) } ?? 1
    }

    /// The marks from zero up.
    var marks: [Double] { (0...divisions).map { maximum * Double($0) / Double(divisions) } }

    /// Returns the position of a value on the axis, between 0 and 1.
    func fraction(_ value: Double) -> Double {
        guard value.isFinite else { return value > 0 ? 1 : 0 }
        return min(max(value / maximum, 0), 1)
    }

    /// Formats a mark as short as possible: `750`, `1.5k`, `2M`.
    func label(_ mark: Double) -> String {
        let letters = ["", "k", "M", "G", "T", "P", "E"]
        let base = unit == .bytes ? 1_024.0 : 1_000
        var value = mark
        var step = 0
        while value >= base, step < letters.count - 1 {
            value /= base
            step += 1
        }
        // At most two decimals, without trailing zeros.
        let hundredths = Int((value * 100).rounded())
        var text = String(hundredths / 100)
        let rest = hundredths % 100
        if rest > 0 { text += rest.isMultiple(of: 10) ? ".\(rest / 10)" : rest < 10 ? ".0\(rest)" : ".\(rest)" }
        return text + letters[step]
    }
}
