import Names

/// A text in which `*` stands for anything. Bytes are compared, not Characters: an accent behind the `*` is its own.
public struct Pattern: Sendable, Hashable {
    private let parts: [Name]

    public init(_ text: String) {
        parts = text.parts(separatedBy: "*").map { Name($0) }
    }

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
