/// The line in which a view's filter is edited.
public struct FilterPrompt: Sendable, Equatable {
    /// The text being edited.
    public var editor = LineEditor()
    /// The filter that was in force before; Esc restores it.
    public var before: Filter
    /// What is wrong with the condition that is typed; the last one that was right is in force meanwhile.
    public private(set) var problem: ConditionError?
    /// The names that begin with the word before the cursor, after Tab found several.
    public private(set) var candidates: [String] = []
    /// The index of the shown filter in the history, the newest at 0; `nil` for the text being typed.
    public var place: Int?
    /// The filters to recall, the newest first.
    private let earlier: [String]
    /// The text that was typed before earlier filters were recalled.
    private var draft = ""
    private let view: ViewID
    /// The last condition that was right, or no filter.
    private var inForce = Filter.none

    /// Creates an empty prompt.
    public init(in view: ViewID, before: Filter = .none, earlier: [String] = []) {
        self.view = view
        self.before = before
        self.earlier = earlier
    }

    /// Whether there is an earlier (1) or a later (-1) filter to show.
    func hasFilter(_ step: Int) -> Bool { recalled(step) != nil }

    /// Returns the place in the history after a step; -1 is the text being typed.
    private func recalled(_ step: Int) -> Int? {
        let place = (place ?? -1) + step
        return place >= -1 && place < earlier.count ? place : nil
    }

    /// Shows an earlier filter (1) or a later one (-1); after the newest, the text being typed.
    private mutating func recall(_ step: Int) -> OverlayOutcome {
        guard let next = recalled(step) else { return .stays }
        if place == nil { draft = editor.text }
        place = next < 0 ? nil : next
        editor = LineEditor(next < 0 ? draft : earlier[next])
        return filters
    }

    /// Reads what is typed. A condition that is not finished leaves the last one in force.
    private var filters: OverlayOutcome {
        mutating get {
            candidates = []
            problem = nil
            do throws(ConditionError) {
                let filter = try Filter(typed: editor.text, in: view)
                inForce = filter.condition == nil ? .none : filter
                return .filters(filter, closes: false)
            } catch {
                problem = error
                return .filters(inForce, closes: false)
            }
        }
    }

    /// Completes the name before the cursor, or lists the names that begin so.
    private mutating func complete() -> OverlayOutcome {
        let before = String(editor.characters[..<editor.cursor])
        let completion = Condition.completion(of: before, in: .columns(of: view))
        guard !completion.words.isEmpty else { return .stays }
        let isChosen = completion.words.count == 1
        let rest = String(decoding: completion.common.utf8.dropFirst(completion.length), as: UTF8.self)
        guard isChosen || !rest.isEmpty else {
            candidates = completion.words
            return .stays
        }
        editor.insert(rest + (isChosen ? " " : ""))
        place = nil
        let outcome = filters
        if !isChosen { candidates = completion.words }
        return outcome
    }
}

extension FilterPrompt: OverlayContent {
    mutating func take(_ input: OverlayInput) -> OverlayOutcome? {
        switch input {
        case .key(let key):
            guard editor.take(key) else { return nil }
            place = nil
            return filters
        case .paste(let text):
            editor.insert(text)
            place = nil
            return filters
        case .command(.olderFilter): return recall(1)
        case .command(.newerFilter): return recall(-1)
        case .command(.back): return .filters(before, closes: true)
        case .command(.completeName): return complete()
        case .command(.accept):
            // Its line says what is wrong.
            return problem == nil ? .keepsFilter(editor.text) : .stays
        case .press: return .stays
        // The rows below are filtered while the filter is typed, and can be moved among.
        case .command, .move: return nil
        }
    }
}

/// Filters that were typed in this session, in any view.
public struct FilterHistory: Sendable, Equatable {
    /// The maximum number of filters.
    static let capacity = 50
    /// The longest filter that is kept, in bytes of UTF-8.
    static let longest = 1_000

    /// The filters as typed, the newest first, without duplicates.
    public private(set) var filters: [String] = []

    /// Adds a filter.
    mutating func add(_ typed: String) {
        guard !typed.isEmpty, typed.utf8.count <= Self.longest else { return }
        filters.removeAll { $0.utf8.elementsEqual(typed.utf8) }
        filters.insert(typed, at: 0)
        if filters.count > Self.capacity { filters.removeLast() }
    }
}
