/// The settings of the experiment as they run: seconds, scaled.
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

    /// What is tried in a variant.
    func scenes(_ variant: String) -> [ExpirationScene] {
        switch variant {
        case Expiration.defaultExpiration: [unlimited]
        case Expiration.anywhere: [head]
        default: [four, head, queueTTL, shorter, queueExpiry, heldMessage]
        }
    }

    /// What the variant believes.
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

/// One queue, its messages, and who comes for them.
struct ExpirationScene: Sendable, Hashable {
    enum Kind: Sendable, Hashable {
        /// A consumer arrives and takes what there is.
        case consumer
        /// The queue has `x-expires`, and nobody uses it.
        case queueExpires(Double)
        /// A consumer takes it after so many seconds, and gives it back at the time of arrival.
        case held(Double)
    }

    var name: String
    var kind = Kind.consumer
    /// Seconds from the publishing.
    var arrival: Double
    var model: ExpirationModel
}

/// What was found in a scene.
struct ExpirationOutcome: Sendable, Hashable {
    var scene: String
    /// Ready in the queue when the consumer arrived; nil where the queue was gone.
    var ready: Int?
    /// Dead letters by then.
    var deadBefore = 0
    /// What the consumer got, in order.
    var delivered: [String] = []
    /// Dead letters in the end, in order.
    var dead: [String] = []
    /// Those whose `x-death` says that they expired once, in this queue.
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

    /// As the ledger's details have it.
    var value: LabValue {
        let values: [Key: LabValue] = [
            .scene: .text(scene), .ready: ready.map { .integer($0) } ?? .null, .deadBefore: .integer(deadBefore),
            .delivered: .list(delivered.map { .text($0) }), .dead: .list(dead.map { .text($0) }),
            .explained: .integer(explained), .arrived: .number((arrived * 1000).rounded() / 1000),
        ]
        return .object(Dictionary(uniqueKeysWithValues: values.map { ($0.rawValue, $1) }))
    }

    /// Nil when it is none.
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
