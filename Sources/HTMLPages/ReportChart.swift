public import Foundation

/// A chart over time as inline SVG: curves, with the faults as bands and the errors as marks.
public struct ReportChart: Sendable {
    /// A figure over time.
    public struct Curve: Sendable {
        /// The name in the legend.
        public var name: String
        /// Runs of points without a gap.
        public var parts: [[(at: Double, value: Double)]]

        /// Creates a curve.
        public init(name: String, parts: [[(at: Double, value: Double)]]) {
            self.name = name
            self.parts = parts
        }
    }

    /// Something that happened, with a text that appears under the pointer.
    public struct Mark: Sendable {
        /// The form of a mark.
        public enum Kind: Sendable {
            /// A band, to its end; `nil` for a moment.
            case fault(until: Double?)
            /// A triangle.
            case error
            /// A dot.
            case recovery
        }

        /// The form of the mark.
        public var kind: Kind
        /// The second at which it happened.
        public var at: Double
        /// What happened.
        public var text: String

        /// Creates a mark.
        public init(_ kind: Kind, at: Double, text: String) {
            self.kind = kind
            self.at = at
            self.text = text
        }
    }

    /// The labels below the chart.
    public enum Axis: Sendable {
        /// Seconds from the start, over this time at least.
        case seconds(Double)
        /// The time of day in UTC, from a time on, over these seconds.
        case clock(from: Date, seconds: Double)
    }

    /// The title above the chart.
    public var title: String
    /// The unit of the values.
    public var unit: String
    /// The curves, with times in seconds from the start.
    public var curves: [Curve]
    /// What happened meanwhile.
    public var marks: [Mark]
    /// The labels below the chart.
    public var axis: Axis

    /// Creates a chart.
    public init(title: String, unit: String, curves: [Curve], marks: [Mark], axis: Axis) {
        self.title = title
        self.unit = unit
        self.curves = curves
        self.marks = marks
        self.axis = axis
    }

    private static let width = 960.0
    private static let height = 240.0
    private static let left = 64.0
    private static let right = 16.0
    private static let top = 26.0
    private static let bottom = 28.0
    /// The height of the area for the marks of errors.
    private static let lane = 12.0
    private static let colours = 8

    private var end: Double {
        switch axis {
        case .seconds(let seconds): max(seconds, curves.flatMap(\.parts).compactMap { $0.last?.at }.max() ?? 0, 0.1)
        case .clock(_, let seconds): max(seconds, 0.1)
        }
    }

    private func x(_ at: Double) -> Double {
        Self.left + min(max(at, 0), end) / end * (Self.width - Self.left - Self.right)
    }

    private var most: Double { max(1, curves.flatMap(\.parts).joined().map(\.value).max() ?? 1) }

    private func y(_ value: Double, _ most: Double) -> Double {
        Self.height - Self.bottom - min(max(value, 0), most) / most * (Self.height - Self.top - Self.bottom)
    }

    /// Returns the chart as a figure with its legend.
    public func svg() -> String {
        let most = self.most
        var parts = [
            """
            <figure><figcaption>\(HTMLText.escaped(title))</figcaption>
            <svg viewBox="0 0 \(Int(Self.width)) \(Int(Self.height))" role="img" aria-label="\(HTMLText.escaped(title))">
            """
        ]
        parts += bands()
        parts += grid(most)
        for (index, curve) in curves.enumerated() {
            for part in curve.parts where !part.isEmpty {
                // A single point is drawn as a dot, which needs two points.
                let points = (part.count == 1 ? part + part : part).map {
                    "\(Self.place(x($0.at))),\(Self.place(y($0.value, most)))"
                }
                .joined(separator: " ")
                parts.append("<polyline class=\"c\(index % Self.colours)\" points=\"\(points)\"/>")
            }
        }
        parts += signs()
        parts.append("</svg>")
        let names = curves.enumerated().map { index, curve in
            "<span><i class=\"k\(index % Self.colours)\"></i>\(HTMLText.escaped(curve.name))</span>"
        }
        parts.append("<div class=\"legend\">\(names.joined())</div></figure>")
        return parts.joined(separator: "\n")
    }

