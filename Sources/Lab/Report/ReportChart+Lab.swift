import Experiments
import HTMLPages

extension ReportChart.Mark {
    /// Creates the mark of an event; `nil` for a note.
    init?(_ moment: LabMoment) {
        let text = "\(HTMLText.figure(moment.at)) s: \(moment.application) \(moment.text)"
        switch moment.kind {
        case .fault(let until): self.init(.fault(until: until), at: moment.at, text: text)
        case .error: self.init(.error, at: moment.at, text: text)
        case .recovery: self.init(.recovery, at: moment.at, text: text)
        case .note: return nil
        }
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
