public import Foundation
import Names
import Screen

/// Rows as text for scripts and people: printed by `rabbittop snapshot` and written by `w`.
public enum Export {
    /// The format of the text.
    public enum Format: String, Sendable, CaseIterable, Codable {
        /// Aligned columns for people.
        case table
        /// One object with the cluster, the sources and all rows.
        case json
        /// One object for each row, one per line.
        case jsonl
        /// RFC 4180, with a line of column names.
        case csv
    }

    /// The information besides the rows.
    public struct Document: Sendable, Equatable {
        /// The time of the rows.
        public var at: Date
        /// The cluster's name.
        public var clusterName: String?
        /// RabbitMQ's version.
        public var version: String?
        /// The number of nodes in the cluster.
        public var nodes: Int?
        /// The view that the rows belong to.
        public var view: ViewID
        /// The status of each source.
        public var sources: [SourceStatus]

        /// Creates the information about a view.
        public init(
            at: Date, clusterName: String? = nil, version: String? = nil, nodes: Int? = nil, view: ViewID,
            sources: [SourceStatus] = []
        ) {
            self.at = at
            self.clusterName = clusterName
            self.version = version
            self.nodes = nodes
            self.view = view
            self.sources = sources
        }
    }

    /// Returns the rows in a format, ending in a line feed. Without `columns` all columns are written, and in the
    /// format `table` those that the screen has.
    ///
    /// - Parameter heading: Whether the column names come first, in formats that have such a line.
    public static func text<Row: TableRow>(
        _ rows: [Row], columns: [Column<Row>]? = nil, format: Format, frame: Document, heading: Bool = true,
        style: ValueFormat = ValueFormat()
    ) -> String {
        switch format {
        case .table:
            table(rows, columns ?? Row.shownColumns, frame.at, heading: heading, style: style)
        case .json: json(rows, columns ?? Row.columns, frame)
        case .jsonl: lines(rows, columns: columns, at: frame.at)
        case .csv: csv(rows, columns ?? Row.columns, frame.at, heading: heading)
        }
    }

    /// Returns the columns of these names, in this order.
    ///
    /// - Throws: `ExportError.unknownColumn` for a name that the view does not have.
    public static func columns<Row: TableRow>(
        named names: [String], of _: Row.Type, view: ViewID
    ) throws(ExportError) -> [Column<Row>] {
        var chosen: [Column<Row>] = []
        for name in names {
            guard let key = Row.Key(rawValue: name) else {
                throw .unknownColumn(name, view: view, known: Row.columnNames)
            }
            chosen.append(Row.column(key))
        }
        return chosen
    }

    // MARK: Formats

    /// Returns the rows as objects with all their columns, one a line.
    static func lines<Row: TableRow>(_ rows: [Row], columns: [Column<Row>]? = nil, at time: Date) -> String {
        rows.map { object($0, columns ?? Row.columns, time) + "\n" }.joined()
    }

    private static func json<Row: TableRow>(_ rows: [Row], _ columns: [Column<Row>], _ frame: Document) -> String {
        let cluster = JSONText.object([
            ("name", JSONText.string(frame.clusterName)), ("version", JSONText.string(frame.version)),
            ("nodes", frame.nodes.map(String.init) ?? "null"),
        ])
        let sources = frame.sources.map { source in
            let isLate = source.state == .live && !source.isFresh(at: frame.at)
            return JSONText.object([
                ("name", JSONText.string(source.name.rawValue)), ("node", JSONText.string(source.node?.text)),
                ("age_s", source.age(at: frame.at).map(JSONText.number) ?? "null"),
                ("status", JSONText.string((isLate ? .stale : source.state).rawValue)),
                ("problem", JSONText.string(source.problem)),
            ])
        }
        return JSONText.object([
            ("at", JSONText.string(CivilTime.rfc3339(frame.at))), ("cluster", cluster),
            ("view", JSONText.string(frame.view.rawValue)),
            ("sources", "[" + sources.joined(separator: ",") + "]"),
            ("rows", "[" + rows.map { object($0, columns, frame.at) }.joined(separator: ",") + "]"),
        ]) + "\n"
    }

    private static func object<Row: TableRow>(_ row: Row, _ columns: [Column<Row>], _ now: Date) -> String {
        JSONText.object(columns.map { ($0.key.rawValue, JSONText.value($0.value(row, now))) })
    }

    private static func csv<Row: TableRow>(
        _ rows: [Row], _ columns: [Column<Row>], _ now: Date, heading: Bool
    ) -> String {
        var text = heading ? columns.map { quoted($0.key.rawValue) }.joined(separator: ",") + "\r\n" : ""
        for row in rows {
            text += columns.map { quoted(plain($0.value(row, now))) }.joined(separator: ",") + "\r\n"
        }
        return text
    }

    private static func plain(_ value: Value) -> String {
        switch value {
        case .none: ""
        case .text(let text): text
        case .integer(let integer): String(integer)
        case .number(let number): number.isFinite ? JSONText.number(number) : ""
        case .flag(let flag): flag ? "true" : "false"
        case .time(let time): CivilTime.rfc3339(time)
        case .list(let list): list.joined(separator: ";")
        }
    }

    private static func quoted(_ field: String) -> String {
        let isPlain = field.unicodeScalars.allSatisfy { $0 != "," && $0 != "\"" && $0 != "\n" && $0 != "\r" }
        // Blanks at the ends are part of the field; quotes keep readers from trimming them.
        let blank = UInt8(ascii: " ")
        if isPlain, field.utf8.first != blank, field.utf8.last != blank { return field }
        return "\"" + field.parts(separatedBy: "\"").joined(separator: "\"\"") + "\""
    }

    private static func table<Row: TableRow>(
        _ rows: [Row], _ columns: [Column<Row>], _ now: Date, heading: Bool, style: ValueFormat
    ) -> String {
        var lines: [[String]] = heading ? [columns.map(\.title)] : []
        for row in rows {
            lines.append(
                columns.map { column in
                    let text = Text.visible(style.text(column.value(row, now), column.kind, now: now))
                    // An empty name is a valid name: the default exchange has it.
                    return text.isEmpty ? "\"\"" : text
                })
        }
        return Text.aligned(lines, columns.map { $0.kind.isNumeric ? .trailing : .leading }).map { $0 + "\n" }.joined()
    }
}

/// Why rows cannot be written as requested.
public enum ExportError: Error, Sendable, Equatable, CustomStringConvertible {
    /// A column name that the view does not have, with the names that it has.
    case unknownColumn(String, view: ViewID, known: [String])
    /// A regular expression that does not parse.
    case invalidFilter(String, why: String)
    /// A condition that does not parse.
    case invalidCondition(ConditionError)

    public var description: String {
        switch self {
        case .unknownColumn(let name, let view, let known):
            "\(view.rawValue) has no column \(Text.visible(name)); it has \(known.joined(separator: ", "))"
        case .invalidFilter(let pattern, let why):
            "\(Text.visible(pattern)) is not a regular expression: \(why); give text, or /regex/"
        case .invalidCondition(let error): "the filter, \(error)\n\(error.pointed)\nTo search for text, write /text/"
        }
    }
}
