/// A name from outside: of a queue, an exchange, a user, a header key. Names are compared by their bytes.
///
/// Swift compares `String` by canonical equivalence: "café" with one scalar for the é and "café" with two are equal,
/// although a broker can have a queue for each. Two names are equal when their bytes are. Bytes that are not UTF-8 are
/// kept unchanged.
public struct Name: Sendable {
    /// The name as text; empty if the bytes are not UTF-8.
    @usableFromInline
    let valid: String
    /// The bytes if they are not UTF-8.
    @usableFromInline
    let raw: [UInt8]?

    @usableFromInline
    init(valid: String, raw: [UInt8]?) {
        self.valid = valid
        self.raw = raw
    }

    @inlinable
    /// Creates a name from the UTF-8 of a text.
    public init(_ text: String) {
        self.init(valid: text, raw: nil)
    }

    @inlinable
    /// Creates a name from the UTF-8 of a text.
    public init(_ text: Substring) {
        self.init(String(text))
    }

    /// Creates a name from bytes, which need not be UTF-8.
    public init(bytes: some Collection<UInt8>) {
        if let text = String(validating: bytes, as: UTF8.self) {
            self.init(text)
        } else {
            self.init(valid: "", raw: Array(bytes))
        }
    }

    /// Creates a name from a text; nil if the text is nil.
    @inlinable
    public init?(_ text: String?) {
        guard let text else { return nil }
        self.init(text)
    }

    /// The name for display. Each byte that is not UTF-8 appears as `\xNN`.
    @inlinable
    public var text: String { raw.map { String(showing: $0) } ?? valid }

    @inlinable
    /// Whether the name has no bytes.
    public var isEmpty: Bool { count == 0 }

    /// Whether the bytes are UTF-8, so that `text` represents the whole name.
    @inlinable
    public var isText: Bool { raw == nil }

    /// The number of bytes.
    @inlinable
    public var count: Int { raw?.count ?? valid.utf8.count }

    /// The bytes.
    public var bytes: [UInt8] { raw ?? Array(valid.utf8) }

    /// Calls `body` with the bytes, which are valid only during the call.
    @inlinable
    public func withBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        if let raw { try raw.withUnsafeBytes(body) } else { try valid.withBytes(body) }
    }

    /// Returns whether the name begins with the bytes of another.
    public func hasPrefix(_ prefix: Name) -> Bool {
        withBytes { bytes in prefix.withBytes { bytes.starts(with: $0) } }
    }

    /// Returns whether the name ends with the bytes of another.
    public func hasSuffix(_ suffix: Name) -> Bool {
        withBytes { bytes in suffix.withBytes { bytes.count >= $0.count && bytes.suffix($0.count).elementsEqual($0) } }
    }

    /// Returns whether the name contains the bytes of another.
    public func contains(_ part: Name) -> Bool {
        withBytes { bytes in part.withBytes { bytes.firstOffset(of: $0) != nil } }
    }
}

extension Name: Hashable {
    @inlinable
    /// Whether both names have the same bytes.
    public static func == (one: Name, other: Name) -> Bool {
        // A name that is UTF-8 and one that is not differ.
        if one.raw == nil, other.raw == nil { one.valid.hasSameBytes(as: other.valid) } else { one.raw == other.raw }
    }

    @inlinable
    /// Hashes the bytes.
    public func hash(into hasher: inout Hasher) {
        withBytes {
            hasher.combine($0.count)
            hasher.combine(bytes: $0)
        }
    }

    @inlinable
    /// Whether the name has the UTF-8 bytes of the text.
    public static func == (name: Name, text: String) -> Bool { name.raw == nil && name.valid.hasSameBytes(as: text) }
    @inlinable
    /// Whether the name has the UTF-8 bytes of the text.
    public static func == (text: String, name: Name) -> Bool { name == text }
    @inlinable
    /// Whether the name has other bytes than the text.
    public static func != (name: Name, text: String) -> Bool { !(name == text) }
    @inlinable
    /// Whether the name has other bytes than the text.
    public static func != (text: String, name: Name) -> Bool { !(name == text) }
}

