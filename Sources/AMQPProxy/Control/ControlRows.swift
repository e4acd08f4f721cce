import AMQPWire
import Faults
import Foundation
import Names

/// A session as the control API represents it.
struct ControlSession: Encodable {
    var id: UInt64
    var since: String
    var peer: String
    var connection: String?
    var clientName: Name?
    var product: Name?
    var version: Name?
    var user: Name?
    var vhost: Name?
    var state: SessionReport.State
    var blocked: String?
    var heartbeat: UInt16?
    var frameMax: UInt32?
    var channelMax: UInt16?
    var bytesFromClient: UInt64
    var bytesFromBroker: UInt64
    var channels: [ControlChannel]
    /// The URL of the remaining channels; nil if there are none.
    var next: String?

    struct ControlChannel: Encodable {
        var number: UInt16
        var state: ProxiedChannelReport.State
        var prefetch: UInt16
        var confirm: Bool
        var unacked: Int
        var unconfirmed: Int
        var consumers: [ControlConsumer]
        var published: UInt64
        var delivered: UInt64
        var acked: UInt64
        var confirmed: UInt64
        var returned: UInt64
        var lastError: ErrorRow?

        enum CodingKeys: String, CodingKey {
            case number, state, prefetch, confirm, unacked, unconfirmed, consumers, published, delivered, acked
            case confirmed, returned
            case lastError = "last_error"
        }
    }

    /// A list instead of an object: an object's keys would be names, and readers of JSON may compare keys by canonical
    /// equivalence.
    struct ControlConsumer: Encodable {
        var tag: Name
        var queue: Name
    }

    struct ErrorRow: Encodable {
        var code: UInt16
        var name: String
        var text: String
    }

    enum CodingKeys: String, CodingKey {
        case id, since, peer, connection, product, version, user, vhost, state, blocked, heartbeat, channels, next
        case clientName = "client_name"
        case frameMax = "frame_max"
        case channelMax = "channel_max"
        case bytesFromClient = "bytes_from_client"
        case bytesFromBroker = "bytes_from_broker"
    }

    init(_ report: SessionReport) {
        id = report.id
        since = LedgerEntry.time(Date(timeIntervalSince1970: report.since))
        peer = report.peer
        connection = report.connection
        clientName = report.identity.clientName
        product = report.identity.product
        version = report.identity.version
        user = report.identity.user
        vhost = report.identity.virtualHost
        state = report.state
        blocked = report.blockedReason
        heartbeat = report.identity.heartbeat
        frameMax = report.identity.frameMax
        channelMax = report.identity.channelMax
        bytesFromClient = report.bytesFromClient
        bytesFromBroker = report.bytesFromBroker
        next =
            report.channelsLeftOut == 0
            ? nil : report.channels.last.map { "/sessions/\(report.id)?after=\($0.id)" } ?? "/sessions/\(report.id)"
        channels = report.channels.map { channel in
            ControlChannel(
                number: channel.id, state: channel.state, prefetch: channel.prefetch, confirm: channel.isConfirming,
                unacked: channel.unacked, unconfirmed: channel.unconfirmed,
                consumers: channel.consumers.sorted { $0.key < $1.key }.map {
                    ControlConsumer(tag: $0.key, queue: $0.value)
                },
                published: channel.published, delivered: channel.delivered, acked: channel.acked,
                confirmed: channel.confirmed, returned: channel.returned,
                lastError: channel.lastError.map {
                    ErrorRow(code: $0.code, name: ReplyCode(rawValue: $0.code).name, text: $0.text)
                })
        }
    }
}

/// An injected fault as the control API and `rabbittop fault` represent it.
public struct FaultRow: Encodable, Sendable {
    var id: UInt64
    var label: String
    var fault: String
    var parameters: [String: FaultValue]
    var selector: FaultSelector
    var seed: UInt64
    var since: String
    var until: String?
    var state: FaultRecord.State
    var hits: UInt64
    var note: String?

    /// Creates the representation of a record.
    public init(_ record: FaultRecord) {
        id = record.id
        label = record.label
        fault = record.fault.name
        parameters = record.fault.parameters
        selector = record.fault.selector
        seed = record.fault.seed
        since = LedgerEntry.time(Date(timeIntervalSince1970: record.since))
        until = record.until.map { LedgerEntry.time(Date(timeIntervalSince1970: $0)) }
        state = record.state
        hits = record.hits
        note = record.note
    }
}

struct RecoveryRow: Encodable {
    var application: String
    var vhost: String?
    var struckAt: String
    var seconds: Double?
    var redelivered: Int
    var channelsReopened: Int

    enum CodingKeys: String, CodingKey {
        case application, vhost, seconds, redelivered
        case struckAt = "struck_at"
        case channelsReopened = "channels_reopened"
    }

    init(_ recovery: Recovery) {
        application = recovery.application.name
        vhost = recovery.application.vhost
        struckAt = LedgerEntry.time(recovery.struckAt)
        seconds = recovery.seconds
        redelivered = recovery.redelivered
        channelsReopened = recovery.channelsReopened
    }
}
