/// A property wrapper that compares and hashes a text byte by byte, while other code uses it as a `String`.
///
///     struct Key: Hashable {
///         @ByBytes var vhost: String
///         @ByBytes var owner: String?
///     }
@propertyWrapper
public struct ByBytes<Text: ByteText>: Hashable, Sendable {
    /// The text.
    public var wrappedValue: Text

    @inlinable
    /// Creates a wrapper of a text.
    public init(wrappedValue: Text) {
        self.wrappedValue = wrappedValue
    }

    @inlinable
    /// Whether both texts have the same bytes.
    public static func == (one: Self, other: Self) -> Bool { one.wrappedValue.isByteEqual(to: other.wrappedValue) }

    @inlinable
    /// Hashes the bytes of the text.
    public func hash(into hasher: inout Hasher) { wrappedValue.hashBytes(into: &hasher) }
}

/// A text that is compared by bytes: `String` or `String?`.
public protocol ByteText: Sendable {
    /// Returns whether both texts have the same bytes.
    func isByteEqual(to other: Self) -> Bool
    /// Hashes the bytes of the text.
    func hashBytes(into hasher: inout Hasher)
}

extension String: ByteText {
    @inlinable
    /// Returns whether both texts have the same UTF-8 bytes.
    public func isByteEqual(to other: String) -> Bool { hasSameBytes(as: other) }

    @inlinable
    /// Hashes the UTF-8 bytes.
    public func hashBytes(into hasher: inout Hasher) {
        withBytes {
            hasher.combine($0.count)
            hasher.combine(bytes: $0)
        }
    }
}

extension Optional: ByteText where Wrapped: ByteText {
    @inlinable
    /// Returns whether both are nil, or both texts have the same bytes.
    public func isByteEqual(to other: Self) -> Bool {
        switch (self, other) {
        case (let one?, let other?): one.isByteEqual(to: other)
        case (nil, nil): true
        case (nil, _?), (_?, nil): false
        }
    }

    @inlinable
    /// Hashes whether there is a text, and its bytes.
    public func hashBytes(into hasher: inout Hasher) {
        hasher.combine(self != nil)
        self?.hashBytes(into: &hasher)
    }
}
