/// What names something: a text or a `Name`.
public protocol NameConvertible: Sendable {
    var asName: Name { get }
}

extension Name: NameConvertible {
    public var asName: Name { self }
}

extension String: NameConvertible {
    public var asName: Name { Name(self) }
}

extension Substring: NameConvertible {
    public var asName: Name { Name(self) }
}
