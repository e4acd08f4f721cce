import Foundation
import Names

extension Difference {
    /// What two definitions are called, in text and JSON: an address, a file, a cluster.
    public struct Sides: Sendable, Equatable {
        /// The one that is compared with.
        public var from: String
        /// The other one: what only it has is new.
        public var to: String

        /// Creates the names of two sides.
        public init(from: String, to: String) {
            self.from = from
            self.to = to
        }
    }

    /// Compares what is configured on two brokers, and nothing else of them.
    ///
    /// A field that only one of two versions of RabbitMQ writes is no difference: it is named among what is not known.
    ///
    /// - Parameters:
    ///   - from: The one configuration, with its version of RabbitMQ if it is known.
    ///   - to: The other one.
    ///   - sides: What they are called.
    public init(
        definitions from: (part: ConfigurationPart, version: String?),
        _ to: (part: ConfigurationPart, version: String?),
        sides: Sides
    ) {
        self.init(at: from.part.at, to.part.at, sides: sides)
        var (before, after) = (Moment(at: from.part.at), Moment(at: to.part.at))
        var (old, new) = (from.part, to.part)
        let ofNew = Self.setAside(&new, beside: from.part)
        let ofOld = Self.setAside(&old, beside: to.part)
        if from.version.map({ version in to.version.map { !version.hasSameBytes(as: $0) } ?? true }) ?? true {
            (before.configuration, after.configuration) = (old, new)
            for (fields, side, version) in [(ofOld, sides.from, from.version), (ofNew, sides.to, to.version)] {
                for field in fields {
                    let teller = version.map { "RabbitMQ \($0)" } ?? "one version of RabbitMQ"
                    note(gap: "\(field): only \(teller) writes it, in \(side)")
                }
            }
        } else {
            (before.configuration, after.configuration) = (from.part, to.part)
        }
        noteHidden(before, after)
        compareConfiguration(before, after)
    }

    /// Members whose own members depend on the user alone, not on the version.
    private static let chosenByUsers: Set<Name> = ["definition", "arguments", "value"]

    /// Removes the fields that no item of the same kind has on the other side, where there are such items.
    ///
    /// - Returns: What was removed, in words: `default_queue_type of vhosts`.
    private static func setAside(_ part: inout ConfigurationPart, beside other: ConfigurationPart) -> [String] {
        var known: [ConfigurationItem.Kind: Set<Name>] = [:]
        for item in other.items {
            guard let fields = item.fields else { continue }
            known[item.kind, default: []].formUnion(fields.keys.map(ConfigurationItem.member))
        }
        var removed: Set<String> = []
        for index in part.items.indices {
            let kind = part.items[index].kind
            guard let known = known[kind], let fields = part.items[index].fields else { continue }
            part.items[index].fields = fields.filter { field, _ in
                let member = ConfigurationItem.member(of: field)
                if known.contains(member) || chosenByUsers.contains(member) { return true }
                removed.insert("\(member) of \(What.configured(kind).plural)")
                return false
            }
        }
        return removed.sorted()
    }
}

extension ConfigurationItem {
    /// Returns the member of the broker's row that a field belongs to: `arguments` of `arguments.x-max-length`.
    static func member(of field: Name) -> Name {
        Name(bytes: Array(field.bytes.prefix { $0 != UInt8(ascii: ".") }))
    }

    /// Returns what differs between two values: field by field where both have fields.
    func changes(to other: ConfigurationItem, of item: Difference.Item) -> [Difference.Change] {
        guard let fields, let others = other.fields else {
            guard value != other.value else { return [] }
            return [
                Difference.Change(
                    item: item, field: "value", kind: .text, before: .text(value.text), after: .text(other.value.text))
            ]
        }
        func known(_ name: Name?) -> Value { name.map { .text($0.text) } ?? .none }
        return Set(fields.keys).union(others.keys).sorted().compactMap { field in
            guard fields[field] != others[field] else { return nil }
            return Difference.Change(
                item: item, field: field.text, kind: .text, before: known(fields[field]), after: known(others[field]))
        }
    }
}
