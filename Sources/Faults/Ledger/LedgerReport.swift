public import Foundation

/// One input of the ledger.
public enum LedgerReport: Sendable, Hashable {
    /// An entry to record.
    case entry(LedgerEntry)
    /// An activity of an application.
    case activity(ApplicationActivity)
    /// A fault, identified by its label, affected a connection or channel.
    case touch(FaultTouch, fault: String)
    /// A fault entered this state at this time.
    case fault(FaultRecord, at: Date)
}

extension Ledger {
    /// Records a report of any kind.
    ///
    /// - Returns: The entries that were made.
    @discardableResult
    public mutating func take(_ report: LedgerReport) -> [LedgerEntry] {
        switch report {
        case .entry(let entry):
            switch enter(entry) {
            case (let entry, let recovery): [entry] + (recovery.map { [$0] } ?? [])
            }
        case .activity(let activity): note(activity)
        case .touch(let touch, let fault): note(touch, of: fault)
        case .fault(let record, let at): note(record, at: at)
        }
    }
}
