/// The line in which a view's filter is edited.
public struct FilterPrompt: Sendable, Equatable {
    /// The text being edited.
    public var editor = LineEditor()
    /// The filter that was in force before; Esc restores it.
    public var before: Filter
    /// The index of the shown filter in the history, the newest at 0; `nil` for the text being typed.
    public var place: Int?
    /// The text that was typed before earlier filters were recalled.
    var draft = ""

    /// Creates an empty prompt.
    public init(before: Filter = .none) {
        self.before = before
    }
}
