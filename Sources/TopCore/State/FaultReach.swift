import Faults
import Foundation
import Names

/// The rows that a fault would affect, counted among the known rows.
struct FaultReach {
    let state: State
    let fault: Fault
    let description: FaultDescription
    private let connectionPattern: Pattern?
    private let queuePattern: Pattern?

    init(_ state: State, _ fault: Fault, _ description: FaultDescription) {
        self.state = state
        self.fault = fault
        self.description = description
        connectionPattern = fault.selector.connection.map(Pattern.init)
        queuePattern = fault.selector.queue.map(Pattern.init)
    }

    /// `closes 1 connection, 14 channels, 9 consumers`; the catalogue's description where nothing can be counted.
    var words: String {
        guard let counted else { return description.blast }
        // The number of a user's or a vhost's connections does not say what happens to them.
        switch description.scope {
        case .user, .vhost: return isClosing ? counted : "\(counted). \(description.blast)"
        default: return counted
        }
    }

    private var isClosing: Bool { ["close", "force-close", "reset"].contains { description.name.hasPrefix($0) } }

    private var verb: String {
        if isClosing { return "closes" }
        switch description.scope {
        case .user, .vhost: return "concerns"
        default: return "hits"
        }
    }

    private static let choosing: Set<FaultSelector.Field> = [.connection, .user, .vhost, .queue, .exchange, .channel]

    private var counted: String? {
        // Faults on rabbittop's own or on future connections have nothing to count.
        switch description.scope {
        case .node: return node
        case .cluster: return nil
        case .queue: return queues
        case .exchange: return exchanges
        case .connection, .user, .vhost, .channel, .message: break
        }
        guard description.injectionPoint != .own, description.selects.contains(where: Self.choosing.contains) else {
            return nil
        }
        switch description.scope {
        case .channel, .message: return channelsHit
        default: return connectionsHit
        }
    }

    // MARK: Connections and channels

    private var connectionsHit: String? {
        let rows = state.connections.rows
        let channelRows = state.channels.rows
        let hit: [ConnectionRow]?
        let names: Set<Name>
        if rows.isEmpty {
            guard !channelRows.isEmpty else { return nil }
            hit = nil
            names = Set(channelRows.lazy.filter(meets).map(\.id.connection))
        } else {
            let met = passing(rows, \.proxySession).filter(meets)
            hit = met
            names = Set(met.map(\.name))
        }
        guard !names.isEmpty else { return nobody("connection") }
        let channelsMet = channelRows.filter { names.contains($0.id.connection) }
        let channelCount = hit?.reduce(nil) { Self.sum($0, $1.channels) } ?? Self.known(channelsMet.count)
        let consumerCount =
            channelsMet.reduce(nil) { Self.sum($0, $1.consumers) }
            ?? Self.known(state.consumers.rows.count { $0.id.connection.map(names.contains) ?? false })
        return sentence(
            [
                state.counted(names.count, "connection"), channelCount.map { state.counted($0, "channel") },
                consumerCount.map { state.counted($0, "consumer") },
            ], at: hit == nil ? state.channels.at : state.connections.at)
    }

    private var channelsHit: String? {
        let selector = fault.selector
        var consumers: [ChannelID: Int] = [:]
        for row in state.consumers.rows where queuePattern?.matches(row.id.queue.name.text) ?? true {
            if let channel = row.id.channel { consumers[channel, default: 0] += 1 }
        }
        let rows = state.channels.rows
        guard !rows.isEmpty else {
            guard !state.consumers.rows.isEmpty, selector.user == nil else { return nil }
            let met = consumers.keys.filter { id in
                (selector.channel ?? id.number) == id.number && meets(connection: id.connection)
            }
            guard !met.isEmpty else { return nobody("channel") }
            return sentence(
                [
                    state.counted(met.count, "channel"),
                    state.counted(Int.sum(met.map { consumers[$0] ?? 0 }), "consumer"),
                ], at: state.consumers.at)
        }
        let met = passing(rows, \.proxySession).filter { row in
            meets(row) && (selector.channel ?? row.id.number) == row.id.number
                && (queuePattern == nil || state.consumers.rows.isEmpty || consumers[row.id] != nil)
        }
        guard !met.isEmpty else { return nobody("channel") }
        let consumerCount = met.reduce(nil) { Self.sum($0, $1.consumers) }
        let unacked = met.reduce(nil) { Self.sum($0, $1.unacked) }
        return sentence(
            [
                state.counted(met.count, "channel"), consumerCount.map { state.counted($0, "consumer") },
                unacked.map { state.counted($0, "unacked message") },
            ], at: state.channels.at)
    }

