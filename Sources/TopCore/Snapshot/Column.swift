public import Foundation
public import Names

/// The value of one cell, before it is made into text: numbers as numbers, what is not known as `none`.
public enum Value: Sendable, Equatable {
    case none
    case text(String)
    case integer(Int)
    case number(Double)
    case flag(Bool)
    case time(Date)
    case list([String])
}

/// How a column's values are to be read: it decides alignment, unit and short form.
public enum ColumnKind: Sendable, Equatable {
    case text
    /// A whole number of things.
    case count
    /// Things per second.
    case rate
    case bytes
    case bytesPerSecond
    /// Seconds.
    case duration
    case time
    case flag
    case list

    public var isNumeric: Bool {
        switch self {
        case .count, .rate, .bytes, .bytesPerSecond, .duration: true
        case .text, .time, .flag, .list: false
        }
    }
}

/// A column of a view: the key that scripts use, the heading on the screen, and how to read it from a row.
///
/// Tables on the screen, `rabbittop snapshot` in all formats, sorting and `--columns` are all made from these.
public struct Column<Row>: Sendable {
    /// The stable name of JSON, CSV, `--columns` and `--sort`.
    public let key: String
    /// The heading on the screen.
    public let title: String
    public let kind: ColumnKind
    /// Least width on the screen in columns; the most that text columns grow to is `maximumWidth`.
    public let width: Int
    public let maximumWidth: Int
    /// Lower numbers keep their place on narrow screens; `nil` is for columns of the machine-readable output only.
    public let priority: Int?
    /// Where sorting by it starts: numbers with the largest, text with the first.
    public var startsDescending: Bool { kind.isNumeric || kind == .time }
    public let value: @Sendable (Row, Date) -> Value

    public init(
        _ key: String, _ title: String, _ kind: ColumnKind, width: Int, maximumWidth: Int? = nil, priority: Int?,
        value: @escaping @Sendable (Row, Date) -> Value
    ) {
        self.key = key
        self.title = title
        self.kind = kind
        self.width = width
        self.maximumWidth = maximumWidth ?? width
        self.priority = priority
        self.value = value
    }
}

/// A row that a table can show.
public protocol TableRow: Sendable {
    static var columns: [Column<Self>] { get }
    /// The column a view is sorted by until someone says otherwise.
    static var defaultSort: String { get }
    var rowID: RowID { get }
    /// What `/` searches: the texts by which people know the row.
    var searchText: String { get }
    /// The vhost it belongs to; `nil` for rows of no vhost, or of one that is not known.
    var vhostName: Name? { get }
    /// Whether rows of one moment or value turn round with the direction of the sort.
    static var tiesFollowDirection: Bool { get }
    /// Whether a drill-down shows it.
    func belongs(to scope: Scope) -> Bool
}

extension Value {
    public init(_ text: String?) { self = text.map(Value.text) ?? .none }
    public init(_ name: Name?) { self = name.map { .text($0.text) } ?? .none }
    public init(_ integer: Int?) { self = integer.map(Value.integer) ?? .none }
    public init(_ number: Double?) { self = number.map(Value.number) ?? .none }
    public init(_ flag: Bool?) { self = flag.map(Value.flag) ?? .none }
    public init(_ time: Date?) { self = time.map(Value.time) ?? .none }
    public init(_ list: [String]?) { self = list.map(Value.list) ?? .none }
}
