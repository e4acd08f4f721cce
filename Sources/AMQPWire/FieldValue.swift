import Names

/// A value of a field table or array, with the type it has on the wire.
///
/// The tags are those RabbitMQ reads and writes (its AMQP 0-9-1 errata), not those of the specification's grammar.
public enum FieldValue: Hashable, Sendable {
    /// `t`
    case bool(Bool)
    /// `b`
    case int8(Int8)
    /// `B`
    case uint8(UInt8)
    /// `s`
    case int16(Int16)
    /// `u`
    case uint16(UInt16)
    /// `I`
    case int32(Int32)
    /// `i`
    case uint32(UInt32)
    /// `l`; `L` is read as the same.
    case int64(Int64)
    /// `f`
    case float(Float)
    /// `d`
    case double(Double)
    /// `D`: `value` divided by ten to the power of `scale`.
    case decimal(scale: UInt8, value: Int32)
    /// `S`: bytes, which need not be UTF-8.
    case string(Name)
    /// `A`
    case array([FieldValue])
    /// `T`: seconds since 1970.
    case timestamp(UInt64)
    /// `F`
    case table(FieldTable)
    /// `V`
    case void
    /// `x`
    case bytes([UInt8])
}

extension FieldValue {
    /// `S`
    public static func string(_ text: String) -> FieldValue { .string(Name(text)) }

    public var boolValue: Bool? {
        if case .bool(let value) = self { value } else { nil }
    }

    /// Any of the integer types and the timestamp, when it fits.
    public var intValue: Int? {
        switch self {
        case .int8(let value): Int(value)
        case .uint8(let value): Int(value)
        case .int16(let value): Int(value)
        case .uint16(let value): Int(value)
        case .int32(let value): Int(value)
        case .uint32(let value): Int(value)
        case .int64(let value): Int(exactly: value)
        case .timestamp(let value): Int(exactly: value)
        case .bool, .float, .double, .decimal, .string, .array, .table, .void, .bytes: nil
        }
    }

    /// Any of the numeric types.
    public var doubleValue: Double? {
        switch self {
        case .float(let value): Double(value)
        case .double(let value): value
        case .decimal(let scale, let value):
            Double(value) / (0..<scale).reduce(1.0) { power, _ in power * 10 }
        case .bool, .int8, .uint8, .int16, .uint16, .int32, .uint32, .int64, .string, .array,
            .timestamp, .table, .void, .bytes:
            intValue.map(Double.init)
        }
    }

    /// A string, if its bytes are UTF-8.
    public var stringValue: String? {
        if case .string(let value) = self, value.isText { value.text } else { nil }
    }

    /// A string, whatever its bytes.
    public var nameValue: Name? {
        if case .string(let value) = self { value } else { nil }
    }

    public var tableValue: FieldTable? {
        if case .table(let value) = self { value } else { nil }
    }

    public var arrayValue: [FieldValue]? {
        if case .array(let value) = self { value } else { nil }
    }

    /// The bytes of a byte array or of a string.
    public var bytesValue: [UInt8]? {
        switch self {
        case .bytes(let value): value
        case .string(let value): value.bytes
        case .bool, .int8, .uint8, .int16, .uint16, .int32, .uint32, .int64, .float, .double, .decimal, .array,
            .timestamp, .table, .void:
            nil
        }
    }
}

extension FieldValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral,
    ExpressibleByFloatLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    public init(stringLiteral value: String) { self = .string(value) }
    /// A 64-bit integer, which the broker takes for every numeric argument.
    public init(integerLiteral value: Int64) { self = .int64(value) }
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    public init(floatLiteral value: Double) { self = .double(value) }
    public init(arrayLiteral elements: FieldValue...) { self = .array(elements) }
    public init(dictionaryLiteral elements: (String, FieldValue)...) {
        self = .table(FieldTable(elements.map { FieldTable.Entry(key: $0.0, value: $0.1) }))
    }
}

extension FieldValue: CustomStringConvertible {
    /// The value as a person reads it.
    public var description: String {
        switch self {
        case .bool(let value): String(value)
        case .int8(let value): String(value)
        case .uint8(let value): String(value)
        case .int16(let value): String(value)
        case .uint16(let value): String(value)
        case .int32(let value): String(value)
        case .uint32(let value): String(value)
        case .int64(let value): String(value)
        case .float(let value): String(value)
        case .double(let value): String(value)
        case .decimal: String(doubleValue ?? 0)
        case .string(let value): value.text
        case .bytes(let value): "\(value.count) bytes"
        case .array(let values): "[" + values.map(\.description).joined(separator: ", ") + "]"
        case .timestamp(let value): String(value)
        case .table(let value): value.description
        case .void: ""
        }
    }
}
