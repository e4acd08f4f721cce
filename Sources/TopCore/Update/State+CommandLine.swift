import Foundation
import Names

extension State {
    /// Carries out a line of the command line, or says in the line why that is not possible.
    mutating func run(_ line: String) -> [Action] {
        let typed = TypedCommand(line)
        guard !typed.name.isEmpty else { return carryOut(.closes) }
        do throws(CommandLineEntry.Problem) {
            let entry = try CommandLineEntry.named(typed.name)
            let argument = typed.argument
            guard argument.isEmpty || entry.argument != .none else {
                throw CommandLineEntry.Problem(text: "\(entry.name) takes nothing after it")
            }
            let wanted = try request(for: entry, argument)
            commandHistory.add(line)
            overlays.close()
            return carryOut(wanted, of: entry)
        } catch {
            if case .commandLine(var prompt) = overlay {
                prompt.problem = error.text
                overlay = .commandLine(prompt)
            }
            return []
        }
    }

    /// What a line asks for, after its argument was read.
    private enum LineRequest {
        case view(ViewID, Filter?)
        case command(Command)
        case filter(Filter, typed: String)
        case vhost(Name?)
        case cluster(Name)
        case time(Date)
        case theme(ThemeName)
        case sort(String)
    }

    private func request(
        for entry: CommandLineEntry, _ argument: String
    ) throws(CommandLineEntry.Problem) -> LineRequest {
        switch entry.effect {
        case .view(let view): return .view(view, argument.isEmpty ? nil : try filter(argument, in: view))
        case .theme: return .theme(try theme(argument))
        case .sort: return .sort(try column(argument))
        case .command(let command):
            guard !argument.isEmpty else { return .command(command) }
            switch entry.argument {
            case .none, .theme, .column: return .command(command)
            case .filter:
                guard table(of: view) != nil else { throw CommandLineEntry.Problem(text: "this view has no filter") }
                return .filter(try filter(argument, in: view), typed: argument)
            case .vhost: return .vhost(try knownVhost(argument))
            case .cluster: return .cluster(Name(argument))
            case .time:
                do throws(TypedTime.Problem) {
                    return .time(try typedTime(argument))
                } catch {
                    throw CommandLineEntry.Problem(text: error.advice)
                }
            }
        }
    }

    private mutating func carryOut(_ request: LineRequest, of entry: CommandLineEntry) -> [Action] {
        switch request {
        case .command(let command): return self.request(command, as: ":\(entry.name)")
        case .time(let time): return seek(to: time)
        case .cluster(let name): return switchCluster(to: name)
        case .view(let view, let filter):
            go(to: view)
            if let filter {
                filterHistory.add(filter.typed)
                apply(.filter(filter), to: view)
            }
        case .filter(let filter, let typed):
            filterHistory.add(typed)
            apply(.filter(filter), to: view)
        case .vhost(let vhost): limit(to: vhost)
        case .theme(let theme):
            options.theme = theme.rawValue
            if !options.color { tell("There are no colours here: the theme shows when there are", .warning) }
        case .sort(let column): try? order(view, by: column)
        }
        return []
    }

    // MARK: Arguments

    private func filter(_ typed: String, in view: ViewID) throws(CommandLineEntry.Problem) -> Filter {
        let filter: Filter
        do throws(ConditionError) {
            filter = try Filter(typed: typed, in: view)
        } catch {
            throw CommandLineEntry.Problem(text: error.description)
        }
        if case .invalid(_, let why) = filter { throw CommandLineEntry.Problem(text: why) }
        return filter
    }

    private func knownVhost(_ typed: String) throws(CommandLineEntry.Problem) -> Name? {
        let name = Name(typed)
        if vhosts.contains(name) { return name }
        if typed.hasSameBytes(as: Self.allVhosts) { return nil }
        // Without a list the broker knows better.
        guard !vhosts.isEmpty else { return name }
        let near = EditDistance.nearest(to: typed, in: vhosts.map(\.text)).map { "; perhaps \($0) is meant" } ?? ""
        throw CommandLineEntry.Problem(text: "there is no vhost \(typed)\(near)")
    }

    private func theme(_ typed: String) throws(CommandLineEntry.Problem) -> ThemeName {
        if let theme = ThemeName(rawValue: typed) { return theme }
        throw CommandLineEntry.Problem(
            text: "a theme is \(ThemeName.allCases.map(\.rawValue).joined(separator: ", ")); this is \(options.theme)")
    }

    private func column(_ typed: String) throws(CommandLineEntry.Problem) -> String {
        guard table(of: view) != nil else { throw CommandLineEntry.Problem(text: "this view has no columns") }
        let name = typed.hasBytePrefix("-") ? String(typed.dropFirst()) : typed
        if view.columnNames.contains(where: { $0.hasSameBytes(as: name) }) { return typed }
        let near = EditDistance.nearest(to: name, in: view.columnNames).map { "; perhaps \($0) is meant" }
        throw CommandLineEntry.Problem(
            text: name.isEmpty ? "sort takes a column: Tab lists them" : "there is no column \(name)\(near ?? "")")
    }

    /// The word for all vhosts.
    private static let allVhosts = "all"

    // MARK: Completion

    /// Completes the name or the argument before the cursor of the command line.
    mutating func completeCommand() {
        guard case .commandLine(var prompt) = overlay else { return }
        prompt.insert(completion(of: prompt.beforeCursor))
        overlay = .commandLine(prompt)
    }

    private func completion(of text: String) -> Condition.Completion {
        let typed = TypedCommand(text)
        guard let begun = typed.rest else {
            return Condition.Completion(of: typed.name, among: names)
        }
        guard let entry = try? CommandLineEntry.named(typed.name) else {
            return Condition.Completion(of: "", among: [])
        }
        switch entry.argument {
        case .none, .time: return Condition.Completion(of: "", among: [])
        case .filter(let view): return Condition.completion(of: begun, in: .columns(of: view ?? self.view))
        case .vhost:
            return Condition.Completion(of: begun, among: vhosts.filter(\.isText).map(\.text) + [Self.allVhosts])
        case .cluster:
            return Condition.Completion(of: begun, among: options.clusters.filter(\.isText).map(\.text))
        case .theme: return Condition.Completion(of: begun, among: ThemeName.allCases.map(\.rawValue))
        case .column:
            let name = begun.hasBytePrefix("-") ? String(begun.dropFirst()) : begun
            return Condition.Completion(of: name, among: view.columnNames)
        }
    }

    /// The names that do something in this state.
    private var names: [String] {
        CommandLineEntry.all.filter { entry in
            guard case .command(let command) = entry.effect else { return true }
            return options.keys.bindings.contains {
                $0.command == command && $0.contexts.contains(.view) && $0.isOffered(in: self)
            }
        }.map(\.name)
    }

    /// What the line says beside what is typed: the names that begin so, or what the name does.
    public func commandHint(for prompt: CommandPrompt) -> String {
        if !prompt.candidates.isEmpty { return prompt.candidates.joined(separator: " ") }
        let typed = TypedCommand(prompt.editor.text)
        if typed.rest == nil, !typed.name.isEmpty {
            let begun = names.filter { $0.hasBytePrefix(typed.name) }
            if begun.count > 1 { return begun.joined(separator: " ") }
        }
        guard !typed.name.isEmpty else { return "a view, an action, a setting: Tab lists them" }
        guard let entry = try? CommandLineEntry.named(typed.name) else { return "" }
        return entry.help
    }
}
