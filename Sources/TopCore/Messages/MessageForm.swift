import Names

/// What a form about messages is for, and which messages it may concern.
public struct MessageForm: Sendable, Equatable {
    /// What is done.
    public enum Act: Sendable, Equatable {
        case browse(isStream: Bool)
        case move, copy, sendBack, delete
        case edit(BrowsedMessage)
        case save([BrowsedMessage])
    }

    /// Messages to choose.
    public struct Scope: Sendable, Equatable {
        /// How the form names them: `the 3 tagged`.
        public var label: String
        /// Which they are.
        public var selection: MessageSelection
    }

    /// The queue.
    public var queue: EntityID
    /// What is done.
    public var act: Act
    /// The messages to choose from.
    public var scopes: [Scope] = []

    /// Creates the purpose of a form.
    public init(_ act: Act, queue: EntityID, scopes: [Scope] = []) {
        self.act = act
        self.queue = queue
        self.scopes = scopes
    }
}

extension MessageBrowser {
    /// The messages that an action may concern, and the label of those it most likely does.
    ///
    /// - Parameter meansAll: whether all are meant where none is opened, tagged or filtered.
    func scopes(meansAll: Bool) -> (scopes: [MessageForm.Scope], usual: String) {
        var scopes: [MessageForm.Scope] = []
        var usual: String?
        func add(_ label: String, _ selection: MessageSelection, isUsual: Bool) {
            scopes.append(MessageForm.Scope(label: label, selection: selection))
            if isUsual, usual == nil { usual = label }
        }
        if !tagged.isEmpty, opened == nil {
            add(
                tagged.count == 1 ? "the tagged one" : "the \(ValueFormat.grouped(tagged.count)) tagged",
                Self.selection(of: taggedMessages), isUsual: true)
        }
        if !filter.isEmpty, opened == nil {
            add("all in the queue that match", .matching(filter), isUsual: true)
        }
        if let current {
            let label = opened == nil ? "message \(current.position)" : "this message"
            add(label, Self.selection(of: [current]), isUsual: opened != nil || !meansAll)
        }
        if opened == nil { add("all in the queue", .all, isUsual: true) }
        return (scopes, usual ?? "")
    }

    static func selection(of messages: [BrowsedMessage]) -> MessageSelection {
        var wanted: [MessageFingerprint: Int] = [:]
        for message in messages { wanted[message.fingerprint, default: 0] += 1 }
        return .these(wanted, deepest: messages.map(\.position).max() ?? 0)
    }
}
