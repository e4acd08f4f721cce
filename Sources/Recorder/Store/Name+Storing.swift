import Foundation
import GRDB
import Names
import TopCore

extension Name {
    /// The name as it is stored: text, or a blob of its bytes when they are not UTF-8.
    var stored: DatabaseValue {
        isText ? text.databaseValue : Data(bytes).databaseValue
    }

    init?(stored value: DatabaseValue?) {
        switch value?.storage {
        case .string(let text): self.init(text)
        case .blob(let data): self.init(bytes: data)
        case .null, .int64, .double, nil: return nil
        }
    }
}

extension ObjectIdentity {
    /// The values of the columns `vhost, name, connection, number, tag, ordinal`.
    var stored: [DatabaseValue] {
        [
            vhost?.stored ?? .null, name.stored, connection?.stored ?? .null, number?.databaseValue ?? .null,
            tag?.stored ?? .null, ordinal.databaseValue,
        ]
    }

    init?(_ row: Row) {
        guard let name = Name(stored: row["name"]) else { return nil }
        self.init(
            vhost: Name(stored: row["vhost"]), name: name, connection: Name(stored: row["connection"]),
            number: row.number("number"), tag: Name(stored: row["tag"]), ordinal: row.number("ordinal") ?? 0)
    }

    /// Returns the number of an object that is stored.
    static func number(of identity: ObjectIdentity, _ kind: ObjectKind, in database: Database) throws -> Int64? {
        let statement = try database.cachedStatement(
            sql: """
                SELECT id FROM object WHERE name = ? AND kind = ? AND vhost IS ? AND connection IS ? AND number IS ?
                AND tag IS ? AND ordinal = ?
                """)
        let stored = identity.stored
        return try Int64.fetchOne(
            statement,
            arguments: StatementArguments(
                [stored[1], kind.rawValue.databaseValue, stored[0]] + stored[2...]))
    }
}
