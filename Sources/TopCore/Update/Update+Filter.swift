extension State {
    /// The maximum number of filters in the history.
    static let filterCapacity = 50
    /// The longest filter that the history keeps, in bytes of UTF-8.
    static let filterLength = 1_000

    /// Opens an empty filter prompt; the arrow up recalls earlier filters.
    mutating func editFilter() {
        let before = table(of: view)?.filter ?? .none
        // A filter that was set by a key is added to the history, too.
        if filterHistory.first != before.typed { remember(filter: before.typed) }
        show(FilterPrompt(before: before))
    }

    /// Shows the prompt and applies its filter to the rows below.
    mutating func show(_ prompt: FilterPrompt) {
        overlay = .filter(prompt)
        apply(.filter(Filter(typed: prompt.editor.text)), to: view)
    }

    /// Shows an earlier filter (1) or a later one (-1); after the newest, the text being typed.
    mutating func recallFilter(_ step: Int) {
        guard case .filter(var prompt) = overlay else { return }
        let place = (prompt.place ?? -1) + step
        guard place < filterHistory.count, place >= -1 else { return }
        if prompt.place == nil { prompt.draft = prompt.editor.text }
        prompt.place = place < 0 ? nil : place
        prompt.editor = LineEditor(place < 0 ? prompt.draft : filterHistory[place])
        show(prompt)
    }

    /// Adds a filter to the history: the newest first, without duplicates.
    mutating func remember(filter typed: String) {
        guard !typed.isEmpty, typed.utf8.count <= Self.filterLength else { return }
        filterHistory.removeAll { $0.utf8.elementsEqual(typed.utf8) }
        filterHistory.insert(typed, at: 0)
        if filterHistory.count > Self.filterCapacity { filterHistory.removeLast() }
    }
}
