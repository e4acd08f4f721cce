import Foundation
import TopCore

extension Conductor {
    /// The connections and channels of this process, beside what the broker says of them.
    func pollClient() -> AskResult {
        let report = own.report(with: configuration.registry)
        let comparison = ClientComparison(connections: connections, channels: channels)
        let rows = comparison.rows(report, suspicions: &suspicions)
        let at = Date(timeIntervalSince1970: report.madeAt)
        inbox.post(.client(ListPart(at: at, rows: rows)))
        board.answered(.client, at: at, interval: max(0.2, interest.interval))
        return .answered
    }
}
