import Foundation

/// Figures of ours beside those of another client, in medians, with what they are to be.
struct ComparisonTable {
    enum Target {
        /// So many times as much as theirs, at the least.
        case ratio(Double)
        /// That much on a machine where theirs takes `reference`, and as much more as theirs takes more here.
        case atMost(Double, reference: Double)
        case atLeast(Double)
    }

    private struct Row {
        var name: String
        var unit: String
        var ours: Double
        var theirs: Double?
        var target: Target?

        /// Nil where there is nothing to compare with.
        var ratio: Double? { theirs.flatMap { $0 > 0 ? ours / $0 : nil } }

        func scaled(_ limit: Double, _ reference: Double) -> Double { limit * max(1, (theirs ?? 0) / reference) }

        /// Nil where there is no target.
        var isMet: Bool? {
            switch target {
            case nil: nil
            case .ratio(let least): ratio.map { $0 >= least } ?? false
            case .atMost(let limit, let reference): ours <= scaled(limit, reference)
            case .atLeast(let limit): ours >= limit
            }
        }
    }

    let title: String
    private var rows: [Row] = []

    init(_ title: String) {
        self.title = title
    }

    mutating func add(_ name: String, _ unit: String, _ ours: Samples, _ theirs: Samples? = nil, target: Target? = nil)
    {
        rows.append(Row(name: name, unit: unit, ours: ours.median, theirs: theirs?.median, target: target))
    }

    /// How many targets were missed.
    var misses: Int { rows.filter { $0.isMet == false }.count }

    var text: String {
        let width = 2 + (rows.map(\.name.count).max() ?? 0)
        let heading = ["rabbittop", "rabbitmq-c", "ratio"].map { Self.right($0, 12) }.joined()
        var lines = [title, Self.left("", width + 14) + heading + "   target"]
        for row in rows {
            var line = Self.left(row.name, width) + Self.left(row.unit, 14) + Self.right(Self.format(row.ours), 12)
            line += Self.right(row.theirs.map(Self.format) ?? "", 12)
            line += Self.right(row.ratio.map { String(format: "%.2f", $0) } ?? "", 12)
            if let target = row.target, let isMet = row.isMet {
                let wanted =
                    switch target {
                    case .ratio(let least): String(format: "ratio >= %.2f", least)
                    case .atMost(let limit, let reference): "<= \(Self.format(row.scaled(limit, reference)))"
                    case .atLeast(let limit): ">= \(Self.format(limit))"
                    }
                line += "   " + Self.left(wanted, 16) + (isMet ? "met" : "MISSED")
            }
            lines.append(line)
        }
        return lines.joined(separator: "\n")
    }

    private static func format(_ value: Double) -> String {
        guard value.isFinite else { return "?" }
        if value >= 1_000 { return Main.grouped(Int(value.rounded())) }
        return String(format: value >= 100 ? "%.0f" : value >= 10 ? "%.1f" : "%.2f", value)
    }

    private static func left(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(1, width - text.count))
    }

    private static func right(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(1, width - text.count)) + text
    }
}
