public import Names

/// What is changed in messages that are passed on. By default they stay as they are, byte for byte.
public struct MessageRules: Sendable, Hashable {
    /// What becomes of the property `user_id`, which the broker accepts only from that user.
    public enum UserID: String, Sendable, Hashable, CaseIterable {
        /// A message of another user stays where it is.
        case refuse
        /// The property is removed from messages of other users.
        case drop
        /// It is sent, which the broker permits to users with the tag `impersonator`.
        case keep
    }

    /// What becomes of the property `expiration`.
    public enum Expiration: String, Sendable, Hashable, CaseIterable {
        /// It stays; the time begins anew.
        case keep
        /// It is removed.
        case drop
        /// A dead letter gets back the one that the broker removed from it.
        case restore
    }

    /// The user of the connection that publishes.
    public var user: Name
    public var userID = UserID.refuse
    public var expiration = Expiration.keep
    /// Whether dead letters that go back keep the headers that tell of their deaths.
    public var keepsDeaths = false

    /// Creates rules for a user that publishes.
    public init(user: Name) { self.user = user }
}

/// Why a message is not passed on: `no dead letter`.
public struct MessageRefusal: Error, Sendable, Hashable {
    public var why: String
}
