import Foundation
import Names

/// What keys and the mouse do to a table, independent of its type of row.
enum TableCommand {
    case lines(Int)
    case pages(Int)
    case top
    case bottom
    /// A row by its index in the order.
    case row(Int)
    case item(RowID)
    /// A number of columns to the right, and the most columns that can be scrolled.
    case columns(Int, limit: Int)
    case sortBy(AnyColumnKey)
    /// By this column in this direction; `nil` uses the column's default direction.
    case order(AnyColumnKey, descending: Bool?)
    case sortStep(Int)
    case sortInvert
    case follow
    /// Shows these columns.
    case show(ColumnSetup)
    /// Tags the selected row or takes its tag away, and goes to the next row.
    case tag
    /// Tags all rows that are shown, or takes their tags away if all have one.
    case tagAll
    /// Takes the tags of these rows away, or all for `nil`.
    case untag([RowID]?)
    case filter(Filter)
    /// A filter that matches every column of text.
    case filterColumns(Filter)
    case narrow(vhost: Name?, scope: Scope?)
    case page(Int)
    /// The user chose the selected row: from now on it stays selected wherever it moves.
    case touch
    /// Whether the selected row stays when it disappears from its source, because its details are open.
    case hold(Bool)
    /// The selected row's source reports that it is gone.
    case end(RowID, at: Date)
}

extension Table {
    mutating func apply(_ command: TableCommand, now: Date) {
        switch command {
        case .lines(let lines): move(to: cursor + lines)
        case .pages(let pages): move(to: cursor + pages * max(1, page - 1), scroll: pages * max(1, page - 1))
        case .top:
            move(to: 0)
            if !isTimeline { isTouched = false }
        case .bottom: move(to: order.count - 1)
        case .row(let row):
            guard order.indices.contains(row) else { return }
            move(to: row)
        case .item(let id):
            selection = id
            isTouched = true
            arrange([], touched: [], now: now)
        case .columns(let columns, let limit):
            let most = max(0, min(limit, shownColumns.count - 1))
            columnOffset = min(max(0, min(columnOffset, most) + columns), most)
        case .sortBy(let column):
            guard let key = Row.Key(rawValue: column.name) else { return }
            order(by: key, descending: sort == key ? !descending : nil, now: now)
        case .order(let column, let descending):
            guard let key = Row.Key(rawValue: column.name) else { return }
            order(by: key, descending: descending, now: now)
        case .sortStep(let step):
            let shown = shownColumns
            guard !shown.isEmpty else { return }
            let here = shown.firstIndex { $0.key == sort } ?? 0
            order(by: shown[((here + step) % shown.count + shown.count) % shown.count].key, now: now)
        case .sortInvert:
            descending.toggle()
            arrange(.sort, now: now)
        case .follow:
            isFollowing.toggle()
            isTouched = true
        case .show(let setup): show(setup)
        case .tag: tagSelected()
        case .tagAll: tagShown()
        case .untag(let ids): if let ids { tags.subtract(ids) } else { tags = [] }
        case .filter(let filter):
            guard filter != self.filter else { return }
            self.filter = filter
            arrange([.admission, .filter], touched: [], now: now)
        case .filterColumns(let filter):
            isSearchedWholly = true
            self.filter = filter
            arrange([.admission, .filter], touched: [], now: now)
        case .narrow(let vhost, let scope):
            guard vhost != self.vhost || scope != self.scope else { return }
            self.vhost = vhost
            self.scope = scope
            arrange(.admission, touched: [], now: now)
        case .page(let page):
            guard page != self.page else { return }
            self.page = page
            scrollToCursor()
        case .touch: isTouched = true
        case .hold(let isHeld): hold(isHeld, now: now)
        case .end(let id, let at): endSelected(id, at: at)
        }
    }

    /// Sorts by a column, by default in the direction that suits its values.
    private mutating func order(by key: Row.Key, descending: Bool? = nil, now: Date) {
        sort = key
        self.descending = descending ?? Row.column(key).startsDescending
        arrange(.sort, now: now)
    }

    mutating func move(to target: Int, scroll: Int = 0) {
        guard !order.isEmpty else { return }
        cursor = min(max(0, target), order.count - 1)
        selection = rows[order[cursor]].rowID
        noteMove(toward: target)
        top += scroll
        scrollToCursor()
    }
}