    /// Returns the rows that pass through the proxy, when the fault is injected in the proxy and it is known which rows
    /// do; otherwise all rows.
    private func passing<Row>(_ rows: [Row], _ session: KeyPath<Row, UInt64?>) -> [Row] {
        guard description.injectionPoint == .proxy, rows.contains(where: { $0[keyPath: session] != nil }) else {
            return rows
        }
        return rows.filter { $0[keyPath: session] != nil }
    }

    private func meets(_ row: ConnectionRow) -> Bool {
        let selector = fault.selector
        if let connectionPattern {
            let names = [row.name.text, row.clientName?.text, row.peer].compactMap(\.self)
            guard names.contains(where: connectionPattern.matches) else { return false }
        }
        if let chosen = selector.connections, !chosen.names.contains(row.name) { return false }
        return (Name(selector.user) ?? row.user) == row.user && (Name(selector.virtualHost) ?? row.vhost) == row.vhost
    }

    private func meets(_ row: ChannelRow) -> Bool {
        let selector = fault.selector
        return meets(connection: row.id.connection, clientName: row.clientName)
            && (Name(selector.user) ?? row.user) == row.user && (Name(selector.virtualHost) ?? row.vhost) == row.vhost
    }

    private func meets(connection: Name, clientName: Name? = nil) -> Bool {
        if let chosen = fault.selector.connections, !chosen.names.contains(connection) { return false }
        guard let connectionPattern else { return true }
        let row = state.connections.row(.connection(connection))
        let names = [connection.text, (clientName ?? row?.clientName)?.text, row?.peer].compactMap(\.self)
        return names.contains(where: connectionPattern.matches)
    }

    // MARK: Queues, exchanges, nodes

    private func name(_ parameter: String) -> Name? {
        let value = fault.parameters[parameter] ?? description[parameter: parameter]?.value
        guard case .text(let text) = value, !text.isEmpty else { return nil }
        return Name(text)
    }

    private var queues: String? {
        guard let name = Name(fault.selector.queue) ?? name("queue"), !state.queues.rows.isEmpty else { return nil }
        // The broker takes names literally; the proxy supports wildcards.
        let pattern = description.injectionPoint == .broker ? nil : Pattern(name.text)
        let vhost = self.vhost
        let met = state.queues.rows.filter {
            pattern?.matches($0.name.text) ?? ($0.name == name) && (vhost ?? $0.vhost) == $0.vhost
        }
        guard !met.isEmpty else { return nobody("queue") }
        let ready = met.reduce(nil) { Self.sum($0, $1.ready?.value) }
        let unacked = met.reduce(nil) { Self.sum($0, $1.unacked?.value) }
        let consumers = met.reduce(nil) { Self.sum($0, $1.consumers?.value) }
        return sentence(
            [
                state.counted(met.count, "queue"), ready.map { state.counted($0, "ready message") },
                unacked.map { state.counted($0, "unacked message") }, consumers.map { state.counted($0, "consumer") },
            ], at: state.queues.at)
    }

    private var exchanges: String? {
        guard let name = Name(fault.selector.exchange) ?? name("exchange"), !state.exchanges.rows.isEmpty else {
            return nil
        }
        let vhost = self.vhost
        let met = state.exchanges.rows.filter { $0.id.name == name && (vhost ?? $0.id.vhost) == $0.id.vhost }
        guard !met.isEmpty else { return nobody("exchange") }
        let bindings = met.reduce(nil) { Self.sum($0, $1.bindingsOut) }
        return sentence(
            [state.counted(met.count, "exchange"), bindings.map { state.counted($0, "binding") }],
            at: state.exchanges.at)
    }

    private var vhost: Name? {
        Name(fault.selector.virtualHost) ?? name("vhost") ?? (description.aimsAtOneVhost ? "/" : nil)
    }

    private var node: String? {
        guard let name = name("node") else { return nil }
        let connections = state.connections.rows.filter { $0.node == name }
        guard !connections.isEmpty else { return nil }
        return sentence(["1 node", state.counted(connections.count, "connection")], at: state.connections.at)
    }

    // MARK: Words

    private func sentence(_ parts: [String?], at: Date?) -> String {
        let text = "\(verb) \(parts.compactMap(\.self).joined(separator: ", "))"
        guard let age = at.map({ state.now.timeIntervalSince($0) }), age >= Self.old else { return text }
        return "\(text) (as of \(ValueFormat().duration(age.rounded(.down))) ago)"
    }

    /// Seconds after which figures are shown with their age.
    private static let old = 15.0

    private func nobody(_ noun: String) -> String {
        let passing = description.injectionPoint == .proxy ? " that passes through the proxy" : ""
        return "hits nothing now: no \(noun)\(passing) is known to match"
    }

    private static func known(_ count: Int) -> Int? { count == 0 ? nil : count }

    private static func sum(_ sum: Int?, _ value: Int?) -> Int? {
        guard let value else { return sum }
        return (sum ?? 0).saturatingAdding(value)
    }
}
