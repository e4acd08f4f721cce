/// A classic queue whose messages may expire: a model without a broker (RabbitMQ documentation: Time-To-Live and
/// Expiration). Times are seconds since all of its messages were published.
struct ExpirationModel: Sendable, Hashable {
    struct Message: Sendable, Hashable {
        var name: String
        /// The message's own time to live; nil is none.
        var expiry: Double?
    }

    /// The rules of RabbitMQ, or with a common misconception.
    struct Rules: Sendable, Hashable {
        /// Whether expired messages leave the queue at any position. In RabbitMQ only the head is checked: an expired
        /// message behind it stays, and is counted, until it reaches the head.
        var dropsAnywhere = false
        /// A time after which messages without a time to live expire. In RabbitMQ they never do.
        var defaultExpiry: Double?

        static let broker = Rules()
    }

    struct Prediction: Sendable, Hashable {
        /// The number of messages in the queue when the consumer arrives.
        var ready: Int
        /// The messages that are dead-lettered before it arrives.
        var expiredBefore: [String]
        /// The messages that it gets.
        var delivered: [String]
        /// The messages that are dead-lettered while it takes those before them.
        var expiredOnArrival: [String]
    }

    var messages: [Message]
    /// The queue's `x-message-ttl`; the shorter of it and the message's own counts.
    var messageTTL: Double?

    /// Returns what a consumer finds that arrives at this time and takes all messages.
    func at(_ arrival: Double, by rules: Rules = .broker) -> Prediction {
        func hasExpired(_ message: Message) -> Bool {
            let own = [message.expiry, messageTTL].compactMap(\.self).min() ?? rules.defaultExpiry
            return own.map { $0 <= arrival } ?? false
        }
        let before = rules.dropsAnywhere ? messages.filter(hasExpired) : Array(messages.prefix { hasExpired($0) })
        let left = rules.dropsAnywhere ? messages.filter { !hasExpired($0) } : Array(messages.dropFirst(before.count))
        return Prediction(
            ready: left.count, expiredBefore: before.map(\.name),
            delivered: left.filter { !hasExpired($0) }.map(\.name),
            expiredOnArrival: left.filter(hasExpired).map(\.name))
    }
}
