import Faults
public import Names
import Screen

/// A list to choose one item from.
public struct Picker: Sendable, Equatable {
    /// One item of a picker.
    public struct Choice: Sendable, Equatable {
        /// The label.
        public var label: String
        /// A short text beside the label.
        public var hint: String
        /// Why it cannot be chosen; `nil` when it can.
        public var disabled: String?
        /// What choosing the item does.
        public var effect: Effect
        /// The heading that it is listed under; choices with the same heading are adjacent.
        public var group: String?
        /// A description in one sentence, shown for the choice under the cursor.
        public var about: String?

        /// Creates a choice.
        public init(
            label: String, hint: String = "", disabled: String? = nil, effect: Effect, group: String? = nil,
            about: String? = nil
        ) {
            self.label = label
            self.hint = hint
            self.disabled = disabled
            self.effect = effect
            self.group = group
            self.about = about
        }
    }

    /// What choosing an item does.
    public enum Effect: Sendable, Equatable {
        /// Show this vhost, or all vhosts for `nil`.
        case vhost(Name?)
        /// Ask for confirmation.
        case ask(ConfirmationPrompt)
        /// Fill in the parameters of the fault of this name, aimed at this target.
        case fault(String, FaultTarget)
        /// Fill in this form.
        case form(Form)
        /// Copy this of the selected row or of the tagged rows to the clipboard.
        case copy(CopyKind)
        /// Undo the fault of this number, or all faults for `nil`.
        case undo(UInt64?)
        /// Go to this place.
        case leads(Lead)
        /// Say why the place of this name is not known or has nothing.
        case leadsNowhere
        /// Show this cluster of the configuration.
        case cluster(Name)
        /// Show this cluster, whatever ends with the one that is shown.
        case clusterAnyway(Name)
        /// Close the list.
        case none
    }

    /// What a list is of, where it changes while it is open.
    public enum Kind: Sendable, Equatable {
        /// It stays as it is.
        case fixed
        /// The clusters of the configuration.
        case clusters
        /// What a row leads to: completed when the broker has told where its messages come from.
        case places(RowID)
    }

    /// The title.
    public var title: String
    /// Text above the choices, one line each.
    public var lines: [String]
    /// The choices, in the order shown.
    public var choices: [Choice]
    /// The index of the selected choice.
    public var selected = 0
    /// The text that narrows the list; `nil` when the list cannot be filtered.
    public var filter: LineEditor?
    /// What the list is of.
    public var kind: Kind

    /// Creates a picker.
    public init(
        title: String, lines: [String] = [], choices: [Choice], selected: Int = 0, filter: LineEditor? = nil,
        kind: Kind = .fixed
    ) {
        self.kind = kind
        self.title = title
        self.lines = lines
        self.choices = choices
        self.selected = selected
        self.filter = filter
    }

    /// The indices of the choices that contain every word typed.
    public var shown: [Int] {
        let words = (filter?.text ?? "").parts(separatedBy: " ", omittingEmptyParts: true).map {
            FilterMatcher(.text(Name($0)))
        }
        guard !words.isEmpty else { return Array(choices.indices) }
        return choices.indices.filter { index in
            let choice = choices[index]
            let text = "\(choice.label) \(choice.hint) \(choice.group ?? "")"
            return words.allSatisfy { $0.matches(text) }
        }
    }
}

extension Picker: OverlayContent {
    mutating func take(_ input: OverlayInput) -> OverlayOutcome? {
        switch input {
        case .key(let key):
            // Keys that move in the list do not edit its filter.
            guard filter != nil, key.isForFilter, filter?.take(key) == true else { return nil }
            chooseShown()
        case .paste(let text):
            filter?.insert(text)
            chooseShown()
        case .command(.back):
            // The first Esc clears what was typed.
            guard filter?.text.isEmpty == false else { return .closes }
            filter = LineEditor()
        case .command(.accept):
            // A choice that is not shown cannot be chosen.
            return shown.contains(selected) ? choose() : .stays
        case .command: return nil
        case .move(let command, let room):
            let shown = shown
            guard !shown.isEmpty else { break }
            let here = shown.firstIndex(of: selected) ?? 0
            selected = shown[command.scrolled(here, OverlayRoom(page: room.page, limit: shown.count - 1))]
        case .press(let index):
            guard choices.indices.contains(index) else { break }
            selected = index
            return choose()
        }
        return .stays
    }

    private func choose() -> OverlayOutcome {
        guard choices.indices.contains(selected) else { return .stays }
        let choice = choices[selected]
        if let why = choice.disabled {
            // In a list of places the reason alone would not say of which.
            let isPlace = choice.effect == .leadsNowhere
            return .says(isPlace ? "\(choice.label): \(why)" : why, .warning)
        }
        switch choice.effect {
        case .vhost(let vhost): return .limits(to: vhost)
        case .ask(let confirmation): return .shows(.confirmation(confirmation))
        case .fault(let name, let target): return FaultFlow.form(of: name, at: target)
        case .form(let form): return .shows(.form(form))
        case .leads(let lead): return .leads(to: lead)
        case .copy(let kind): return .copies(kind)
        case .undo(let id): return .starts(id.map(Operation.undoFault) ?? .undoFaults)
        case .cluster(let name): return .switches(to: name, isConfirmed: false)
        case .clusterAnyway(let name): return .switches(to: name, isConfirmed: true)
        case .leadsNowhere, .none: return .closes
        }
    }

    /// Selects the first choice that is shown and enabled when the selected choice is no longer shown.
    private mutating func chooseShown() {
        let shown = shown
        guard !shown.contains(selected) else { return }
        selected = shown.first { choices[$0].disabled == nil } ?? shown.first ?? selected
    }
}

extension Key {
    /// Whether the key edits the filter of a list; other keys move in the list.
    fileprivate var isForFilter: Bool {
        typed != nil || [.backspace, .control("h"), .control("u"), .control("w")].contains(self)
    }
}
