import Names

/// A field table (specification, section 4.2.5.5): keys and values in the order they have on the wire.
///
/// Equality regards the order, as two tables in another order are other bytes. A key that occurs twice is kept twice;
/// the first wins, as in RabbitMQ. Keys go by their bytes.
public struct FieldTable: Hashable, Sendable {
    public struct Entry: Hashable, Sendable {
        public var key: Name
        public var value: FieldValue

        public init(key: Name, value: FieldValue) {
            self.key = key
            self.value = value
        }

        public init(key: String, value: FieldValue) {
            self.init(key: Name(key), value: value)
        }
    }

    /// How deep tables and arrays may sit inside each other, so that a peer cannot exhaust the stack.
    public static let maximumDepth = 64

    public var entries: [Entry]

    public init(_ entries: [Entry] = []) {
        self.entries = entries
    }

    /// The first value of that name. Setting replaces it in place or appends; nil removes every value of the name.
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

    /// As with a `Name`.
    public subscript(key: String) -> FieldValue? {
        get { self[Name(key)] }
        set { self[Name(key)] = newValue }
    }
}

extension FieldTable: RandomAccessCollection {
    public var startIndex: Int { entries.startIndex }
    public var endIndex: Int { entries.endIndex }
    public subscript(position: Int) -> Entry { entries[position] }
}

extension FieldTable: ExpressibleByDictionaryLiteral {
    public init(dictionaryLiteral elements: (String, FieldValue)...) {
        self.init(elements.map { Entry(key: $0.0, value: $0.1) })
    }
}

extension FieldTable: CustomStringConvertible {
    public var description: String { "{" + entries.map { "\($0.key)=\($0.value)" }.joined(separator: ", ") + "}" }
}
