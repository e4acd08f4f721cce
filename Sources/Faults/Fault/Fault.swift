import Names

/// A fault as requested: its name in the catalogue, its parameters, its selector and its duration.
///
/// As JSON and in plan files:
///
///     {"fault": "close-channel", "parameters": {"code": 406}, "selector": {"connection": "orders*"}, "duration_s": 30}
public struct Fault: Sendable, Hashable {
    /// The name in the catalogue, for example `close-channel`.
    public var name: String
    /// Parameters that differ from the catalogue's defaults, by name.
    public var parameters: [String: FaultValue]
    /// What the fault applies to.
    public var selector: FaultSelector
    /// Seconds until the fault is undone automatically; `nil` uses the catalogue's default, or lasts until it is
    /// undone.
    public var duration: Double?
    /// The seed of random decisions: the same seed gives the same run.
    public var seed: UInt64

    /// Creates a fault, by default with the catalogue's parameters and duration.
    public init(
        _ name: String, _ parameters: [String: FaultValue] = [:], on selector: FaultSelector = FaultSelector(),
        for duration: Double? = nil, seed: UInt64 = 1
    ) {
        self.name = name
        self.parameters = parameters
        self.selector = selector
        self.duration = duration
        self.seed = seed
    }
}

extension Fault: Codable {
    private enum CodingKeys: String, CodingKey, CaseIterable {
        case name = "fault"
        case parameters, selector
        case duration = "duration_s"
        case seed
    }

    public init(from decoder: any Decoder) throws {
        try decoder.refuseOthers(than: CodingKeys.allCases.map(\.rawValue))
        let values = try decoder.container(keyedBy: CodingKeys.self)
        name = try values.decode(String.self, forKey: .name)
        parameters = try values.decodeIfPresent([String: FaultValue].self, forKey: .parameters) ?? [:]
        selector = try values.decodeIfPresent(FaultSelector.self, forKey: .selector) ?? FaultSelector()
        duration = try values.number(forKey: .duration)
        seed = try values.whole(UInt64.self, forKey: .seed) ?? 1
    }
}

extension Decoder {
    /// Throws for an unknown key, which is a mistake in the input.
    func refuseOthers(than known: [String]) throws {
        let present = try container(keyedBy: AnyKey.self).allKeys.map(\.stringValue)
        guard let other = present.sorted().first(where: { !known.contains($0) }) else { return }
        throw DecodingError.dataCorrupted(
            DecodingError.Context(
                codingPath: codingPath,
                debugDescription: "'\(other)' is not known here; there are: \(known.joined(separator: ", "))"))
    }
}

extension KeyedDecodingContainer {
    /// Returns a number, written with or without a decimal point: some formats distinguish the two.
    func number(forKey key: Key) throws -> Double? {
        guard contains(key) else { return nil }
        if let integer = try? decode(Int.self, forKey: key) { return Double(integer) }
        return try decode(Double.self, forKey: key)
    }
}

extension KeyedDecodingContainer {
    /// Returns an integer; `nil` when there is none. Throws an error with the valid range when it is out of range.
    func whole<Whole: FixedWidthInteger & Decodable>(_: Whole.Type, forKey key: Key) throws -> Whole? {
        guard contains(key), try !decodeNil(forKey: key) else { return nil }
        func misfit() -> DecodingError {
            .dataCorruptedError(
                forKey: key, in: self,
                debugDescription: "A whole number from \(Whole.min) to \(Whole.max) is expected")
        }
        // As an Int first: TOML's decoder traps on a negative number when an unsigned one is expected.
        if let integer = try? decode(Int.self, forKey: key) {
            guard let whole = Whole(exactly: integer) else { throw misfit() }
            return whole
        }
        do {
            return try decode(Whole.self, forKey: key)
        } catch {
            guard (try? decode(Double.self, forKey: key)) != nil else { throw error }
            throw misfit()
        }
    }
}

private struct AnyKey: CodingKey {
    var stringValue: String
    var intValue: Int? { nil }

    init?(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
}

extension Fault {
    /// The object that the fault selects, in a few words: `channel 3 of orders-service`; `nil` when it selects none.
    public var aim: String? {
        if let connection = selector.connection {
            return selector.channel.map { "channel \($0) of \(connection)" } ?? connection
        }
        if let connections = selector.connections { return connections.words }
        let queue = selector.queue ?? named("queue")
        let exchange = selector.exchange ?? named("exchange")
        if let name = queue ?? exchange { return name }
        if let user = selector.user ?? named("user") { return "user \(user)" }
        if let vhost = selector.virtualHost ?? named("vhost") { return "vhost \(vhost)" }
        if let node = named("node") { return node }
        return selector.channel.map { "channels \($0)" }
    }

    private func named(_ parameter: String) -> String? {
        guard case .text(let text) = parameters[parameter], !text.isEmpty else { return nil }
        return text
    }
}

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
