public import Names

/// The pattern of a policy: a regular expression that is looked for anywhere in a name.
public struct PolicyPattern {
    /// The longest pattern that is evaluated, in bytes, and the most repetitions in it: matching takes a time that
    /// grows with a power of their number.
    private static let longest = 200
    private static let mostRepetitions = 3

    private let regex: Regex<AnyRegexOutput>

    /// Creates a pattern; `nil` for one that is not understood here, or that could take too long.
    public init?(_ pattern: Name) {
        guard pattern.bytes.count <= Self.longest else { return nil }
        var repetitions = 0
        var before: UInt8 = 0
        for byte in pattern.bytes {
            switch byte {
            case UInt8(ascii: "*"), UInt8(ascii: "+"), UInt8(ascii: "{"):
                // A repeated group may hold repetitions.
                if before == UInt8(ascii: ")") { return nil }
                repetitions += 1
            default: break
            }
            before = byte
        }
        guard repetitions <= Self.mostRepetitions, let regex = try? Regex(pattern.text) else { return nil }
        self.regex = regex.matchingSemantics(.unicodeScalar)
    }

    /// Returns whether the pattern is found in a name.
    public func matches(_ name: Name) -> Bool { (try? regex.firstMatch(in: name.text)) != nil }
}
