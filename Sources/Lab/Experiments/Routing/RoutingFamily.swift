import AMQPWire
import MessageRouting
import Names

/// One type of exchange with its queues and bindings, and the messages that test it.
struct RoutingFamily: Sendable {
    struct Message: Sendable, Hashable {
        /// A descriptive name, unique in its family.
        var name: String
        var exchange: String
        var key = ""
        var headers: FieldTable = [:]
    }

    /// A binding as it is declared.
    struct Binding: Sendable, Hashable {
        var source: Name
        var destination: RoutingModel.Destination
        var key: Name
        var arguments: FieldTable = [:]
    }

    var name: String
    var exchanges: [RoutingModel.Exchange]
    var queues: [String]
    var bindings: [Binding]
    var messages: [Message]
    /// Whether older brokers refuse its bindings; it is left out on these.
    var isOptional = false

    /// The family without a broker.
    var model: RoutingModel {
        RoutingModel(
            exchanges: exchanges, queues: queues.map { RoutingModel.Queue($0) },
            bindings: bindings.map { binding in
                RoutingModel.Binding(
                    from: binding.source, to: binding.destination, key: binding.key,
                    arguments: HeaderTable(binding.arguments))
            })
    }

    /// Returns a queue's name within its family, without the family's name.
    func ownName(_ queue: String) -> String {
        queue.hasPrefix("\(name)/") ? String(queue.dropFirst(name.count + 1)) : queue
    }

    /// Returns a queue's name among those of all families.
    func fullName(_ queue: String) -> String {
        queues.contains(queue) ? RoutingMatrix.id(name, queue) : queue
    }

    /// Everything that the experiment tests.
    static let all = [
        direct, fanout, topic, headers, headersWithX, defaultExchange, betweenExchanges, alternate,
    ]
}

extension RoutingFamily.Message {
    /// Returns the copies that each queue gets, by the rules.
    func copies(in model: RoutingModel, by rules: RoutingRules = .amqp) -> [Name: Int] {
        model.route(to: exchange, key: key, headers: HeaderTable(headers), by: rules)
    }
}

extension RoutingFamily.Binding {
    static func queue(_ queue: String, from source: String, _ key: String = "", _ arguments: FieldTable = [:]) -> Self {
        Self(source: Name(source), destination: .queue(Name(queue)), key: Name(key), arguments: arguments)
    }

    static func exchange(_ exchange: String, from source: String, _ key: String = "") -> Self {
        Self(source: Name(source), destination: .exchange(Name(exchange)), key: Name(key))
    }
}

// MARK: The families

extension RoutingFamily {
    static let direct = RoutingFamily(
        name: "direct",
        exchanges: [RoutingModel.Exchange("direct", .direct)],
        queues: ["red", "red too", "twice"],
        bindings: [
            .queue("red", from: "direct", "red"), .queue("red too", from: "direct", "red"),
            .queue("twice", from: "direct", "red"), .queue("twice", from: "direct", "blue"),
            // The same key again: with other arguments it is another binding.
            .queue("twice", from: "direct", "red", ["n": 2]),
        ],
        messages: [
            Message(name: "a key that three queues share", exchange: "direct", key: "red"),
            Message(name: "a key of one of two bindings", exchange: "direct", key: "blue"),
            Message(name: "a key that nobody has", exchange: "direct", key: "green"),
            Message(name: "letters of the other case", exchange: "direct", key: "Red"),
            Message(name: "a pattern is no pattern here", exchange: "direct", key: "*"),
            Message(name: "no key", exchange: "direct"),
        ])

    static let fanout = RoutingFamily(
        name: "fanout",
        exchanges: [RoutingModel.Exchange("fanout", .fanout)],
        queues: ["plain", "keyed", "twice"],
        bindings: [
            .queue("plain", from: "fanout"), .queue("keyed", from: "fanout", "news"),
            .queue("twice", from: "fanout", "news"), .queue("twice", from: "fanout", "sport"),
        ],
        messages: [
            Message(name: "no key", exchange: "fanout"),
            Message(name: "a key of some bindings", exchange: "fanout", key: "news"),
            Message(name: "a key that nobody has", exchange: "fanout", key: "weather"),
        ])

