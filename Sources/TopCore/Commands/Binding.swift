public import Screen

/// One line of the table of keys.
public struct Binding: Sendable {
    /// Where keys go: to the view, or to what lies over it.
    public enum Context: Sendable, Hashable, CaseIterable {
        case view, filter, confirmation, form, picker, peek, help
    }

    /// The heading it stands under in the help.
    public enum Group: String, Sendable, CaseIterable {
        case views = "Views"
        case moving = "Moving"
        case table = "Table"
        case acting = "Acting on the broker"
        case general = "General"
        case dialog = "Questions and forms"
        case messages = "Messages"
    }

    /// What it does to the broker.
    public enum Effect: Sendable, Hashable {
        case none
        /// It adds to what is there, or disturbs it: refused when read-only.
        case acts
        /// It takes something away from someone: asked about first, and refused when read-only.
        case destroys
    }

    public let keys: [Key]
    public let command: Command
    /// What the key does, in a word or two: `close channel`.
    public let label: String
    /// A sentence for the help.
    public let help: String
    public let group: Group
    public let contexts: Set<Context>
    /// The views in which it applies.
    public let views: Set<ViewID>
    public let effect: Effect
    /// The short label in the footer, `nil` when it is not there.
    public let footer: String?
    /// Whether there is something for it to do in this state.
    let hasWork: @Sendable (State) -> Bool

    public var isDangerous: Bool { effect == .destroys }

    init(
        _ keys: [Key], _ command: Command, _ label: String, _ help: String, _ group: Group,
        in contexts: Set<Context> = [.view], views: Set<ViewID> = Set(ViewID.allCases), effect: Effect = .none,
        footer: String? = nil, hasWork: @escaping @Sendable (State) -> Bool = { _ in true }
    ) {
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

    /// Whether it does anything here and now: what does not is in neither footer nor help.
    public func applies(in state: State) -> Bool {
        contexts.contains(state.context) && isOffered(in: state)
    }

    func isOffered(in state: State) -> Bool {
        (contexts.contains(.view) ? views.contains(state.view) : true)
            && (effect == .none || !state.options.readOnly) && hasWork(state)
    }
}

/// Keys that belong together, as the help shows them.
public struct HelpGroup: Sendable, Equatable {
    public struct Item: Sendable, Equatable {
        /// `↑ k`
        public var keys: String
        public var label: String
        public var help: String
        public var isDangerous: Bool
    }

    public var title: String
    public var items: [Item]
}
