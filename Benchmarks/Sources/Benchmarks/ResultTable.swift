import Foundation

/// What was measured, as it is printed.
struct ResultTable {
    struct Row {
        var name: String
        var unit: String
        var median: Double?
        var p99: Double?
        var worst: Double?
        var target: Target?
    }

    /// A limit for one of the figures.
    struct Target {
        enum Figure: String {
            case median, p99, worst
        }

        var figure: Figure
        var limit: Double
    }

    private(set) var rows: [Row] = []
    private(set) var ratios: [Ratio] = []

    /// How many times as much one figure is as another.
    struct Ratio {
        var name: String
        var times: Double

        var text: String { String(format: times < 10 ? "%.1f x" : "%.0f x", times) }
    }

    mutating func add(_ name: String, _ unit: String, _ samples: Samples, target: Target? = nil) {
        // A 99th percentile of a few rounds would be the worst one.
        let p99 = samples.count >= 100 ? samples.quantile(0.99) : nil
        rows.append(
            Row(name: name, unit: unit, median: samples.median, p99: p99, worst: samples.worst, target: target))
    }

    mutating func addRatio(_ name: String, _ dividend: Double, _ divisor: Double) {
        ratios.append(Ratio(name: name, times: divisor > 0 ? dividend / divisor : .infinity))
    }

    /// How many targets were missed.
    var misses: Int { rows.filter { $0.isMet == false }.count }

    var text: String {
        let name = max(40, rows.map(\.name.count).max() ?? 0)
        var lines = [
            Self.left("", name) + ["median", "p99", "worst"].map { Self.right($0, 11) }.joined() + "   target"
        ]
        for row in rows {
            let figures = [row.median, row.p99, row.worst].map { Self.right($0.map { row.format($0) } ?? "", 11) }
            var line = Self.left(row.name, name) + figures.joined()
            if let target = row.target, let isMet = row.isMet {
                let wanted = "\(target.figure.rawValue) < \(row.format(target.limit))"
                line += "   " + Self.left(wanted, 20) + (isMet ? "ok" : "MISSED")
            }
            lines.append(line)
        }
        if !ratios.isEmpty {
            lines.append("")
            for ratio in ratios { lines.append(Self.left(ratio.name, name) + Self.right(ratio.text, 11)) }
        }
        return lines.joined(separator: "\n")
    }

    private static func left(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }

    private static func right(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(0, width - text.count)) + text
    }
}

extension ResultTable.Row {
    /// Nil where there is no target.
    var isMet: Bool? {
        guard let target else { return nil }
        let value =
            switch target.figure {
            case .median: median
            case .p99: p99
            case .worst: worst
            }
        // What could not be measured has not met it.
        return value.map { $0 < target.limit } ?? false
    }

    func format(_ value: Double) -> String {
        let digits = value >= 100 ? 0 : value >= 10 ? 1 : 2
        return String(format: "%.\(digits)f ", value) + unit
    }
}
