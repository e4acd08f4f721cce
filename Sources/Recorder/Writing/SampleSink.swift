import Foundation
import GRDB
import Names
import TopCore

/// One change of an object that is not in the file yet.
struct PendingSample: Sendable {
    var object: Int64
    /// Milliseconds since the block began.
    var at: Int64
    var presence: Presence
    var attributes: Int64?
    var figures: [Int64]
}

/// Whether an object was there.
enum Presence: Sendable {
    case listed
    /// A complete list does not have it.
    case gone
    /// It was not reported for so long that nothing is known.
    case unknown

    /// What became of an object that is missing from a whole list.
    init(missing identity: ObjectIdentity, hidden: Set<Name>) {
        let isHidden = !hidden.isEmpty && identity.vhost.map(hidden.contains) == true
        self = isHidden ? .unknown : .gone
    }

    /// The value of the column `listed`.
    var stored: DatabaseValue {
        switch self {
        case .listed: 1.databaseValue
        case .gone: 0.databaseValue
        case .unknown: .null
        }
    }
}

/// Takes samples, objects and attributes until they are written together, and numbers them.
struct SampleSink: Sendable {
    struct Key: Hashable, Sendable {
        var kind: ObjectKind
        var identity: ObjectIdentity
    }

    struct Attributes: Sendable {
        var number: Int64
        var json: String
    }

    /// The block that is written to, and when it began, in milliseconds since 1970.
    var block: Int64 = 0
    var begins: Int64 = 0
    /// The time of what is being taken, in milliseconds since 1970; never less than before within a block.
    var now: Int64 = 0

    private(set) var samples: [ObjectKind: [PendingSample]] = [:]
    private(set) var objects: [Key: Int64] = [:]
    private(set) var attributes: [Attributes] = []
    /// Objects and attributes that the block uses, beside new ones, and whose row does not say so yet.
    private(set) var usedObjects: [Int64] = []
    private(set) var usedAttributes: [Int64] = []
    /// The attributes of which it is noted that the block uses them.
    private var notedAttributes: Set<Int64> = []
    /// The samples since the block began, its first state not counted.
    private(set) var changes = 0
    private var nextObject: Int64 = 1
    private var nextAttributes: Int64 = 1
    private let encoder: JSONEncoder

    init() {
        encoder = JSONEncoder()
        // The same attributes are the same text.
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        if let key = Name.keepsBytes { encoder.userInfo[key] = true }
        encoder.dateEncodingStrategy = .custom { date, encoder in
            var container = encoder.singleValueContainer()
            try container.encode(date.milliseconds ?? 0)
        }
    }

    /// Continues the numbers of a file.
    init(continuing database: Database) throws {
        self.init()
        nextObject = try Schema.highest("id", of: "object", in: database) + 1
        nextAttributes = try Schema.highest("id", of: "attributes", in: database) + 1
    }

    /// Milliseconds since the block began.
    var offset: Int64 { now - begins }

    var isEmpty: Bool { samples.isEmpty && objects.isEmpty && attributes.isEmpty }

    /// Returns the number of an object, which is a new one if neither the file nor what is pending has it.
    mutating func number(of identity: ObjectIdentity, _ kind: ObjectKind, in store: RecordingStore) throws -> Int64 {
        let key = Key(kind: kind, identity: identity)
        if let number = objects[key] { return number }
        let stored = try store.database.read { try ObjectIdentity.number(of: identity, kind, in: $0) }
        if let stored {
            usedObjects.append(stored)
            return stored
        }
        defer { nextObject += 1 }
        objects[key] = nextObject
        return nextObject
    }

    /// Returns the text of a rest, without secrets.
    func json(_ rest: some Encodable) throws -> String {
        Redaction.withoutSecrets(json: String(decoding: try encoder.encode(rest), as: UTF8.self))
    }

    mutating func add(attributes json: String) -> Int64 {
        defer { nextAttributes += 1 }
        attributes.append(Attributes(number: nextAttributes, json: json))
        notedAttributes.insert(nextAttributes)
        return nextAttributes
    }

    mutating func add(_ sample: PendingSample, of kind: ObjectKind) {
        samples[kind, default: []].append(sample)
        note(attributes: sample.attributes)
        changes += 1
    }

    /// Notes that the block uses attributes, which may be older than it: they are kept as long as the block is.
    private mutating func note(attributes: Int64?) {
        if let attributes, notedAttributes.insert(attributes).inserted { usedAttributes.append(attributes) }
    }

    /// Adds what an object is when a block begins.
    mutating func restate(_ sample: PendingSample, of kind: ObjectKind) {
        samples[kind, default: []].append(sample)
        usedObjects.append(sample.object)
        note(attributes: sample.attributes)
    }

    mutating func begin(block: Int64, at now: Int64) {
        self.block = block
        begins = now
        self.now = now
        changes = 0
        notedAttributes = []
    }

    /// Forgets what was written.
    mutating func clear() {
        samples = [:]
        objects = [:]
        attributes = []
        usedObjects = []
        usedAttributes = []
    }
}

extension SampleSink {
    /// Writes everything; `clear()` follows once it is committed.
    func write(to database: Database) throws {
        let insertObject = try database.cachedStatement(
            sql: "INSERT INTO object (id, kind, vhost, name, connection, number, tag, ordinal, last_block) "
                + "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)")
        for (key, number) in objects {
            try insertObject.execute(
                arguments: StatementArguments(
                    [number.databaseValue, key.kind.rawValue.databaseValue] + key.identity.stored
                        + [block.databaseValue]))
        }
        let insertAttributes = try database.cachedStatement(
            sql: "INSERT INTO attributes (id, value, last_block) VALUES (?, ?, ?)")
        for attributes in attributes {
            try insertAttributes.execute(arguments: [attributes.number, attributes.json, block])
        }
        let useObject = try database.cachedStatement(sql: "UPDATE object SET last_block = ? WHERE id = ?")
        for number in usedObjects { try useObject.execute(arguments: [block, number]) }
        let useAttributes = try database.cachedStatement(sql: "UPDATE attributes SET last_block = ? WHERE id = ?")
        for number in usedAttributes { try useAttributes.execute(arguments: [block, number]) }
        for (kind, samples) in samples { try write(samples, of: kind, to: database) }
    }

    private func write(_ samples: [PendingSample], of kind: ObjectKind, to database: Database) throws {
        let marks = repeatElement("?", count: 5 + kind.columns.count).joined(separator: ", ")
        let statement = try database.cachedStatement(
            sql: "INSERT INTO \(kind.word)_recent (\(Schema.columns(of: kind))) VALUES (\(marks))")
        var values: [DatabaseValue] = []
        values.reserveCapacity(5 + kind.columns.count)
        for sample in samples {
            values.removeAll(keepingCapacity: true)
            values.append(block.databaseValue)
            values.append(sample.object.databaseValue)
            values.append(sample.at.databaseValue)
            values.append(sample.presence.stored)
            values.append(sample.attributes?.databaseValue ?? .null)
            for figure in sample.figures { values.append(figure == unknownFigure ? .null : figure.databaseValue) }
            try statement.execute(arguments: StatementArguments(values))
        }
    }
}
