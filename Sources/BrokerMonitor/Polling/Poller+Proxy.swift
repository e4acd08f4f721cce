import Names
import TopCore

// Combines the connections through rabbittop's own proxy with what the broker reports of them and their channels.
extension Poller {
    private static let pause = 1.0

    /// Reads the sessions every second while a view shows them or everything is watched, until the task is cancelled.
    func followProxy(_ read: @Sendable () async -> [ProxiedConnection]) async {
        while !Task.isCancelled {
            switch interest.view {
            case .connections:
                sessions = await read()
                postConnections()
            case .channels, .consumers, .overview, .events:
                // The diagnosis reads them, too: a channel that is open on one side only.
                sessions = await read()
                postChannels()
            case .queues, .exchanges, .nodes, .client, .lab, .named:
                let had = !sessions.isEmpty
                sessions = interest.watchesAll ? await read() : []
                if interest.watchesAll, had || !sessions.isEmpty { postChannels() }
            }
            try? await clock.sleep(Self.pause)
        }
    }

    /// The sessions of the connections that are on the screen.
    private var shown: [ProxiedConnection] {
        guard let name = scopedConnection else { return sessions }
        return sessions.filter { $0.connection.name == name }
    }

    /// Marks the rows of connections through the proxy, and adds what only the proxy knows.
    func withSessions(_ part: ListPart<ConnectionRow>) -> ListPart<ConnectionRow> {
        guard !sessions.isEmpty else { return part }
        var part = part
        let places = Dictionary(part.rows.indices.map { (part.rows[$0].name, $0) }) { first, _ in first }
        for session in shown {
            if let place = places[session.connection.name] {
                part.rows[place].complete(from: session.connection)
            } else {
                part.rows.append(session.connection)
                part.total += 1
            }
        }
        return part
    }

    func withSessions(_ part: ListPart<ChannelRow>) -> ListPart<ChannelRow> {
        guard !sessions.isEmpty else { return part }
        var part = part
        let places = Dictionary(part.rows.indices.map { (part.rows[$0].id, $0) }) { first, _ in first }
        for channel in shown.flatMap(\.channels) {
            if let place = places[channel.id] {
                part.rows[place].complete(from: channel)
            } else {
                part.rows.append(channel)
                part.total += 1
            }
        }
        return part
    }
}

extension ConnectionRow {
    fileprivate mutating func complete(from session: ConnectionRow) {
        proxySession = session.proxySession
        // The broker knows only the proxy's own socket.
        peer = session.peer
        if session.state == "blocked" { state = session.state }
    }
}

extension ChannelRow {
    fileprivate mutating func complete(from session: ChannelRow) {
        proxySession = session.proxySession
        clientName = clientName ?? session.clientName
        proxyUnacked = session.proxyUnacked
        proxyUnconfirmed = session.proxyUnconfirmed
        // It is still open on one side only; this is shown whatever the broker reports.
        if session.state == "cut" { state = session.state }
        isKnownToBroker = session.isKnownToBroker ?? isKnownToBroker
        lastError = session.lastError
    }
}
