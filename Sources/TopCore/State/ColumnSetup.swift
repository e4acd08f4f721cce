/// Which columns of a view are shown, in which order, and how wide.
public struct ColumnSetup: Sendable, Equatable, Codable {
    /// The names of the columns shown, in their order; `nil` for those that the view has of itself.
    public var shown: [String]?
    /// The widths that were chosen, in cells, by the column's name.
    public var widths: [String: Int] = [:]

    /// Creates the columns that a view has of itself.
    public init() {}

    /// The widths that can be chosen, in cells.
    static let possibleWidths = 3...120
}

extension Table {
    /// The columns that the screen has, as far as they fit.
    public var shownColumns: [Column<Row>] {
        guard let chosen else { return Row.shownColumns }
        return chosen.compactMap { key in Row.columns.first { $0.key == key } }
    }

    /// Returns the width that was chosen for a column, in cells.
    public func chosenWidth(_ key: Row.Key) -> Int? { widths[key] }

    /// The heading of the column that the rows are sorted by, when that is not among the columns shown.
    public var hiddenSort: String? {
        guard let chosen, !chosen.contains(sort) else { return nil }
        return Row.column(sort).screenTitle
    }

    /// Which columns are shown, in which order, and how wide.
    public var columnSetup: ColumnSetup {
        var setup = ColumnSetup()
        setup.shown = chosen?.map(\.rawValue)
        for (key, width) in widths { setup.widths[key.rawValue] = width }
        return setup
    }

    /// All columns, those that are shown first, in their order.
    public var columnItems: [ColumnChooser.Item] {
        let shown = shownColumns
        let keys = Set(shown.map(\.key))
        let hidden = Row.columns.filter { !keys.contains($0.key) }
        return (shown + hidden).map { column in
            ColumnChooser.Item(
                name: column.key.rawValue, title: column.screenTitle, help: column.help,
                isShown: keys.contains(column.key), isFixed: column.key == Row.identity.first,
                width: widths[column.key], usualWidth: column.width)
        }
    }

    /// Shows these columns. Names that the view does not have are passed over; the rows' name is always shown.
    mutating func show(_ setup: ColumnSetup) {
        widths = [:]
        for (name, width) in setup.widths where ColumnSetup.possibleWidths.contains(width) {
            if let key = Row.Key(rawValue: name) { widths[key] = width }
        }
        guard let names = setup.shown else {
            chosen = nil
            return
        }
        var keys: [Row.Key] = []
        for name in names {
            if let key = Row.Key(rawValue: name), !keys.contains(key) { keys.append(key) }
        }
        if let name = Row.identity.first, !keys.contains(name) { keys.insert(name, at: 0) }
        chosen = keys
        columnOffset = min(columnOffset, max(0, keys.count - 1))
    }
}