extension Name? {
    @inlinable
    /// Whether both are nil, or the name has the UTF-8 bytes of the text.
    public static func == (name: Name?, text: String?) -> Bool { name == Name(text) }
    @inlinable
    /// Whether both are nil, or the name has the UTF-8 bytes of the text.
    public static func == (text: String?, name: Name?) -> Bool { name == Name(text) }
    @inlinable
    /// Whether only one is nil, or the name has other bytes than the text.
    public static func != (name: Name?, text: String?) -> Bool { name != Name(text) }
    @inlinable
    /// Whether only one is nil, or the name has other bytes than the text.
    public static func != (text: String?, name: Name?) -> Bool { name != Name(text) }
}

extension Name: Comparable {
    /// Whether the first name comes before the second in the order of their bytes, as with `memcmp`.
    @inlinable
    public static func < (one: Name, other: Name) -> Bool {
        one.withBytes { bytes in other.withBytes { bytes.order(to: $0) < 0 } }
    }
}

extension Name: ExpressibleByStringInterpolation {
    @inlinable
    /// Creates a name from a string literal.
    public init(stringLiteral value: String) { self.init(value) }
}

extension Name: CustomStringConvertible, CustomDebugStringConvertible {
    /// The name for display; see `text`.
    public var description: String { text }
    /// The name for display, quoted.
    public var debugDescription: String { text.debugDescription }
}

extension Name: Codable {
    /// With this key of `userInfo`, an encoder keeps the bytes of names that are not UTF-8.
    public static let keepsBytes = CodingUserInfoKey(rawValue: "Names.Name.keepsBytes")

    /// The members of a name that is not UTF-8 and whose bytes are kept.
    private enum CodingKeys: String, CodingKey {
        /// The bytes, two hexadecimal digits for each.
        case hex
        /// The name for display.
        case text
    }

    /// Encodes the name as a string. A name that is not UTF-8 is encoded as `text`, and decoded as that text, unless
    /// the encoder has the key `keepsBytes`: then it is an object of `text` and `hex`.
    public func encode(to encoder: any Encoder) throws {
        if let raw, let key = Self.keepsBytes, encoder.userInfo[key] != nil {
            var container = encoder.container(keyedBy: CodingKeys.self)
            let digits = raw.map { $0 < 0x10 ? "0" + String($0, radix: 16) : String($0, radix: 16) }
            try container.encode(digits.joined(), forKey: .hex)
            try container.encode(text, forKey: .text)
        } else {
            var container = encoder.singleValueContainer()
            try container.encode(text)
        }
    }

    /// Decodes a name from a string, or from an object whose bytes were kept.
    public init(from decoder: any Decoder) throws {
        if let text = try? decoder.singleValueContainer().decode(String.self) {
            self.init(text)
            return
        }
        let container = try decoder.container(keyedBy: CodingKeys.self)
        let digits = Array(try container.decode(String.self, forKey: .hex).utf8)
        let bytes = stride(from: 0, to: digits.count - 1, by: 2).compactMap {
            UInt8(String(decoding: digits[$0...($0 + 1)], as: UTF8.self), radix: 16)
        }
        guard bytes.count * 2 == digits.count else {
            throw DecodingError.dataCorruptedError(
                forKey: .hex, in: container, debugDescription: "These are no hexadecimal digits.")
        }
        self.init(bytes: bytes)
    }
}

extension Sequence<Name> {
    /// Returns the names for display, joined to one text.
    public func joined(separator: String = "") -> String {
        map(\.text).joined(separator: separator)
    }
}

/// A value that can be used as a name: a text or a `Name`.
public protocol NameConvertible: Sendable {
    /// The value as a name.
    var asName: Name { get }
}

extension Name: NameConvertible {
    /// The name itself.
    public var asName: Name { self }
}

extension String: NameConvertible {
    /// The text as a name.
    public var asName: Name { Name(self) }
}

extension Substring: NameConvertible {
    /// The text as a name.
    public var asName: Name { Name(self) }
}
