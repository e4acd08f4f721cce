public import Faults
import Foundation

extension OverviewRow: TableRow {
    public static let columns: [Column<Self>] = [
        Column("ready", "READY", .count, width: 9, priority: 1) { row, _ in Value(row.ready) },
        Column("unacked", "UNACKED", .count, width: 9, priority: 1) { row, _ in Value(row.unacked) },
        Column("messages", "MESSAGES", .count, width: 9, priority: 1) { row, _ in Value(row.messages) },
        Column("publish_rate", "PUB/S", .rate, width: 8, priority: 1) { row, _ in Value(row.publishRate) },
        Column("deliver_rate", "DELIV/S", .rate, width: 8, priority: 1) { row, _ in Value(row.deliverRate) },
        Column("ack_rate", "ACK/S", .rate, width: 8, priority: 1) { row, _ in Value(row.ackRate) },
        Column("connections", "CONNS", .count, width: 6, priority: 1) { row, _ in Value(row.connections) },
        Column("channels", "CHANS", .count, width: 6, priority: 1) { row, _ in Value(row.channels) },
        Column("queues", "QUEUES", .count, width: 6, priority: 1) { row, _ in Value(row.queues) },
        Column("consumers", "CONSUMERS", .count, width: 9, priority: 1) { row, _ in Value(row.consumers) },
        Column("exchanges", "EXCHANGES", .count, width: 9, priority: 1) { row, _ in Value(row.exchanges) },
        Column("alarms", "ALARMS", .list, width: 8, maximumWidth: 40, priority: 1) { row, _ in Value(row.alarms) },
        Column("nodes_running", "UP", .count, width: 4, priority: 1) { row, _ in Value(row.nodesRunning) },
        Column("nodes", "NODES", .count, width: 5, priority: 1) { row, _ in Value(row.nodes) },
    ]
    public static let defaultSort = "ready"
    public var rowID: RowID { .overview }
    public var searchText: String { "" }
}

extension NodeRow: TableRow {
    public static let columns: [Column<Self>] = [
        Column("name", "NODE", .text, width: 16, maximumWidth: 48, priority: 0) { row, _ in Value(row.name) },
        Column("running", "UP", .flag, width: 5, priority: 1) { row, _ in .flag(row.running) },
        Column("version", "VERSION", .text, width: 8, maximumWidth: 14, priority: 8) { row, _ in Value(row.version) },
        Column("memory", "MEM", .bytes, width: 8, priority: 2) { row, _ in Value(row.memory) },
        Column("memory_limit", "MEM LIMIT", .bytes, width: 9, priority: 5) { row, _ in Value(row.memoryLimit) },
        Column("memory_alarm", "MEM!", .flag, width: 5, priority: 3) { row, _ in Value(row.memoryAlarm) },
        Column("disk_free", "DISK FREE", .bytes, width: 9, priority: 2) { row, _ in Value(row.diskFree) },
        Column("disk_free_limit", "DISK LIMIT", .bytes, width: 10, priority: 6) { row, _ in
            Value(row.diskFreeLimit)
        },
        Column("disk_alarm", "DISK!", .flag, width: 5, priority: 3) { row, _ in Value(row.diskAlarm) },
        Column("fds", "FDS", .count, width: 6, priority: 4) { row, _ in Value(row.fileDescriptors) },
        Column("fds_limit", "FD LIMIT", .count, width: 8, priority: 9) { row, _ in Value(row.fileDescriptorLimit) },
        Column("sockets", "SOCKETS", .count, width: 7, priority: 7) { row, _ in Value(row.sockets) },
        Column("processes", "PROCS", .count, width: 7, priority: 7) { row, _ in Value(row.processes) },
        Column("uptime_s", "UPTIME", .duration, width: 9, priority: 4) { row, _ in Value(row.uptime) },
        Column("maintenance", "MAINT", .flag, width: 5, priority: 10) { row, _ in Value(row.maintenance) },
    ]
    public static let defaultSort = "name"
    public var rowID: RowID { .node(name) }
    public var searchText: String { name.text }
}

