public import Foundation
public import Names

/// The value of one cell before formatting: numbers as numbers, unknown values as `none`.
public enum Value: Sendable, Equatable {
    case none
    case text(String)
    case integer(Int)
    case number(Double)
    case flag(Bool)
    case time(Date)
    case list([String])
}

/// The kind of a column's values, which determines alignment, unit and short form.
public enum ColumnKind: Sendable, Equatable {
    case text
    /// A whole number of objects.
    case count
    /// Events per second.
    case rate
    case bytes
    case bytesPerSecond
    /// Seconds.
    case duration
    case time
    case flag
    case list

    /// Whether the values are numbers.
    public var isNumeric: Bool {
        switch self {
        case .count, .rate, .bytes, .bytesPerSecond, .duration: true
        case .text, .time, .flag, .list: false
        }
    }
}

/// A column of a view: its key for scripts, its heading on the screen, and how its value is read from a row.
///
/// The tables on the screen, all formats of `rabbittop snapshot`, sorting and `--columns` are defined by columns.
public struct Column<Row>: Sendable {
    /// The stable name in JSON, CSV, `--columns` and `--sort`.
    public let key: String
    /// The heading on the screen.
    public let title: String
    /// The kind of the values.
    public let kind: ColumnKind
    /// The minimum width on the screen, in cells. Text columns grow up to `maximumWidth`.
    public let width: Int
    /// The largest width on the screen, in cells.
    public let maximumWidth: Int
    /// Columns with lower numbers stay on narrow screens; `nil` is for columns of the machine-readable output only.
    public let priority: Int?
    /// Whether sorting by the column starts in descending order: numbers and times do, text does not.
    public var startsDescending: Bool { kind.isNumeric || kind == .time }
    /// Returns the value of a row at the current time.
    public let value: @Sendable (Row, Date) -> Value

    /// Creates a column.
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
    /// The columns of the row.
    static var columns: [Column<Self>] { get }
    /// The key of the column that a view is sorted by initially.
    static var defaultSort: String { get }
    /// The identity of the row.
    var rowID: RowID { get }
    /// The text that `/` searches: the names that identify the row to users.
    var searchText: String { get }
    /// The vhost that the row belongs to; `nil` for rows without a vhost, or of an unknown one.
    var vhostName: Name? { get }
    /// Whether the order of rows with equal values reverses with the direction of the sort.
    static var tiesFollowDirection: Bool { get }
    /// Whether a drill-down to the scope shows the row.
    func belongs(to scope: Scope) -> Bool
}

extension Value {
    /// Creates a text; `none` for `nil`.
    public init(_ text: String?) { self = text.map(Value.text) ?? .none }
    /// Creates a text from a name; `none` for `nil`.
    public init(_ name: Name?) { self = name.map { .text($0.text) } ?? .none }
    /// Creates an integer; `none` for `nil`.
    public init(_ integer: Int?) { self = integer.map(Value.integer) ?? .none }
    /// Creates a number; `none` for `nil`.
    public init(_ number: Double?) { self = number.map(Value.number) ?? .none }
    /// Creates a flag; `none` for `nil`.
    public init(_ flag: Bool?) { self = flag.map(Value.flag) ?? .none }
    /// Creates a time; `none` for `nil`.
    public init(_ time: Date?) { self = time.map(Value.time) ?? .none }
    /// Creates a list; `none` for `nil`.
    public init(_ list: [String]?) { self = list.map(Value.list) ?? .none }
}
