/// A classic queue whose messages may expire: a model without a broker (RabbitMQ documentation: Time-To-Live and
/// Expiration). Times are seconds since all of its messages were published.
struct ExpirationModel: Sendable, Hashable {
    struct Message: Sendable, Hashable {
        var name: String
        /// Its own time to live; nil is none.
        var expiry: Double?
    }

    /// As RabbitMQ has it, or with something that people believe of it.
    struct Rules: Sendable, Hashable {
        /// What expires leaves the queue wherever it stands. In truth only the head is looked at: what is behind it waits, and
        /// is counted, until it gets there.
        var dropsAnywhere = false
        /// What has no time to live expires after this nevertheless. In truth it never does.
        var defaultExpiry: Double?

        static let broker = Rules()
    }

    struct Prediction: Sendable, Hashable {
        /// Counted in the queue when the consumer arrives.
        var ready: Int
        /// Dead-lettered before it arrives.
        var expiredBefore: [String]
        /// What it gets.
        var delivered: [String]
        /// Dead-lettered as it takes what stood before.
        var expiredOnArrival: [String]
    }

    var messages: [Message]
    /// The queue's `x-message-ttl`; the shorter of it and the message's own counts.
    var messageTTL: Double?

    /// What a consumer finds that arrives at this time and takes all there is.
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
