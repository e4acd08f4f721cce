import NIOCore

// The faults in force, which every session has, those that are still to come included.
extension ProxyServer {
    var faults: [ProxyFault] { state.withLockedValue { $0.faults } }

    func add(_ fault: ProxyFault) async {
        state.withLockedValue { $0.faults.append(fault) }
        _ = await onEach { $0.applyFaults() }
    }

    func remove(_ fault: ProxyFault) async {
        state.withLockedValue { state in state.faults.removeAll { $0 === fault } }
        _ = await onEach { $0.applyFaults() }
    }

    /// How a new connection is refused; nil when it is let in.
    func refusal() -> ProxyFault.WayToRefuse? {
        for fault in faults {
            if case .refuseConnections(let way) = fault.kind, fault.strikes() { return way }
        }
        return nil
    }
}
