/// A text that what holds it is compared and hashed by byte for byte: for types that others read as `String`.
///
///     struct Key: Hashable {
///         @ByBytes var vhost: String
///         @ByBytes var owner: String?
///     }
@propertyWrapper
public struct ByBytes<Text: ByteText>: Hashable, Sendable {
    public var wrappedValue: Text

    @inlinable
    public init(wrappedValue: Text) {
        self.wrappedValue = wrappedValue
    }

    @inlinable
    public static func == (one: Self, other: Self) -> Bool { one.wrappedValue.isByteEqual(to: other.wrappedValue) }

    @inlinable
    public func hash(into hasher: inout Hasher) { wrappedValue.hashBytes(into: &hasher) }
}

/// `String` or `String?`.
public protocol ByteText: Sendable {
    func isByteEqual(to other: Self) -> Bool
    func hashBytes(into hasher: inout Hasher)
}

extension String: ByteText {
    @inlinable
    public func isByteEqual(to other: String) -> Bool { hasSameBytes(as: other) }

    @inlinable
    public func hashBytes(into hasher: inout Hasher) {
        withBytes {
            hasher.combine($0.count)
            hasher.combine(bytes: $0)
        }
    }
}

extension Optional: ByteText where Wrapped: ByteText {
    @inlinable
    public func isByteEqual(to other: Self) -> Bool {
        switch (self, other) {
        case (let one?, let other?): one.isByteEqual(to: other)
        case (nil, nil): true
        case (nil, _?), (_?, nil): false
        }
    }

    @inlinable
    public func hashBytes(into hasher: inout Hasher) {
        hasher.combine(self != nil)
        self?.hashBytes(into: &hasher)
    }
}
