/// The rules of the diagnosis.
public enum DiagnosisRule: String, Sendable, Codable, CaseIterable {
    /// A client has a channel open that the broker does not know.
    case unknownChannel = "unknown channel"
    /// A consumer holds its whole prefetch without acknowledging.
    case fullPrefetch = "prefetch held"
    /// A consumer with capacity receives nothing while its queue has messages.
    case silentConsumer = "silent consumer"
    /// A consumer ended while its channel stayed open.
    case lostConsumer = "lost consumer"
    /// A delivery is unacknowledged for more than half of the broker's limit.
    case consumerTimeout = "consumer timeout ahead"
    /// A consumer takes everything while the others of its queue get nothing.
    case greedyConsumer = "greedy consumer"
    /// Messages are delivered again and again, and not acknowledged.
    case redeliveryLoop = "redelivery loop"
    /// A publishing connection is blocked by the broker.
    case blockedPublisher = "blocked publisher"
    /// Messages are published that reach no queue.
    case unroutable
    /// Many connections are opened and closed.
    case connectionChurn = "connection churn"
    /// Many channels are opened and closed.
    case channelChurn = "channel churn"
    /// A queue without consumers grows.
    case growingQueue = "growing queue"
    /// A queue has reached its maximum length, or nearly.
    case queueLimit = "queue limit"
    /// A queue or a node reaches its limit soon, if it goes on as it does.
    case fillsUp = "fills up"
    /// The oldest message of a queue waits for long, although there are consumers.
    case oldMessage = "old message"
    /// A replicated queue has no majority of its members, or lacks some.
    case missingMember = "missing member"
    /// A member of a quorum queue lacks what was committed some time ago.
    case laggingMember = "lagging member"
    /// A consumer of a stream falls behind more and more.
    case growingLag = "growing lag"
    /// A queue is in another state than running.
    case queueState = "queue state"
    /// A vhost is in another state than running.
    case vhostState = "vhost state"
    /// A node has raised its memory or disk alarm.
    case alarm
    /// A node is near its memory or disk limit.
    case nodeLimit = "node limit"
    /// A node is not running.
    case nodeDown = "node down"
    /// A node is in maintenance mode.
    case maintenance
    /// A node is partitioned from others.
    case partition
    /// A source of figures has failed.
    case source
    /// A rule of the user holds for a row.
    case userRule = "rule"
}
