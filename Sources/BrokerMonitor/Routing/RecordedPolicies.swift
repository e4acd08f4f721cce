import MessageRouting
import Names
import RabbitMQManagement
import TopCore

/// The words and the JSON of a recorded value, as `topic, durable, {"alternate-exchange":"a"}`.
struct RecordedWords {
    /// The words before the JSON.
    let words: [Name]
    /// The members of the JSON.
    let members: [Name: JSONValue]

    /// The types that stand first in what is recorded of a queue.
    static let queueTypes: Set<Name> = ["classic", "quorum", "stream"]

    init(_ value: Name) {
        let bytes = value.bytes
        // JSON is written without blanks after commas, so the last such place that begins JSON is its beginning.
        let separator = Array(", {".utf8)
        for place in bytes.ranges(of: separator).reversed() {
            let text = String(decoding: bytes[(place.upperBound - 1)...], as: UTF8.self)
            guard let members = JSONValue(parsing: text)?.members else { continue }
            self.members = members
            words = Self.words(bytes[..<place.lowerBound])
            return
        }
        members = JSONValue(parsing: String(decoding: bytes, as: UTF8.self))?.members ?? [:]
        words = members.isEmpty ? Self.words(bytes[...]) : []
    }

    private static func words(_ bytes: ArraySlice<UInt8>) -> [Name] {
        var words: [Name] = []
        var start = bytes.startIndex
        for comma in bytes.ranges(of: Array(", ".utf8)) where comma.lowerBound >= start {
            words.append(Name(bytes: bytes[start..<comma.lowerBound]))
            start = comma.upperBound
        }
        return words + [Name(bytes: bytes[start...])]
    }
}

/// The recorded policies of a vhost, by their names.
struct RecordedPolicies {
    private let definitions: [Name: [Name: JSONValue]]
    private let isKnown: Bool

    init(_ items: [ConfigurationItem], isKnown: Bool) {
        self.isKnown = isKnown
        definitions = Dictionary(items.map { ($0.name, RecordedWords($0.value).members) }) { first, _ in first }
    }

    /// What is said where policies are not known.
    var gap: String? { isKnown ? nil : "policies, which may set alternate and dead-letter exchanges: not recorded" }

    /// Returns what a setting comes to: an argument wins over a policy.
    ///
    /// - Parameter policy: The name of the policy that applies, or nil if none does; nil if that is not known.
    func setting(_ key: Name, argument: JSONValue?, policy: Name??) -> RoutingModel.Setting {
        let words: String? =
            switch policy {
            case .some(.none): nil
            case .some(.some(let name)): definitions[name] == nil ? "its policy was not recorded" : nil
            // It matters only if there is a policy that sets it.
            case .none:
                !isKnown || definitions.values.contains { $0[key] != nil } ? "its policy was not recorded" : nil
            }
        let definition = policy.flatMap(\.self).flatMap { definitions[$0] } ?? [:]
        return RoutingModel.Setting(key, argument: argument, policy: definition, missing: words)
    }
}
