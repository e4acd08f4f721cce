import Names

/// A value of a field table or array, with its type on the wire.
///
/// The type tags are those that RabbitMQ reads and writes (its AMQP 0-9-1 errata), not those of the specification's
/// grammar.
public enum FieldValue: Hashable, Sendable {
    /// A Boolean, tag `t`.
    case bool(Bool)
    /// A signed 8-bit integer, tag `b`.
    case int8(Int8)
    /// An unsigned 8-bit integer, tag `B`.
    case uint8(UInt8)
    /// A signed 16-bit integer, tag `s`.
    case int16(Int16)
    /// An unsigned 16-bit integer, tag `u`.
    case uint16(UInt16)
    /// A signed 32-bit integer, tag `I`.
    case int32(Int32)
    /// An unsigned 32-bit integer, tag `i`.
    case uint32(UInt32)
    /// A signed 64-bit integer, tag `l`; `L` is read as the same.
    case int64(Int64)
    /// A 32-bit floating-point number, tag `f`.
    case float(Float)
    /// A 64-bit floating-point number, tag `d`.
    case double(Double)
    /// A decimal number, tag `D`: `value` divided by ten to the power of `scale`.
    case decimal(scale: UInt8, value: Int32)
    /// A string, tag `S`: bytes, which need not be UTF-8.
    case string(Name)
    /// An array, tag `A`.
    case array([FieldValue])
    /// A timestamp, tag `T`: seconds since 1970.
    case timestamp(UInt64)
    /// A table, tag `F`.
    case table(FieldTable)
    /// No value, tag `V`.
    case void
    /// A byte array, tag `x`.
    case bytes([UInt8])
}

extension FieldValue {
    /// Returns a string value, tag `S`, of the UTF-8 of the text.
    public static func string(_ text: String) -> FieldValue { .string(Name(text)) }

    /// The value if it is a Boolean, otherwise nil.
    public var boolValue: Bool? {
        if case .bool(let value) = self { value } else { nil }
    }

    /// The value if it is an integer or a timestamp that fits into `Int`, otherwise nil.
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

    /// The value as a number if it has a numeric type, otherwise nil.
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

    /// The value if it is a string in valid UTF-8, otherwise nil.
    public var stringValue: String? {
        if case .string(let value) = self, value.isText { value.text } else { nil }
    }

    /// The value if it is a string of any bytes, otherwise nil.
    public var nameValue: Name? {
        if case .string(let value) = self { value } else { nil }
    }

    /// The value if it is a table, otherwise nil.
    public var tableValue: FieldTable? {
        if case .table(let value) = self { value } else { nil }
    }

    /// The value if it is an array, otherwise nil.
    public var arrayValue: [FieldValue]? {
        if case .array(let value) = self { value } else { nil }
    }

    /// The bytes of a byte array or of a string, otherwise nil.
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
    /// Creates a string value.
    public init(stringLiteral value: String) { self = .string(value) }
    /// Creates a signed 64-bit integer, which the broker accepts for every numeric argument.
    public init(integerLiteral value: Int64) { self = .int64(value) }
    /// Creates a Boolean value.
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    /// Creates a 64-bit floating-point value.
    public init(floatLiteral value: Double) { self = .double(value) }
    /// Creates an array value.
    public init(arrayLiteral elements: FieldValue...) { self = .array(elements) }
    /// Creates a table value, in the order of the literal.
    public init(dictionaryLiteral elements: (String, FieldValue)...) {
        self = .table(FieldTable(elements.map { FieldTable.Entry(key: $0.0, value: $0.1) }))
    }
}

extension FieldValue: CustomStringConvertible {
    /// The value as text, for display.
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
