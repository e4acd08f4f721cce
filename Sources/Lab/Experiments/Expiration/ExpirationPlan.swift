import Experiments

/// The settings of the experiment in effect: seconds, scaled.
struct ExpirationPlan: Sendable {
    var first: Double
    var second: Double
    var arrival: Double
    var believed: Double

    init(_ settings: LabSettings) throws(LabError) {
        first = settings.seconds("first-expiry") / .seconds(1)
        second = settings.seconds("second-expiry") / .seconds(1)
        arrival = settings.seconds("arrival") / .seconds(1)
        believed = settings.seconds("believed-default") / .seconds(1)
        guard first < arrival, arrival < second else {
            throw LabError(
                .usage, "The consumer has to arrive between 'first-expiry' and 'second-expiry'.",
                advice: "The defaults are 20, 60, and 25 for 'arrival'.")
        }
    }

    /// Returns the scenes of a variant.
    func scenes(_ variant: String) -> [ExpirationScene] {
        switch variant {
        case Expiration.defaultExpiration: [unlimited]
        case Expiration.anywhere: [head]
        default: [four, head, queueTTL, shorter, queueExpiry, heldMessage]
        }
    }

    /// Returns the rules that the variant believes in.
    func belief(_ variant: String) -> ExpirationModel.Rules {
        switch variant {
        case Expiration.defaultExpiration: ExpirationModel.Rules(defaultExpiry: believed)
        case Expiration.anywhere: ExpirationModel.Rules(dropsAnywhere: true)
        default: .broker
        }
    }

    private typealias Message = ExpirationModel.Message

    private var four: ExpirationScene {
        ExpirationScene(
            name: "four messages", arrival: arrival,
            model: ExpirationModel(messages: [
                Message(name: "first expiry", expiry: first), Message(name: "no expiry 1"),
                Message(name: "second expiry", expiry: second), Message(name: "no expiry 2"),
            ]))
    }

    private var head: ExpirationScene {
        ExpirationScene(
            name: "expired behind the head", arrival: arrival,
            model: ExpirationModel(messages: [
                Message(name: "second expiry", expiry: second), Message(name: "first expiry", expiry: first),
                Message(name: "no expiry"),
            ]))
    }

    private var queueTTL: ExpirationScene {
        ExpirationScene(
            name: "message TTL of the queue", arrival: arrival,
            model: ExpirationModel(
                messages: [
                    Message(name: "half of it", expiry: first / 2), Message(name: "no expiry"),
                    Message(name: "more than it", expiry: second),
                ], messageTTL: first))
    }

    private var shorter: ExpirationScene {
        ExpirationScene(
            name: "the shorter TTL counts", arrival: arrival,
            model: ExpirationModel(
                messages: [Message(name: "less than the queue's", expiry: first), Message(name: "no expiry")],
                messageTTL: second))
    }

    private var queueExpiry: ExpirationScene {
        ExpirationScene(
            name: "TTL of the queue itself", kind: .queueExpires(first), arrival: arrival,
            model: ExpirationModel(messages: [Message(name: "no expiry 1"), Message(name: "no expiry 2")]))
    }

    private var heldMessage: ExpirationScene {
        ExpirationScene(
            name: "held by a consumer", kind: .held(first / 4), arrival: arrival,
            model: ExpirationModel(messages: [Message(name: "first expiry", expiry: first)]))
    }

    private var unlimited: ExpirationScene {
        ExpirationScene(
            name: "no expiry at all", arrival: believed * 1.1,
            model: ExpirationModel(messages: [Message(name: "no expiry 1"), Message(name: "no expiry 2")]))
    }
}

/// One queue, its messages, and its consumer.
struct ExpirationScene: Sendable, Hashable {
    enum Kind: Sendable, Hashable {
        /// A consumer arrives and takes all messages.
        case consumer
        /// The queue has `x-expires`, and is not used.
        case queueExpires(Double)
        /// A consumer takes the message after this many seconds, and requeues it at the time of arrival.
        case held(Double)
    }

    var name: String
    var kind = Kind.consumer
    /// The seconds from publishing.
    var arrival: Double
    var model: ExpirationModel
}

/// The observations of a scene.
struct ExpirationOutcome: Sendable, Hashable {
    var scene: String
    /// The number of ready messages when the consumer arrived; nil if the queue was gone.
    var ready: Int?
    /// The number of dead letters by then.
    var deadBefore = 0
    /// The messages that the consumer got, in order.
    var delivered: [String] = []
    /// The dead letters at the end, in order.
    var dead: [String] = []
    /// The number of dead letters whose `x-death` says that they expired once, in this queue.
    var explained = 0
    /// When the consumer arrived, in seconds.
    var arrived = 0.0
}

extension ExpirationOutcome {
    private enum Key: String {
        case scene, ready, delivered
        case deadBefore = "dead_letters_before"
        case dead = "dead_letters"
        case explained = "dead_letters_expired_once"
        case arrived = "arrived_s"
    }

    /// The representation in the ledger's details.
    var value: LabValue {
        let values: [Key: LabValue] = [
            .scene: .text(scene), .ready: ready.map { .integer($0) } ?? .null, .deadBefore: .integer(deadBefore),
            .delivered: .list(delivered.map { .text($0) }), .dead: .list(dead.map { .text($0) }),
            .explained: .integer(explained), .arrived: .number((arrived * 1000).rounded() / 1000),
        ]
        return .object(Dictionary(uniqueKeysWithValues: values.map { ($0.rawValue, $1) }))
    }

    /// Reads the representation; nil for any other value.
    init?(_ value: LabValue) {
        guard case .object(let values) = value, case .text(let scene) = values[Key.scene.rawValue] else { return nil }
        func integer(_ key: Key) -> Int? { if case .integer(let value) = values[key.rawValue] { value } else { nil } }
        func texts(_ key: Key) -> [String] {
            guard case .list(let list) = values[key.rawValue] else { return [] }
            return list.compactMap { if case .text(let text) = $0 { text } else { nil } }
        }
        self.scene = scene
        ready = integer(.ready)
        deadBefore = integer(.deadBefore) ?? 0
        delivered = texts(.delivered)
        dead = texts(.dead)
        explained = integer(.explained) ?? 0
        if case .number(let value) = values[Key.arrived.rawValue] { arrived = value }
    }
}

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
