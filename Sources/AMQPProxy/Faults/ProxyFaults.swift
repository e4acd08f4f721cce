public import Faults
import NIOConcurrencyHelpers
import NIOCore

/// Carries out the faults on the traffic of a proxy.
public struct ProxyFaults: FaultInjector {
    private let server: ProxyServer

    /// Creates an injector for a proxy.
    public init(_ server: ProxyServer) { self.server = server }

    /// Injects a fault into the sessions that its selector matches.
    ///
    /// - Throws: `FaultError` if it cannot be injected.
    public func inject(_ order: FaultOrder) async throws(FaultError) -> FaultInjection {
        if let refusal = server.faultRefusal { throw refusal }
        if let fault = ProxyFault(order, id: server.nextFaultID()) { return try await put(fault, order) }
        guard let fault = order.declared as? any ImmediateFault else {
            throw FaultError(
                "The proxy cannot do '\(order.fault.name)'.",
                advice: "'rabbittop fault list' shows where each is injected.")
        }
        return try await fault.carryOut(order, FaultAim(order.fault.selector), on: server)
    }

    private func put(_ fault: ProxyFault, _ order: FaultOrder) async throws(FaultError) -> FaultInjection {
        let server = server
        try await server.add(fault)
        let aim = fault.aim
        let met = await server.onEach { $0.meets(aim) }.count { $0 }
        let words = order.description.undo ?? "undone"
        var injection = FaultInjection(
            note: "in force on \(String(counted: met, "connection")) of the proxy, and on those to come")
        let hits = NIOLockedValueBox(0)
        injection.undo = { () async throws(FaultError) -> String in
            await server.remove(fault, last: hits)
            return words
        }
        injection.hits = { UInt64(server.hits(of: fault) ?? hits.withLockedValue { $0 }) }
        if fault.selector.times != nil { injection.spent = { await fault.untilSpent() } }
        return injection
    }
}

/// A fault that the proxy carries out once, on the sessions that are there.
protocol ImmediateFault: DeclaredFault {
    /// Carries the fault out on the selected sessions.
    ///
    /// - Throws: why nothing was done.
    func carryOut(
        _ order: FaultOrder, _ aim: FaultAim, on server: ProxyServer
    ) async throws(FaultError) -> FaultInjection
}

extension CloseChannelFault: ImmediateFault {
    func carryOut(
        _ order: FaultOrder, _ aim: FaultAim, on server: ProxyServer
    ) async throws(FaultError) -> FaultInjection {
        let request = ChannelCloseRequest(
            code: UInt16(clamping: code), text: text, towards: towards.sides, fault: FaultCause(order))
        let closed = try await server.strikeEach(aim) { session -> [String]? in
            session.channels(aim).filter { session.closeChannel($0, request) }
                .map { "channel \($0) of \(session.title)" }
        }.flatMap(\.self)
        return try done("closed", closed, "open channel")
    }
}

extension CloseConnectionFault: ImmediateFault {
    func carryOut(
        _ order: FaultOrder, _ aim: FaultAim, on server: ProxyServer
    ) async throws(FaultError) -> FaultInjection {
        let (code, text, cause) = (UInt16(clamping: code), text, FaultCause(order))
        let closed = try await server.strikeEach(aim) { session -> String? in
            session.closeConnection(code: code, text: text, fault: cause, within: .seconds(2))
            return session.title
        }
        return try done("closed", closed, "connection")
    }
}

extension ResetConnectionFault: ImmediateFault {
    func carryOut(
        _ order: FaultOrder, _ aim: FaultAim, on server: ProxyServer
    ) async throws(FaultError) -> FaultInjection {
        let (sides, cause) = (towards.sides, FaultCause(order))
        let left = NIOLockedValueBox(order.fault.selector.times ?? Int.max)
        let hit = try await server.strikeEach(aim) { session -> String? in
            let isWanted = left.withLockedValue { left in
                defer { left -= 1 }
                return left > 0
            }
            guard isWanted else { return nil }
            session.tell(.struck(cause, channel: nil))
            session.reset(sides)
            return session.title
        }
        return try done("reset", hit, "connection")
    }
}

extension HalfOpenFault: ImmediateFault {
    func carryOut(
        _ order: FaultOrder, _ aim: FaultAim, on server: ProxyServer
    ) async throws(FaultError) -> FaultInjection {
        let (side, cause) = (towards, FaultCause(order))
        let hit = try await server.strikeEach(aim) { session -> (UInt64, String)? in
            guard session.leaveOpen(side) else { return nil }
            session.tell(.struck(cause, channel: nil))
            return (session.id, session.title)
        }
        var injection = try done("left half-open", hit.map(\.1), "connection")
        let ids = Set(hit.map(\.0))
        injection.undo = { () async throws(FaultError) -> String in
            _ = await server.onEach { session in
                if ids.contains(session.id) { session.closeLeftOpen() }
            }
            return "closed what was left open"
        }
        return injection
    }
}

extension CancelConsumerFault: ImmediateFault {
    func carryOut(
        _ order: FaultOrder, _ aim: FaultAim, on server: ProxyServer
    ) async throws(FaultError) -> FaultInjection {
        let (both, cause) = (towards == .both, FaultCause(order))
        let hit = try await server.strikeEach(aim) { session -> [String]? in
            let count = session.cancelConsumers(aim, towardsBroker: both, cause: cause)
            return count == 0 ? [] : ["\(String(counted: count, "consumer")) of \(session.title)"]
        }.flatMap(\.self)
        return try done("cancelled", hit, "consumer")
    }
}

extension ImmediateFault {
    fileprivate func done(_ verb: String, _ what: [String], _ noun: String) throws(FaultError) -> FaultInjection {
        guard let first = what.first else {
            throw FaultError(
                "No \(noun) that passes through the proxy fits the selector.",
                advice: "Connect the application to the proxy, or select more widely.")
        }
        let others = what.count - 1
        let hits = UInt64(what.count)
        return FaultInjection(note: "\(verb) \(first)\(others > 0 ? " and \(others) more" : "")", hits: { hits })
    }
}

extension ProxySession {
    /// A readable name of the session.
    var title: String { (machine.identity.clientName ?? names.last)?.text ?? "session \(id)" }
}
