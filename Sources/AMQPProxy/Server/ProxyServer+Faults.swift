public import Faults
import NIOCore

// The faults in force, which apply to every session, including those that are opened later.
extension ProxyServer {
    var faults: [ProxyFault] { state.withLockedValue { $0.faults } }

    /// Adds a fault to every session.
    ///
    /// - Throws: why faults are refused; the broker may have revealed its cluster since the last check.
    func add(_ fault: ProxyFault) async throws(FaultError) {
        let refusal = state.withLockedValue { state in
            if state.refusal == nil { state.faults.append(fault) }
            return state.refusal
        }
        if let refusal { throw refusal }
        _ = await onEach { $0.applyFaults() }
    }

    func remove(_ fault: ProxyFault) async {
        state.withLockedValue { state in state.faults.removeAll { $0 === fault } }
        _ = await onEach { $0.applyFaults() }
    }

    /// Why faults are refused, after the connected broker revealed its cluster; nil if they are allowed.
    public var faultRefusal: FaultError? { state.withLockedValue { $0.refusal } }

    /// Checks the cluster name, which the broker sends before any login. If faults must not affect that cluster, those
    /// in force no longer take effect.
    ///
    /// - Returns: whether faults are refused.
    func isForbidden(afterGreetingOf cluster: String?) -> Bool {
        guard let refusal = configuration.refusal(cluster) else { return false }
        let isNew = state.withLockedValue { state in
            defer { state.refusal = refusal }
            state.faults = []
            return state.refusal == nil
        }
        if isNew {
            Task { _ = await onEach { $0.applyFaults() } }
            onRefusal.finish()
        }
        return true
    }

    /// Runs a body on every selected session, unless faults are refused; this is checked again for each session.
    ///
    /// - Throws: why no session was affected.
    func strikeEach<Value: Sendable>(
        _ aim: FaultAim, _ work: @escaping @Sendable (ProxySession) -> Value?
    ) async throws(FaultError) -> [Value] {
        let struck = await onEach { session -> Value? in
            guard session.server.faultRefusal == nil, session.meets(aim) else { return nil }
            return work(session)
        }.compactMap(\.self)
        if struck.isEmpty, let faultRefusal { throw faultRefusal }
        return struck
    }

    /// How a new connection is refused; nil if it is accepted.
    func wayToRefuse() -> ProxyFault.WayToRefuse? {
        for fault in faults {
            if case .refuseConnections(let way) = fault.kind, fault.strikes() { return way }
        }
        return nil
    }
}
