import Experiments
import Foundation

/// A chart over time as inline SVG: curves, with the faults as bands and the errors as marks.
struct ReportChart {
    struct Curve {
        var name: String
        /// Runs of points without a gap.
        var parts: [[(at: Double, value: Double)]]
    }

    var title: String
    var unit: String
    var curves: [Curve]
    var moments: [LabMoment]
    var seconds: Double

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
        let last = curves.flatMap(\.parts).compactMap { $0.last?.at }.max() ?? 0
        return max(seconds, last, 0.1)
    }

    private func x(_ at: Double) -> Double {
        Self.left + min(max(at, 0), end) / end * (Self.width - Self.left - Self.right)
    }

    private var most: Double { max(1, curves.flatMap(\.parts).joined().map(\.value).max() ?? 1) }

    private func y(_ value: Double, _ most: Double) -> Double {
        Self.height - Self.bottom - min(max(value, 0), most) / most * (Self.height - Self.top - Self.bottom)
    }

    func svg() -> String {
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
        parts += marks()
        parts.append("</svg>")
        let names = curves.enumerated().map { index, curve in
            "<span><i class=\"k\(index % Self.colours)\"></i>\(HTMLText.escaped(curve.name))</span>"
        }
        parts.append("<div class=\"legend\">\(names.joined())</div></figure>")
        return parts.joined(separator: "\n")
    }

    private func bands() -> [String] {
        moments.compactMap { moment in
            guard case .fault(let until) = moment.kind else { return nil }
            let start = x(moment.at)
            let width = max(2, x(until ?? moment.at) - start)
            return """
                <rect class="fault" x="\(Self.place(start))" y="\(Self.top)" width="\(Self.place(width))" \
                height="\(Self.height - Self.top - Self.bottom)"><title>\(Self.words(moment))</title></rect>
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
        let step = Self.step(end)
        var at = 0.0
        while at <= end {
            parts.append(
                """
                <text class="axis" text-anchor="middle" x="\(Self.place(x(at)))" y="\(Self.height - 8)">\
                \(HTMLText.figure(at)) s</text>
                """)
            at += step
        }
        parts.append("<text class=\"axis\" x=\"4\" y=\"\(Self.lane + 4)\">\(HTMLText.escaped(unit))</text>")
        return parts
    }

    private func marks() -> [String] {
        moments.compactMap { moment in
            let place = Self.place(x(moment.at))
            switch moment.kind {
            case .error:
                return """
                    <path class="error" d="M\(place) \(Self.lane - 5)l5 9h-10z"><title>\(Self.words(moment))</title></path>
                    """
            case .recovery:
                return """
                    <circle class="recovery" cx="\(place)" cy="\(Self.lane)" r="5"><title>\(Self.words(moment))</title>\
                    </circle>
                    """
            case .fault, .note: return nil
            }
        }
    }

    private static func words(_ moment: LabMoment) -> String {
        HTMLText.escaped("\(HTMLText.figure(moment.at)) s: \(moment.application) \(moment.text)")
    }

    private static func place(_ value: Double) -> String { String((value * 10).rounded() / 10) }

    /// Returns the distance for about eight labels, at round numbers of seconds.
    private static func step(_ length: Double) -> Double {
        var scale = 0.1
        for _ in 0..<8 {
            for factor in [1.0, 2, 5] where length / (scale * factor) <= 10 { return scale * factor }
            scale *= 10
        }
        return max(length, 1)
    }
}

extension ReportChart.Curve {
    /// Returns the depth of one queue. The curve has a gap where the depth is unknown.
    static func depth(of queue: String, _ samples: [LabSample]) -> Self {
        var parts: [[(at: Double, value: Double)]] = [[]]
        let gap = longest(samples)
        var before: Double?
        for sample in samples {
            if let before, sample.at - before > gap, parts.last?.isEmpty == false { parts.append([]) }
            before = sample.at
            if let depth = sample.depths[queue] {
                parts[parts.count - 1].append((sample.at, Double(depth)))
            } else if parts.last?.isEmpty == false {
                parts.append([])
            }
        }
        return Self(name: queue, parts: parts)
    }

    /// Returns the increase of a count per second.
    static func rate(_ name: String, _ samples: [LabSample], _ count: (LabSample) -> Int) -> Self {
        var parts: [[(at: Double, value: Double)]] = [[]]
        let gap = longest(samples)
        for (before, after) in zip(samples, samples.dropFirst()) where after.at > before.at {
            if after.at - before.at > gap {
                parts.append([])
            } else {
                parts[parts.count - 1].append(
                    (after.at, (Double(count(after)) - Double(count(before))) / (after.at - before.at)))
            }
        }
        return Self(name: name, parts: parts.filter { !$0.isEmpty })
    }

    /// Returns the longest time between two samples, in seconds, that does not count as a gap.
    private static func longest(_ samples: [LabSample]) -> Double {
        let steps = zip(samples, samples.dropFirst()).map { $1.at - $0.at }.sorted()
        return steps.isEmpty ? .infinity : steps[steps.count / 2] * 5
    }
}
