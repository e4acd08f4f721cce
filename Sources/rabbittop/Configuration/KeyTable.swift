import Foundation
import Names
import TOMLKit
import TopCore

/// The keys of commands in the configuration file.
enum KeyTable {
    /// The name of the table.
    static let key = "keys"

    /// An example, as the annotated configuration has it.
    static let example = [
        "# Other keys for commands, by the names that the help (?) shows: a key, a list of keys, or [] for none.",
        "# [keys]",
        "# write = \"W\"",
        "# page-down = [\"PgDn\", \"Ctrl-N\"]",
    ]

    /// Reads the table `[keys]`; `nil` if there is none.
    ///
    /// - Parameter text: the text that the table was read from, for the line of a mistake.
    static func keys(in table: TOMLTable, text: String, origin: String) throws(SettingsError) -> KeyMap? {
        guard let value = table[key] else { return nil }
        guard let keys = value.table else {
            throw SettingsError("\(origin): \(key) is to be a table: [\(key)], and below it purge = \"P\".")
        }
        var choices: [(command: String, keys: [String])] = []
        for name in keys.keys.sorted(by: { line(of: $0, in: text) ?? 0 < line(of: $1, in: text) ?? 0 }) {
            if let single = keys[name]?.string {
                choices.append((name, [single]))
                continue
            }
            let list = keys[name]?.array
            let names = list?.compactMap { $0.string } ?? []
            guard let list, names.count == list.count else {
                throw SettingsError(
                    "\(place(of: name, in: text, origin)) is to be a key in quotes, or a list: [\"PgDn\", \"Space\"].")
            }
            choices.append((name, names))
        }
        do throws(KeyMap.Problem) {
            return try KeyMap(choices)
        } catch {
            throw SettingsError("\(place(of: error.command, in: text, origin)): \(error.what).")
        }
    }

    private static func place(of name: String, in text: String, _ origin: String) -> String {
        let what = Quotable.isName(name) ? name : "a command of such a name"
        return origin + (line(of: name, in: text).map { ", line \($0)" } ?? "") + ": \(what) in [\(key)]"
    }

    /// Returns the number of the line in which a command has its keys, from 1.
    private static func line(of name: String, in text: String) -> Int? {
        var isInTable = false
        for (index, line) in text.lineList.enumerated() {
            let line = line.trimmingCharacters(in: .whitespaces)
            if line.hasBytePrefix("[") {
                isInTable = line.hasBytePrefix("[\(key)]")
            } else if isInTable {
                let left = line.prefix { $0 != "=" }.trimmingCharacters(in: .whitespaces.union(["\"", "'"]))
                if left.hasSameBytes(as: name) { return index + 1 }
            }
        }
        return nil
    }
}
