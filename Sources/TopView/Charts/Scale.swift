/// The value axis of a chart: from zero to a round number, with round numbers in between.
struct Scale: Equatable, Sendable {
    let maximum: Double
    /// The distance between two marks.
    let step: Double

    /// The steps that round numbers are made of.
    enum Unit: Sendable {
        /// 1, 2 and 5 times a power of ten.
        case decimal
        /// The same times a power of 1,024.
        case bytes
    }

    /// - Parameters:
    ///   - largest: the largest value to show.
    ///   - marks: the most marks there is room for, zero not counted.
    ///   - whole: whether there are whole numbers only.
    init(largest: Double, marks: Int, unit: Unit = .decimal, whole: Bool = false) {
        let marks = max(1, marks)
        let largest = largest.isFinite ? min(max(largest, 0), 1e18) : 0
        guard largest > 0 else {
            maximum = 1
            step = 1
            return
        }
        var size = 1.0
        if unit == .bytes { while largest / size >= 1_024, size < 1e18 { size *= 1_024 } }
        let wanted = largest / size / Double(marks)
        var power = 1.0
        while power > wanted { power /= 10 }
        while power * 10 <= wanted { power *= 10 }
        var step = power * 10
        for factor in [1.0, 2, 5] where factor * power >= wanted {
            step = factor * power
            break
        }
        if whole, unit == .decimal { step = max(1, step) }
        self.step = step * size
        maximum = (largest / self.step - 1e-9).rounded(.up) * self.step
    }

    /// The marks from zero up.
    var marks: [Double] {
        let count = Int((maximum / step).rounded())
        return (0...max(1, count)).map { Double($0) * step }
    }

    /// Where a value lies between 0 and 1.
    func fraction(_ value: Double) -> Double {
        guard value.isFinite else { return value > 0 ? 1 : 0 }
        return min(max(value / maximum, 0), 1)
    }
}
