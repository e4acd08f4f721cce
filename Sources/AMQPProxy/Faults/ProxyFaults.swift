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
        if let fault = ProxyFault.lasting(order) { return try await put(fault, order) }
        let aim = FaultAim(order.fault.selector)
        switch order.kind {
        case .closeChannel: return try await closeChannels(aim, order)
        case .closeConnection: return try await closeConnections(aim, order)
        case .resetConnection: return try await reset(aim, order)
        case .halfOpen: return try await leaveOpen(aim, order)
        case .cancelConsumer: return try await cancelConsumers(aim, order)
        default:
            throw FaultError(
                "The proxy cannot do '\(order.fault.name)'.",
                advice: "'rabbittop fault list' shows where each is injected.")
        }
    }

    private func put(_ fault: ProxyFault, _ order: FaultOrder) async throws(FaultError) -> FaultInjection {
        let server = server
        try await server.add(fault)
        let aim = fault.aim
        let met = await server.onEach { $0.meets(aim) }.count { $0 }
        let words = order.description.undo ?? "undone"
        var injection = FaultInjection(
            note: "in force on \(counted(met, "connection")) of the proxy, and on those to come")
        injection.undo = { () async throws(FaultError) -> String in
            await server.remove(fault)
            return words
        }
        injection.hits = { UInt64(fault.hits) }
        if fault.isLimited { injection.spent = { await fault.untilSpent() } }
        return injection
    }

    private func closeChannels(_ aim: FaultAim, _ order: FaultOrder) async throws(FaultError) -> FaultInjection {
        let request = ChannelCloseRequest(
            code: UInt16(clamping: order.integer(.code)), text: order.text(.text),
            towards: ProxyFault.sides(order.text(.towards)), fault: order.label)
        let closed = try await server.strikeEach(aim) { session -> [String]? in
            session.channels(aim).filter { session.closeChannel($0, request) }
                .map { "channel \($0) of \(session.title)" }
        }.flatMap(\.self)
        return try done("closed", closed, "open channel")
    }

    private func closeConnections(_ aim: FaultAim, _ order: FaultOrder) async throws(FaultError) -> FaultInjection {
        let (code, text, label) = (UInt16(clamping: order.integer(.code)), order.text(.text), order.label)
        let closed = try await server.strikeEach(aim) { session -> String? in
            session.closeConnection(code: code, text: text, fault: label, within: .seconds(2))
            return session.title
        }
        return try done("closed", closed, "connection")
    }

    private func reset(_ aim: FaultAim, _ order: FaultOrder) async throws(FaultError) -> FaultInjection {
        let sides = ProxyFault.sides(order.text(.towards))
        let label = order.label
        let left = NIOLockedValueBox(order.fault.selector.times ?? Int.max)
        let hit = try await server.strikeEach(aim) { session -> String? in
            let isWanted = left.withLockedValue { left in
                defer { left -= 1 }
                return left > 0
            }
            guard isWanted else { return nil }
            session.tell(.struck(label, channel: nil))
            session.reset(sides)
            return session.title
        }
        return try done("reset", hit, "connection")
    }

    private func leaveOpen(_ aim: FaultAim, _ order: FaultOrder) async throws(FaultError) -> FaultInjection {
        let side = Side(rawValue: order.text(.towards)) ?? .client
        let label = order.label
        let hit = try await server.strikeEach(aim) { session -> (UInt64, String)? in
            guard session.leaveOpen(side) else { return nil }
            session.tell(.struck(label, channel: nil))
            return (session.id, session.title)
        }
        var injection = try done("left half-open", hit.map(\.1), "connection")
        let server = server
        let ids = Set(hit.map(\.0))
        injection.undo = { () async throws(FaultError) -> String in
            _ = await server.onEach { session in
                if ids.contains(session.id) { session.closeLeftOpen() }
            }
            return "closed what was left open"
        }
        return injection
    }

    private func cancelConsumers(_ aim: FaultAim, _ order: FaultOrder) async throws(FaultError) -> FaultInjection {
        let both = order.text(.towards) == "both"
        let label = order.label
        let hit = try await server.strikeEach(aim) { session -> [String]? in
            let count = session.cancelConsumers(aim, towardsBroker: both, label: label)
            return count == 0 ? [] : ["\(counted(count, "consumer")) of \(session.title)"]
        }.flatMap(\.self)
        return try done("cancelled", hit, "consumer")
    }

    private func done(_ verb: String, _ what: [String], _ noun: String) throws(FaultError) -> FaultInjection {
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

func counted(_ count: Int, _ noun: String) -> String { "\(count) \(noun)\(count == 1 ? "" : "s")" }

extension ProxySession {
    /// A readable name of the session.
    var title: String { (machine.identity.clientName ?? names.last)?.text ?? "session \(id)" }
}
