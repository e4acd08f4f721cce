import Faults
import Foundation
import GRDB
import Names

/// The columns of an event beside its number and time. The raw values are the keys of the Events view.
enum EventColumn: String, CaseIterable {
    case kind, scope, connection
    case clientName = "client_name"
    case user, vhost, peer, channel, queue, code
    case codeName = "code_name"
    case text
    case methodClass = "class"
    case method, source, fault, application, seconds, redelivered
    case channelsReopened = "channels_reopened"
    case severity, count

    static let list = allCases.map { "\"\($0.rawValue)\"" }.joined(separator: ", ")

    /// The place of each column after the event's number and time: by name, SQLite's columns are found slowly.
    private static let places = Dictionary(
        uniqueKeysWithValues: allCases.enumerated().map { ($0.element, $0.offset + 2) })

    var place: Int { Self.places[self] ?? 0 }

    func value(of entry: LedgerEntry) -> DatabaseValue {
        switch self {
        case .kind: entry.kind.rawValue.databaseValue
        case .scope: entry.scope.rawValue.databaseValue
        case .connection: entry.connection?.databaseValue ?? .null
        case .clientName: entry.clientName?.databaseValue ?? .null
        case .user: entry.user?.databaseValue ?? .null
        case .vhost: entry.vhost?.databaseValue ?? .null
        case .peer: entry.peer?.databaseValue ?? .null
        case .channel: entry.channel?.databaseValue ?? .null
        case .queue: entry.queue?.databaseValue ?? .null
        case .code: entry.code?.databaseValue ?? .null
        case .codeName: entry.codeName?.databaseValue ?? .null
        case .text: Redaction.withoutSecrets(entry.text).databaseValue
        case .methodClass: entry.methodClass?.databaseValue ?? .null
        case .method: entry.method?.databaseValue ?? .null
        case .source: entry.source.rawValue.databaseValue
        case .fault: entry.fault?.databaseValue ?? .null
        case .application: entry.application?.databaseValue ?? .null
        case .seconds: entry.seconds?.databaseValue ?? .null
        case .redelivered: entry.redelivered?.databaseValue ?? .null
        case .channelsReopened: entry.channelsReopened?.databaseValue ?? .null
        case .severity: entry.severity?.rawValue.databaseValue ?? .null
        case .count: entry.count.databaseValue
        }
    }
}

extension LedgerEntry {
    /// Reads an event: its number, its time, then the columns of `EventColumn.list`. An unknown kind, as a later
    /// rabbittop may write, makes it an event of the broker's cluster.
    init(_ row: Row) {
        func text(_ column: EventColumn) -> String? { row.text(column.place) }
        func number(_ column: EventColumn) -> Int? { row.number(column.place) }
        self.init(
            at: Date(milliseconds: row.time(1) ?? 0), kind: text(.kind).flatMap(Kind.init) ?? .action,
            scope: text(.scope).flatMap(Scope.init) ?? .cluster, connection: text(.connection),
            clientName: text(.clientName), user: text(.user), vhost: text(.vhost), peer: text(.peer),
            channel: number(.channel), queue: text(.queue), code: number(.code), codeName: text(.codeName),
            text: text(.text) ?? "", methodClass: text(.methodClass), method: text(.method),
            source: text(.source).flatMap(Source.init) ?? .rabbittop, fault: text(.fault),
            severity: text(.severity).flatMap(Finding.Severity.init))
        id = UInt64(clamping: row.integer(0) ?? 0)
        application = text(.application)
        seconds = Double.fromDatabaseValue(row[EventColumn.seconds.place])
        redelivered = number(.redelivered)
        channelsReopened = number(.channelsReopened)
        count = number(.count) ?? 1
    }
}
