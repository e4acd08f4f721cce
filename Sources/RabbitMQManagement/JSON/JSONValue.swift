public import Names

/// A JSON value as a management API answer carries it.
///
/// RabbitMQ's arguments, client properties and message headers have no fixed shape, so rows hand them on as they came.
public enum JSONValue: Sendable, Hashable {
    case null
    case bool(Bool)
    /// A number without a fraction that fits 64 bits.
    case integer(Int64)
    /// A number without a fraction that does not fit 64 bits with a sign, as it was written: digits, perhaps after a `-`.
    case largeInteger(String)
    /// Any other number.
    case number(Double)
    case string(String)
    case array([JSONValue])
    /// An object. Of a key given twice, byte for byte, the last one counts. The order of keys is not kept.
    case object([Name: JSONValue])
}

extension JSONValue {
    /// True for `null`.
    public var isNull: Bool { self == .null }

    /// The text of a string, or of a number written as one; nil for everything else.
    public var text: String? {
        switch self {
        case .string(let text): text
        case .integer(let number): String(number)
        case .largeInteger(let digits): digits
        case .number(let number): String(number)
        case .null, .bool, .array, .object: nil
        }
    }

    /// The whole number of a number or of a string of digits; nil for everything else (`"not_available"`, `"infinity"`), and
    /// for what does not fit 64 bits.
    public var integerValue: Int64? {
        switch self {
        case .integer(let number): number
        case .number(let number): Int64(exactly: number.rounded(.towardZero))
        case .string(let text): Int64(text)
        case .null, .bool, .largeInteger, .array, .object: nil
        }
    }

    /// The number of a number or of a string that is one; nil for everything else.
    public var doubleValue: Double? {
        switch self {
        case .integer(let number): Double(number)
        case .number(let number): number
        case .largeInteger(let text), .string(let text): Double(text).flatMap { $0.isFinite ? $0 : nil }
        case .null, .bool, .array, .object: nil
        }
    }

    /// The truth of a boolean, or of the strings `true` and `false`; nil for everything else.
    public var boolValue: Bool? {
        switch self {
        case .bool(let truth): truth
        case .string("true"): true
        case .string("false"): false
        case .null, .integer, .largeInteger, .number, .string, .array, .object: nil
        }
    }

    /// The members of an object; an empty array is an empty object, because the broker writes it so.
    public var members: [Name: JSONValue]? {
        switch self {
        case .object(let members): members
        case .array(let elements) where elements.isEmpty: [:]
        case .null, .bool, .integer, .largeInteger, .number, .string, .array: nil
        }
    }

    /// The elements of an array; nil for everything else.
    public var elements: [JSONValue]? {
        if case .array(let elements) = self { elements } else { nil }
    }
}
