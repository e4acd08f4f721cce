extension Table {
    /// The number of rows that are tagged and still there, whether the filter shows them or not.
    public var taggedCount: Int { tags.reduce(0) { $0 + (places[$1] == nil ? 0 : 1) } }

    /// The number of tagged rows that the filter, the vhost or a drill-down does not show.
    public var hiddenTagCount: Int {
        tags.reduce(0) { count, id in count + (places[id].map { !isShown($0) } == true ? 1 : 0) }
    }

    /// The tagged rows that are still there: those that are shown in their order, then the others.
    var taggedRows: [Row] {
        guard !tags.isEmpty else { return [] }
        let shown = order.filter { tags.contains(rows[$0].rowID) }
        let hidden = tags.compactMap { places[$0] }.filter { !isShown($0) }.sorted()
        return (shown + hidden).map { rows[$0] }.filter { $0.rowID != ended?.id }
    }

    private func isShown(_ place: Int) -> Bool { place < admitted.count && admitted[place] }

    /// Tags the selected row or takes its tag away, and goes to the next row.
    mutating func tagSelected() {
        guard let id = selected?.rowID else { return }
        if tags.remove(id) == nil { tags.insert(id) }
        // Tags of rows that are long gone are not kept for ever.
        if tags.count > 2 * max(rows.count, 1_000) { tags = tags.filter { places[$0] != nil } }
        isTouched = true
        move(to: cursor + 1)
    }

    /// Tags all rows that are shown, or takes their tags away if all of them have one.
    mutating func tagShown() {
        let shown = order.map { rows[$0].rowID }
        if shown.allSatisfy(tags.contains) { tags.subtract(shown) } else { tags.formUnion(shown) }
        isTouched = true
    }
}

extension State {
    /// The number of tagged rows of the view.
    public var taggedCount: Int { table(of: view)?.taggedCount ?? 0 }

    /// Whether operations on tagged rows run, which Esc stops before anything else.
    var runningBatch: OperationID? {
        activities.last { activity in
            guard activity.phase == .running, case .batch = activity.operation else { return false }
            return true
        }?.id
    }

    /// Takes all tags of the view away.
    mutating func untag() { apply(.untag(nil), to: view) }

    /// Takes the tags of rows away that an operation is done with.
    mutating func untag(_ rows: [RowID], in view: ViewID) { apply(.untag(rows), to: view) }
}
