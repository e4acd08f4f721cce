import Foundation
import Names
import RabbitMQManagement
import TopCore

/// Which exchanges get messages that reach no queue, from what each node has counted at two times.
struct UnroutableExchanges: Sendable {
    /// Seconds for which a rate is known.
    static let patience = 45.0

    private struct Report: Sendable {
        var at: Date
        var counts: [EntityID: Int64]
        /// Messages per second since the report before.
        var rates: [EntityID: Double]
    }

    private var reports: [Name: Report] = [:]

    /// Takes the counts of one node.
    mutating func take(_ gauges: [UnroutableGauge], of node: Name, at: Date) {
        var counts: [EntityID: Int64] = [:]
        for gauge in gauges { counts[EntityID(vhost: gauge.vhost, name: gauge.exchange)] = gauge.messages }
        var rates: [EntityID: Double] = [:]
        if let before = reports[node] {
            let seconds = at.timeIntervalSince(before.at)
            guard seconds > 0.5 else { return }
            if seconds <= Self.patience {
                for (id, count) in counts {
                    let more = Double(count) - Double(before.counts[id] ?? 0)
                    // The counts of a channel end with it.
                    if more > 0 { rates[id] = more / seconds }
                }
            }
        }
        reports[node] = Report(at: at, counts: counts, rates: rates)
    }

    /// Returns the exchanges with their rates, the greatest first; empty when none is known.
    func exchanges(at now: Date) -> [ExchangePublishes] {
        var rates: [EntityID: Double] = [:]
        for report in reports.values where now.timeIntervalSince(report.at) <= Self.patience {
            rates.merge(report.rates) { $0 + $1 }
        }
        return rates.sorted { $0.value == $1.value ? $0.key < $1.key : $0.value > $1.value }
            .map { ExchangePublishes(exchange: $0.key, rate: $0.value) }
    }
}
