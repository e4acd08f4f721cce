import Screen

/// The characters used as symbols, each with its ASCII form.
struct Marks: Sendable {
    let repertoire: Repertoire

    private func choose(_ unicode: Character, _ ascii: Character) -> Character {
        repertoire == .unicode ? unicode : ascii
    }

    /// The selected row.
    var selection: Character { ">" }
    /// A tagged row.
    var tagged: Character { "+" }
    /// The selected row, when it is tagged.
    var taggedSelection: Character { choose("»", "#") }
    var descending: Character { choose("▼", "v") }
    var ascending: Character { choose("▲", "^") }
    /// A growing figure.
    var growing: Character { choose("▲", "^") }
    /// An outdated figure.
    var old: Character { "~" }
    /// Something that needs attention.
    var alert: Character { "!" }
    var live: Character { choose("●", "*") }
    var notLive: Character { choose("○", "o") }
    var playing: String { repertoire == .unicode ? "▶" : "playing" }
    var paused: String { "paused" }
    var crumb: String { repertoire == .unicode ? " › " : " > " }
    var separator: String { repertoire == .unicode ? " · " : " - " }
    /// Between the ends of a range of numbers.
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

    /// Converts rabbittop's own texts to this repertoire; names from outside are not converted.
    func plain(_ words: String) -> String {
        guard repertoire == .ascii else { return words }
        let replacements: [Character: String] = [
            "—": "-", "–": "-", "·": "-", "…": "...", "›": ">", "‹": "<", "→": "->", "≠": "!=", "×": "x",
        ]
        return words.reduce(into: "") { $0 += replacements[$1] ?? String($1) }
    }
}
