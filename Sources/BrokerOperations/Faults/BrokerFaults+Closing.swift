import BrokerMonitor
import Faults
import Names
import RabbitMQManagement
import TopCore

/// The connections that were closed.
struct ClosedConnections: Sendable {
    var names: [Name] = []
    var spared = 0

    var words: String {
        let what =
            switch names.count {
            case 0: "no connection"
            case 1: "connection \(names[0])"
            default: "\(names.count) connections"
            }
        return spared == 0 ? what : what + ", spared \(spared) of rabbittop's own"
    }
}

extension BrokerFaults {
    func closeConnections(_ order: FaultOrder, reason: String) async throws(FaultError) -> FaultInjection {
        let selector = order.fault.selector
        guard selector.saysWhose else {
            throw FaultError(
                "'\(order.fault.name)' would close every connection.", advice: "Select by connection, user or vhost.")
        }
        let names = try await connections(selector)
        let closed = try await asFault { () throws(ManagementError) in
            try await close(names, reason: reason, named: Name(selector.connection)).closed
        }
        guard !closed.names.isEmpty else { throw nobody(selector, spared: closed.spared) }
        return FaultInjection(note: "closed \(closed.words)")
    }

    func closeUser(_ order: FaultOrder, reason: String) async throws(FaultError) -> FaultInjection {
        let user = try user(order)
        let closed: ClosedConnections
        do throws(ManagementError) {
            closed = try await close(
                user: user, vhost: Name(order.fault.selector.virtualHost), reason: reason)
        } catch {
            guard error.code == .notFound else { throw FaultError(error) }
            throw FaultError("There is no user \(user).", advice: "See the users of the connections.")
        }
        guard !closed.names.isEmpty else { throw nobody(order.fault.selector, spared: closed.spared) }
        return FaultInjection(note: "closed \(closed.words) of user \(user)")
    }

    /// Makes the broker raise an error on channels.
    func raise(_ code: RaiseChannelErrorFault.Code, _ order: FaultOrder) async throws(FaultError) -> FaultInjection {
        guard let rabbitmqctl else {
            throw FaultError(
                "Over HTTP nobody can close another client's channel, and there is no rabbitmqctl.",
                advice: "Name it with --rabbitmqctl COMMAND, or use the proxy.")
        }
        let selector = order.fault.selector
        guard selector.saysWhose else {
            throw FaultError(
                "'\(order.fault.name)' would close every channel.", advice: "Select a connection, and its channel.")
        }
        let raised: ChannelCloser.Raised =
            switch code {
            case .notFound: .notFound
            case .preconditionFailed: .preconditionFailed
            }
        let closer = ChannelCloser(rabbitmqctl: rabbitmqctl)
        var closed: [ChannelID] = []
        var alive: [ChannelID] = []
        for id in try await channels(selector) {
            do {
                switch try await closer.close(id, raised) {
                case .closed: closed.append(id)
                case .missing: break
                case .alive: alive.append(id)
                }
            } catch {
                throw FaultError(
                    "rabbitmqctl: \(error)"
                        + (closed.isEmpty ? "" : " Until then it closed \(Self.words(closed))."),
                    advice: "Check that rabbitmqctl reaches the broker.")
            }
        }
        guard !closed.isEmpty else {
            guard alive.isEmpty else {
                throw FaultError(
                    "The broker took the command, and \(Self.words(alive)) is still open.", advice: "Try again.")
            }
            throw FaultError(
                "The broker has no such channel: \(selector.words).",
                advice: "It may just have closed; new ones are listed after some seconds.")
        }
        let rest = alive.isEmpty ? "" : "; still open: \(Self.words(alive))"
        return FaultInjection(note: "\(raised.rawValue) on \(Self.words(closed))\(rest)")
    }

    private static func words(_ channels: [ChannelID]) -> String {
        channels.count == 1
            ? channels.map { "channel \($0.number) of \($0.connection)" }.joined() : "\(channels.count) channels"
    }

    private func nobody(_ selector: FaultSelector, spared: Int) -> FaultError {
        FaultError(
            "No connection was closed that fits: \(selector.words)."
                + (spared == 0 ? "" : " Spared: \(spared) of rabbittop's own."),
            advice: "See which are there; the broker can close a new one some seconds after it opened."
        )
    }

