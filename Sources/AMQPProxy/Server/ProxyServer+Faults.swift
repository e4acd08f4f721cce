public import Faults
import NIOCore

// The faults in force, which every session has, those that are still to come included.
extension ProxyServer {
    var faults: [ProxyFault] { state.withLockedValue { $0.faults } }

    /// - Throws: why no fault may strike: the broker may have said which it is since that was looked at.
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

    /// Why no fault may strike, since the broker that was reached said which it is; nil when they may.
    public var faultRefusal: FaultError? { state.withLockedValue { $0.refusal } }

    /// Before any login the broker says to which cluster it belongs. Where that is one that faults must not strike, those in
    /// force strike no more from here on.
    ///
    /// - Returns: whether that is so.
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

    /// Does this with every session that is meant, unless no fault may strike: that is decided where each is struck.
    ///
    /// - Throws: why none was.
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

    /// How a new connection is refused; nil when it is let in.
    func wayToRefuse() -> ProxyFault.WayToRefuse? {
        for fault in faults {
            if case .refuseConnections(let way) = fault.kind, fault.strikes() { return way }
        }
        return nil
    }
}
