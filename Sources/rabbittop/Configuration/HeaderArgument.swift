import ArgumentParser
import MessageRouting
import Names
import RabbitMQManagement
import TopCore

/// The headers of a message on the command line, the same for every subcommand that takes some.
struct HeaderOptions: ParsableArguments {
    @Option(help: ArgumentHelp("A header with a text; give it again for more.", valueName: "name=value"))
    var header: [String] = []
    @Option(
        help: ArgumentHelp(
            "A header of another type than text: \(TypedHeaderValue.types.joined(separator: ", ")).",
            valueName: "name:type=value"))
    var typedHeader: [String] = []

    func validate() throws {
        for header in header where HeaderArgument(text: header) == nil {
            throw ValidationError("--header takes name=value; the name is not empty, and has 255 bytes at the most.")
        }
        for header in typedHeader where HeaderArgument(typed: header) == nil {
            throw ValidationError(
                "--typed-header takes name:type=value, the type one of \(TypedHeaderValue.types.joined(separator: ", "))."
            )
        }
    }

    /// The headers with texts.
    var texts: [(name: Name, value: Name)] {
        var texts: [(name: Name, value: Name)] = []
        for case let argument? in header.map(HeaderArgument.init(text:)) {
            if case .text(let text) = argument.value { texts.append((argument.name, text)) }
        }
        return texts
    }

    /// The headers with types.
    var typed: [HeaderArgument] { typedHeader.compactMap(HeaderArgument.init(typed:)) }

    /// All headers, as far as bindings compare them.
    var routed: HeaderTable {
        let all = header.compactMap(HeaderArgument.init(text:)) + typed
        return HeaderTable(all.map { HeaderTable.Entry(name: $0.name, value: HeaderValue($0.value)) })
    }
}

/// A header on the command line.
struct HeaderArgument: Equatable {
    var name: Name
    var value: TypedHeaderValue

    private static let longestName = 255

    /// Reads `name=text`; the text may be empty, and contain `=`.
    init?(text argument: String) {
        let parts = argument.parts(separatedBy: "=", maxSplits: 1)
        guard parts.count == 2, (1...Self.longestName).contains(parts[0].utf8.count) else { return nil }
        name = Name(parts[0])
        value = .text(Name(parts[1]))
    }

    /// Reads `name:type=value`; the value may contain `=`, the name `:`.
    init?(typed argument: String) {
        let parts = argument.parts(separatedBy: "=", maxSplits: 1)
        guard parts.count == 2, let colon = parts[0].utf8.lastIndex(of: UInt8(ascii: ":")) else { return nil }
        let name = parts[0][..<colon]
        let type = parts[0][parts[0].utf8.index(after: colon)...]
        guard (1...Self.longestName).contains(name.utf8.count),
            let value = Self.value(String(parts[1]), type: String(type))
        else { return nil }
        self.name = Name(name)
        self.value = value
    }

    private static func value(_ text: String, type: String) -> TypedHeaderValue? {
        guard type.hasSameBytes(as: TypedHeaderValue.listType) else { return TypedHeaderValue(text, type: type) }
        guard case .array(let elements)? = JSONValue(parsing: text) else { return nil }
        return list(elements)
    }

    private static func list(_ elements: [JSONValue]) -> TypedHeaderValue? {
        let values = elements.compactMap { element -> TypedHeaderValue? in
            switch element {
            case .null: .void
            case .bool(let value): .flag(value)
            case .integer(let value): .integer(value)
            case .number(let value): .number(value)
            case .string(let text): .text(Name(text))
            case .array(let elements): list(elements)
            case .largeInteger, .object: nil
            }
        }
        return values.count == elements.count ? .list(values) : nil
    }
}

extension HeaderValue {
    /// The value as far as bindings compare it. The management API does not tell a binding's times and byte strings from
    /// numbers and texts.
    init(_ value: TypedHeaderValue) {
        switch value {
        case .text(let text): self = .text(text)
        case .integer(let number): self = .whole(number)
        case .number(let number): self = .floating(number)
        case .flag(let flag): self = .flag(flag)
        case .time(let seconds):
            let time = HeaderValue.other(type: "timestamp", text: String(seconds))
            self = Int64(exactly: seconds).map { HeaderValue.either([time, .whole($0)]) } ?? time
        case .bytes(let bytes):
            self = .either([.other(type: "binary", text: Name(bytes: bytes).text), .text(Name(bytes: bytes))])
        case .list(let values): self = .list(values.map { HeaderValue($0) })
        case .void: self = .void
        }
    }
}
