import GRDB
import TopCore

/// The tables and views of a recording. `docs/guide/recordings.md` describes them.
enum Schema {
    /// Marks the file as a recording: the letters `rbtt`.
    static let applicationID: Int32 = 0x7262_7474

    /// Makes everything in an empty database.
    static func make(in database: Database) throws {
        try database.execute(sql: tables)
        for kind in ObjectKind.allCases { try database.execute(sql: sampleTables(of: kind)) }
        try makeViews(in: database)
        try database.execute(sql: "PRAGMA application_id = \(applicationID)")
        try database.execute(sql: "PRAGMA user_version = \(RecordingInfo.currentFormat)")
    }

    /// Makes the views, in place of those of an older format.
    static func makeViews(in database: Database) throws {
        for view in try String.fetchAll(database, sql: "SELECT name FROM sqlite_master WHERE type = 'view'") {
            try database.execute(sql: "DROP VIEW \(view.quotedDatabaseIdentifier)")
        }
        for kind in ObjectKind.allCases { try database.execute(sql: historyView(of: kind)) }
        try database.execute(sql: views)
    }

    /// The format of a recording.
    static func format(of database: Database) throws -> Int {
        try Int.fetchOne(database, sql: "PRAGMA user_version") ?? 0
    }

    /// The figures that the tables of a kind have: fewer in a file of an older format.
    static func figures(of kind: ObjectKind, in database: Database) throws -> Set<FigureColumn> {
        let rows = try Row.fetchAll(database, sql: "SELECT name FROM pragma_table_info('\(kind.word)_sample')")
        return Set(rows.compactMap { $0.text(0).flatMap(FigureColumn.init(rawValue:)) })
    }

    /// Returns the highest value of a column that counts, 0 for an empty table.
    ///
    /// - Throws: `DatabaseError` for a damaged file, in which it is beyond what was ever counted.
    static func highest(_ column: String, of table: String, in database: Database) throws -> Int64 {
        let row = try Row.fetchOne(database, sql: "SELECT max(\(column)) FROM \(table)")
        guard let row, !(row[0] as DatabaseValue).isNull else { return 0 }
        guard let highest = row.time(0) else { throw DatabaseError(resultCode: .SQLITE_CORRUPT) }
        return highest
    }

    private static let tables = """
        CREATE TABLE recording (key TEXT PRIMARY KEY, value) WITHOUT ROWID;
        CREATE TABLE block (id INTEGER PRIMARY KEY, begins INTEGER NOT NULL, ends INTEGER NOT NULL,
            stage INTEGER NOT NULL, changes INTEGER);
        CREATE TABLE object (id INTEGER PRIMARY KEY, kind INTEGER NOT NULL, vhost, name NOT NULL, connection,
            number INTEGER, tag, ordinal INTEGER NOT NULL, last_block INTEGER NOT NULL);
        CREATE INDEX object_name ON object (name, kind);
        CREATE TABLE attributes (id INTEGER PRIMARY KEY, value TEXT NOT NULL, last_block INTEGER NOT NULL);
        CREATE TABLE poll (block INTEGER, list INTEGER, at INTEGER, pace INTEGER NOT NULL, total INTEGER,
            undecodable INTEGER, whole INTEGER, PRIMARY KEY (block, list, at)) WITHOUT ROWID;
        CREATE TABLE gap (list INTEGER, begins INTEGER, ends INTEGER NOT NULL, PRIMARY KEY (list, begins)) WITHOUT ROWID;
        CREATE TABLE event (id INTEGER PRIMARY KEY, at INTEGER NOT NULL, \(EventColumn.list));
        CREATE INDEX event_at ON event (at);
        CREATE TABLE finding (id INTEGER PRIMARY KEY, rule TEXT NOT NULL, place TEXT NOT NULL, since INTEGER,
            begins INTEGER NOT NULL, ends INTEGER);
        CREATE INDEX finding_begins ON finding (begins);
        CREATE TABLE finding_text (finding INTEGER, at INTEGER, severity TEXT NOT NULL, what TEXT NOT NULL,
            advice TEXT NOT NULL, since INTEGER, subjects TEXT, PRIMARY KEY (finding, at)) WITHOUT ROWID;
        CREATE TABLE fault (run INTEGER, number INTEGER, at INTEGER, value TEXT NOT NULL,
            PRIMARY KEY (run, number, at)) WITHOUT ROWID;
        CREATE TABLE configuration (id INTEGER PRIMARY KEY, kind TEXT NOT NULL, vhost, name NOT NULL, value NOT NULL,
            begins INTEGER NOT NULL, ends INTEGER);
        """

    /// The samples of closed blocks, in the order in which they are read, and those of the block that is written to.
    private static func sampleTables(of kind: ObjectKind) -> String {
        let figures = kind.columns.map { "\($0.rawValue) INTEGER" }.joined(separator: ", ")
        let columns =
            "block INTEGER NOT NULL, object INTEGER NOT NULL, at INTEGER NOT NULL, listed INTEGER, "
            + "attributes INTEGER, \(figures)"
        return """
            CREATE TABLE \(kind.word)_sample (\(columns), PRIMARY KEY (block, object, at)) WITHOUT ROWID;
            CREATE TABLE \(kind.word)_recent (\(columns));
            """
    }

