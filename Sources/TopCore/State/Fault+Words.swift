public import Faults
public import Foundation

extension Fault {
    /// The scope of the fault's ledger entries.
    var ledgerScope: LedgerEntry.Scope {
        switch FaultCatalogue[name]?.scope {
        case .message, .channel: .channel
        case .connection, .user: .connection
        case .queue: .queue
        case .node: .node
        case .vhost, .exchange, .cluster, nil: .cluster
        }
    }
}

extension FaultRecord {
    /// Returns the whole seconds until the fault is undone automatically; `nil` when it is not.
    public func secondsLeft(at now: Date) -> Double? {
        until.map { max(0, ($0 - now.timeIntervalSince1970).rounded(.up)) }
    }
}

extension State {
    /// The faults in force: first those that could not be undone, then the others, each oldest first.
    public var faultsInForce: [FaultRecord] {
        let inForce = faults.filter(\.isInForce)
        return inForce.filter { $0.state == .undoFailed } + inForce.filter { $0.state != .undoFailed }
    }
}
