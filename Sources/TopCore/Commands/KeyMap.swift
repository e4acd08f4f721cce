import Names
public import Screen

/// The bindings in force: those of the table, with the keys that the configuration gives to some commands.
public struct KeyMap: Sendable, Equatable {
    /// Why a choice of keys cannot be used.
    public struct Problem: Error, Sendable, Equatable {
        /// The name of the command as it was given.
        public var command: String
        /// What is wrong, and what to write: a sentence without its beginning.
        public var what: String
    }

    /// The keys of the table.
    public static let standard = KeyMap(chosen: [:], bindings: Bindings.all)

    /// The keys that were chosen; an empty list leaves a command to the command line.
    public let chosen: [Command: [Key]]
    /// All bindings, in the order of footer and help.
    let bindings: [Binding]
    private let byKey: [Key: [Binding]]

    public static func == (left: Self, right: Self) -> Bool { left.chosen == right.chosen }

    private init(chosen: [Command: [Key]], bindings: [Binding]) {
        self.chosen = chosen
        self.bindings = bindings
        var table: [Key: [Binding]] = [:]
        for binding in bindings {
            for key in binding.keys { table[key, default: []].append(binding) }
        }
        byKey = table
    }

    /// Creates the table with other keys for some commands.
    ///
    /// A command of the views changes its keys there; dialogs keep theirs, and Ctrl-C quits from anywhere.
    ///
    /// - Parameter choices: The names of commands, each with the names of its keys.
    /// - Throws: For a name that no command or no key has, for a letter where text is typed, and for a key that would
    ///   have two meanings at one place.
    public init(_ choices: [(command: String, keys: [String])]) throws(Problem) {
        var chosen: [Command: [Key]] = [:]
        for (name, keyNames) in choices {
            let command = try Self.command(named: name)
            var keys: [Key] = []
            for keyName in keyNames {
                guard let key = Key(name: keyName) else {
                    throw Problem(
                        command: name,
                        what: "'\(Text.visible(keyName))' is no key; write a character, Ctrl-K, Alt-x, F5, Space, "
                            + "Enter, Tab, PgUp, Up or the like")
                }
                if !keys.contains(key) { keys.append(key) }
            }
            chosen[command] = keys
        }
        let bindings = Bindings.all.map { binding in
            guard let keys = chosen[binding.command], Self.isChanged(binding) else { return binding }
            var binding = binding
            binding.keys = keys
            return binding
        }
        for (name, _) in choices { try Self.check(try Self.command(named: name), named: name, in: bindings) }
        self.init(chosen: chosen, bindings: bindings)
    }

    func bindings(of key: Key) -> [Binding] { byKey[key] ?? [] }

    /// The commands that have keys, each once.
    private static let commands: [Command] = {
        var seen: Set<Command> = []
        return Bindings.all.map(\.command).filter { seen.insert($0).inserted }
    }()

    /// The commands that have keys in the views.
    private static let commandsOfViews = Set(
        Bindings.all.filter { $0.contexts.contains(.view) && !isForEmergency($0) }.map(\.command))

    private static func isForEmergency(_ binding: Binding) -> Bool {
        binding.command == .quit && binding.contexts.count == Binding.Context.allCases.count
    }

    /// Whether a choice for the binding's command concerns this binding.
    private static func isChanged(_ binding: Binding) -> Bool {
        guard !isForEmergency(binding) else { return false }
        return binding.contexts.contains(.view) || !commandsOfViews.contains(binding.command)
    }

    private static func command(named name: String) throws(Problem) -> Command {
        if let command = commands.first(where: { $0.name.hasSameBytes(as: name) }) { return command }
        let near = EditDistance.nearest(to: name, in: commands.map(\.name)).map { "; perhaps \($0) is meant" } ?? ""
        throw Problem(command: name, what: "there is no such command\(near)")
    }

    /// Checks that the keys of a command have no other meaning where they apply.
    private static func check(_ command: Command, named name: String, in bindings: [Binding]) throws(Problem) {
        for binding in bindings where binding.command == command && isChanged(binding) {
            for key in binding.keys {
                if key.typed != nil, !binding.contexts.isDisjoint(with: Binding.Context.takingText) {
                    throw Problem(
                        command: name, what: "\(key.label) is text in a form or a filter; take a key that types nothing"
                    )
                }
                let other = bindings.first { other in
                    other.command != command && other.keys.contains(key)
                        && !other.contexts.isDisjoint(with: binding.contexts)
                        && !other.times.isDisjoint(with: binding.times)
                        && (!other.views.isDisjoint(with: binding.views) || !other.contexts.contains(.view))
                }
                if let other {
                    throw Problem(
                        command: name,
                        what: "\(key.label) belongs to \(other.command.name); give that one another key, too")
                }
            }
        }
    }
}

extension Binding.Context {
    /// The contexts in which letters are text.
    static let takingText: Set<Self> = [.filter, .form, .commandLine, .messageLine]
}
