import BrokerOperations
import Names

/// How many dead letters would go where.
struct ReturnPreview {
    private(set) var groups: [TransferGroup: Int] = [:]
    private(set) var failures: [Name: Int] = [:]
    /// Messages that were sent back before and died again.
    private(set) var returnedBefore = 0
    var end = TransferReport.End.finished
    var notes: [String] = []

    private static let most = 10_000

    mutating func add(_ message: TakenMessage, _ rules: MessageRules, _ rule: OriginRule) {
        do throws(MessageRefusal) {
            let group = try rules.outgoing(message, to: .origin(rule)).group
            if groups[group] != nil || groups.count < Self.most { groups[group, default: 0] += 1 }
        } catch {
            let why = Name(error.why)
            if failures[why] != nil || failures.count < Self.most { failures[why, default: 0] += 1 }
        }
        if let history = DeathHistory(message.properties.headers),
            history.deaths.contains(where: { ($0.count ?? 1) > 1 })
        {
            returnedBefore += 1
        }
    }

    func print(as format: BrokerCommand.Format) throws {
        var report = TransferReport(preview: groups, failures: failures, end: end)
        report.notes = notes
        if returnedBefore > 0 {
            report.notes.append(
                "\(MessageDesk.messages(returnedBefore)) died more than once in the same queue: "
                    + "what made them die may do so again")
        }
        try TransferRun.print(report, done: "would go back", as: format)
    }
}
