import Foundation
import Names

/// A header's value with its type, as the option `--typed-header` names it.
public enum TypedHeaderValue: Sendable, Equatable {
    case text(Name)
    case integer(Int64)
    case number(Double)
    case flag(Bool)
    /// Seconds since 1970.
    case time(UInt64)
    case bytes([UInt8])
    case list([TypedHeaderValue])
    /// No value.
    case void

    /// The type of lists, which are written in JSON.
    public static let listType = "list"
    /// The names of the types.
    public static let types = ["string", "int", "double", "bool", "timestamp", "base64", listType, "void"]

    /// Reads a value that is no list; nil if there is no such type, or the text is none of its values.
    ///
    /// A timestamp is a number of seconds since 1970 or a time in RFC 3339.
    public init?(_ text: String, type: String) {
        switch type {
        case "string": self = .text(Name(text))
        case "int":
            guard let value = Int64(text) else { return nil }
            self = .integer(value)
        case "double":
            guard let value = Double(text) else { return nil }
            self = .number(value)
        case "bool":
            guard let value = Bool(text) else { return nil }
            self = .flag(value)
        case "timestamp":
            if let seconds = UInt64(text) {
                self = .time(seconds)
            } else if let date = try? Date(text, strategy: .iso8601), date.timeIntervalSince1970 >= 0 {
                self = .time(UInt64(date.timeIntervalSince1970))
            } else {
                return nil
            }
        case "base64":
            guard let data = Data(base64Encoded: text) else { return nil }
            self = .bytes(Array(data))
        case "void": self = .void
        default: return nil
        }
    }
}
