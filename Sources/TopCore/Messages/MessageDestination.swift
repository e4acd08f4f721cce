public import Names

/// Where messages are published to.
public enum MessageDestination: Sendable, Hashable {
    /// One queue, through the default exchange.
    case queue(Name)
    /// An exchange; without a routing key each message keeps its own.
    case exchange(Name, routingKey: Name?)
    /// Where each dead letter came from.
    case origin(OriginRule)
}

/// Where a dead letter goes back to.
public struct OriginRule: Sendable, Hashable {
    /// Which of its deaths decides.
    public enum Death: String, Sendable, Hashable, CaseIterable {
        /// The first: where the message was before any dead-lettering.
        case first
        /// The latest: the queue that it came from into this one.
        case latest
    }

    /// Which way it takes.
    public enum Way: String, Sendable, Hashable, CaseIterable {
        /// Into the queue where it died, and into no other.
        case queue
        /// To the exchange that it was published to, with its routing key: into every queue that is bound there.
        case exchange
    }

    public var death: Death
    public var way: Way

    /// Creates a rule.
    public init(_ death: Death = .first, by way: Way = .queue) {
        self.death = death
        self.way = way
    }
}

/// What becomes of the property `user_id` of messages that are passed on, which the broker accepts only from that user.
public enum UserIDRule: String, Sendable, Hashable, CaseIterable {
    /// A message of another user stays where it is.
    case refuse
    /// The property is removed from messages of other users.
    case drop
    /// It is sent, which the broker permits to users with the tag `impersonator`.
    case keep
}

/// What becomes of the property `expiration` of messages that are passed on.
public enum ExpirationRule: String, Sendable, Hashable, CaseIterable {
    /// It stays; the time begins anew.
    case keep
    /// It is removed.
    case drop
    /// A dead letter gets back the one that the broker removed from it.
    case restore
}
