import Faults
import Foundation
import Names

extension State {
    /// The available polling intervals, in seconds.
    static let intervals: [Double] = [0.2, 0.5, 1, 2, 5, 10, 30, 60]

    /// Shows a whole view: no drill-down, no navigation history.
    mutating func go(to view: ViewID) {
        trail = []
        show(view, scope: nil, isDetailOpen: false)
    }

    /// Shows a view narrowed to a scope, and remembers the current place in the navigation history.
    mutating func lead(to view: ViewID, scope: Scope?, selecting id: RowID? = nil) {
        var place = NavigationEntry(
            view: self.view, scope: self.scope, isDetailOpen: isDetailOpen, selection: selectedID)
        place.isDetailOfLead = isDetailOfLead
        trail.append(place)
        apply(.touch, to: self.view)
        apply(.filter(.none), to: view)
        show(view, scope: scope, isDetailOpen: false)
        if let id { apply(.item(id), to: view) }
    }

    private mutating func show(_ view: ViewID, scope: Scope?, isDetailOpen: Bool) {
        self.view = view
        self.scope = scope
        self.isDetailOpen = isDetailOpen
        isDetailOfLead = false
        detailScroll = 0
        detail = nil
        narrowTables()
        countMessages()
    }

    mutating func narrowTables() {
        for view in ViewID.allCases {
            apply(.narrow(vhost: vhost, scope: view == self.view ? scope : nil), to: view)
        }
    }

    /// Handles Enter: opens the details of the row, and from the details the related view.
    mutating func open() -> [Action] {
        guard view != .overview else {
            openOverviewLine()
            return []
        }
        guard selectedID != nil else { return [] }
        apply(.touch, to: view)
        if view == .named(.topology), !isDetailOpen, fold(true) { return [] }
        guard isDetailOpen else {
            isDetailOpen = true
            detailScroll = 0
            return []
        }
        return openFurther()
    }

    /// Handles Esc in the view: undoes the most recent step.
    mutating func back() -> [Action] {
        if let id = runningBatch {
            return cancel(id)
        } else if let table = table(of: view), table.filter != .none {
            apply(.filter(.none), to: view)
        } else if taggedCount > 0, !isDetailOpen {
            untag()
        } else if isDetailOpen, !isDetailOfLead || trail.isEmpty {
            isDetailOpen = false
            detailScroll = 0
        } else if let place = trail.popLast() {
            show(place.view, scope: place.scope, isDetailOpen: place.isDetailOpen)
            isDetailOfLead = place.isDetailOfLead
            if let selection = place.selection {
                apply(.item(selection), to: view)
                // Details belong to the row they were opened on.
                if selectedID != selection { isDetailOpen = false }
            }
        } else if scope != nil {
            scope = nil
            narrowTables()
        } else if view == .overview, overview.item != nil {
            overview = OverviewSelection()
        } else if let id = cancellable {
            return cancel(id)
        }
        return []
    }

    mutating func limit(to vhost: Name?) {
        guard vhost != self.vhost else { return }
        self.vhost = vhost
        narrowTables()
        tell(vhost.map { "Only vhost \($0)" } ?? "All vhosts")
    }

    /// Freezes the screen, or continues with the current data.
    mutating func freeze() {
        guard frozenAt != nil else {
            frozenAt = now
            return
        }
        frozenAt = nil
        showNodes()
        showEvents()
    }

    mutating func changeInterval(by step: Int) {
        let next =
            step > 0
            ? Self.intervals.first { $0 > interval + 0.001 } ?? interval
            : Self.intervals.last { $0 < interval - 0.001 } ?? interval
        interval = next
        tell("Looks every \(ValueFormat().duration(next))")
    }
}
