/// The line in which a command is typed.
public struct CommandPrompt: Sendable, Equatable {
    /// The text being edited.
    public private(set) var editor = LineEditor()
    /// Why the line could not be carried out; `nil` once it is edited.
    public internal(set) var problem: String?
    /// The names that begin with the word before the cursor, after Tab found several.
    public private(set) var candidates: [String] = []
    private var earlier: LineRecall

    /// Creates an empty line.
    ///
    /// - Parameter earlier: The lines to recall, the newest first.
    public init(earlier: [String] = []) {
        self.earlier = LineRecall(earlier)
    }

    /// Whether there is an earlier (1) or a later (-1) line to show.
    func hasLine(_ step: Int) -> Bool { earlier.has(step) }

    /// The text before the cursor.
    var beforeCursor: String { String(editor.characters[..<editor.cursor]) }

    /// Inserts what a completion adds, or keeps the words that can be chosen from.
    mutating func insert(_ completion: Condition.Completion) {
        guard let insertion = completion.insertion else { return }
        editor.insert(insertion)
        edited()
        if completion.words.count > 1 { candidates = completion.words }
    }

    private mutating func edited() {
        problem = nil
        candidates = []
        earlier.end()
    }

    private mutating func show(_ step: Int) {
        guard let line = earlier.step(step, from: editor.text) else { return }
        editor = LineEditor(line)
        problem = nil
        candidates = []
    }
}

extension CommandPrompt: OverlayContent {
    mutating func take(_ input: OverlayInput) -> OverlayOutcome? {
        switch input {
        case .key(let key):
            guard editor.take(key) else { return nil }
            edited()
        case .paste(let text):
            editor.insert(text)
            edited()
        case .command(.olderFilter): show(1)
        case .command(.newerFilter): show(-1)
        case .command(.back): return .closes
        case .command(.completeName): return .completesCommand
        case .command(.accept): return .runs(editor.text)
        case .press: break
        case .command, .move: return nil
        }
        return .stays
    }
}