    static let topic = RoutingFamily(
        name: "topic",
        exchanges: [RoutingModel.Exchange("topic", .topic)],
        queues: [
            "order.*", "order.#", "order.#.paid", "*.*.paid", "order.*.paid", "#", "*", "nothing", "ord*.new", "twice",
        ],
        bindings: [
            .queue("order.*", from: "topic", "order.*"), .queue("order.#", from: "topic", "order.#"),
            .queue("order.#.paid", from: "topic", "order.#.paid"), .queue("*.*.paid", from: "topic", "*.*.paid"),
            .queue("order.*.paid", from: "topic", "order.*.paid"), .queue("#", from: "topic", "#"),
            .queue("*", from: "topic", "*"), .queue("nothing", from: "topic", ""),
            .queue("ord*.new", from: "topic", "ord*.new"), .queue("twice", from: "topic", "order.#"),
            .queue("twice", from: "topic", "#.paid"),
        ],
        messages: [
            Message(name: "one word", exchange: "topic", key: "order"),
            Message(name: "two words", exchange: "topic", key: "order.new"),
            Message(name: "two words, both ends", exchange: "topic", key: "order.paid"),
            Message(name: "three words", exchange: "topic", key: "order.eu.paid"),
            Message(name: "four words", exchange: "topic", key: "order.eu.big.paid"),
            Message(name: "an empty word between", exchange: "topic", key: "order..paid"),
            Message(name: "an empty word behind", exchange: "topic", key: "order."),
            Message(name: "two empty words", exchange: "topic", key: "."),
            Message(name: "no word at all", exchange: "topic"),
            Message(name: "another first word", exchange: "topic", key: "invoice.eu.paid"),
            Message(name: "a star in a message's key", exchange: "topic", key: "ord*.new"),
        ])

    static let headers = RoutingFamily(
        name: "headers",
        exchanges: [RoutingModel.Exchange("headers", .headers)],
        queues: ["all", "any", "unsaid", "is there", "number", "only x all", "only x any"],
        bindings: [
            .queue("all", from: "headers", "", ["x-match": "all", "format": "pdf", "type": "report"]),
            .queue("any", from: "headers", "", ["x-match": "any", "format": "pdf", "type": "report"]),
            .queue("unsaid", from: "headers", "", ["format": "pdf", "type": "report"]),
            .queue("is there", from: "headers", "", ["x-match": "all", "urgent": .void]),
            .queue("number", from: "headers", "", ["x-match": "all", "size": 10]),
            .queue("only x all", from: "headers", "", ["x-match": "all", "x-colour": "red"]),
            .queue("only x any", from: "headers", "", ["x-match": "any", "x-colour": "red"]),
        ],
        messages: [
            Message(name: "both headers", exchange: "headers", headers: ["format": "pdf", "type": "report"]),
            Message(name: "one of two", exchange: "headers", headers: ["format": "pdf", "type": "log"]),
            Message(name: "none of two", exchange: "headers", headers: ["format": "zip", "type": "log"]),
            Message(name: "present with any value", exchange: "headers", headers: ["urgent": "no"]),
            Message(name: "a number", exchange: "headers", headers: ["size": 10]),
            Message(name: "a number of another width", exchange: "headers", headers: ["size": .int16(10)]),
            Message(name: "a number as text", exchange: "headers", headers: ["size": "10"]),
            Message(name: "an x- header", exchange: "headers", headers: ["x-colour": "red"]),
            Message(name: "a routing key helps nobody", exchange: "headers", key: "all"),
        ])