    /// The names of a sample's columns, as its tables have them.
    static func columns(of kind: ObjectKind) -> String {
        (["block", "object", "at", "listed", "attributes"] + kind.columns.map(\.rawValue)).joined(separator: ", ")
    }

    /// The text of a time, which is given in milliseconds since 1970.
    static func time(_ milliseconds: String) -> String {
        "strftime('%Y-%m-%dT%H:%M:%fZ', (\(milliseconds)) / 1000.0, 'unixepoch')"
    }

    private static func historyView(of kind: ObjectKind) -> String {
        let identity: [(String, String)] =
            switch kind {
            case .overview: []
            case .node, .connection: [("o.name", "name")]
            case .queue, .exchange: [("o.vhost", "vhost"), ("o.name", "name")]
            case .channel: [("o.name", "connection"), ("o.number", "number")]
            case .consumer:
                [
                    ("o.vhost", "vhost"), ("o.name", "queue"), ("o.tag", "tag"), ("o.connection", "connection"),
                    ("o.number", "channel"),
                ]
            case .client: [("o.name", "connection"), ("o.number", "channel")]
            case .source: [("o.name", "source"), ("o.vhost", "node")]
            }
        let figures = kind.columns.map { column in
            switch column.unit {
            case .count where kind == .queue && column == .messages:
                ("coalesce(s.messages, s.ready + s.unacked)", column.rawValue)
            case .count: ("s.\(column.rawValue)", column.rawValue)
            case .thousandths: ("s.\(column.rawValue) / 1000.0", column.rawValue)
            case .time: (time("s.\(column.rawValue)"), column.rawValue)
            }
        }
        let attributes = kind.attributeColumns.map { (attribute($0.path), $0.name) }
        let columns = (identity + figures + attributes + [("s.listed", "listed")])
            .map { "\($0.0) AS \"\($0.1)\"" }.joined(separator: ", ")
        // CROSS JOIN keeps SQLite to this order of the loops: an object by its name, then its part of each block.
        func part(_ table: String, of blocks: String) -> String {
            """
            SELECT \(time("b.begins + s.at")) AS at, \(columns), b.begins + s.at AS at_ms
            FROM object o CROSS JOIN block b CROSS JOIN \(kind.word)_\(table) s ON s.block = b.id AND s.object = o.id
            LEFT JOIN attributes a ON a.id = s.attributes WHERE o.kind = \(kind.rawValue) AND b.stage \(blocks)
            """
        }
        let open = BlockStage.open.rawValue
        return "CREATE VIEW \(kind.word)_history AS \(part("sample", of: "> \(open)")) UNION ALL "
            + part("recent", of: "= \(open)")
    }

    /// A value in the attributes. A name that is not UTF-8 is an object there, with its text.
    private static func attribute(_ path: String) -> String {
        "coalesce(json_extract(a.value, '$.\(path).text'), json_extract(a.value, '$.\(path)'))"
    }

    private static let views = """
        CREATE VIEW event_history AS SELECT \(time("at")) AS at, id, \(EventColumn.list), at AS at_ms FROM event;
        CREATE VIEW finding_history AS
            SELECT \(time("f.begins")) AS at, \(time("f.ends")) AS "to", \(time("f.since")) AS since, f.rule,
                t.severity, f.place AS "where", t.what, t.advice
            FROM finding f JOIN finding_text t ON t.finding = f.id
                AND t.at = (SELECT max(at) FROM finding_text WHERE finding = f.id);
        CREATE VIEW configuration_history AS
            SELECT \(time("begins")) AS at, \(time("ends")) AS "to", kind, vhost, name, value FROM configuration;
        CREATE VIEW fault_history AS
            SELECT \(time("at")) AS at, number, json_extract(value, '$.fault.name') AS fault,
                json_extract(value, '$.state') AS state, json_extract(value, '$.hits') AS hits,
                json_extract(value, '$.note') AS note, run
            FROM fault;
        CREATE VIEW gap_history AS
            SELECT \(time("begins")) AS at, \(time("ends")) AS "to", CASE list \(listNames) END AS list FROM gap;
        """

    private static var listNames: String {
        RecordedList.allCases.map { "WHEN \($0.rawValue) THEN '\($0)'" }.joined(separator: " ")
    }
}

extension ObjectKind {
    /// The columns of the kind's view that stand in the attributes.
    fileprivate var attributeColumns: [(name: String, path: String)] {
        switch self {
        case .overview: [("version", "version"), ("alarms", "overview.alarms"), ("cluster", "name")]
        case .node:
            [
                ("running", "running"), ("version", "version"), ("memory_alarm", "memoryAlarm"),
                ("disk_alarm", "diskAlarm"),
            ]
        case .queue:
            [
                ("type", "details.type"), ("state", "details.state"), ("node", "details.node"),
                ("policy", "details.policy"),
            ]
        case .exchange: [("type", "type"), ("policy", "policy")]
        case .connection:
            [
                ("client_name", "clientName"), ("user", "user"), ("vhost", "vhost"), ("state", "state"),
                ("peer", "peer"), ("node", "node"),
            ]
        case .channel:
            [("client_name", "clientName"), ("user", "user"), ("vhost", "vhost"), ("state", "state"), ("node", "node")]
        case .consumer: [("client_name", "clientName"), ("active", "active"), ("priority", "priority")]
        case .client: [("name", "name"), ("state", "state"), ("channel_state", "channelState")]
        case .source: [("status", "state"), ("problem", "problem")]
        }
    }
}
