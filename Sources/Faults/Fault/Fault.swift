/// A fault as somebody wants it: which one of the catalogue, how, on whom, and for how long.
///
/// As JSON and in plan files:
///
///     {"fault": "close-channel", "parameters": {"code": 406}, "selector": {"connection": "orders*"}, "duration_s": 30}
public struct Fault: Sendable, Hashable {
    /// Its name in the catalogue, `close-channel` for example.
    public var name: String
    /// Parameters that differ from the catalogue's defaults, by name.
    public var parameters: [String: FaultValue]
    /// Whom it meets.
    public var selector: FaultSelector
    /// Seconds until it is undone by itself; nil: the catalogue's own time, or until somebody undoes it.
    public var duration: Double?
    /// What chance has to decide is decided by this: the same seed, the same run.
    public var seed: UInt64

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
    /// A key that nobody reads is a mistake of whoever wrote it.
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
    /// A number, written with a point or without: some formats tell the two apart.
    func number(forKey key: Key) throws -> Double? {
        guard contains(key) else { return nil }
        if let integer = try? decode(Int.self, forKey: key) { return Double(integer) }
        return try decode(Double.self, forKey: key)
    }
}

extension KeyedDecodingContainer {
    /// A whole number; nil where none is given. One that does not fit is an error that says what does.
    func whole<Whole: FixedWidthInteger & Decodable>(_: Whole.Type, forKey key: Key) throws -> Whole? {
        guard contains(key), try !decodeNil(forKey: key) else { return nil }
        func misfit() -> DecodingError {
            .dataCorruptedError(
                forKey: key, in: self,
                debugDescription: "A whole number from \(Whole.min) to \(Whole.max) is expected")
        }
        // As an Int first: TOML's decoder traps on a negative number that is to be unsigned.
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
