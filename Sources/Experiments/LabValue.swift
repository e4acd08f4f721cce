/// The value of a setting or of a detail in the ledger, as far as JSON and TOML can express it.
public enum LabValue: Sendable, Hashable {
    case integer(Int)
    case number(Double)
    case text(String)
    case flag(Bool)
    case list([LabValue])
    case object([String: LabValue])
    case null

    /// The value as text: `10`, `0.5`, `true`, `a, b`.
    public var text: String {
        switch self {
        case .integer(let value): String(value)
        case .number(let value): Self.figure(value)
        case .text(let value): value
        case .flag(let value): String(value)
        case .list(let values): values.map(\.text).joined(separator: ", ")
        case .object(let values):
            values.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value.text)" }.joined(separator: ", ")
        case .null: "-"
        }
    }

    /// Returns a number with at most three decimals, and none for an integer.
    package static func figure(_ value: Double) -> String {
        guard value.isFinite else { return "-" }
        let rounded = (value * 1_000).rounded() / 1_000
        return rounded == rounded.rounded() && abs(rounded) < 1e15 ? String(Int(rounded)) : String(rounded)
    }
}

extension LabValue: Codable {
    /// Decodes any JSON or TOML value.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let value = try? container.decode(Bool.self) {
            self = .flag(value)
        } else if let value = try? container.decode(Int.self) {
            self = .integer(value)
        } else if let value = try? container.decode(Double.self) {
            self = .number(value)
        } else if let value = try? container.decode(String.self) {
            self = .text(value)
        } else if let values = try? container.decode([LabValue].self) {
            self = .list(values)
        } else {
            self = .object(try container.decode([String: LabValue].self))
        }
    }

    /// Encodes the value; a number that is not finite becomes null.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .integer(let value): try container.encode(value)
        // JSON has no infinity and no NaN.
        case .number(let value): if value.isFinite { try container.encode(value) } else { try container.encodeNil() }
        case .text(let value): try container.encode(value)
        case .flag(let value): try container.encode(value)
        case .list(let values): try container.encode(values)
        case .object(let values): try container.encode(values)
        case .null: try container.encodeNil()
        }
    }
}
