import Foundation
import GRDB
import Names
import TopCore

extension RecordingWriter {
    /// Takes everything that is configured: what is new, and what is gone. What the user may not read stays as it was,
    /// and is marked as unknown.
    mutating func take(_ part: ConfigurationPart) {
        poll(.configuration, total: part.items.count, undecodable: 0, isWhole: true)
        note(unknown: part.unknown)
        var ended = configuration
        for item in part.items {
            var item = item
            item.value = Redaction.withoutSecrets(item.value)
            // The words have them all.
            item.fields = nil
            if ended.removeValue(forKey: item) != nil || configuration[item] != nil { continue }
            configuration[item] = write(item.kind.rawValue, vhost: item.vhost, name: item.name, value: item.value)
        }
        for (item, number) in ended where !part.unknown.contains(item.kind) && !isHidden(item) {
            configuration[item] = nil
            end(number)
        }
    }

    private func isHidden(_ item: ConfigurationItem) -> Bool {
        !hiddenVhosts.isEmpty && item.vhost.map(hiddenVhosts.contains) == true
    }

    private mutating func note(unknown kinds: Set<ConfigurationItem.Kind>) {
        for kind in kinds.subtracting(unknownKinds.keys).sorted(by: { $0.rawValue < $1.rawValue }) {
            unknownKinds[kind] = write(
                ConfigurationItem.Kind.unknownWord, vhost: nil, name: Name(kind.rawValue), value: "not readable")
        }
        for (kind, number) in unknownKinds where !kinds.contains(kind) {
            unknownKinds[kind] = nil
            end(number)
        }
    }

    private mutating func write(_ kind: String, vhost: Name?, name: Name, value: Name) -> Int64 {
        defer { nextItem += 1 }
        statements.append(
            PendingStatement(
                .item,
                [
                    nextItem.databaseValue, kind.databaseValue, vhost?.stored ?? .null, name.stored, value.stored,
                    sink.now.databaseValue,
                ]))
        return nextItem
    }

    private mutating func end(_ number: Int64) {
        statements.append(PendingStatement(.itemEnd, [sink.now.databaseValue, number.databaseValue]))
    }
}

extension ConfigurationItem.Kind {
    /// Stands in the table in place of a kind, which is the row's name: nothing is known of that kind.
    static let unknownWord = "unknown"

    /// Reads the kind of which a row says that nothing is known; `nil` for another row.
    init?(unknown row: Row) {
        guard row.text("kind") == Self.unknownWord, let name = Name(stored: row["name"]) else { return nil }
        self.init(rawValue: name.text)
    }
}
