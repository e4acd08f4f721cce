public import Names

/// Fields to fill in before an operation starts.
public struct Form: Sendable, Equatable {
    /// The operation that a form is for.
    public enum Purpose: Sendable, Equatable {
        /// Publish messages in this vhost.
        case publish(vhost: Name)
        /// Consume from this queue.
        case consume(EntityID)
        /// Look at messages, or do something with them.
        case messages(MessageForm)
        /// Inject the fault of this name.
        case fault(String)
        /// Run this variant of an experiment.
        case lab(LabRowID)
        /// Write this view to a file.
        case write(ViewID)
        /// Write what changed between two times to a file.
        case writeDifference(Difference)
        /// Declare a queue in this vhost.
        case declareQueue(vhost: Name)
        /// Declare an exchange in this vhost.
        case declareExchange(vhost: Name)
        /// Bind a queue or an exchange in this vhost.
        case bind(vhost: Name)
        /// Set a policy in this vhost.
        case policy(vhost: Name)
        /// Set the limits of a vhost or a user.
        case limits(LimitChange.Owner)
        /// Set what this user may do in a vhost.
        case permission(user: Name)
        /// Go to a time.
        case time
        /// Record to a file.
        case record
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

extension Form: OverlayContent {
    mutating func take(_ input: OverlayInput) -> OverlayOutcome? {
        switch input {
        case .key(let key):
            guard let index = editable, fields[index].editor.take(key) else { return nil }
            fields[index].problem = nil
        case .paste(let text):
            guard let index = editable else { break }
            fields[index].editor.insert(text)
            fields[index].problem = nil
        case .command(.back): return .closes
        case .command(.accept): return accept()
        case .command(.focusNext): moveFocus(by: 1)
        case .command(.focusPrevious): moveFocus(by: -1)
        case .command(.changeNext): change(by: 1)
        case .command(.changePrevious): change(by: -1)
        case .command: return nil
        case .move: break
        case .press(let index):
            // The fields come first, then the button that starts and the one that cancels.
            guard index >= 0, index < fields.count + 2 else { break }
            focus = index
            guard fields.indices.contains(index) else { return accept() }
            change(by: 1)
        }
        return .stays
    }

    private func accept() -> OverlayOutcome { focus == fields.count + 1 ? .closes : .submits(self) }

    /// The field of text that has the focus.
    private var editable: Int? { fields.indices.contains(focus) && fields[focus].isText ? focus : nil }

    private mutating func moveFocus(by step: Int) {
        let stops = fields.count + 2
        focus = ((focus + step) % stops + stops) % stops
    }

    /// Toggles the switch that has the focus, or selects the next of its choices.
    private mutating func change(by step: Int) {
        guard fields.indices.contains(focus) else { return }
        fields[focus].change(by: step)
        refold()
    }

    /// Moves the focus to the first field with a problem; returns whether there is one.
    mutating func focusOnProblem() -> Bool {
        guard let first = fields.firstIndex(where: { $0.problem != nil }) else { return false }
        focus = first
        return true
    }
}

extension Form.Field {
    static let on = "yes"
    static let off = "no"

    var isOn: Bool { editor.text == Self.on }

    /// Selects the next of the available choices; text does not change.
    mutating func change(by step: Int) {
        let choices: [String]
        switch kind {
        case .toggle: choices = [Self.on, Self.off]
        case .choice(let all): choices = all
        case .text, .count, .number: return
        }
        guard !choices.isEmpty else { return }
        let here = choices.firstIndex(of: editor.text) ?? 0
        editor = LineEditor(choices[((here + step) % choices.count + choices.count) % choices.count])
        problem = nil
    }

    var isText: Bool {
        switch kind {
        case .text, .count, .number: true
        case .toggle, .choice: false
        }
    }
}