extension QueueRow: TableRow {
    public static let columns: [Column<Self>] = [
        Column("vhost", "VHOST", .text, width: 7, maximumWidth: 24, priority: 6) { row, _ in Value(row.vhost) },
        Column("name", "NAME", .text, width: 16, maximumWidth: 80, priority: 0) { row, _ in Value(row.name) },
        Column("type", "TYPE", .text, width: 7, maximumWidth: 8, priority: 6) { row, _ in Value(row.details?.type) },
        Column("state", "STATE", .text, width: 7, maximumWidth: 10, priority: 7) { row, _ in
            Value(row.details?.state)
        },
        Column("node", "NODE", .text, width: 10, maximumWidth: 32, priority: 12) { row, _ in
            Value(row.details?.node)
        },
        Column("messages", "MESSAGES", .count, width: 9, priority: 4) { row, _ in Value(row.messages) },
        Column("ready", "READY", .count, width: 9, priority: 1) { row, _ in Value(row.ready?.value) },
        Column("unacked", "UNACKED", .count, width: 8, priority: 2) { row, _ in Value(row.unacked?.value) },
        Column("consumers", "CONS", .count, width: 5, priority: 3) { row, _ in Value(row.consumers?.value) },
        Column("publish_rate", "PUB/S", .rate, width: 7, priority: 5) { row, _ in Value(row.details?.publishRate) },
        Column("deliver_rate", "DELIV/S", .rate, width: 7, priority: 5) { row, _ in
            Value(row.details?.deliverRate)
        },
        Column("ack_rate", "ACK/S", .rate, width: 7, priority: 8) { row, _ in Value(row.details?.ackRate) },
        Column("redeliver_rate", "REDEL/S", .rate, width: 7, priority: 9) { row, _ in
            Value(row.details?.redeliverRate)
        },
        Column("memory", "MEMORY", .bytes, width: 8, priority: 10) { row, _ in Value(row.details?.memory) },
        Column("policy", "POLICY", .text, width: 8, maximumWidth: 24, priority: 11) { row, _ in
            Value(row.details?.policy)
        },
        Column("dead_letter_exchange", "DLX", .text, width: 6, maximumWidth: 24, priority: 11) { row, _ in
            Value(row.details?.deadLetterExchange)
        },
        Column("idle_since", "IDLE SINCE", .time, width: 10, priority: 13) { row, _ in
            Value(row.details?.idleSince)
        },
        Column("depth_source", "SOURCE", .text, width: 6, maximumWidth: 10, priority: 9) { row, _ in
            Value(row.depthSource?.rawValue)
        },
        Column("depth_age_s", "AGE", .duration, width: 5, priority: 6) { row, now in
            Value(row.depthAt.map { max(0, now.timeIntervalSince($0)) })
        },
    ]
    public static let defaultSort = "ready"
    public var rowID: RowID { .queue(id) }
    public var searchText: String { id.name.text }
}

extension ConnectionRow: TableRow {
    public static let columns: [Column<Self>] = [
        Column("name", "CONNECTION", .text, width: 22, maximumWidth: 48, priority: 2) { row, _ in Value(row.name) },
        Column("client_name", "CLIENT NAME", .text, width: 12, maximumWidth: 40, priority: 0) { row, _ in
            Value(row.clientName)
        },
        Column("user", "USER", .text, width: 8, maximumWidth: 20, priority: 3) { row, _ in Value(row.user) },
        Column("vhost", "VHOST", .text, width: 6, maximumWidth: 20, priority: 5) { row, _ in Value(row.vhost) },
        Column("state", "STATE", .text, width: 8, priority: 1) { row, _ in Value(row.state) },
        Column("peer", "PEER", .text, width: 15, maximumWidth: 24, priority: 8) { row, _ in Value(row.peer) },
        Column("channels", "CHANS", .count, width: 5, priority: 1) { row, _ in Value(row.channels) },
        Column("heartbeat", "HB", .count, width: 4, priority: 6) { row, _ in Value(row.heartbeat) },
        Column("recv_rate", "RECV", .bytesPerSecond, width: 10, priority: 4) { row, _ in Value(row.receiveRate) },
        Column("send_rate", "SENT", .bytesPerSecond, width: 10, priority: 4) { row, _ in Value(row.sendRate) },
        Column("protocol", "PROTOCOL", .text, width: 10, maximumWidth: 12, priority: 10) { row, _ in
            Value(row.protocolName)
        },
        Column("node", "NODE", .text, width: 10, maximumWidth: 32, priority: 9) { row, _ in Value(row.node) },
        Column("connected_at", "CONNECTED", .time, width: 10, priority: 7) { row, _ in Value(row.connectedAt) },
        Column("proxy_session", "PROXY", .count, width: 5, priority: 8) { row, _ in
            Value(row.proxySession.map { Int(clamping: $0) })
        },
    ]
    public static let defaultSort = "name"
    public var rowID: RowID { .connection(name) }
    public var searchText: String { "\(name) \(clientName ?? "") \(user ?? "")" }
}

