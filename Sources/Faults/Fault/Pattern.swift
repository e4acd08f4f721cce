import Names

/// A text pattern in which `*` matches anything. Compares bytes rather than Characters, so that a combining accent
/// after the `*` is matched separately.
public struct Pattern: Sendable, Hashable {
    private let parts: [Name]

    /// Creates a pattern.
    public init(_ text: String) {
        parts = text.parts(separatedBy: "*").map { Name($0) }
    }

    /// Returns whether the whole text matches the pattern.
    public func matches(_ text: String) -> Bool {
        guard let first = parts.first, let last = parts.last else { return false }
        let exact = parts.count == 1
        return text.withBytes { text in
            guard first.withBytes({ text.starts(with: $0) }) else { return false }
            if exact { return text.count == first.count }
            var rest = text[first.count...]
            for part in parts.dropFirst().dropLast() where !part.isEmpty {
                guard let start = part.withBytes({ UnsafeRawBufferPointer(rebasing: rest).firstOffset(of: $0) }) else {
                    return false
                }
                rest = rest.dropFirst(start + part.count)
            }
            return last.withBytes { rest.count >= $0.count && rest.suffix($0.count).elementsEqual($0) }
        }
    }
}
