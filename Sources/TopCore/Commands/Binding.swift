public import Screen

/// One entry of the key table.
public struct Binding: Sendable {
    /// What receives the keys: the view, or an overlay.
    public enum Context: Sendable, Hashable, CaseIterable {
        case view, filter, commandLine, confirmation, form, picker, columns, browser, message, messageLine, difference,
            help
    }

    /// The heading in the help.
    public enum Group: String, Sendable, CaseIterable {
        case views = "Views"
        case moving = "Moving"
        case table = "Table"
        case charts = "Charts"
        case acting = "Acting on the broker"
        case time = "Time"
        case general = "General"
        case dialog = "Questions and forms"
        case messages = "Messages"
    }

    /// What is shown: the broker as it is now, an earlier time of it, or a recording.
    public enum Time: Sendable, Hashable, CaseIterable {
        case present, past, replay
    }

    /// The effect on the broker.
    public enum Effect: Sendable, Hashable {
        case none
        /// Creates or changes something: refused when read-only.
        case acts
        /// Destructive: requires confirmation, and refused when read-only.
        case destroys
    }

    /// The keys of the binding.
    public internal(set) var keys: [Key]
    /// The command that the keys start.
    public let command: Command
    /// The key's action, in a word or two: `close channel`.
    public let label: String
    /// A sentence for the help.
    public let help: String
    /// The heading in the help.
    public let group: Group
    /// The contexts in which the keys apply.
    public let contexts: Set<Context>
    /// The views in which the key applies.
    public let views: Set<ViewID>
    /// The times at which the key applies.
    public let times: Set<Time>
    /// The effect on the broker.
    public let effect: Effect
    /// The short label in the footer; `nil` when the key is not in the footer.
    public let footer: String?
    /// Whether the key has something to act on in this state.
    let hasWork: @Sendable (State) -> Bool

    /// Whether the key is destructive.
    public var isDangerous: Bool { effect == .destroys }

    init(
        _ keys: [Key], _ command: Command, _ label: String, _ help: String, _ group: Group,
        in contexts: Set<Context> = [.view], views: Set<ViewID> = Set(ViewID.allCases), times: Set<Time>? = nil,
        effect: Effect = .none, footer: String? = nil, hasWork: @escaping @Sendable (State) -> Bool = { _ in true }
    ) {
        // Only the broker as it is now can be acted on.
        self.times = times ?? (effect == .none ? Set(Time.allCases) : [.present])
        self.keys = keys
        self.command = command
        self.label = label
        self.help = help
        self.group = group
        self.contexts = contexts
        self.views = views
        self.effect = effect
        self.footer = footer
        self.hasWork = hasWork
    }

    /// Whether the key does anything in this state; keys that do not are in neither the footer nor the help.
    public func applies(in state: State) -> Bool {
        contexts.contains(state.context) && isOffered(in: state)
    }

    func isOffered(in state: State) -> Bool {
        (contexts.contains(.view) ? views.contains(state.view) && times.contains(state.time) : true)
            && (effect == .none || !state.options.readOnly) && hasWork(state)
    }
}

extension State {
    /// Which time is shown.
    var time: Binding.Time { playback != nil ? .replay : past != nil ? .past : .present }
}

/// Keys that belong together, as shown in the help.
public struct HelpGroup: Sendable, Equatable {
    /// One line of the help.
    public struct Item: Sendable, Equatable {
        /// The keys: `↑ k`.
        public var keys: String
        /// The command's name.
        public var name: String
        /// What the key does, in a word or two.
        public var label: String
        /// A sentence about the key.
        public var help: String
        /// Whether the key is destructive.
        public var isDangerous: Bool
    }

    /// The heading of the group.
    public var title: String
    /// The lines of the group.
    public var items: [Item]
}