extension ChannelRow: TableRow {
    public static let columns: [Column<Self>] = [
        Column("connection", "CONNECTION", .text, width: 22, maximumWidth: 48, priority: 1) { row, _ in
            Value(row.id.connection)
        },
        Column("client_name", "CLIENT NAME", .text, width: 12, maximumWidth: 40, priority: 0) { row, _ in
            Value(row.clientName)
        },
        Column("number", "CH", .count, width: 5, priority: 0) { row, _ in .integer(row.id.number) },
        Column("user", "USER", .text, width: 8, maximumWidth: 20, priority: 8) { row, _ in Value(row.user) },
        Column("vhost", "VHOST", .text, width: 6, maximumWidth: 20, priority: 7) { row, _ in Value(row.vhost) },
        Column("state", "STATE", .text, width: 8, priority: 1) { row, _ in Value(row.state) },
        Column("prefetch", "PREF", .count, width: 5, priority: 3) { row, _ in Value(row.prefetch) },
        Column("unacked", "UNACKED", .count, width: 8, priority: 2) { row, _ in Value(row.unacked) },
        Column("unconfirmed", "UNCONF", .count, width: 7, priority: 4) { row, _ in Value(row.unconfirmed) },
        Column("consumers", "CONS", .count, width: 5, priority: 3) { row, _ in Value(row.consumers) },
        Column("confirm", "CONF", .flag, width: 4, priority: 9) { row, _ in Value(row.confirm) },
        Column("publish_rate", "PUB/S", .rate, width: 7, priority: 5) { row, _ in Value(row.publishRate) },
        Column("deliver_rate", "DELIV/S", .rate, width: 7, priority: 5) { row, _ in Value(row.deliverRate) },
        Column("local", "OURS", .flag, width: 4, priority: 6) { row, _ in .flag(row.local) },
        Column("proxy_session", "PROXY", .count, width: 5, priority: 8) { row, _ in
            Value(row.proxySession.map { Int(clamping: $0) })
        },
        Column("proxy_unacked", "P-UNACK", .count, width: 7, priority: 8) { row, _ in Value(row.proxyUnacked) },
        Column("proxy_unconfirmed", "P-UNCONF", .count, width: 8, priority: 9) { row, _ in
            Value(row.proxyUnconfirmed)
        },
        Column("last_error", "LAST ERROR", .text, width: 10, maximumWidth: 28, priority: 7) { row, _ in
            Value(row.lastError)
        },
    ]
    public static let defaultSort = "connection"
    public var rowID: RowID { .channel(id) }
    public var searchText: String { "\(id.name) \(clientName ?? "") \(user ?? "")" }
}

