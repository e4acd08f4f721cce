public import Screen

/// The table of all keys, the only source of dispatch, footer and help.
public enum Bindings {
    /// Returns the binding of a key in this state; `nil` when the key has none.
    public static func binding(for key: Key, in state: State) -> Binding? {
        let context = state.context
        return state.options.keys.bindings(of: key).first { $0.contexts.contains(context) && $0.isOffered(in: state) }
    }

    /// Returns a binding of this key that exists but does not apply in this state, to explain why.
    static func refused(_ key: Key, in state: State) -> Binding? {
        let context = state.context
        return state.options.keys.bindings(of: key).first { $0.contexts.contains(context) }
    }

    /// Returns the keys that the footer shows in this state.
    public static func footer(for state: State) -> [(keyLabel: String, label: String, command: Command)] {
        state.options.keys.bindings.compactMap { binding in
            guard let footer = binding.footer, binding.applies(in: state), let key = binding.keys.first else {
                return nil
            }
            let label = binding.command == .open ? state.openLabel ?? footer : footer
            return (key.label(repertoire(of: state)), label, binding.command)
        }
    }

    /// Returns the keys of a command as they are shown: `Home/g`.
    public static func keys(of command: Command, in state: State) -> String {
        let binding = state.options.keys.bindings.first { $0.command == command && $0.isOffered(in: state) }
        return (binding?.keys ?? []).map { $0.label(repertoire(of: state)) }.joined(separator: "/")
    }

    /// Returns the keys of the view under the help and of its dialogs.
    public static func help(for state: State) -> [HelpGroup] {
        Binding.Group.allCases.compactMap { group in
            let bindings = state.options.keys.bindings.filter { $0.group == group && $0.isOffered(in: state) }
            let items = bindings.map { binding in
                HelpGroup.Item(
                    keys: binding.keys.map { $0.label(repertoire(of: state)) }.joined(separator: " "),
                    name: binding.command.name, label: binding.label, help: binding.help,
                    isDangerous: binding.isDangerous)
            }
            return items.isEmpty ? nil : HelpGroup(title: group.rawValue, items: items)
        }
    }

    private static func repertoire(of state: State) -> Repertoire { state.options.ascii ? .ascii : .unicode }
}
