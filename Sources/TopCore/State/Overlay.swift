import Faults
public import Names

/// What lies over the view and takes the keys.
public enum Overlay: Sendable, Equatable {
    case help(scroll: Int)
    /// The filter of the view, edited as one types.
    case filter(FilterPrompt)
    case confirmation(ConfirmationPrompt)
    case form(Form)
    case picker(Picker)
    case peek(PeekView)
}

/// A question before something is taken away from someone. Cancel is chosen until someone moves.
public struct ConfirmationPrompt: Sendable, Equatable {
    public var title: String
    /// What it will do, and to whom: one line each.
    public var lines: [String]
    public var confirmLabel: String
    public var operation: Operation
    /// A reason that goes with it (the connection's `X-Reason`), editable.
    public var reason: LineEditor?
    /// The place of the focus: on the reason's line, on Cancel, or on the button that confirms.
    public var focus: Focus = .cancel

    public enum Focus: Sendable, Equatable { case reason, cancel, confirm }

    public init(title: String, lines: [String], confirmLabel: String, operation: Operation, reason: LineEditor? = nil) {
        self.title = title
        self.lines = lines
        self.confirmLabel = confirmLabel
        self.operation = operation
        self.reason = reason
    }
}

/// One choice out of a list.
public struct Picker: Sendable, Equatable {
    public struct Choice: Sendable, Equatable {
        public var label: String
        public var hint: String
        /// Why it cannot be chosen, where it cannot.
        public var disabled: String?
        public var effect: Effect
        /// The heading that it stands under; those of one heading follow each other.
        public var group: String?
        /// What it is, in a sentence, for the one under the cursor.
        public var about: String?

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

    public enum Effect: Sendable, Equatable {
        case vhost(Name?)
        case ask(ConfirmationPrompt)
        /// Fill in the parameters of the fault of this name, aimed at this.
        case fault(String, FaultTarget)
        case form(Form)
        /// Undo the fault of this number, or all of them.
        case undo(UInt64?)
        case none
    }

    public var title: String
    /// Said above the choices, one line each.
    public var lines: [String]
    public var choices: [Choice]
    public var selected = 0
    /// What was typed to narrow the list; `nil` where letters are no part of it.
    public var filter: LineEditor?

    public init(
        title: String, lines: [String] = [], choices: [Choice], selected: Int = 0, filter: LineEditor? = nil
    ) {
        self.title = title
        self.lines = lines
        self.choices = choices
        self.selected = selected
        self.filter = filter
    }

    /// The places of the choices that have every word that was typed in them.
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

/// Fields to fill in before something starts.
public struct Form: Sendable, Equatable {
    public enum Purpose: Sendable, Equatable {
        case publish(vhost: Name)
        case consume(EntityID)
        case peek(EntityID)
        /// Inject the fault of this name.
        case fault(String)
        /// Run this variant of an experiment.
        case lab(LabRowID)
        /// Write this view to a file.
        case write(ViewID)
    }

    public struct Field: Sendable, Equatable {
        public enum Kind: Sendable, Equatable {
            case text
            /// A whole number.
            case count
            case number
            case toggle
            case choice([String])
        }

        public var key: String
        public var label: String
        public var kind: Kind
        public var editor: LineEditor
        public var hint: String
        /// What is wrong with it, and how it should look.
        public var problem: String?

        public init(key: String, label: String, kind: Kind, value: String, hint: String = "") {
            self.key = key
            self.label = label
            self.kind = kind
            self.editor = LineEditor(value)
            self.hint = hint
        }
    }

    public var title: String
    public var purpose: Purpose
    /// Said above the fields: warnings for the most part.
    public var lines: [String]
    public var fields: [Field]
    /// The field with the focus; `fields.count` is the button that starts, one more the one that cancels.
    public var focus = 0
    public var submitLabel: String

    public init(title: String, purpose: Purpose, lines: [String] = [], fields: [Field], submitLabel: String) {
        self.title = title
        self.purpose = purpose
        self.lines = lines
        self.fields = fields
        self.submitLabel = submitLabel
    }
}

/// A sentence below the fields of a form, under a label.
public struct FormNote: Sendable, Equatable {
    public var label: String
    public var text: String

    public init(_ label: String, _ text: String) {
        self.label = label
        self.text = text
    }
}

/// Messages that were looked at.
public struct PeekView: Sendable, Equatable {
    public var queue: EntityID
    public var messages: [PeekedMessage]
    public var note: String?
    public var selected = 0
    public var scroll = 0
    public var asHex = false

    public init(queue: EntityID, messages: [PeekedMessage], note: String? = nil) {
        self.queue = queue
        self.messages = messages
        self.note = note
    }
}

/// A line of text with a cursor.
public struct LineEditor: Sendable, Equatable {
    public private(set) var characters: [Character]
    /// Characters before the cursor.
    public private(set) var cursor: Int

    public init(_ text: String = "") {
        characters = Array(text)
        cursor = characters.count
    }

    public var text: String { String(characters) }

    public mutating func insert(_ text: String) {
        let new = Array(text.filter { !$0.isNewline })
        characters.insert(contentsOf: new, at: cursor)
        // Two characters may have become one (a letter and a combining accent).
        let joined = Array(String(characters))
        cursor = min(cursor + new.count, joined.count)
        characters = joined
    }

    public mutating func deleteBackward() {
        guard cursor > 0 else { return }
        characters.remove(at: cursor - 1)
        cursor -= 1
    }

    public mutating func deleteForward() {
        guard cursor < characters.count else { return }
        characters.remove(at: cursor)
    }

    /// Deletes from the cursor back to the start, as Ctrl-U does.
    public mutating func deleteToStart() {
        characters.removeFirst(cursor)
        cursor = 0
    }

    public mutating func deleteToEnd() {
        characters.removeLast(characters.count - cursor)
    }

    /// Deletes the word before the cursor, as Ctrl-W does.
    public mutating func deleteWordBackward() {
        while cursor > 0, characters[cursor - 1].isWhitespace { deleteBackward() }
        while cursor > 0, !characters[cursor - 1].isWhitespace { deleteBackward() }
    }

    public mutating func move(by offset: Int) {
        cursor = min(max(0, cursor + offset), characters.count)
    }

    public mutating func moveToStart() { cursor = 0 }
    public mutating func moveToEnd() { cursor = characters.count }
}
