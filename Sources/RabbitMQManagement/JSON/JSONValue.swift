import NIOCore
public import Names

/// A JSON value of a response of the management API.
///
/// RabbitMQ's arguments, client properties and message headers have no fixed structure, so rows contain them unchanged.
public enum JSONValue: Sendable, Hashable {
    /// The value `null`.
    case null
    /// A Boolean.
    case bool(Bool)
    /// A number without a fraction that fits into 64 bits.
    case integer(Int64)
    /// A number without a fraction that does not fit into a signed 64-bit integer, as written: digits, possibly after a
    /// `-`.
    case largeInteger(String)
    /// Any other number.
    case number(Double)
    /// A string.
    case string(String)
    /// An array.
    case array([JSONValue])
    /// An object. If a key occurs twice, byte for byte, the last value is used. The order of keys is not kept.
    case object([Name: JSONValue])
}

extension JSONValue {
    /// Whether the value is `null`.
    public var isNull: Bool { self == .null }

    /// The text of a string or of a number; otherwise nil.
    public var text: String? {
        switch self {
        case .string(let text): text
        case .integer(let number): String(number)
        case .largeInteger(let digits): digits
        case .number(let number): String(number)
        case .null, .bool, .array, .object: nil
        }
    }

    /// The whole part of a number, or the value of a string of digits. Nil for everything else (`"not_available"`,
    /// `"infinity"`), and for values that do not fit into 64 bits.
    public var integerValue: Int64? {
        switch self {
        case .integer(let number): number
        case .number(let number): Int64(exactly: number.rounded(.towardZero))
        case .string(let text): Int64(text)
        case .null, .bool, .largeInteger, .array, .object: nil
        }
    }

    /// The value of a number, or of a string that contains one; otherwise nil.
    public var doubleValue: Double? {
        switch self {
        case .integer(let number): Double(number)
        case .number(let number): number
        case .largeInteger(let text), .string(let text): Double(text).flatMap { $0.isFinite ? $0 : nil }
        case .null, .bool, .array, .object: nil
        }
    }

    /// The value of a Boolean, or of the strings `true` and `false`; otherwise nil.
    public var boolValue: Bool? {
        switch self {
        case .bool(let truth): truth
        case .string("true"): true
        case .string("false"): false
        case .null, .integer, .largeInteger, .number, .string, .array, .object: nil
        }
    }

    /// The members of an object; otherwise nil. An empty array counts as an empty object, because the broker writes one
    /// as the other.
    public var members: [Name: JSONValue]? {
        switch self {
        case .object(let members): members
        case .array(let elements) where elements.isEmpty: [:]
        case .null, .bool, .integer, .largeInteger, .number, .string, .array: nil
        }
    }

    /// The elements of an array; otherwise nil.
    public var elements: [JSONValue]? {
        if case .array(let elements) = self { elements } else { nil }
    }
}

extension JSONValue {
    /// Parses JSON; nil if the text is not valid or not complete.
    public init?(parsing text: String) {
        guard let value = try? JSONParser.parse(ByteBuffer(string: text)) else { return nil }
        self = value
    }

    /// The value as JSON, with keys in the order of their bytes.
    public var jsonText: String {
        switch self {
        case .null: "null"
        case .bool(let truth): truth ? "true" : "false"
        case .integer(let number): String(number)
        case .largeInteger(let digits): digits
        case .number(let number): number.isFinite ? String(number) : "null"
        case .string(let text): Self.quoted(text)
        case .array(let elements): "[" + elements.map(\.jsonText).joined(separator: ",") + "]"
        case .object(let members):
            "{"
                + members.sorted { $0.key < $1.key }
                .map { Self.quoted($0.key.text) + ":" + $0.value.jsonText }.joined(separator: ",") + "}"
        }
    }

    private static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case "\u{0}"..<"\u{20}", "\u{7F}":
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}
