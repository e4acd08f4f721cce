import Names

/// The arguments of a binding to a headers exchange (RabbitMQ documentation: Exchanges, headers).
///
/// A header matches if its value has the same class of type and is equal; a void value in the binding requires only
/// that the header is present. Without `x-match`, all have to match.
public struct HeadersPattern: Sendable, Hashable {
    /// Which headers must match (`x-match`).
    enum Kind: String {
        case all, any
        case allWithX = "all-with-x"
        case anyWithX = "any-with-x"

        var looksAtX: Bool { self == .allWithX || self == .anyWithX }
    }

    private let kind: Kind
    private let headers: [HeaderTable.Entry]

    /// Creates a pattern from the arguments of a binding.
    public init(_ arguments: HeaderTable) {
        if case .text(let match) = arguments["x-match"], match.isText {
            kind = Kind(rawValue: match.text) ?? .all
        } else {
            kind = .all
        }
        headers = arguments.entries.filter { $0.name != "x-match" }
    }

    /// Returns whether a message's headers match for certain.
    public func matches(_ message: HeaderTable, by rules: RoutingRules = .amqp) -> Bool {
        match(message, by: rules) == .yes
    }

    /// Returns whether a message's headers match, and else why not.
    func match(_ message: HeaderTable, by rules: RoutingRules) -> BindingMatch {
        let seen = headers.filter { kind.looksAtX || rules.countsXHeaders || !$0.name.hasPrefix("x-") }
        var failures: [Mismatch.Header] = []
        var unclear: String?
        var fitting = 0
        for entry in seen {
            guard let value = message[entry.name] else {
                failures.append(Mismatch.Header(name: entry.name, wanted: entry.value, problem: .absent))
                continue
            }
            if rules.ignoresHeaderTypes, value.description.hasSameBytes(as: entry.value.description) {
                fitting += 1
                continue
            }
            switch entry.value.fit(of: value) {
            case .fits: fitting += 1
            case .otherValue:
                failures.append(Mismatch.Header(name: entry.name, wanted: entry.value, problem: .otherValue(value)))
            case .otherType:
                failures.append(Mismatch.Header(name: entry.name, wanted: entry.value, problem: .otherType(value)))
            case .unclear(let why): unclear = unclear ?? "header \(entry.name): \(why)"
            }
        }
        switch kind {
        case .all, .allWithX:
            if !failures.isEmpty { return .no(.headers(failures, of: seen.count)) }
        case .any, .anyWithX:
            if fitting > 0 { return .yes }
            if unclear == nil { return .no(.noneOf(failures)) }
        }
        return unclear.map(BindingMatch.perhaps) ?? .yes
    }
}
