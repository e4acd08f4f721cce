public import Faults
public import Foundation

extension Fault {
    /// Whom it is aimed at, in a few words: `channel 3 of orders-service`; `nil` where it chooses nobody.
    public var aim: String? {
        if let connection = selector.connection {
            return selector.channel.map { "channel \($0) of \(connection)" } ?? connection
        }
        let queue = selector.queue ?? named("queue")
        let exchange = selector.exchange ?? named("exchange")
        if let name = queue ?? exchange { return name }
        if let user = selector.user ?? named("user") { return "user \(user)" }
        if let vhost = selector.virtualHost ?? named("vhost") { return "vhost \(vhost)" }
        if let node = named("node") { return node }
        return selector.channel.map { "channels \($0)" }
    }

    private func named(_ parameter: String) -> String? {
        guard case .text(let text) = parameters[parameter], !text.isEmpty else { return nil }
        return text
    }

    /// Where the ledger enters it.
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
    /// Whole seconds until it is undone by itself; `nil` when it is not.
    public func secondsLeft(at now: Date) -> Double? {
        until.map { max(0, ($0 - now.timeIntervalSince1970).rounded(.up)) }
    }
}

extension State {
    /// The faults in force: those that could not be undone first, then by their age.
    public var faultsInForce: [FaultRecord] {
        let inForce = faults.filter(\.isInForce)
        return inForce.filter { $0.state == .undoFailed } + inForce.filter { $0.state != .undoFailed }
    }
}
