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
