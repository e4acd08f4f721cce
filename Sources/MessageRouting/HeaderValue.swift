public import Names

/// The value of a message's header or of a binding's argument, as far as a headers exchange compares it.
public enum HeaderValue: Sendable, Hashable {
    /// An integer of any width.
    case whole(Int64)
    /// A floating-point number of either width.
    case floating(Double)
    /// A Boolean.
    case flag(Bool)
    /// A string.
    case text(Name)
    /// A list.
    case list([HeaderValue])
    /// No value. In a binding it requires only that the header is there.
    case void
    /// A value of another type; such values are equal if type and text are.
    case other(type: String, text: String)
    /// One of these values; which one is not known.
    case either([HeaderValue])
    /// A value that is not known.
    case unknown

    /// Whether a header with this value fits a binding's argument.
    enum Fit: Sendable, Hashable {
        case fits, otherValue, otherType
        /// It cannot be told, for this reason.
        case unclear(String)
    }

    /// Returns whether a message's value fits this value of a binding.
    func fit(of value: HeaderValue) -> Fit {
        switch (self, value) {
        case (.either(let own), _): Self.agreed(own.map { $0.fit(of: value) })
        case (_, .either(let others)): Self.agreed(others.map { fit(of: $0) })
        case (.void, _): .fits
        case (.unknown, _), (_, .unknown): .unclear("the value is not known")
        case (.whole(let whole), .floating(let number)), (.floating(let number), .whole(let whole)):
            Double(whole) == number
                ? .unclear(
                    "whether \(whole) equals \(value == .whole(whole) ? "\(number)" : "\(whole)") as a "
                        + "floating-point number depends on the broker's version") : .otherType
        case (.whole, .whole), (.floating, .floating), (.flag, .flag), (.text, .text), (.list, .list):
            self == value ? .fits : .otherValue
        case (.other(let type, _), .other(let otherType, _)):
            self == value ? .fits : type == otherType ? .otherValue : .otherType
        case (.whole, _), (.floating, _), (.flag, _), (.text, _), (.list, _), (.other, _): .otherType
        }
    }

    private static func agreed(_ fits: [Fit]) -> Fit {
        guard let first = fits.first, fits.allSatisfy({ $0 == first }) else {
            return .unclear("the broker does not tell which of two values it is")
        }
        return first
    }

    /// The type's name, for messages.
    var typeName: String {
        switch self {
        case .whole: "an integer"
        case .floating: "a floating-point number"
        case .flag: "a Boolean"
        case .text: "a text"
        case .list: "a list"
        case .void: "no value"
        case .other(let type, _): "of type \(type)"
        case .either, .unknown: "of unknown type"
        }
    }
}

extension HeaderValue: CustomStringConvertible {
    /// The value for display.
    public var description: String {
        switch self {
        case .whole(let value): "\(value)"
        case .floating(let value): "\(value)"
        case .flag(let value): "\(value)"
        case .text(let value): value.text
        case .list(let values): "[" + values.map(\.description).joined(separator: ", ") + "]"
        case .void: "void"
        case .other(_, let text): text
        case .either(let values): values.map(\.description).joined(separator: " or ")
        case .unknown: "?"
        }
    }
}

extension HeaderValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral,
    ExpressibleByFloatLiteral, ExpressibleByArrayLiteral
{
    /// Creates a text.
    public init(stringLiteral value: String) { self = .text(Name(value)) }
    /// Creates an integer.
    public init(integerLiteral value: Int64) { self = .whole(value) }
    /// Creates a Boolean.
    public init(booleanLiteral value: Bool) { self = .flag(value) }
    /// Creates a floating-point number.
    public init(floatLiteral value: Double) { self = .floating(value) }
    /// Creates a list.
    public init(arrayLiteral elements: HeaderValue...) { self = .list(elements) }
}
