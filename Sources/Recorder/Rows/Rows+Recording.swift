import Foundation
import Names
import TopCore

private let noEntity = EntityID(vhost: "", name: "")

extension ExchangeRow: RecordedRow {
    static let kind = ObjectKind.exchange
    static let figures: [Figure<Self>] = [
        .rate(.publishInRate, \.publishInRate), .rate(.publishOutRate, \.publishOutRate),
        .count(.bindingsOut, \.bindingsOut),
    ]
    static let emptyRest: ExchangeRow = ExchangeRow(id: noEntity)

    var identity: ObjectIdentity { ObjectIdentity(id) }
    var rest: ExchangeRow {
        var row = withoutFigures
        row.id = noEntity
        return row
    }

    init?(_ identity: ObjectIdentity, rest: ExchangeRow, at: Date) {
        self = rest
        id = identity.entity
    }
}

extension ConnectionRow: RecordedRow {
    static let kind = ObjectKind.connection
    static let figures: [Figure<Self>] = [
        .rate(.receiveRate, \.receiveRate), .rate(.sendRate, \.sendRate), .count(.channels, \.channels),
    ]
    static let emptyRest: ConnectionRow = ConnectionRow(name: "")

    var identity: ObjectIdentity { ObjectIdentity(name: name) }
    var rest: ConnectionRow {
        var row = withoutFigures
        row.name = ""
        return row
    }

    init?(_ identity: ObjectIdentity, rest: ConnectionRow, at: Date) {
        self = rest
        name = identity.name
    }
}

extension ChannelRow: RecordedRow {
    static let kind = ObjectKind.channel
    static let figures: [Figure<Self>] = [
        .count(.unacked, \.unacked), .count(.unconfirmed, \.unconfirmed), .count(.consumers, \.consumers),
        .count(.prefetch, \.prefetch), .rate(.publishRate, \.publishRate), .rate(.deliverRate, \.deliverRate),
        .rate(.ackRate, \.ackRate), .rate(.redeliverRate, \.redeliverRate), .rate(.returnedRate, \.returnedRate),
        .rate(.droppedRate, \.droppedRate), .count(.returned, \.returned), .count(.dropped, \.dropped),
        .time(.idleSince, \.idleSince), .count(.proxyUnacked, \.proxyUnacked),
        .count(.proxyUnconfirmed, \.proxyUnconfirmed),
    ]
    static let emptyRest: ChannelRow = ChannelRow(id: ChannelID(connection: "", number: 0))

    var identity: ObjectIdentity { ObjectIdentity(name: id.connection, number: id.number) }
    var rest: ChannelRow {
        var row = withoutFigures
        row.id = Self.emptyRest.id
        return row
    }

    init?(_ identity: ObjectIdentity, rest: ChannelRow, at: Date) {
        guard let number = identity.number else { return nil }
        self = rest
        id = ChannelID(connection: identity.name, number: number)
    }
}

extension ConsumerRow: RecordedRow {
    static let kind = ObjectKind.consumer
    static let figures: [Figure<Self>] = [.count(.prefetch, \.prefetch), .rate(.deliverRate, \.deliverRate)]
    static let emptyRest: ConsumerRow = ConsumerRow(id: ConsumerID(queue: noEntity, channel: nil, tag: ""))

    var identity: ObjectIdentity {
        ObjectIdentity(
            vhost: id.queue.vhost, name: id.queue.name, connection: id.connection, number: id.channel?.number,
            tag: id.tag, ordinal: id.ordinal)
    }
    var rest: ConsumerRow {
        var row = withoutFigures
        row.id = Self.emptyRest.id
        return row
    }

    init?(_ identity: ObjectIdentity, rest: ConsumerRow, at: Date) {
        self = rest
        let channel = identity.number.map { ChannelID(connection: identity.connection ?? Name(""), number: $0) }
        id = ConsumerID(
            queue: identity.entity, channel: channel, tag: identity.tag ?? Name(""), connection: identity.connection,
            ordinal: identity.ordinal)
    }
}

extension ClientRow: RecordedRow {
    static let kind = ObjectKind.client
    static let figures: [Figure<Self>] = [
        .count(.inFlight, \.inFlight), .count(.unconfirmed, \.unconfirmed), .count(.unacked, \.unacked),
        .count(.consumers, \.consumers),
    ]
    static let emptyRest: ClientRow = ClientRow(id: ClientRowID(connection: 0, channel: nil), connection: "", state: "")

    /// The tag of a row that belongs to the attached process.
    private static let attached = Name("attached")

    var identity: ObjectIdentity {
        ObjectIdentity(
            name: Name(String(id.connection)), number: id.channel, tag: id.isAttached ? Self.attached : nil,
            ordinal: Int(truncatingIfNeeded: id.epoch))
    }
    var rest: ClientRow {
        var row = withoutFigures
        row.id = Self.emptyRest.id
        row.at = nil
        return row
    }

    init?(_ identity: ObjectIdentity, rest: ClientRow, at: Date) {
        guard let connection = UInt64(identity.name.text) else { return nil }
        self = rest
        id = ClientRowID(
            connection: connection, channel: identity.number, epoch: UInt64(truncatingIfNeeded: identity.ordinal),
            isAttached: identity.tag == Self.attached)
        if id.isAttached { self.at = at }
    }
}

extension NodeRow: RecordedRow {
    static let kind = ObjectKind.node
    static let figures: [Figure<Self>] = [
        .count(.memory, \.memory), .count(.memoryLimit, \.memoryLimit), .count(.diskFree, \.diskFree),
        .count(.diskFreeLimit, \.diskFreeLimit), .count(.fileDescriptors, \.fileDescriptors),
        .count(.fileDescriptorLimit, \.fileDescriptorLimit), .count(.sockets, \.sockets),
        .count(.processes, \.processes), .rate(.uptime, \.uptime),
    ]
    static let emptyRest: NodeRow = NodeRow(name: "", running: false)

    var identity: ObjectIdentity { ObjectIdentity(name: name) }
    var rest: NodeRow {
        var row = withoutFigures
        row.name = ""
        return row
    }

    init?(_ identity: ObjectIdentity, rest: NodeRow, at: Date) {
        self = rest
        name = identity.name
    }
}

extension SourceStatus: RecordedRow {
    static let kind = ObjectKind.source
    static let figures: [Figure<Self>] = [.time(.lastSuccess, \.lastSuccess)]
    static let emptyRest: SourceStatus = SourceStatus(name: .management, state: .off)

    var identity: ObjectIdentity { ObjectIdentity(vhost: node, name: Name(name.rawValue)) }
    var rest: SourceStatus { withoutFigures }

    init?(_ identity: ObjectIdentity, rest: SourceStatus, at: Date) {
        self = rest
        node = identity.vhost
    }
}
