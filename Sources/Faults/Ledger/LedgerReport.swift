public import Foundation

/// One piece of what the ledger is told.
public enum LedgerReport: Sendable, Hashable {
    case entry(LedgerEntry)
    case activity(ApplicationActivity)
    /// A fault, by its label, struck somebody.
    case touch(FaultTouch, fault: String)
    /// A fault stands like this since then.
    case fault(FaultRecord, at: Date)
}

extension Ledger {
    /// Takes a report in, whatever it is.
    ///
    /// - Returns: the entries that came of it.
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
