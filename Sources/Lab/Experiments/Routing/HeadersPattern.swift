import AMQPWire
import Names
import RabbitMQClient

/// The arguments of a binding to a headers exchange (RabbitMQ documentation: Exchanges, headers).
///
/// A header matches if its value has the same class of type and is equal; a void value in the binding requires only
/// that the header is present. Without `x-match`, all have to match.
public struct HeadersPattern: Sendable, Hashable {
    private let kind: HeadersMatch.Kind
    private let headers: FieldTable

    /// Creates a pattern from the arguments of a binding.
    public init(_ arguments: FieldTable) {
        kind = arguments["x-match"]?.stringValue.flatMap(HeadersMatch.Kind.init) ?? .all
        headers = FieldTable(arguments.entries.filter { $0.key != "x-match" })
    }

    /// Returns whether a message's headers match.
    public func matches(_ message: FieldTable, by rules: RoutingRules = .amqp) -> Bool {
        let seen = headers.entries.filter { looksAtX || rules.countsXHeaders || !$0.key.hasPrefix("x-") }
        func fits(_ entry: FieldTable.Entry) -> Bool {
            guard let value = message[entry.key] else { return false }
            if entry.value == .void { return true }
            if rules.ignoresHeaderTypes, value.description.hasSameBytes(as: entry.value.description) { return true }
            return HeaderValue(value) == HeaderValue(entry.value)
        }
        switch kind {
        case .all, .allWithX: return seen.allSatisfy(fits)
        case .any, .anyWithX: return seen.contains(where: fits)
        }
    }

    private var looksAtX: Bool {
        switch kind {
        case .all, .any: false
        case .allWithX, .anyWithX: true
        }
    }
}

/// A header's value as the broker compares it: integers of all widths are one class of type, both floating-point types
/// are another, and every other type is its own.
private enum HeaderValue: Hashable {
    case whole(Int64)
    case floating(Double)
    case other(FieldValue)

    init(_ value: FieldValue) {
        switch value {
        case .int8(let value): self = .whole(Int64(value))
        case .uint8(let value): self = .whole(Int64(value))
        case .int16(let value): self = .whole(Int64(value))
        case .uint16(let value): self = .whole(Int64(value))
        case .int32(let value): self = .whole(Int64(value))
        case .uint32(let value): self = .whole(Int64(value))
        case .int64(let value): self = .whole(value)
        case .float(let value): self = .floating(Double(value))
        case .double(let value): self = .floating(value)
        case .bool, .decimal, .string, .array, .timestamp, .table, .void, .bytes: self = .other(value)
        }
    }
}
