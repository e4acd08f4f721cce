import GRDB

/// Makes a recording of an older format one of the format that this program writes. Only a file that is written to is
/// changed; `RecordingReader` reads older formats as they are.
enum Migration {
    /// The steps from each format to the next, beginning with the one from format 1 to 2. A step is never changed once
    /// it was released. Columns of figures and views need no step.
    private static let steps: [@Sendable (Database) throws -> Void] = [
        // A block knows how much it has: thinned blocks are merged until it is much.
        { try $0.execute(sql: "ALTER TABLE block ADD COLUMN changes INTEGER") }
    ]

    /// The format that the last step leads to.
    static var latest: Int { steps.count + 1 }

    /// Brings a recording up to date, in the transaction of the caller.
    static func run(in database: Database) throws {
        let format = try Schema.format(of: database)
        var isOutdated = format < latest
        if isOutdated { for step in steps.dropFirst(format - 1) { try step(database) } }
        for kind in ObjectKind.allCases {
            let known = try Schema.figures(of: kind, in: database)
            for column in kind.columns where !known.contains(column) {
                isOutdated = true
                for table in ["sample", "recent"] {
                    try database.execute(
                        sql: "ALTER TABLE \(kind.word)_\(table) ADD COLUMN \(column.rawValue) INTEGER")
                }
            }
        }
        guard isOutdated else { return }
        try Schema.makeViews(in: database)
        try database.execute(sql: "PRAGMA user_version = \(latest)")
        try RecordingKey.format.set(String(latest), in: database)
    }
}
