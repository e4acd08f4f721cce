import Screen

/// The characters that stand for something, each with its ASCII form.
struct Marks: Sendable {
    let repertoire: Repertoire

    private func choose(_ unicode: Character, _ ascii: Character) -> Character {
        repertoire == .unicode ? unicode : ascii
    }

    /// The selected row.
    var selection: Character { ">" }
    var descending: Character { choose("▼", "v") }
    var ascending: Character { choose("▲", "^") }
    /// A figure that grows.
    var growing: Character { choose("▲", "^") }
    /// A figure that is older than it should be.
    var old: Character { "~" }
    /// Something that needs a look.
    var alert: Character { "!" }
    var live: Character { choose("●", "*") }
    var notLive: Character { choose("○", "o") }
    var crumb: String { repertoire == .unicode ? " › " : " > " }
    var separator: String { repertoire == .unicode ? " · " : " - " }
    /// From one number to another.
    var range: String { repertoire == .unicode ? "–" : "-" }
    var more: Character { choose("›", ">") }
    var less: Character { choose("‹", "<") }
    var up: Character { choose("↑", "^") }
    var down: Character { choose("↓", "v") }
    var child: String { repertoire == .unicode ? "└ " : "` " }
    var between: String { repertoire == .unicode ? "├ " : "| " }
    var barFull: Character { choose("━", "#") }
    var barEmpty: Character { choose("─", ".") }
    var done: Character { choose("✓", "+") }
    var failed: Character { choose("✗", "x") }
    var tick: Character { choose("┬", "+") }
    var ellipsis: Character { repertoire.ellipsis }
    var unknown: String { repertoire == .unicode ? "–" : "-" }

    /// Words of our own in this repertoire; names from outside are left alone.
    func plain(_ words: String) -> String {
        guard repertoire == .ascii else { return words }
        let replacements: [Character: String] = [
            "—": "-", "–": "-", "·": "-", "…": "...", "›": ">", "‹": "<", "→": "->", "≠": "!=", "×": "x",
        ]
        return words.reduce(into: "") { $0 += replacements[$1] ?? String($1) }
    }
}
