public import Foundation
public import Names

extension DiagnosisFacts {
    /// What is known of an individual queue beyond its depth. What is `nil` is unknown or not set.
    public struct QueueDetailFacts: Sendable {
        /// The identity of the queue.
        public var key: QueueKey
        /// The type.
        public var type: QueueType?
        /// The state as RabbitMQ names it.
        public var state: String?
        /// Messages ready for delivery.
        public var ready: Int?
        /// The number of consumers.
        public var consumers: Int?
        /// Since when the queue has been idle, according to the broker; `nil` while it is in use.
        public var idleSince: Date?
        /// Deliveries per second.
        public var deliverRate: Double?
        /// Acknowledgements per second.
        public var ackRate: Double?
        /// Redeliveries per second.
        public var redeliverRate: Double?
        /// The highest number of ready messages that the queue keeps.
        public var maxLength: Int?
        /// The highest size of its ready messages' bodies, in bytes.
        public var maxLengthBytes: Int?
        /// The size of all messages' bodies, in bytes.
        public var messageBytes: Int?
        /// What becomes of messages beyond the limit.
        public var overflow = Overflow.dropHead
        /// The nodes with a replica.
        public var members: [Name]?
        /// The members that the leader reaches.
        public var onlineMembers: [Name]?
        /// The members that lack what was committed some time ago; `nil` when it is not known.
        public var memberLags: [MemberLagFacts]?
        /// How far the consumers of a stream are behind; `nil` when it is not known.
        public var consumerLag: ConsumerLagFacts?
        /// The timestamp of the oldest message.
        public var headMessageAt: Date?
        /// The seconds within which a delivery must be acknowledged, when the queue has a limit of its own.
        public var consumerTimeout: Double?
        /// Whether only one of the consumers receives messages while the others wait.
        public var hasSingleActiveConsumer = false

        /// Creates the facts of a queue; everything else is unknown.
        public init(_ key: QueueKey) {
            self.key = key
        }
    }

    /// A member of a quorum queue that is behind.
    public struct MemberLagFacts: Sendable {
        /// The member's node.
        public var node: Name
        /// The number of entries of the log that it lacks.
        public var entries: Int
        /// Since when it lacks some.
        public var since: Date

        /// Creates the facts of a member.
        public init(node: some NameConvertible, entries: Int, since: Date) {
            self.node = node.asName
            self.entries = entries
            self.since = since
        }
    }

    /// The consumer of a stream that is behind the most.
    public struct ConsumerLagFacts: Sendable {
        /// The number of messages to the end of the stream.
        public var messages: Int
        /// Its connection, where the broker names it.
        public var connection: Name?
        /// When the broker told it.
        public var at: Date

        /// Creates the facts of a consumer.
        public init(messages: Int, connection: Name? = nil, at: Date) {
            self.messages = messages
            self.connection = connection
            self.at = at
        }
    }

    /// The type of a queue.
    public enum QueueType: String, Sendable {
        case classic, quorum, stream
    }

    /// What becomes of messages beyond a queue's maximum length.
    public enum Overflow: String, Sendable {
        /// The oldest messages are dropped or dead-lettered: the broker's default.
        case dropHead = "drop-head"
        /// New messages are refused.
        case rejectPublish = "reject-publish"
        /// New messages are refused and dead-lettered.
        case rejectPublishDeadLetter = "reject-publish-dlx"
    }

    /// A message that the broker returned to its publisher.
    public struct ReturnFacts: Sendable {
        /// When it was returned.
        public var at: Date
        /// The channel that it was published on.
        public var channel: ChannelKey
        /// The client-provided name of the connection.
        public var clientName: String?
        /// The broker's text, with the exchange and the routing key.
        public var text: String

        /// Creates the facts of a returned message.
        public init(at: Date, channel: ChannelKey, clientName: String?, text: String) {
            self.at = at
            self.channel = channel
            self.clientName = clientName
            self.text = text
        }
    }
}
