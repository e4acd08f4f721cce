public import Names
public import TopCore

/// What is changed in messages that are passed on. By default they stay as they are, byte for byte.
public struct MessageRules: Sendable, Hashable {
    /// The user of the connection that publishes.
    public var user: Name
    public var userID = UserIDRule.refuse
    public var expiration = ExpirationRule.keep
    /// Whether dead letters that go back keep the headers that tell of their deaths.
    public var keepsDeaths = false

    /// Creates rules for a user that publishes.
    public init(user: Name) { self.user = user }
}

/// Why a message is not passed on: `no dead letter`.
public struct MessageRefusal: Error, Sendable, Hashable {
    public var why: String
}
