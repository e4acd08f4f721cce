public import Names
public import TopCore

/// How many dead letters would go where.
public struct ReturnPreview: Sendable {
    public private(set) var groups: [TransferGroup: Int] = [:]
    public private(set) var failures: [Name: Int] = [:]
    /// Messages that were sent back before and died again.
    private var returnedBefore = 0

    private static let most = 10_000

    /// Creates an empty preview.
    public init() {}

    /// Counts a message.
    public mutating func add(_ message: TakenMessage, _ rules: MessageRules, _ rule: OriginRule) {
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

    /// Returns the preview as a report of a transfer that ended so.
    public func report(end: TransferReport.End, notes: [String]) -> TransferReport {
        var report = TransferReport(preview: groups, failures: failures, end: end)
        report.notes = notes
        if returnedBefore > 0 {
            report.notes.append(
                "\(TransferReport.messages(returnedBefore)) died more than once in the same queue: "
                    + "what made them die may do so again")
        }
        return report
    }
}
