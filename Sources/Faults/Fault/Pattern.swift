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
                guard let end = part.withBytes({ rest.end(of: $0) }) else { return false }
                rest = rest[end...]
            }
            return last.withBytes { rest.count >= $0.count && rest.suffix($0.count).elementsEqual($0) }
        }
    }
}

extension Slice<UnsafeRawBufferPointer> {
    /// Where the first occurrence of these bytes ends.
    fileprivate func end(of part: UnsafeRawBufferPointer) -> Int? {
        guard let first = part.first else { return startIndex }
        guard count >= part.count else { return nil }
        for start in startIndex...(endIndex - part.count)
        where self[start] == first && self[start..<(start + part.count)].elementsEqual(part) {
            return start + part.count
        }
        return nil
    }
}
