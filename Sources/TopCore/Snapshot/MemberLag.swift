public import Foundation
public import Names

/// A member of a quorum queue that lacks what was committed some time ago.
public struct MemberLag: Sendable, Equatable, Codable {
    /// The member's node.
    public var node: Name
    /// The number of entries of the log that it lacks, about: nodes are asked one after the other.
    public var entries: Int
    /// The time of the last commit that it is known to lack since.
    public var since: Date

    /// Creates a lag.
    public init(node: Name, entries: Int, since: Date) {
        self.node = node
        self.entries = entries
        self.since = since
    }
}

/// How far the consumers of a stream are behind its end: the one that is behind the most.
public struct ConsumerLag: Sendable, Equatable, Codable {
    /// The number of messages from its last delivery to the end of the stream.
    public var messages: Int
    /// Its connection, where the broker names it.
    public var connection: Name?
    /// When the broker told it.
    public var at: Date

    /// Creates a lag.
    public init(messages: Int, connection: Name? = nil, at: Date) {
        self.messages = messages
        self.connection = connection
        self.at = at
    }
}
