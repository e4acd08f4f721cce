import Foundation
import Names
import TopCore

/// What was last written of each object of a kind: only changes are written.
struct SampleTracker<Row: RecordedRow>: Sendable {
    private final class Attributes: Sendable {
        let number: Int64
        let rest: Row.Rest

        init(number: Int64, rest: Row.Rest) {
            self.number = number
            self.rest = rest
        }
    }

    private struct Entry: Sendable {
        var number: Int64
        var figures: [Int64]
        var attributes: Attributes
        /// When it was last reported, in milliseconds since 1970.
        var seen: Int64
    }

    /// The objects that are there.
    private var entries: [ObjectIdentity: Entry] = [:]
    /// Attributes by their text: many objects have the same.
    private var shared: [String: Attributes] = [:]
    private var sharedBytes = 0
    private var last: Attributes?
    /// When objects were last looked for that are no longer reported.
    private var checked: Int64 = 0

    /// The most bytes of attributes that are kept for comparison, as texts.
    private static var sharedCapacity: Int { 1 << 20 }

    init() {}

    /// The number of objects that are there.
    var count: Int { entries.count }

    /// Takes a row of a list.
    mutating func take(_ row: Row, _ sink: inout SampleSink, _ store: RecordingStore) throws {
        let identity = row.identity
        let figures = row.storedFigures
        let rest = row.rest
        if let entry = entries[identity] {
            let isSame = entry.attributes.rest == rest
            if isSame, entry.figures == figures {
                entries[identity]?.seen = sink.now
                return
            }
            let attributes = isSame ? entry.attributes : try self.attributes(rest, &sink)
            entries[identity] = Entry(
                number: entry.number, figures: figures, attributes: attributes, seen: sink.now)
        } else {
            let number = try sink.number(of: identity, Row.kind, in: store)
            entries[identity] = Entry(
                number: number, figures: figures, attributes: try attributes(rest, &sink), seen: sink.now)
        }
        if let entry = entries[identity] { sink.add(Self.sample(entry, at: sink.offset), of: Row.kind) }
    }

    /// Notes that an object is reported as it was before.
    ///
    /// - Returns: Whether the object is there; otherwise nothing is noted.
    mutating func touch(_ identity: ObjectIdentity, at now: Int64) -> Bool {
        guard let index = entries.index(forKey: identity) else { return false }
        entries.values[index].seen = now
        return true
    }

    /// Removes an object that is gone, or of which nothing is known any more.
    mutating func remove(_ identity: ObjectIdentity, _ presence: Presence, _ sink: inout SampleSink) {
        end(identity, presence, &sink)
    }

    /// Removes all objects that are gone.
    mutating func remove(_ sink: inout SampleSink, where isGone: (ObjectIdentity) -> Bool) {
        for identity in entries.keys.filter(isGone) { end(identity, .gone, &sink) }
    }

    /// Ends a list: what it does not have is gone if it is whole, and unknown once it was not reported for `patience`
    /// milliseconds. What is in a hidden vhost is unknown.
    mutating func endList(
        isWhole: Bool, patience: Int64, hidden: Set<Name> = [], _ sink: inout SampleSink
    ) {
        guard isWhole || sink.now - checked > patience / 3 else { return }
        checked = sink.now
        for (identity, entry) in entries where entry.seen < sink.now {
            if isWhole {
                end(identity, Presence(missing: identity, hidden: hidden), &sink)
            } else if sink.now - entry.seen > patience {
                end(identity, .unknown, &sink)
            }
        }
    }

    /// Writes the state of all objects, with which a block begins.
    mutating func restate(_ sink: inout SampleSink) {
        for entry in entries.values { sink.restate(Self.sample(entry, at: 0), of: Row.kind) }
    }

    private mutating func end(_ identity: ObjectIdentity, _ presence: Presence, _ sink: inout SampleSink) {
        guard let entry = entries.removeValue(forKey: identity) else { return }
        let figures = [Int64](repeating: unknownFigure, count: entry.figures.count)
        sink.add(
            PendingSample(
                object: entry.number, at: sink.offset, presence: presence, attributes: nil, figures: figures),
            of: Row.kind)
    }

    private static func sample(_ entry: Entry, at: Int64) -> PendingSample {
        PendingSample(
            object: entry.number, at: at, presence: .listed, attributes: entry.attributes.number,
            figures: entry.figures)
    }

    private mutating func attributes(_ rest: Row.Rest, _ sink: inout SampleSink) throws -> Attributes {
        if let last, last.rest == rest { return last }
        let json = try sink.json(rest)
        if let known = shared[json], known.rest == rest {
            last = known
            return known
        }
        sharedBytes += json.utf8.count
        if sharedBytes > Self.sharedCapacity {
            shared.removeAll(keepingCapacity: true)
            sharedBytes = json.utf8.count
        }
        let attributes = Attributes(number: sink.add(attributes: json), rest: rest)
        shared[json] = attributes
        last = attributes
        return attributes
    }
}