extension ConsumerRow: TableRow {
    public static let columns: [Column<Self>] = [
        Column("vhost", "VHOST", .text, width: 7, maximumWidth: 20, priority: 4) { row, _ in
            Value(row.id.queue.vhost)
        },
        Column("queue", "QUEUE", .text, width: 16, maximumWidth: 60, priority: 0) { row, _ in
            Value(row.id.queue.name)
        },
        Column("tag", "TAG", .text, width: 12, maximumWidth: 40, priority: 1) { row, _ in Value(row.id.tag) },
        Column("connection", "CONNECTION", .text, width: 22, maximumWidth: 48, priority: 3) { row, _ in
            Value(row.id.connection)
        },
        Column("channel", "CH", .count, width: 5, priority: 2) { row, _ in Value(row.id.channel?.number) },
        Column("prefetch", "PREF", .count, width: 5, priority: 1) { row, _ in Value(row.prefetch) },
        Column("ack_required", "ACK", .flag, width: 4, priority: 2) { row, _ in Value(row.ackRequired) },
        Column("exclusive", "EXCL", .flag, width: 4, priority: 5) { row, _ in Value(row.exclusive) },
        Column("active", "ACTIVE", .flag, width: 6, priority: 3) { row, _ in Value(row.active) },
        Column("priority", "PRIO", .count, width: 5, priority: 6) { row, _ in Value(row.priority) },
    ]
    public static let defaultSort = "queue"
    public var rowID: RowID { .consumer(id) }
    public var searchText: String { "\(id.queue.name) \(id.tag) \(id.connection ?? "")" }
}

extension ExchangeRow: TableRow {
    public static let columns: [Column<Self>] = [
        Column("vhost", "VHOST", .text, width: 7, maximumWidth: 24, priority: 2) { row, _ in Value(row.id.vhost) },
        Column("name", "NAME", .text, width: 16, maximumWidth: 80, priority: 0) { row, _ in Value(row.id.name) },
        Column("type", "TYPE", .text, width: 8, maximumWidth: 20, priority: 1) { row, _ in Value(row.type) },
        Column("durable", "DUR", .flag, width: 4, priority: 4) { row, _ in Value(row.durable) },
        Column("auto_delete", "AUTO", .flag, width: 4, priority: 5) { row, _ in Value(row.autoDelete) },
        Column("internal", "INT", .flag, width: 4, priority: 6) { row, _ in Value(row.isInternal) },
        Column("bindings_out", "BINDINGS", .count, width: 8, priority: 2) { row, _ in Value(row.bindingsOut) },
        Column("publish_in_rate", "IN/S", .rate, width: 7, priority: 3) { row, _ in Value(row.publishInRate) },
        Column("publish_out_rate", "OUT/S", .rate, width: 7, priority: 3) { row, _ in Value(row.publishOutRate) },
        Column("policy", "POLICY", .text, width: 8, maximumWidth: 24, priority: 7) { row, _ in Value(row.policy) },
    ]
    public static let defaultSort = "name"
    public var rowID: RowID { .exchange(id) }
    public var searchText: String { displayName }
}

extension ClientRow: TableRow {
    public static let columns: [Column<Self>] = [
        Column("connection", "CONNECTION", .text, width: 22, maximumWidth: 48, priority: 7) { row, _ in
            Value(row.connection)
        },
        Column("name", "NAME", .text, width: 14, maximumWidth: 40, priority: 0) { row, _ in Value(row.name) },
        Column("state", "STATE", .text, width: 8, priority: 3) { row, _ in .text(row.state) },
        Column("channel", "CH", .count, width: 5, priority: 8) { row, _ in Value(row.channel) },
        Column("channel_state", "CH STATE", .text, width: 8, priority: 1) { row, _ in Value(row.channelState) },
        Column("in_flight", "RPC", .count, width: 3, priority: 3) { row, _ in Value(row.inFlight) },
        Column("unconfirmed", "UNCONF", .count, width: 6, priority: 2) { row, _ in Value(row.unconfirmed) },
        Column("unacked", "UNACKED", .count, width: 7, priority: 2) { row, _ in Value(row.unacked) },
        Column("consumers", "CONS", .count, width: 5, priority: 6) { row, _ in Value(row.consumers) },
        Column("last_error_code", "CODE", .count, width: 5, priority: 1) { row, _ in Value(row.lastErrorCode) },
        Column("last_error_text", "LAST ERROR", .text, width: 16, maximumWidth: 120, priority: 3) { row, _ in
            Value(row.lastErrorText)
        },
        Column("broker_agrees", "BROKER", .flag, width: 6, priority: 2) { row, _ in Value(row.brokerAgrees) },
    ]
    public static let defaultSort = "name"
    public var rowID: RowID { .client(id) }
    public var searchText: String { "\(connection) \(name ?? "") \(lastErrorText ?? "") \(process ?? "")" }
}

