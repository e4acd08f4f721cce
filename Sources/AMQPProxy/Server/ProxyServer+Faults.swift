public import Faults
import NIOConcurrencyHelpers
import NIOCore

// The faults in force, which apply to every session, including those that are opened later.
extension ProxyServer {
    var faults: [ProxyFault] { state.withLockedValue { $0.faults } }

    /// Returns the number of a fault to come.
    func nextFaultID() -> ProxyFault.ID {
        state.withLockedValue { state in
            state.lastFault += 1
            return state.lastFault
        }
    }

    /// Adds a fault to every session.
    ///
    /// - Throws: why faults are refused; the broker may have revealed its cluster since the last check.
    func add(_ fault: ProxyFault) async throws(FaultError) {
        counters.withLockedValue { $0.add(fault) }
        let refusal = state.withLockedValue { state in
            if state.refusal == nil { state.faults.append(fault) }
            return state.refusal
        }
        if let refusal {
            counters.withLockedValue { $0.remove(fault) }
            throw refusal
        }
        _ = await onEach { $0.applyFaults() }
    }

    /// Removes a fault from every session.
    ///
    /// - Parameter last: receives how often it has taken effect.
    func remove(_ fault: ProxyFault, last: NIOLockedValueBox<Int>) async {
        state.withLockedValue { state in state.faults.removeAll { $0.id == fault.id } }
        _ = await onEach { $0.applyFaults() }
        counters.withLockedValue { counters in
            // Kept before the count goes, so that whoever asks meanwhile does not read 0.
            if let hits = counters.hits(of: fault) { last.withLockedValue { $0 = hits } }
            counters.remove(fault)
        }
    }

    // MARK: What sessions share

    /// Runs a step of a session's machine with what all sessions share.
    func step<Value>(
        _ machine: inout SessionMachine, _ input: (inout SessionMachine, inout SessionMachine.Output) -> Value
    ) -> (Value, SessionMachine.Output) {
        sharing { counters in machine.step(sharing: &counters, input) }
    }

    /// Returns whether a fault takes effect on this occasion, and counts it.
    func strikes(_ fault: ProxyFault) -> Bool { sharing { $0.strikes(fault) } }

    func hits(of fault: ProxyFault) -> Int? { counters.withLockedValue { $0.hits(of: fault) } }

    func isSpent(_ fault: ProxyFault) -> Bool { counters.withLockedValue { $0.isSpent(fault) } }

    private func sharing<Value>(_ body: (inout FaultCounters) -> Value) -> Value {
        let (value, spent) = counters.withLockedValue { (body(&$0), $0.takeSpent()) }
        guard !spent.isEmpty else { return value }
        for fault in faults where spent.contains(fault.id) { fault.finish() }
        return value
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
            // Unawaited, because an event loop must not wait for the others.
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
    func wayToRefuse() -> RefuseConnectionsFault.How? {
        for fault in faults {
            if let refusal = fault.declared as? RefuseConnectionsFault, strikes(fault) { return refusal.how }
        }
        return nil
    }
}
