import Names

/// The value of a parameter.
public enum FaultValue: Sendable {
    case integer(Int)
    case number(Double)
    case text(String)
    case flag(Bool)
}

extension FaultValue: Hashable {
    /// Returns whether two values are equal; texts are compared by their bytes.
    public static func == (one: FaultValue, other: FaultValue) -> Bool {
        switch (one, other) {
        case (.integer(let one), .integer(let other)): one == other
        case (.number(let one), .number(let other)): one == other
        case (.text(let one), .text(let other)): one.hasSameBytes(as: other)
        case (.flag(let one), .flag(let other)): one == other
        case (.integer, _), (.number, _), (.text, _), (.flag, _): false
        }
    }

    public func hash(into hasher: inout Hasher) {
        switch self {
        case .integer(let integer): hasher.combine(integer)
        case .number(let number): hasher.combine(number)
        case .text(let text): text.hashBytes(into: &hasher)
        case .flag(let flag): hasher.combine(flag)
        }
    }
}

extension FaultValue: Codable {
    public init(from decoder: any Decoder) throws {
        let value = try decoder.singleValueContainer()
        if let flag = try? value.decode(Bool.self) {
            self = .flag(flag)
        } else if let integer = try? value.decode(Int.self) {
            self = .integer(integer)
        } else if let number = try? value.decode(Double.self) {
            self = .number(number)
        } else {
            self = .text(try value.decode(String.self))
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var value = encoder.singleValueContainer()
        switch self {
        case .integer(let integer): try value.encode(integer)
        case .number(let number): try value.encode(number)
        case .text(let text): try value.encode(text)
        case .flag(let flag): try value.encode(flag)
        }
    }
}

extension FaultValue: CustomStringConvertible {
    public var description: String {
        switch self {
        case .integer(let integer): String(integer)
        case .number(let number):
            number == number.rounded() && abs(number) < 1e15 ? String(Int(number)) : String(number)
        case .text(let text): text
        case .flag(let flag): flag ? "yes" : "no"
        }
    }
}

extension FaultValue: ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral, ExpressibleByStringLiteral,
    ExpressibleByBooleanLiteral
{
    public init(integerLiteral value: Int) { self = .integer(value) }
    public init(floatLiteral value: Double) { self = .number(value) }
    public init(stringLiteral value: String) { self = .text(value) }
    public init(booleanLiteral value: Bool) { self = .flag(value) }
}