extension LedgerEntry: TableRow {
    public static let columns: [Column<Self>] = [
        Column("at", "TIME", .time, width: 8, priority: 0) { row, _ in .time(row.at) },
        Column("kind", "KIND", .text, width: 9, maximumWidth: 14, priority: 1) { row, _ in .text(row.kind.rawValue) },
        Column("scope", "SCOPE", .text, width: 10, priority: 6) { row, _ in .text(row.scope.rawValue) },
        Column("connection", "CONNECTION", .text, width: 22, maximumWidth: 48, priority: 8) { row, _ in
            Value(row.connection)
        },
        Column("client_name", "CLIENT NAME", .text, width: 12, maximumWidth: 32, priority: 2) { row, _ in
            Value(row.clientName)
        },
        Column("user", "USER", .text, width: 8, maximumWidth: 16, priority: 9) { row, _ in Value(row.user) },
        Column("vhost", "VHOST", .text, width: 6, maximumWidth: 16, priority: 9) { row, _ in Value(row.vhost) },
        Column("peer", "PEER", .text, width: 15, maximumWidth: 24, priority: 10) { row, _ in Value(row.peer) },
        Column("channel", "CH", .count, width: 4, priority: 4) { row, _ in Value(row.channel) },
        Column("queue", "QUEUE", .text, width: 10, maximumWidth: 32, priority: 9) { row, _ in Value(row.queue) },
        Column("code", "CODE", .count, width: 4, priority: 1) { row, _ in Value(row.code) },
        Column("code_name", "REASON", .text, width: 12, maximumWidth: 22, priority: 5) { row, _ in
            Value(row.codeName)
        },
        Column("text", "TEXT", .text, width: 20, maximumWidth: 200, priority: 1) { row, _ in .text(row.text) },
        Column("class", "CLASS", .text, width: 8, maximumWidth: 10, priority: 11) { row, _ in
            Value(row.methodClass)
        },
        Column("method", "METHOD", .text, width: 8, maximumWidth: 12, priority: 11) { row, _ in Value(row.method) },
        Column("source", "SOURCE", .text, width: 8, maximumWidth: 14, priority: 7) { row, _ in
            .text(row.source.rawValue)
        },
        Column("fault", "FAULT", .text, width: 6, maximumWidth: 16, priority: nil) { row, _ in Value(row.fault) },
        Column("application", "APPLICATION", .text, width: 11, maximumWidth: 24, priority: nil) { row, _ in
            Value(row.application)
        },
        Column("seconds", "SECONDS", .duration, width: 7, priority: nil) { row, _ in Value(row.seconds) },
        Column("redelivered", "REDELIVERED", .count, width: 11, priority: nil) { row, _ in Value(row.redelivered) },
        Column("channels_reopened", "REOPENED", .count, width: 8, priority: nil) { row, _ in
            Value(row.channelsReopened)
        },
        Column("severity", "SEVERITY", .text, width: 8, priority: nil) { row, _ in Value(row.severity?.rawValue) },
    ]
    public static let defaultSort = "at"
    public var rowID: RowID { .event(id) }
    public var searchText: String {
        // The text of every field, and the names of kind and source.
        var text = "\(kind.rawValue) \(scope.rawValue) \(source.rawValue) \(self.text)"
        let known = [
            connection, clientName, user, vhost, peer, queue, code.map(String.init), codeName, fault,
            severity?.rawValue,
        ]
        for case let known? in known { text += " " + known }
        if let channel { text += " channel \(channel)" }
        if let application, application != clientName { text += " " + application }
        if let methodClass, let method { text += " \(methodClass).\(method)" }
        return text
    }
}
