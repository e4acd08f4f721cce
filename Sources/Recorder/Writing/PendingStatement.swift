import GRDB

/// A row of one of the smaller tables, which is written with the next samples.
struct PendingStatement: Sendable {
    /// The statements. The raw values are the SQL.
    enum Kind: String, Sendable, CaseIterable {
        case setKey = "INSERT OR REPLACE INTO recording (key, value) VALUES (?, ?)"
        case poll = """
            INSERT OR REPLACE INTO poll (block, list, at, pace, total, undecodable, whole) VALUES (?, ?, ?, ?, ?, ?, ?)
            """
        case gap = "INSERT OR REPLACE INTO gap (list, begins, ends) VALUES (?, ?, ?)"
        case finding = "INSERT INTO finding (id, rule, place, since, begins) VALUES (?, ?, ?, ?, ?)"
        case findingText = """
            INSERT OR REPLACE INTO finding_text (finding, at, severity, what, advice, since, subjects)
            VALUES (?, ?, ?, ?, ?, ?, ?)
            """
        case findingEnd = "UPDATE finding SET ends = ? WHERE id = ?"
        case fault = "INSERT OR REPLACE INTO fault (run, number, at, value) VALUES (?, ?, ?, ?)"
        case item = "INSERT INTO configuration (id, kind, vhost, name, value, begins) VALUES (?, ?, ?, ?, ?, ?)"
        case itemEnd = "UPDATE configuration SET ends = ? WHERE id = ?"
        // After the clock was set back to ?1:
        case openItems = "UPDATE configuration SET begins = min(begins, ?1) WHERE ends IS NULL"
        case endedItems = "UPDATE configuration SET ends = max(begins, ?1) WHERE ends > ?1"
        case openFindings = "UPDATE finding SET begins = min(begins, ?1) WHERE ends IS NULL"
        case laterTexts = """
            DELETE FROM finding_text WHERE at > ?1 AND finding IN (SELECT id FROM finding WHERE ends IS NULL)
            """
        case event
    }

    var kind: Kind
    var values: [DatabaseValue]

    init(_ kind: Kind, _ values: [DatabaseValue]) {
        self.kind = kind
        self.values = values
    }

    /// The approximate size in memory, in bytes.
    var byteCount: Int {
        values.reduce(64 + 48 * values.count) { sum, value in
            switch value.storage {
            case .string(let text): sum + text.utf8.count
            case .blob(let data): sum + data.count
            case .null, .int64, .double: sum
            }
        }
    }

    /// Whether it says something that is not said again with the next report, so that it waits for room on the disk.
    var isKept: Bool {
        switch kind {
        case .event, .finding, .findingText, .findingEnd, .fault, .gap, .item, .itemEnd, .setKey, .openItems,
            .endedItems, .openFindings, .laterTexts:
            true
        case .poll: false
        }
    }

    /// The statement's text.
    private var sql: String {
        switch kind {
        case .event:
            "INSERT OR REPLACE INTO event (id, at, \(EventColumn.list)) VALUES (?, ?, "
                + repeatElement("?", count: EventColumn.allCases.count).joined(separator: ", ") + ")"
        case .setKey, .poll, .gap, .finding, .findingText, .findingEnd, .fault, .item, .itemEnd, .openItems,
            .endedItems, .openFindings, .laterTexts:
            kind.rawValue
        }
    }

    func write(to database: Database) throws {
        try database.cachedStatement(sql: sql).execute(arguments: StatementArguments(values))
    }
}
