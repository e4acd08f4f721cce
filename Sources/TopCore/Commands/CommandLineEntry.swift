import Names

/// A name that the command line takes, and what may follow it.
struct CommandLineEntry: Sendable {
    /// What the name stands for.
    enum Effect: Sendable, Equatable {
        case view(ViewID)
        case command(Command)
        /// Other colours.
        case theme
        /// The view's order.
        case sort
    }

    /// What may follow the name.
    enum Argument: Sendable, Equatable {
        case none
        /// A filter of this view's rows; `nil` for those of the view that is shown.
        case filter(ViewID?)
        case vhost
        case cluster
        case time
        case theme
        /// A column of the view that is shown; a `-` before it turns the order round.
        case column
    }

    let name: String
    let argument: Argument
    /// A sentence about it.
    let help: String
    let effect: Effect

    /// All names: views first, then what only the command line has, then what keys do.
    static let all: [CommandLineEntry] = {
        let views = ViewID.allCases.map { view in
            CommandLineEntry(
                name: view.rawValue, argument: view == .overview ? .none : .filter(view), help: "Show \(view.rawValue)",
                effect: .view(view))
        }
        let settings = [
            CommandLineEntry(name: "theme", argument: .theme, help: "Change the colours", effect: .theme),
            CommandLineEntry(name: "sort", argument: .column, help: "Sort by a column", effect: .sort),
        ]
        var seen: Set<Command> = [.commandLine]
        let actions = Bindings.all.compactMap { binding -> CommandLineEntry? in
            if case .view = binding.command { return nil }
            guard binding.contexts.contains(.view), seen.insert(binding.command).inserted else { return nil }
            return CommandLineEntry(
                name: binding.command.name, argument: whatFollows(binding.command), help: binding.help,
                effect: .command(binding.command))
        }
        return views + settings + actions
    }()

    private static func whatFollows(_ command: Command) -> Argument {
        switch command {
        case .filter: .filter(nil)
        case .chooseVhost: .vhost
        case .chooseCluster: .cluster
        case .goToTime: .time
        default: .none
        }
    }

    /// Returns the entry of a name, or of the beginning of one: views come before actions.
    ///
    /// - Throws: Which names the beginning could stand for, or the nearest name.
    static func named(_ word: String) throws(Problem) -> CommandLineEntry {
        if let entry = all.first(where: { $0.name.hasSameBytes(as: word) }) { return entry }
        let begun = all.filter { $0.name.hasBytePrefix(word) }
        let views = begun.filter(\.isView)
        let candidates = views.isEmpty ? begun : views
        if candidates.count == 1 { return candidates[0] }
        if candidates.isEmpty {
            let near = EditDistance.nearest(to: word, in: all.map(\.name)).map { "; perhaps \($0) is meant" }
            throw Problem(text: "there is no command \(word)\(near ?? ": Tab lists them")")
        }
        let names = candidates.map(\.name)
        let last = names[names.count - 1]
        throw Problem(text: "\(word) can be \(names.dropLast().joined(separator: ", ")) or \(last)")
    }

    private var isView: Bool {
        if case .view = effect { true } else { false }
    }

    /// Why a line cannot be carried out.
    struct Problem: Error, Equatable {
        var text: String
    }
}

/// A typed line: the name, and what follows it.
struct TypedCommand: Equatable {
    var name: String
    /// What follows the blanks after the name; `nil` while no blank follows.
    var rest: String?

    init(_ line: String) {
        let blank = UInt8(ascii: " ")
        let text = line.utf8.drop { $0 == blank || $0 == UInt8(ascii: ":") }
        let name = text.prefix { $0 != blank }
        self.name = String(Substring(name))
        guard name.endIndex < text.endIndex else { return }
        rest = String(Substring(text[name.endIndex...].drop { $0 == blank }))
    }

    /// What follows the name, without blanks at its ends.
    var argument: String {
        var argument = Substring(rest ?? "").utf8
        while argument.last == UInt8(ascii: " ") { argument.removeLast() }
        return String(Substring(argument))
    }
}