    static let headersWithX = RoutingFamily(
        name: "headers with x",
        exchanges: [RoutingModel.Exchange("with x", .headers)],
        queues: ["all", "any"],
        bindings: [
            .queue("all", from: "with x", "", ["x-match": "all-with-x", "format": "pdf", "x-colour": "red"]),
            .queue("any", from: "with x", "", ["x-match": "any-with-x", "format": "pdf", "x-colour": "red"]),
        ],
        messages: [
            Message(name: "both headers", exchange: "with x", headers: ["format": "pdf", "x-colour": "red"]),
            Message(name: "the plain one", exchange: "with x", headers: ["format": "pdf"]),
            Message(name: "the x- one", exchange: "with x", headers: ["x-colour": "red"]),
            Message(name: "neither", exchange: "with x", headers: ["x-colour": "blue"]),
        ],
        isOptional: true)

    static let defaultExchange = RoutingFamily(
        name: "default",
        exchanges: [],
        queues: ["letters", "parcels"],
        bindings: [],
        messages: [
            Message(name: "a queue's name", exchange: "", key: "letters"),
            Message(name: "a name that no queue has", exchange: "", key: "telegrams"),
        ])

    static let betweenExchanges = RoutingFamily(
        name: "between exchanges",
        exchanges: [
            RoutingModel.Exchange("entry", .direct), RoutingModel.Exchange("logs", .topic),
            RoutingModel.Exchange("split", .fanout), RoutingModel.Exchange("left", .fanout),
            RoutingModel.Exchange("right", .fanout), RoutingModel.Exchange("ring 1", .fanout),
            RoutingModel.Exchange("ring 2", .fanout),
        ],
        queues: ["every log", "errors", "joined", "ring"],
        bindings: [
            .exchange("logs", from: "entry", "log.info"), .exchange("logs", from: "entry", "log.error"),
            .queue("every log", from: "logs", "log.#"), .queue("errors", from: "logs", "*.error"),
            .exchange("left", from: "split"), .exchange("right", from: "split"),
            .queue("joined", from: "left"), .queue("joined", from: "right"),
            .exchange("ring 2", from: "ring 1"), .exchange("ring 1", from: "ring 2"),
            .queue("ring", from: "ring 2"),
        ],
        messages: [
            Message(name: "its key is compared again", exchange: "entry", key: "log.info"),
            Message(name: "and fits both bindings", exchange: "entry", key: "log.error"),
            Message(name: "it does not pass the entry", exchange: "entry", key: "log.debug"),
            Message(name: "two ways to one queue", exchange: "split"),
            Message(name: "a circle of exchanges", exchange: "ring 1"),
        ])

    static let alternate = RoutingFamily(
        name: "alternate",
        exchanges: [
            RoutingModel.Exchange("strict", .direct, alternate: "second"),
            RoutingModel.Exchange("second", .direct, alternate: "last"), RoutingModel.Exchange("last", .fanout),
            RoutingModel.Exchange("empty", .fanout), RoutingModel.Exchange("inner", .direct, alternate: "last"),
            RoutingModel.Exchange("lost", .direct, alternate: "missing"),
        ],
        queues: ["known", "second chance", "last resort"],
        bindings: [
            .queue("known", from: "strict", "known"), .queue("second chance", from: "second", "rare"),
            .queue("last resort", from: "last"), .exchange("empty", from: "strict", "nowhere"),
            .exchange("inner", from: "strict", "inner"),
        ],
        messages: [
            Message(name: "routed", exchange: "strict", key: "known"),
            Message(name: "not routed, routed by the alternate", exchange: "strict", key: "rare"),
            Message(name: "not routed twice", exchange: "strict", key: "unknown"),
            Message(name: "routed to an exchange that leads nowhere", exchange: "strict", key: "nowhere"),
            Message(name: "routed to an exchange with an alternate of its own", exchange: "strict", key: "inner"),
            Message(name: "an alternate that is not there", exchange: "lost", key: "any"),
        ])
}
