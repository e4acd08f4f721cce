public import Faults
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

/// What a column's values are to a reader. The screen derives from it how a cell looks, where the row does not say more.
public enum ColumnStyle: Sendable, Equatable {
    /// Figures and texts without judgement: zero and unknown values step back.
    case plain
    /// What people know the row by.
    case name
    /// The name of a connection: it begins with the client's address, which tells it from others.
    case connectionName
    /// The queue, which is the same for all rows below one queue.
    case queueName
    /// The vhost, which is the same for all rows while one vhost is shown.
    case vhost
    /// A state in the broker's or the client's word.
    case state
    /// Background, such as limits.
    case quiet
    /// True is a problem.
    case alarm
}

/// For which rows a column's values are known.
public enum ColumnTier: Sendable, Hashable {
    /// For all rows: rabbittop itself can sort by it.
    case bulk
    /// For the rows that were asked for one by one: only the broker can sort all rows by it.
    case rich
}

/// The keys of a view's columns, in their order. The raw value is the name in JSON, CSV, `--columns` and `--sort`, and
/// keeps its meaning.
public protocol ColumnKey: RawRepresentable<String>, CaseIterable, Hashable, Sendable {}

/// The declaration of a column: all that is known of it, in one place.
///
/// The tables on the screen, all formats of `rabbittop snapshot`, sorting here and on the broker, `--columns` and the
/// documentation follow from it.
public struct Column<Row: TableRow>: Sendable {
    /// The column's key.
    public let key: Row.Key
    /// The heading.
    public let title: String
    /// The heading on the screen, where it differs.
    public let screenTitle: String
    /// The kind of the values.
    public let kind: ColumnKind
    /// The minimum width on the screen, in cells. Text columns grow up to `maximumWidth`.
    public let width: Int
    /// The largest width on the screen, in cells.
    public let maximumWidth: Int
    /// Columns with lower numbers stay on narrow screens; `nil` is for columns of the machine-readable output only.
    public let priority: Int?
    /// What the values are to a reader.
    public let style: ColumnStyle
    /// Whether the column is useless on the screen below its width.
    public let isRigid: Bool
    /// For which rows the values are known.
    public let tier: ColumnTier
    /// The management API's name of the value, as its `sort` takes it; `nil` if the broker cannot sort by it.
    public let brokerName: String?
    /// What the values mean, for the documentation, in Markdown.
    public let help: String
    /// Returns the value of a row at the current time.
    public let value: @Sendable (Row, Date) -> Value

    /// Declares a column.
    public init(
        _ key: Row.Key, _ title: String, _ kind: ColumnKind, width: Int, maximumWidth: Int? = nil, priority: Int?,
        style: ColumnStyle = .plain, isRigid: Bool = false, tier: ColumnTier = .rich, broker brokerName: String? = nil,
        screenTitle: String? = nil, help: String, value: @escaping @Sendable (Row, Date) -> Value
    ) {
        self.key = key
        self.title = title
        self.screenTitle = screenTitle ?? title
        self.kind = kind
        self.width = width
        self.maximumWidth = maximumWidth ?? width
        self.priority = priority
        self.style = style
        self.isRigid = isRigid || style == .connectionName
        self.tier = tier
        self.brokerName = brokerName
        self.help = help
        self.value = value
    }

    /// Whether sorting by the column starts in descending order: numbers and times do, text does not.
    public var startsDescending: Bool { kind.isNumeric || kind == .time }

    /// The member of the management API's objects that has the value.
    public var brokerMember: String? {
        brokerName?.split(separator: ".", maxSplits: 1).first.map(String.init)
    }
}

/// A row that a table can show.
public protocol TableRow: Sendable {
    /// The keys of the row's columns.
    associatedtype Key: ColumnKey
    /// Returns the declaration of a column.
    static func column(_ key: Key) -> Column<Self>
    /// All columns, in the order of their keys; stored, because declarations are made anew each time.
    static var columns: [Column<Self>] { get }
    /// The column that a view is sorted by initially.
    static var defaultSort: Key { get }
    /// Whether that order is descending.
    static var startsDescending: Bool { get }
    /// The columns that identify a row, the name first: on the screen these neither scroll out nor are omitted.
    static var identity: [Key] { get }
    /// Other columns whose widest text the screen shows whole while there is room.
    static var measured: [Key] { get }
    /// The identity of the row.
    var rowID: RowID { get }
    /// The text that `/` searches: the names that identify the row to users.
    var searchText: String { get }
    /// The vhost that the row belongs to; `nil` for rows without a vhost, or of an unknown one.
    var vhostName: Name? { get }
    /// Whether the order of rows with equal values reverses with the direction of the sort.
    static var tiesFollowDirection: Bool { get }
    /// What findings about the row name.
    var findingSubjects: [FindingSubject] { get }
    /// Whether a drill-down to the scope shows the row.
    func belongs(to scope: Scope) -> Bool
}

extension TableRow {
    public static var measured: [Key] { [] }
    public var vhostName: Name? { nil }
    public static var tiesFollowDirection: Bool { false }
    public static var startsDescending: Bool { column(defaultSort).startsDescending }
    public var findingSubjects: [FindingSubject] { [] }

    /// The columns that the screen has.
    public static var shownColumns: [Column<Self>] { columns.filter { $0.priority != nil } }

    static var allColumns: [Column<Self>] { Key.allCases.map(column) }

    /// The names that `--columns` and `--sort` take.
    static var columnNames: [String] { Key.allCases.map(\.rawValue) }

    /// What the documentation says of each column; a column that the screen lacks has no title.
    static var columnGuide: [ColumnGuide] {
        columns.map { column in
            ColumnGuide(
                title: column.priority == nil ? nil : column.screenTitle, name: column.key.rawValue, help: column.help)
        }
    }
}

/// What the documentation says of a column.
public struct ColumnGuide: Sendable, Equatable {
    /// The heading on the screen; `nil` for a column of the machine-readable output only.
    public let title: String?
    /// The name for scripts.
    public let name: String
    /// What the values mean, in Markdown.
    public let help: String
}

/// A column of some view, where the type of its rows is not known: a heading that was clicked, a name that was typed.
public struct AnyColumnKey: Sendable, Hashable {
    /// The name for scripts.
    public let name: String

    /// Creates a key from a typed one.
    public init(_ key: some ColumnKey) { name = key.rawValue }

    /// Creates the key of this name; `nil` if the view has no such column.
    init?(_ name: String, in view: ViewID) {
        guard view.columnNames.contains(name) else { return nil }
        self.name = name
    }
}

/// The order of a view's rows, as far as the broker needs to know it.
public struct RowOrder: Sendable, Hashable {
    /// The sort column.
    public var column: AnyColumnKey
    /// Whether the order is descending.
    public var descending: Bool
    /// For which rows the values are known.
    public var tier: ColumnTier
    /// The management API's name of the value; `nil` if the broker cannot sort by it.
    public var brokerName: String?

    /// Creates the order by a column.
    public init<Row: TableRow>(by column: Column<Row>, descending: Bool) {
        self.column = AnyColumnKey(column.key)
        self.descending = descending
        tier = column.tier
        brokerName = column.brokerName
    }
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
