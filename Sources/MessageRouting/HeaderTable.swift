public import Names

/// Headers of a message, or arguments of a binding. Of several with one name the first counts.
public struct HeaderTable: Sendable, Hashable, ExpressibleByDictionaryLiteral {
    /// A name with its value.
    public struct Entry: Sendable, Hashable {
        /// The name.
        public var name: Name
        /// The value.
        public var value: HeaderValue

        /// Creates an entry.
        public init(name: Name, value: HeaderValue) {
            self.name = name
            self.value = value
        }
    }

    /// The entries, in their order.
    public var entries: [Entry]

    /// Creates a table.
    public init(_ entries: [Entry] = []) { self.entries = entries }

    /// Creates a table from a literal.
    public init(dictionaryLiteral elements: (Name, HeaderValue)...) {
        entries = elements.map { Entry(name: $0, value: $1) }
    }

    /// The value of a name; nil if there is none.
    public subscript(name: Name) -> HeaderValue? { entries.first { $0.name == name }?.value }
}
