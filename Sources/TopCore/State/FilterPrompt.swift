/// The line in which a view's filter is typed.
public struct FilterPrompt: Sendable, Equatable {
    public var editor = LineEditor()
    /// What was in force before: Esc brings it back.
    public var before: Filter
    /// The place among earlier filters of the one that is shown, the newest at 0; `nil` for what is being typed.
    public var place: Int?
    /// What was typed before earlier ones were looked at.
    var draft = ""

    public init(before: Filter = .none) {
        self.before = before
    }
}
