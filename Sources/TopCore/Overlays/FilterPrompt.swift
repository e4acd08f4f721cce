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
    private var earlier: LineRecall
    private let view: ViewID
    /// The last condition that was right, or no filter.
    private var inForce = Filter.none

    /// Creates an empty prompt.
    public init(in view: ViewID, before: Filter = .none, earlier: [String] = []) {
        self.view = view
        self.before = before
        self.earlier = LineRecall(earlier)
    }

    /// Whether there is an earlier (1) or a later (-1) filter to show.
    func hasFilter(_ step: Int) -> Bool { earlier.has(step) }

    /// Shows an earlier filter (1) or a later one (-1); after the newest, the text being typed.
    private mutating func recall(_ step: Int) -> OverlayOutcome {
        guard let line = earlier.step(step, from: editor.text) else { return .stays }
        editor = LineEditor(line)
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
        guard let insertion = completion.insertion else { return .stays }
        let isChosen = completion.words.count == 1
        guard !insertion.isEmpty else {
            candidates = completion.words
            return .stays
        }
        editor.insert(insertion)
        earlier.end()
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
            earlier.end()
            return filters
        case .paste(let text):
            editor.insert(text)
            earlier.end()
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
