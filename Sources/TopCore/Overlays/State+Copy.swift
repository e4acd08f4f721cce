public import Foundation
import Names

/// What of the selected row, or of all tagged rows, is copied to the clipboard.
public enum CopyKind: Sendable, Hashable, CaseIterable {
    /// What the rows go by.
    case name
    /// The rows as objects, one a line, with all their columns.
    case json
    /// A command for a shell that prints the rows.
    case command

    var label: String {
        switch self {
        case .name: "Name"
        case .json: "Row as JSON"
        case .command: "Shell command"
        }
    }
}

extension State {
    /// The most bytes that are copied: in base64 they stay below 100,000, which terminals take.
    static let longestCopy = 74_000

    private var copied: [RowID] {
        let tagged = table(of: view)?.taggedIDs ?? []
        return tagged.isEmpty ? [selectedID].compactMap(\.self) : tagged
    }

    /// Asks what is to be copied.
    func copyList() -> OverlayOutcome {
        let rows = copied
        guard let first = rows.first else { return .stays }
        let title = rows.count == 1 ? "Copy \(name(of: first).text)" : "Copy \(counted(rows.count, "tagged row"))"
        let command = copyCommand(rows)
        let choices = CopyKind.allCases.map { kind in
            let hint =
                switch kind {
                case .name: rows.count == 1 ? name(of: first).text : "one a line"
                case .json: rows.count == 1 ? "all columns" : "one a line, all columns"
                case .command: command.text ?? ""
                }
            return Picker.Choice(
                label: kind.label, hint: hint, disabled: kind == .command ? command.why : nil, effect: .copy(kind))
        }
        return .lists(Picker(title: title, choices: choices))
    }

    /// Copies to the clipboard by way of the terminal, which does not say whether it takes it.
    mutating func copy(_ kind: CopyKind) -> [Action] {
        let rows = copied
        guard let first = rows.first else { return [] }
        let bytes: [UInt8]
        switch kind {
        case .name: bytes = Array(rows.map { name(of: $0).bytes }.joined(separator: [UInt8(ascii: "\n")]))
        case .json: bytes = Array((table(of: view)?.jsonLines(rows, at: now) ?? "").utf8)
        case .command: bytes = Array((copyCommand(rows).text ?? "").utf8)
        }
        let size = ValueFormat().bytes(Double(bytes.count))
        guard bytes.count <= Self.longestCopy else {
            tell(
                "Too large for a clipboard by way of the terminal: \(size) of at most 74 kB; w writes it to a file",
                .warning)
            return []
        }
        guard !bytes.isEmpty else {
            tell("There is nothing to copy: the name is empty", .warning)
            return []
        }
        let what = rows.count == 1 ? "of \(name(of: first).text)" : "of \(counted(rows.count, "row"))"
        tell(
            "Sent to the clipboard: \(kind.label.lowercased()) \(what), \(size); a terminal may refuse it, "
                + "and tmux needs set-clipboard on")
        return [.copy(bytes)]
    }

    /// What people know a row by.
    private func name(of row: RowID) -> Name {
        switch row {
        case .overview: "overview"
        case .queue(let id), .exchange(let id): id.name
        case .connection(let name), .node(let name): name
        case .channel(let id): id.name
        case .consumer(let id): id.tag
        case .event: Name(events.row(row)?.text ?? "")
        case .client: client.row(row)?.connection ?? ""
        case .lab(let id): Name(id.words)
        case .named(let id): id.name
        }
    }

    // MARK: The command

    /// Returns a command for a shell that prints the rows, or why there is none.
    private func copyCommand(_ rows: [RowID]) -> (text: String?, why: String?) {
        var conditions: [String] = []
        for row in rows {
            guard let values = condition(of: row) else { return (nil, "there is none for these rows") }
            var parts: [String] = []
            for (column, value) in values {
                guard value.isText else { return (nil, "a name has bytes that are not UTF-8") }
                parts.append("\(column) = \(Self.quoted(value.text))")
            }
            conditions.append(parts.joined(separator: " and "))
            // What is too long for a condition is not put together.
            if conditions.count > 50 { return (nil, "too many rows for one command") }
        }
        let filter =
            conditions.count == 1 ? conditions[0] : conditions.map { "(\($0))" }.joined(separator: " or ")
        guard filter.utf8.count <= Condition.longest else { return (nil, "too many rows for one command") }
        let words =
            ["rabbittop", "snapshot"] + options.connectionArguments
            + ["--view", view.rawValue, "--filter", filter, "--format", "json"]
        return (words.map(Self.forShell).joined(separator: " "), nil)
    }

    /// The columns that tell a row from all others, with their values.
    private func condition(of row: RowID) -> [(column: String, value: Name)]? {
        switch row {
        case .queue(let id), .exchange(let id): [("vhost", id.vhost), ("name", id.name)]
        case .connection(let name), .node(let name): [("name", name)]
        case .channel(let id): [("connection", id.connection), ("number", Name("\(id.number)"))]
        case .consumer(let id): [("vhost", id.queue.vhost), ("queue", id.queue.name), ("tag", id.tag)]
        case .named(let id):
            switch id.view {
            case .users, .flags, .vhosts: [("name", id.name)]
            case .policies, .shovels: (id.vhost.map { [("vhost", $0)] } ?? []) + [("name", id.name)]
            // Their rows have no name of their own.
            case .bindings, .topology, .streams: nil
            }
        case .overview, .event, .client, .lab: nil
        }
    }

    /// A text as a condition has it: in quotes, with a backslash before quotes and backslashes.
    private static func quoted(_ text: String) -> String {
        "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
    }

    /// A word as a shell takes it.
    private static func forShell(_ word: String) -> String {
        let plain = word.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                true
            default: "-_./:@%+=,".utf8.contains(byte)
            }
        }
        return plain && !word.isEmpty ? word : "'" + word.replacing("'", with: "'\\''") + "'"
    }
}

extension Table {
    /// Returns rows as JSON objects with all columns, one a line.
    public func jsonLines(_ ids: [RowID], at time: Date) -> String {
        Export.lines(ids.compactMap(row), at: time)
    }
}
