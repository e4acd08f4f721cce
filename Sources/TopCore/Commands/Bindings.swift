public import Screen

/// The table of all keys: dispatch, footer and help are made from it and from nothing else.
public enum Bindings {
    /// What a key does in this state; `nil` when it has no meaning here.
    public static func binding(for key: Key, in state: State) -> Binding? {
        let context = state.context
        let candidates = byKey[key] ?? []
        return candidates.first { $0.contexts.contains(context) && $0.isOffered(in: state) }
    }

    /// A binding of this key that exists and does not apply here, to say why.
    static func refused(_ key: Key, in state: State) -> Binding? {
        let context = state.context
        return byKey[key]?.first { $0.contexts.contains(context) }
    }

    public static func footer(for state: State) -> [(keyLabel: String, label: String, command: Command)] {
        all.compactMap { binding in
            guard let footer = binding.footer, binding.applies(in: state), let key = binding.keys.first else {
                return nil
            }
            return (key.label(repertoire(of: state)), footer, binding.command)
        }
    }

    /// The keys of the view under the help and of its dialogs.
    public static func help(for state: State) -> [HelpGroup] {
        Binding.Group.allCases.compactMap { group in
            let items = all.filter { $0.group == group && $0.isOffered(in: state) }.map { binding in
                HelpGroup.Item(
                    keys: binding.keys.map { $0.label(repertoire(of: state)) }.joined(separator: " "),
                    label: binding.label, help: binding.help, isDangerous: binding.isDangerous)
            }
            return items.isEmpty ? nil : HelpGroup(title: group.rawValue, items: items)
        }
    }

    private static func repertoire(of state: State) -> Repertoire { state.options.ascii ? .ascii : .unicode }

    private static let byKey: [Key: [Binding]] = {
        var table: [Key: [Binding]] = [:]
        for binding in all {
            for key in binding.keys { table[key, default: []].append(binding) }
        }
        return table
    }()
}
