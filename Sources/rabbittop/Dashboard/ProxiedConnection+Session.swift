import AMQPProxy
import AMQPWire
import BrokerMonitor
import Foundation
import Names
import TopCore

extension ProxiedConnection {
    /// Creates the rows of a session of the proxy. Until it is connected to the broker it is named by its client's
    /// address.
    init(_ session: SessionReport) {
        let name = Name(session.connection ?? session.peer)
        var row = ConnectionRow(name: name)
        row.clientName = session.identity.clientName
        row.user = session.identity.user
        row.vhost = session.identity.virtualHost
        row.state = session.blockedReason == nil ? session.state.rawValue : "blocked"
        row.peer = session.peer
        row.channels = session.channels.count
        row.heartbeat = session.identity.heartbeat.map(Int.init)
        row.connectedAt = Date(timeIntervalSince1970: session.since)
        row.proxySession = session.id
        self.init(connection: row, channels: session.channels.map { ChannelRow($0, on: row) })
    }
}

extension ChannelRow {
    fileprivate init(_ channel: ProxiedChannelReport, on connection: ConnectionRow) {
        self.init(id: ChannelID(connection: connection.name, number: Int(channel.id)))
        clientName = connection.clientName
        user = connection.user
        vhost = connection.vhost
        state = channel.state.rawValue
        prefetch = Int(channel.prefetch)
        consumers = channel.consumers.count
        confirm = channel.isConfirming
        proxySession = connection.proxySession
        proxyUnacked = channel.unacked
        proxyUnconfirmed = channel.unconfirmed
        if channel.isOpenAtClient { isKnownToBroker = channel.isOpenAtBroker }
        lastError = channel.lastError.map { "\($0.code) \(ReplyCode(rawValue: $0.code).name)" }
    }
}