    // MARK: Whom

    /// Returns the broker's names of the connections that a selector matches.
    private func connections(_ selector: FaultSelector) async throws(FaultError) -> [Name] {
        if let chosen = selector.connections, selector.user == nil, selector.virtualHost == nil {
            return chosen.names.sorted()
        }
        // The broker lists new connections some seconds late; a complete name needs no lookup.
        if let name = Name(selector.connection), Self.isWhole(name), selector.user == nil, selector.virtualHost == nil {
            return [name]
        }
        let rows = try await asFault { () throws(ManagementError) in
            var query = ListQuery.all
            query.columns = ["name", "user_provided_name", "user", "vhost", "peer_host", "peer_port"]
            return try await management.connections(query).items
        }
        let pattern = selector.connection.map { Pattern($0) }
        return rows.filter { row in
            if let user = Name(selector.user), user != row.user { return false }
            if let vhost = Name(selector.virtualHost), vhost != row.vhost { return false }
            if let chosen = selector.connections { return chosen.names.contains(row.name) }
            guard let pattern else { return true }
            return [row.name.text, row.clientName?.text, row.peer].contains { $0.map(pattern.matches) ?? false }
        }.map(\.name)
    }

    private func channels(_ selector: FaultSelector) async throws(FaultError) -> [ChannelID] {
        var result: [ChannelID] = []
        let spared = own()
        for name in try await connections(selector) where name == Name(selector.connection) || !spared.contains(name) {
            if let number = selector.channel {
                result.append(ChannelID(connection: name, number: number))
                continue
            }
            do throws(ManagementError) {
                for row in try await management.channels(ofConnection: name).items {
                    result.append(ChannelID(connection: name, number: row.number ?? 0))
                }
            } catch {
                guard error.code == .notFound else { throw FaultError(error) }
            }
        }
        return result
    }

    /// Whether a name such as `127.0.0.1:50640 -> 127.0.0.1:5672` is complete and contains no wildcard.
    private static func isWhole(_ name: Name) -> Bool { name.contains(" -> ") && !name.contains("*") }

    // MARK: Closing

    /// Closes all connections of a user, in one vhost or all, except rabbittop's own.
    ///
    /// The broker tracks a connection immediately, but can close it by its name only some seconds after it opened.
    func close(user: Name, vhost: Name?, reason: String) async throws(ManagementError) -> ClosedConnections {
        var result = ClosedConnections()
        let end = ContinuousClock.now + .seconds(10)
        let rows = try await management.connections(ofUser: user).items
        // A client that reconnects meanwhile is not closed again.
        var names = rows.filter { vhost == nil || $0.vhost == vhost }.map(\.name)
        while true {
            let (closed, unknown) = try await close(names, reason: reason, named: nil)
            result.names += closed.names
            result.spared += closed.spared
            names = unknown
            if unknown.isEmpty || ContinuousClock.now >= end { return result }
            guard (try? await Task.sleep(for: .milliseconds(250))) != nil else { return result }
        }
    }

    /// Closes connections by name.
    ///
    /// - Parameter named: a connection that was selected by its complete name is closed even if it is rabbittop's own.
    /// - Returns: the closed connections, and the names that the broker does not know, or does not know yet.
    private func close(
        _ names: [Name], reason: String, named: Name?
    ) async throws(ManagementError) -> (closed: ClosedConnections, unknown: [Name]) {
        let own = own()
        var closed = ClosedConnections()
        var unknown: [Name] = []
        for name in names {
            if own.contains(name), name != named {
                closed.spared += 1
                continue
            }
            do throws(ManagementError) {
                try await management.closeConnection(name, reason: reason)
                closed.names.append(name)
            } catch {
                guard error.code == .notFound else { throw error }
                unknown.append(name)
            }
        }
        return (closed, unknown)
    }
}

extension FaultSelector {
    /// Whether it selects connections at all.
    fileprivate var saysWhose: Bool { connection != nil || connections != nil || user != nil || virtualHost != nil }
}
