public import Names

/// An object that a finding is about, so that its row can be marked.
public enum FindingSubject: Sendable, Hashable, Codable {
    /// The whole cluster.
    case cluster
    /// A node of the cluster.
    case node(Name)
    /// A virtual host.
    case vhost(Name)
    /// A queue.
    case queue(DiagnosisFacts.QueueKey)
    /// An exchange.
    case exchange(DiagnosisFacts.ExchangeKey)
    /// A connection, by its name as RabbitMQ shows it.
    case connection(Name)
    /// A channel.
    case channel(DiagnosisFacts.ChannelKey)
    /// A consumer.
    case consumer(DiagnosisFacts.ConsumerKey)
    /// An application, by its client-provided name: all its connections.
    case application(Name)
    /// A source of figures, by the name that is shown.
    case source(Name)
}

extension DiagnosisFacts {
    /// The identity of an exchange.
    public struct ExchangeKey: Sendable, Hashable, Codable {
        /// The exchange's vhost.
        public var vhost: Name
        /// The exchange's name; empty for the default exchange.
        public var name: Name

        /// Creates the identity of an exchange.
        public init(vhost: some NameConvertible, name: some NameConvertible) {
            self.vhost = vhost.asName
            self.name = name.asName
        }

        /// The exchange's name, with its vhost unless that is the default one.
        var words: String {
            let exchange = name.isEmpty ? "the default exchange" : "exchange '\(name)'"
            return vhost == "/" ? exchange : "\(exchange) in vhost '\(vhost)'"
        }
    }

    /// The identity of a consumer.
    public struct ConsumerKey: Sendable, Hashable, Codable {
        /// The channel of the consumer.
        public var channel: ChannelKey
        /// The queue that is consumed from.
        public var queue: QueueKey
        /// The consumer tag.
        public var tag: Name

        /// Creates the identity of a consumer.
        public init(channel: ChannelKey, queue: QueueKey, tag: some NameConvertible) {
            self.channel = channel
            self.queue = queue
            self.tag = tag.asName
        }
    }
}
