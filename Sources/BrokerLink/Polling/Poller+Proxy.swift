import AMQPProxy
import AMQPWire
import Foundation
import Names
import TopCore

// Combines the sessions of rabbittop's own proxy with what the broker reports of the same connections and channels.
extension Poller {
    private static let pause = Duration.seconds(1)

    /// Reads the sessions every second while a view shows them, until the task is cancelled.
    func followProxy(_ proxy: ProxyServer) async {
        while !Task.isCancelled {
            switch interest.view {
            case .connections:
                sessions = await proxy.sessions()
                postConnections()
            case .channels, .consumers, .overview, .events:
                // The diagnosis reads them, too: a channel that is open on one side only.
                sessions = await proxy.sessions()
                postChannels()
            case .queues, .exchanges, .nodes, .client, .lab: sessions = []
            }
            try? await Task.sleep(for: Self.pause)
        }
    }

    /// The sessions of the connections that are on the screen.
    private var shown: [SessionReport] {
        guard let name = scopedConnection else { return sessions }
        return sessions.filter { Name($0.connection) == name }
    }

    /// Marks the rows of connections through the proxy, and adds what only the proxy knows.
    func withSessions(_ part: ListPart<ConnectionRow>) -> ListPart<ConnectionRow> {
        guard !sessions.isEmpty else { return part }
        var part = part
        let places = Dictionary(part.rows.indices.map { (part.rows[$0].name, $0) }) { first, _ in first }
        for session in shown {
            if let place = Name(session.connection).flatMap({ places[$0] }) {
                part.rows[place].proxySession = session.id
                // The broker knows only the proxy's own socket.
                part.rows[place].peer = session.peer
                if session.blockedReason != nil { part.rows[place].state = "blocked" }
            } else {
                part.rows.append(ConnectionRow(session))
                part.total += 1
            }
        }
        return part
    }

    func withSessions(_ part: ListPart<ChannelRow>) -> ListPart<ChannelRow> {
        guard !sessions.isEmpty else { return part }
        var part = part
        let places = Dictionary(part.rows.indices.map { (part.rows[$0].id, $0) }) { first, _ in first }
        for session in shown {
            for channel in session.channels {
                let id = ChannelID(connection: Name(session.connection ?? session.peer), number: Int(channel.id))
                let place: Int
                if let known = places[id] {
                    place = known
                } else {
                    place = part.rows.count
                    part.rows.append(ChannelRow(id, session, channel))
                    part.total += 1
                }
                part.rows[place].take(channel, of: session)
            }
        }
        return part
    }
}

extension ConnectionRow {
    /// Creates the row of a connection that the broker does not list, or does not list yet.
    fileprivate init(_ session: SessionReport) {
        self.init(name: Name(session.connection ?? session.peer))
        clientName = session.identity.clientName
        user = session.identity.user
        vhost = session.identity.virtualHost
        state = session.blockedReason == nil ? session.state.rawValue : "blocked"
        peer = session.peer
        channels = session.channels.count
        heartbeat = session.identity.heartbeat.map(Int.init)
        connectedAt = Date(timeIntervalSince1970: session.since)
        proxySession = session.id
    }
}

extension ChannelRow {
    /// Creates the row of a channel that the broker does not list, or does not list yet.
    fileprivate init(_ id: ChannelID, _ session: SessionReport, _ channel: ProxiedChannelReport) {
        self.init(id: id)
        clientName = session.identity.clientName
        user = session.identity.user
        vhost = session.identity.virtualHost
        state = channel.state == .cut ? "cut" : channel.state.rawValue
        prefetch = Int(channel.prefetch)
        consumers = channel.consumers.count
        confirm = channel.isConfirming
    }

    fileprivate mutating func take(_ channel: ProxiedChannelReport, of session: SessionReport) {
        proxySession = session.id
        clientName = clientName ?? session.identity.clientName
        proxyUnacked = channel.unacked
        proxyUnconfirmed = channel.unconfirmed
        // It is still open on one side only; this is shown whatever the broker reports.
        if channel.state == .cut { state = "cut" }
        if channel.isOpenAtClient { isKnownToBroker = channel.isOpenAtBroker }
        lastError = channel.lastError.map { "\($0.code) \(ReplyCode(rawValue: $0.code).name)" }
    }
}
