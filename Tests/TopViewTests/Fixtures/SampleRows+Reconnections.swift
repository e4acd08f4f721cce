import Faults
import Foundation

@testable import TopCore

extension SampleRows {
    /// An application that closes its connection and opens another, again and again.
    static let reconnections: [LedgerEntry] = (0..<24).map { number in
        LedgerEntry(
            at: Sample.ago(60 - Double(number) * 2.5), kind: number.isMultiple(of: 2) ? .opened : .closed,
            scope: .connection, connection: "10.0.4.90:\(41_000 + number / 2) -> 10.0.4.1:5672",
            clientName: "cron-report", user: "report", vhost: "/", peer: "10.0.4.90:\(41_000 + number / 2)",
            text: number.isMultiple(of: 2) ? "opened" : "closed by the client", source: .logExchange)
    }
}
