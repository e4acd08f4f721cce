/// A name from outside: of a queue, an exchange, a user, a header's key. Its identity is its bytes.
///
/// Swift compares `String` by canonical equivalence: "café" with one scalar for the é and with two are equal, though a
/// broker has a queue for each. Two names are equal when their bytes are. Bytes that are not UTF-8 are kept as they are.
public struct Name: Sendable {
    /// Empty where the bytes are not UTF-8.
    @usableFromInline
    let valid: String
    /// The bytes, where they are not UTF-8.
    @usableFromInline
    let raw: [UInt8]?

    @usableFromInline
    init(valid: String, raw: [UInt8]?) {
        self.valid = valid
        self.raw = raw
    }

    @inlinable
    public init(_ text: String) {
        self.init(valid: text, raw: nil)
    }

    @inlinable
    public init(_ text: Substring) {
        self.init(String(text))
    }

    public init(bytes: some Collection<UInt8>) {
        if let text = String(validating: bytes, as: UTF8.self) {
            self.init(text)
        } else {
            self.init(valid: "", raw: Array(bytes))
        }
    }

    /// Nil for a nil name.
    @inlinable
    public init?(_ text: String?) {
        guard let text else { return nil }
        self.init(text)
    }

    /// The name as it is shown. A byte that is not UTF-8 stands in it as `\xNN`.
    @inlinable
    public var text: String { raw.map { String(showing: $0) } ?? valid }

    @inlinable
    public var isEmpty: Bool { count == 0 }

    /// Whether the bytes are UTF-8, so that `text` is all of the name.
    @inlinable
    public var isText: Bool { raw == nil }

    /// How many bytes it has.
    @inlinable
    public var count: Int { raw?.count ?? valid.utf8.count }

    public var bytes: [UInt8] { raw ?? Array(valid.utf8) }

    /// The bytes, for as long as `body` runs.
    @inlinable
    public func withBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        if let raw { try raw.withUnsafeBytes(body) } else { try valid.withBytes(body) }
    }

    public func hasPrefix(_ prefix: Name) -> Bool {
        withBytes { bytes in prefix.withBytes { bytes.starts(with: $0) } }
    }

    public func hasSuffix(_ suffix: Name) -> Bool {
        withBytes { bytes in suffix.withBytes { bytes.count >= $0.count && bytes.suffix($0.count).elementsEqual($0) } }
    }

    public func contains(_ part: Name) -> Bool {
        withBytes { bytes in part.withBytes { bytes.firstOffset(of: $0) != nil } }
    }
}

extension Name: Hashable {
    @inlinable
    public static func == (one: Name, other: Name) -> Bool {
        // One that is UTF-8 and one that is not differ.
        if one.raw == nil, other.raw == nil { one.valid.hasSameBytes(as: other.valid) } else { one.raw == other.raw }
    }

    @inlinable
    public func hash(into hasher: inout Hasher) {
        withBytes {
            hasher.combine($0.count)
            hasher.combine(bytes: $0)
        }
    }

    @inlinable
    public static func == (name: Name, text: String) -> Bool { name.raw == nil && name.valid.hasSameBytes(as: text) }
    @inlinable
    public static func == (text: String, name: Name) -> Bool { name == text }
    @inlinable
    public static func != (name: Name, text: String) -> Bool { !(name == text) }
    @inlinable
    public static func != (text: String, name: Name) -> Bool { !(name == text) }
}

extension Name? {
    @inlinable
    public static func == (name: Name?, text: String?) -> Bool { name == Name(text) }
    @inlinable
    public static func == (text: String?, name: Name?) -> Bool { name == Name(text) }
    @inlinable
    public static func != (name: Name?, text: String?) -> Bool { name != Name(text) }
    @inlinable
    public static func != (text: String?, name: Name?) -> Bool { name != Name(text) }
}

extension Name: Comparable {
    /// By the bytes, as `memcmp` has it.
    @inlinable
    public static func < (one: Name, other: Name) -> Bool {
        one.withBytes { bytes in other.withBytes { bytes.order(to: $0) < 0 } }
    }
}

extension Name: ExpressibleByStringInterpolation {
    @inlinable
    public init(stringLiteral value: String) { self.init(value) }
}

extension Name: CustomStringConvertible, CustomDebugStringConvertible {
    public var description: String { text }
    public var debugDescription: String { text.debugDescription }
}

extension Name: Codable {
    /// A string. What is not UTF-8 is written as it is shown, and is read as that text.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }

    public init(from decoder: any Decoder) throws {
        self.init(try decoder.singleValueContainer().decode(String.self))
    }
}

extension Sequence<Name> {
    /// The names as they are shown, in one text.
    public func joined(separator: String = "") -> String {
        map(\.text).joined(separator: separator)
    }
}
