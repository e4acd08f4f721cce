import Foundation
import RabbitMQManagement
import TopCore

/// Measures the cost of rabbittop's own polling over the last ten seconds.
struct CostMeter {
    private struct Mark {
        var at: Double
        var requests: UInt64
        var bytes: UInt64
        var seconds: Double
        var declares: UInt64
    }

    static let window = 10.0
    private var marks: [Mark] = []
    private var declares: UInt64 = 0

    mutating func note(declares count: Int) { declares += UInt64(max(0, count)) }

    /// Returns the cost so far, at most once per second.
    mutating func cost(
        at now: Double, date: Date, clients: [RequestCost], paces: @autoclosure () -> [PollingPace] = []
    ) -> PollingCost? {
        if let last = marks.last, now - last.at < 1 { return nil }
        let requests = clients.reduce(0) { $0 + $1.requests }
        let bytes = clients.reduce(0) { $0 + $1.bytes }
        let seconds = clients.reduce(0.0) { sum, cost in
            sum + Double(cost.time.components.seconds) + Double(cost.time.components.attoseconds) / 1e18
        }
        let mark = Mark(at: now, requests: requests, bytes: bytes, seconds: seconds, declares: declares)
        marks.append(mark)
        while marks.count > 2, now - marks[1].at >= Self.window { marks.removeFirst() }
        guard let first = marks.first, now > first.at else { return nil }
        let span = now - first.at
        return PollingCost(
            at: date, httpRequestRate: Double(requests - first.requests) / span,
            httpBusy: min(1, max(0, seconds - first.seconds) / span),
            declareRate: Double(declares - first.declares) / span, bytesPerSecond: Double(bytes - first.bytes) / span,
            paces: paces())
    }
}
