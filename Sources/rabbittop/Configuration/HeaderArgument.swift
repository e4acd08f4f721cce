import MessageRouting
import Names
import RabbitMQManagement

/// A header on the command line: `name=text`, or `name:=value` with a value in JSON.
struct HeaderArgument: Equatable {
    var name: Name
    var value: HeaderValue

    static let help = "A header: name=text, or name:=value for a number, true, false, null or a list; may be repeated."

    /// - Returns: nil if the name is empty or longer than 255 bytes, or the value is no JSON of these types.
    init?(_ argument: String) {
        let parts = argument.parts(separatedBy: "=", maxSplits: 1)
        guard parts.count == 2 else { return nil }
        var name = parts[0]
        let isTyped = name.utf8.last == UInt8(ascii: ":")
        if isTyped { name = Substring(name.utf8.dropLast()) }
        guard (1...255).contains(name.utf8.count) else { return nil }
        self.name = Name(name)
        if isTyped {
            guard let json = JSONValue(parsing: String(parts[1])), let value = Self.value(json) else { return nil }
            self.value = value
        } else {
            value = .text(Name(parts[1]))
        }
    }

    private static func value(_ json: JSONValue) -> HeaderValue? {
        switch json {
        case .null: return .void
        case .bool(let value): return .flag(value)
        case .integer(let value): return .whole(value)
        case .number(let value): return .floating(value)
        case .string(let text): return .text(Name(text))
        case .array(let elements):
            let values = elements.compactMap(value)
            return values.count == elements.count ? .list(values) : nil
        case .largeInteger, .object: return nil
        }
    }
}
