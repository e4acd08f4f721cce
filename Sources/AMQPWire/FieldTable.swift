import Names

/// A field table (specification, section 4.2.5.5): keys and values in the order that they have on the wire.
///
/// Equality includes the order, because tables in another order have other bytes. A key that occurs twice is kept
/// twice; the first value is used, as in RabbitMQ. Keys are compared by their bytes.
public struct FieldTable: Hashable, Sendable {
    /// A key with its value.
    public struct Entry: Hashable, Sendable {
        /// The key.
        public var key: Name
        /// The value.
        public var value: FieldValue

        /// Creates an entry.
        public init(key: Name, value: FieldValue) {
            self.key = key
            self.value = value
        }

        /// Creates an entry with a key from text.
        public init(key: String, value: FieldValue) {
            self.init(key: Name(key), value: value)
        }
    }

    /// The maximum nesting depth of tables and arrays, so that a peer cannot exhaust the stack.
    public static let maximumDepth = 64

    /// The entries in order.
    public var entries: [Entry]

    /// Creates a table from entries.
    public init(_ entries: [Entry] = []) {
        self.entries = entries
    }

    /// The first value of a key. Setting it replaces the value in place or appends it; nil removes every value of the
    /// key.
    public subscript(key: Name) -> FieldValue? {
        get { entries.first { $0.key == key }?.value }
        set {
            guard let newValue else {
                entries.removeAll { $0.key == key }
                return
            }
            if let index = entries.firstIndex(where: { $0.key == key }) {
                entries[index].value = newValue
            } else {
                entries.append(Entry(key: key, value: newValue))
            }
        }
    }

    /// The first value of a key given as text; otherwise like the subscript with a `Name`.
    public subscript(key: String) -> FieldValue? {
        get { self[Name(key)] }
        set { self[Name(key)] = newValue }
    }
}

extension FieldTable: RandomAccessCollection {
    /// The position of the first entry.
    public var startIndex: Int { entries.startIndex }
    /// The position after the last entry.
    public var endIndex: Int { entries.endIndex }
    /// The entry at a position.
    public subscript(position: Int) -> Entry { entries[position] }
}

extension FieldTable: ExpressibleByDictionaryLiteral {
    /// Creates a table from a dictionary literal, in the order of the literal.
    public init(dictionaryLiteral elements: (String, FieldValue)...) {
        self.init(elements.map { Entry(key: $0.0, value: $0.1) })
    }
}

extension FieldTable: CustomStringConvertible {
    /// The entries as text, for display.
    public var description: String { "{" + entries.map { "\($0.key)=\($0.value)" }.joined(separator: ", ") + "}" }
}
