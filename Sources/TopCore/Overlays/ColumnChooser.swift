/// The list in which the columns of a view are shown and hidden, moved, and made wider. The table follows at once.
public struct ColumnChooser: Sendable, Equatable {
    /// One column of the view.
    public struct Item: Sendable, Equatable {
        /// The name for scripts.
        public var name: String
        /// The heading.
        public var title: String
        /// What the values mean, in Markdown.
        public var help: String
        /// Whether the column is shown.
        public var isShown: Bool
        /// Whether the column cannot be hidden, because the rows go by it.
        public var isFixed: Bool
        /// The width that was chosen, in cells; `nil` for the one that fits.
        public var width: Int?
        /// The least width that the column has of itself, in cells.
        public var usualWidth: Int
    }

    /// The view whose columns these are.
    public let view: ViewID
    /// All columns, in the order of the screen.
    public private(set) var items: [Item]
    /// The index of the selected column.
    public private(set) var selected = 0
    /// What Esc restores.
    private let before: ColumnSetup
    /// The columns that the view has of itself.
    private let usual: [Item]

    /// Creates the list of a view's columns.
    init(_ view: ViewID, items: [Item], usual: [Item], before: ColumnSetup) {
        self.view = view
        self.items = items
        self.usual = usual
        self.before = before
    }

    /// The columns as they stand in the list.
    private var setup: ColumnSetup {
        var setup = ColumnSetup()
        let shown = items.filter(\.isShown).map(\.name)
        if shown != usual.filter(\.isShown).map(\.name) { setup.shown = shown }
        for item in items { if let width = item.width { setup.widths[item.name] = width } }
        return setup
    }

    private mutating func toggle() -> OverlayOutcome {
        guard items.indices.contains(selected) else { return .stays }
        guard !items[selected].isFixed else { return .says("The rows go by this column: it is always shown", .info) }
        items[selected].isShown.toggle()
        return .arranges(setup, closes: false)
    }

    private mutating func move(by step: Int) -> OverlayOutcome {
        let target = selected + step
        guard items.indices.contains(selected), items.indices.contains(target) else { return .stays }
        items.swapAt(selected, target)
        selected = target
        return .arranges(setup, closes: false)
    }

    private mutating func widen(by step: Int) -> OverlayOutcome {
        guard items.indices.contains(selected) else { return .stays }
        let width = (items[selected].width ?? items[selected].usualWidth) + step
        guard ColumnSetup.possibleWidths.contains(width) else { return .stays }
        items[selected].width = width
        return .arranges(setup, closes: false)
    }

    private mutating func reset() -> OverlayOutcome {
        let name = items.indices.contains(selected) ? items[selected].name : nil
        items = usual
        selected = items.firstIndex { $0.name == name } ?? 0
        return .arranges(setup, closes: false)
    }
}

extension ColumnChooser: OverlayContent {
    mutating func take(_ input: OverlayInput) -> OverlayOutcome? {
        switch input {
        case .command(.back): return .arranges(before, closes: true)
        case .command(.accept), .command(.chooseColumns): return .closes
        case .command(.toggleColumn): return toggle()
        case .command(.columnBefore): return move(by: -1)
        case .command(.columnAfter): return move(by: 1)
        case .command(.narrower): return widen(by: -1)
        case .command(.wider): return widen(by: 1)
        case .command(.resetColumns): return reset()
        case .move(let command, let room):
            selected = command.scrolled(selected, OverlayRoom(page: room.page, limit: items.count - 1))
            return .stays
        case .press(let index):
            guard items.indices.contains(index) else { return .stays }
            selected = index
            return toggle()
        case .key, .paste, .command: return nil
        }
    }
}

extension State {
    /// Lists the columns of the view.
    func columnChooser() -> OverlayOutcome {
        guard let table = table(of: view) else { return .stays }
        return .shows(
            .columns(
                ColumnChooser(view, items: table.columnItems, usual: table.usualColumnItems, before: table.columnSetup))
        )
    }
}
