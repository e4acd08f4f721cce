import Faults
public import Names

/// What is shown on top of the view and receives the keys.
public enum Overlay: Sendable, Equatable {
    /// The keys, scrolled by this many lines.
    case help(scroll: Int)
    /// The filter of the view, being edited.
    case filter(FilterPrompt)
    /// A question before a destructive operation.
    case confirmation(ConfirmationPrompt)
    /// Fields to fill in before an operation starts.
    case form(Form)
    /// A list to choose from.
    case picker(Picker)
    /// Messages that were peeked at.
    case peek(PeekView)
}

/// A question before a destructive operation. Cancel has the initial focus.
public struct ConfirmationPrompt: Sendable, Equatable {
    /// The title.
    public var title: String
    /// The operation's effects and the objects it affects, one line each.
    public var lines: [String]
    /// The label of the button that confirms.
    public var confirmLabel: String
    /// The operation that starts on confirmation.
    public var operation: Operation
    /// The editable reason sent with the operation (the connection's `X-Reason`), if it has one.
    public var reason: LineEditor?
    /// The element with the focus.
    public var focus: Focus = .cancel

    /// The elements that can have the focus: the reason's line, Cancel, or the button that confirms.
    public enum Focus: Sendable, Equatable { case reason, cancel, confirm }

    /// Creates a prompt with the focus on Cancel.
    public init(title: String, lines: [String], confirmLabel: String, operation: Operation, reason: LineEditor? = nil) {
        self.title = title
        self.lines = lines
        self.confirmLabel = confirmLabel
        self.operation = operation
        self.reason = reason
    }
}

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
        /// Undo the fault of this number, or all faults for `nil`.
        case undo(UInt64?)
        /// Close the list.
        case none
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

    /// Creates a picker.
    public init(
        title: String, lines: [String] = [], choices: [Choice], selected: Int = 0, filter: LineEditor? = nil
    ) {
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

/// Fields to fill in before an operation starts.
public struct Form: Sendable, Equatable {
    /// The operation that a form is for.
    public enum Purpose: Sendable, Equatable {
        /// Publish messages in this vhost.
        case publish(vhost: Name)
        /// Consume from this queue.
        case consume(EntityID)
        /// Peek at the messages of this queue.
        case peek(EntityID)
        /// Inject the fault of this name.
        case fault(String)
        /// Run this variant of an experiment.
        case lab(LabRowID)
        /// Write this view to a file.
        case write(ViewID)
    }

    /// One field of a form.
    public struct Field: Sendable, Equatable {
        /// The kind of value that a field holds.
        public enum Kind: Sendable, Equatable {
            case text
            /// A whole number.
            case count
            case number
            case toggle
            case choice([String])
        }

        /// The name that identifies the field.
        public var key: String
        /// The label.
        public var label: String
        /// The kind of value that the field holds.
        public var kind: Kind
        /// The value being edited.
        public var editor: LineEditor
        /// A short text beside the field.
        public var hint: String
        /// What is wrong with the value, and what is expected.
        public var problem: String?

        /// Creates a field with an initial value.
        public init(key: String, label: String, kind: Kind, value: String, hint: String = "") {
            self.key = key
            self.label = label
            self.kind = kind
            self.editor = LineEditor(value)
            self.hint = hint
        }
    }

    /// The title.
    public var title: String
    /// The operation that the form is for.
    public var purpose: Purpose
    /// Text above the fields, usually warnings.
    public var lines: [String]
    /// The fields, in the order shown.
    public var fields: [Field]
    /// The index of the field with the focus; `fields.count` is the button that starts, `fields.count + 1` the one that
    /// cancels.
    public var focus = 0
    /// The label of the button that starts the operation.
    public var submitLabel: String

    /// Creates a form.
    public init(title: String, purpose: Purpose, lines: [String] = [], fields: [Field], submitLabel: String) {
        self.title = title
        self.purpose = purpose
        self.lines = lines
        self.fields = fields
        self.submitLabel = submitLabel
    }
}

/// A labelled sentence below the fields of a form.
public struct FormNote: Sendable, Equatable {
    /// The label.
    public var label: String
    /// The text of the note.
    public var text: String

    /// Creates a note.
    public init(_ label: String, _ text: String) {
        self.label = label
        self.text = text
    }
}

/// The messages that were peeked at.
public struct PeekView: Sendable, Equatable {
    /// The queue that was peeked at.
    public var queue: EntityID
    /// The messages, in the order of the queue.
    public var messages: [PeekedMessage]
    /// A remark about the result.
    public var note: String?
    /// The index of the message shown.
    public var selected = 0
    /// The number of lines scrolled.
    public var scroll = 0
    /// Whether the body is shown in hexadecimal.
    public var asHex = false

    /// Creates the view of messages, starting at the first one.
    public init(queue: EntityID, messages: [PeekedMessage], note: String? = nil) {
        self.queue = queue
        self.messages = messages
        self.note = note
    }
}

/// An editable line of text with a cursor.
public struct LineEditor: Sendable, Equatable {
    /// The characters of the line.
    public private(set) var characters: [Character]
    /// The number of characters before the cursor.
    public private(set) var cursor: Int

    /// Creates a line with the cursor at its end.
    public init(_ text: String = "") {
        characters = Array(text)
        cursor = characters.count
    }

    /// The text of the line.
    public var text: String { String(characters) }

    /// Inserts text at the cursor, without its line breaks.
    public mutating func insert(_ text: String) {
        let new = Array(text.filter { !$0.isNewline })
        characters.insert(contentsOf: new, at: cursor)
        // Two characters may have combined into one (a letter and a combining accent).
        let joined = Array(String(characters))
        cursor = min(cursor + new.count, joined.count)
        characters = joined
    }

    /// Deletes the character before the cursor.
    public mutating func deleteBackward() {
        guard cursor > 0 else { return }
        characters.remove(at: cursor - 1)
        cursor -= 1
    }

    /// Deletes the character after the cursor.
    public mutating func deleteForward() {
        guard cursor < characters.count else { return }
        characters.remove(at: cursor)
    }

    /// Deletes from the start of the line to the cursor, as Ctrl-U does.
    public mutating func deleteToStart() {
        characters.removeFirst(cursor)
        cursor = 0
    }

    /// Deletes from the cursor to the end of the line.
    public mutating func deleteToEnd() {
        characters.removeLast(characters.count - cursor)
    }

    /// Deletes the word before the cursor, as Ctrl-W does.
    public mutating func deleteWordBackward() {
        while cursor > 0, characters[cursor - 1].isWhitespace { deleteBackward() }
        while cursor > 0, !characters[cursor - 1].isWhitespace { deleteBackward() }
    }

    /// Moves the cursor by this number of characters, within the line.
    public mutating func move(by offset: Int) {
        cursor = min(max(0, cursor + offset), characters.count)
    }

    /// Moves the cursor to the start of the line.
    public mutating func moveToStart() { cursor = 0 }
    /// Moves the cursor to the end of the line.
    public mutating func moveToEnd() { cursor = characters.count }
}