    private func bands() -> [String] {
        marks.compactMap { mark in
            guard case .fault(let until) = mark.kind else { return nil }
            let start = x(mark.at)
            let width = max(2, x(until ?? mark.at) - start)
            return """
                <rect class="fault" x="\(Self.place(start))" y="\(Self.top)" width="\(Self.place(width))" \
                height="\(Self.height - Self.top - Self.bottom)"><title>\(HTMLText.escaped(mark.text))</title></rect>
                """
        }
    }

    private func grid(_ most: Double) -> [String] {
        var parts: [String] = []
        for step in 0...4 {
            let value = most * Double(step) / 4
            let line = Self.place(y(value, most))
            parts.append(
                "<line class=\"grid\" x1=\"\(Self.left)\" x2=\"\(Self.width - Self.right)\" y1=\"\(line)\" y2=\"\(line)\"/>"
            )
            parts.append(
                """
                <text class="axis" text-anchor="end" x="\(Self.left - 8)" y="\(line)" dy="4">\
                \(HTMLText.figure(value))</text>
                """)
        }
        let step = step
        var at = firstLabel(step)
        while at <= end {
            parts.append(
                """
                <text class="axis" text-anchor="middle" x="\(Self.place(x(at)))" y="\(Self.height - 8)">\
                \(label(at))</text>
                """)
            at += step
        }
        parts.append("<text class=\"axis\" x=\"4\" y=\"\(Self.lane + 4)\">\(HTMLText.escaped(unit))</text>")
        return parts
    }

    private func signs() -> [String] {
        marks.compactMap { mark in
            let place = Self.place(x(mark.at))
            switch mark.kind {
            case .error:
                return """
                    <path class="error" d="M\(place) \(Self.lane - 5)l5 9h-10z"><title>\(HTMLText.escaped(mark.text))</title></path>
                    """
            case .recovery:
                return """
                    <circle class="recovery" cx="\(place)" cy="\(Self.lane)" r="5"><title>\(HTMLText.escaped(mark.text))</title>\
                    </circle>
                    """
            case .fault: return nil
            }
        }
    }

    private static func place(_ value: Double) -> String { String((value * 10).rounded() / 10) }

    private func label(_ at: Double) -> String {
        switch axis {
        case .seconds: return "\(HTMLText.figure(at)) s"
        case .clock(let start, let seconds):
            let style = Date.ISO8601FormatStyle(timeZone: .gmt)
            let time = start + at
            if seconds > 2 * 86_400 { return time.formatted(style.month().day()) }
            return String(time.formatted(style.time(includingFractionalSeconds: false)).dropLast(seconds > 600 ? 3 : 0))
        }
    }

    /// The position of the first label: the start, or the first round time of day.
    private func firstLabel(_ step: Double) -> Double {
        guard case .clock(let start, _) = axis else { return 0 }
        let past = start.timeIntervalSince1970.truncatingRemainder(dividingBy: step)
        return past > 0 ? step - past : 0
    }

    /// The distance for about eight labels, at round numbers of seconds, or at round times of day.
    private var step: Double {
        let length = end
        if case .clock = axis {
            let steps: [Double] = [1, 5, 10, 30, 60, 300, 600, 1_800, 3_600, 3 * 3_600, 6 * 3_600, 12 * 3_600]
            return steps.first { length / $0 <= 10 } ?? max(86_400, (length / 10 / 86_400).rounded(.up) * 86_400)
        }
        var scale = 0.1
        for _ in 0..<8 {
            for factor in [1.0, 2, 5] where length / (scale * factor) <= 10 { return scale * factor }
            scale *= 10
        }
        return max(length, 1)
    }
}
