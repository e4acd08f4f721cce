public import Names

/// Why a binding does not match a message.
public enum Mismatch: Sendable, Hashable {
    /// A header that a binding asks for, and what the message has instead.
    public struct Header: Sendable, Hashable {
        /// What is wrong with the message's header.
        public enum Problem: Sendable, Hashable {
            /// The message does not have it.
            case absent
            /// It has another value.
            case otherValue(HeaderValue)
            /// It has a value of another type.
            case otherType(HeaderValue)
        }

        /// The header's name.
        public var name: Name
        /// The binding's value.
        public var wanted: HeaderValue
        /// What is wrong.
        public var problem: Problem
    }

    /// A direct exchange: the binding has another key than the message.
    case key(Name)
    /// A topic exchange: the pattern's word with this number, from 1, meets another word of the key, or its end.
    case word(number: Int, wanted: Name, found: Name?)
    /// A topic exchange: behind a `#` the key has nowhere the pattern's word with this number, from 1.
    case wordBehindHash(number: Int, wanted: Name)
    /// A topic exchange: the key goes on after the pattern's end, with this word.
    case rest(Name)
    /// A headers exchange that wants all: these of so many do not match.
    case headers([Header], of: Int)
    /// A headers exchange that wants one: none matches.
    case noneOf([Header])

    /// The reason as the end of a sentence.
    public var words: String {
        switch self {
        case .key(let key): "its key is \(Self.quoted(key))"
        case .word(let number, let wanted, nil):
            "the key ends before word \(number) of the pattern, \(Self.quoted(wanted))"
        case .word(let number, let wanted, let found?):
            "word \(number) of the pattern is \(Self.quoted(wanted)), the key has \(Self.quoted(found))"
        case .wordBehindHash(let number, let wanted):
            "the key has no \(Self.quoted(wanted)) for word \(number) of the pattern"
        case .rest(let word): "the key goes on with \(Self.quoted(word)) after the end of the pattern"
        case .headers(let headers, _): headers.map(\.words).joined(separator: "; ")
        case .noneOf(let headers):
            headers.isEmpty
                ? "it asks for one of no headers, which never matches"
                : "none matches: " + headers.map(\.words).joined(separator: "; ")
        }
    }

    private static func quoted(_ name: Name) -> String { "'\(name.text)'" }
}

extension Mismatch.Header {
    /// The problem in words.
    public var words: String {
        switch problem {
        case .absent: "header \(name.text) is missing"
        case .otherValue(let value): "header \(name.text) is \(value), not \(wanted)"
        case .otherType(let value):
            "header \(name.text) is \(value.typeName) (\(value)), not \(wanted.typeName) (\(wanted))"
        }
    }
}

extension Mismatch {
    /// How near the binding is to the message: of several the higher is the nearer.
    func nearness(to keys: [Name]) -> Double {
        switch self {
        case .key(let key):
            keys.map { Self.commonPrefix(key, $0) }.max() ?? 0
        case .word(let number, _, let found): Double(number - 1) + (found == nil ? 0 : 0.5)
        case .wordBehindHash(let number, _): Double(number - 1)
        case .rest: 1_000
        case .headers(let failures, let count): Double(count - failures.count) - Double(failures.count) / 1_000
        case .noneOf: 0
        }
    }

    private static func commonPrefix(_ one: Name, _ other: Name) -> Double {
        one.withBytes { bytes in
            other.withBytes { others in
                let common = zip(bytes, others).prefix { $0 | 0x20 == $1 | 0x20 }.count
                return Double(common) / Double(max(1, bytes.count, others.count))
            }
        }
    }
}
