public import Faults
import Foundation
public import Names

/// The columns of the Events view, in their order. The raw values are the names for scripts.
public enum EventColumn: String, ColumnKey {
    case at, kind, scope, connection
    case clientName = "client_name"
    case user, vhost, peer, channel, queue, code
    case codeName = "code_name"
    case text
    case methodClass = "class"
    case method, source, fault, application, seconds, redelivered
    case channelsReopened = "channels_reopened"
    case severity
}

extension LedgerEntry: TableRow {
    public static func column(_ key: EventColumn) -> Column<Self> {
        switch key {
        case .at:
            Column(key, "TIME", .time, width: 8, priority: 0, help: "when it happened") { row, _ in .time(row.at) }
        case .kind:
            Column(
                key, "KIND", .text, width: 9, maximumWidth: 12, priority: 1, isRigid: true,
                help: "what kind of event: see [Errors and events](errors-and-events.md#kinds-of-events)"
            ) { row, _ in .text(row.kind.rawValue) }
        case .scope:
            Column(
                key, "SCOPE", .text, width: 10, priority: 6,
                help: "`channel`, `connection`, `queue`, `node` or `cluster`"
            ) { row, _ in .text(row.scope.rawValue) }
        case .connection:
            Column(
                key, "CONNECTION", .text, width: 22, maximumWidth: 48, priority: 8, style: .connectionName,
                help: "connection"
            ) { row, _ in Value(row.connection) }
        case .clientName:
            Column(
                key, "CLIENT NAME", .text, width: 15, maximumWidth: 32, priority: 2, isRigid: true, screenTitle: "WHO",
                help: "client name; on the screen else the connection, address, application or user"
            ) { row, _ in Value(row.clientName) }
        case .user:
            Column(key, "USER", .text, width: 8, maximumWidth: 16, priority: 9, help: "user") { row, _ in
                Value(row.user)
            }
        case .vhost:
            Column(key, "VHOST", .text, width: 6, maximumWidth: 16, priority: 9, help: "virtual host") { row, _ in
                Value(row.vhost)
            }
        case .peer:
            Column(
                key, "PEER", .text, width: 15, maximumWidth: 24, priority: 10, help: "address and port of the client"
            ) { row, _ in Value(row.peer) }
        case .channel:
            Column(key, "CH", .count, width: 4, priority: 4, style: .quiet, help: "channel number") { row, _ in
                Value(row.channel)
            }
        case .queue:
            Column(key, "QUEUE", .text, width: 10, maximumWidth: 32, priority: 9, help: "queue, where one is named") {
                row, _ in Value(row.queue)
            }
        case .code:
            Column(key, "CODE", .count, width: 4, priority: 1, help: "AMQP reply code") { row, _ in Value(row.code) }
        case .codeName:
            Column(key, "REASON", .text, width: 19, priority: 12, help: "name of the reply code") { row, _ in
                Value(row.codeName)
            }
        case .text:
            Column(key, "TEXT", .text, width: 12, maximumWidth: 200, priority: 1, help: "what was said") { row, _ in
                .text(row.text)
            }
        case .methodClass:
            Column(
                key, "CLASS", .text, width: 8, maximumWidth: 10, priority: 11,
                help: "class of the AMQP method that caused it"
            ) { row, _ in Value(row.methodClass) }
        case .method:
            Column(key, "METHOD", .text, width: 8, maximumWidth: 12, priority: 11, help: "AMQP method that caused it") {
                row, _ in Value(row.method)
            }
        case .source:
            Column(key, "SOURCE", .text, width: 8, maximumWidth: 14, priority: 7, help: "source that reported it") {
                row, _ in .text(row.source.rawValue)
            }
        case .fault:
            Column(
                key, "FAULT", .text, width: 6, maximumWidth: 16, priority: nil,
                help: "the fault that caused it, such as `close-channel #3`"
            ) { row, _ in Value(row.fault) }
        case .application:
            Column(
                key, "APPLICATION", .text, width: 11, maximumWidth: 24, priority: nil,
                help: "client name, or `user@host`: what recoveries are measured for"
            ) { row, _ in Value(row.application) }
        case .seconds:
            Column(
                key, "SECONDS", .duration, width: 7, priority: nil,
                help: "for a recovery: time until the application worked again"
            ) { row, _ in Value(row.seconds) }
        case .redelivered:
            Column(
                key, "REDELIVERED", .count, width: 11, priority: nil, help: "for a recovery: messages that came again"
            ) { row, _ in Value(row.redelivered) }
        case .channelsReopened:
            Column(key, "REOPENED", .count, width: 8, priority: nil, help: "for a recovery: channels opened since") {
                row, _ in Value(row.channelsReopened)
            }
        case .severity:
            Column(
                key, "SEVERITY", .text, width: 8, priority: nil, help: "for a finding: `ok`, `warning` or `critical`"
            ) { row, _ in Value(row.severity?.rawValue) }
        }
    }

    public static let columns = allColumns
    public static let defaultSort = EventColumn.at
    public static let identity: [EventColumn] = [.at, .kind, .clientName]
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
    public var vhostName: Name? { Name(vhost) }
    /// Entries of the same time are shown newest first like all others.
    public static var tiesFollowDirection: Bool { true }

    public func belongs(to scope: TopCore.Scope) -> Bool {
        switch scope {
        case .queue(let id): Name(queue) == id.name && (Name(vhost) ?? id.vhost) == id.vhost
        case .connection(let name): Name(connection) == name
        case .channel(let id): Name(connection) == id.connection && channel == id.number
        case .exchange, .node: true
        }
    }
}
