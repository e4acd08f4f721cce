import ArgumentParser
import BrokerOperations
import Names
import RabbitMQClient
import Screen
import TopCore

/// The options for the queue and which of its messages are meant, which are the same for every subcommand.
struct MessageSourceOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The queue.", valueName: "name")) var queue: String
    @Option(
        parsing: .unconditional,
        help:
            "Messages that have this text in routing key, properties, headers or body, match this /regular expression/ there, or fulfil a condition, as 'size > 10k and reason = expired'."
    )
    var filter: String?
    @Option(
        help: ArgumentHelp(
            "Where a stream is read from: first, last, next, an offset, a time (2026-01-31T12:00:00Z) or an age (1h).",
            valueName: "place"))
    var offset: String?

    func validate() throws {
        guard !queue.isEmpty, queue.utf8.count <= 255 else {
            throw ValidationError("--queue takes a queue's name, of 255 bytes at the most.")
        }
        _ = try messageFilter()
        _ = try streamOffset()
    }

    func messageFilter() throws -> MessageFilter? {
        do { return try filter.map(MessageFilter.init) } catch {
            throw ValidationError("--filter: \(error)")
        }
    }

    func streamOffset() throws -> StreamOffset? {
        guard let offset else { return nil }
        guard let parsed = StreamOffset(text: offset) else {
            throw ValidationError(
                "--offset takes first, last, next, an offset, a time such as 2026-01-31T12:00:00Z, or an age such as 1h."
            )
        }
        return parsed
    }
}

/// The options of the subcommands that change something.
struct MessageActionOptions: ParsableArguments {
    @Option(help: "How many messages at the most; by default all that are ready when it begins.") var count: Int?
    @Option(help: ArgumentHelp("Messages per second at the most.", valueName: "r")) var rate: Double?
    @Option(help: ArgumentHelp("The most messages that are on their way at a time.", valueName: "messages"))
    var window = 1_000
    @Option(help: "How to print the result: text or json.") var format = BrokerCommand.Format.text
    @Flag(help: "Do not ask before acting; needed without a terminal.") var yes = false

    func validate() throws {
        if let count, !(1...1_000_000_000).contains(count) {
            throw ValidationError("--count takes a number of messages, 1 to 1000000000.")
        }
        if let rate, !(0.000001...1_000_000).contains(rate) {
            throw ValidationError("--rate takes messages per second, 0.000001 to 1000000.")
        }
        guard (1...65_535).contains(window) else {
            throw ValidationError("--window takes a number of messages, 1 to 65535.")
        }
    }
}

/// The options of the subcommands that publish.
struct MessageTargetOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The target's vhost; by default that of the queue.", valueName: "vhost"))
    var toVhost: String?
    @Option(
        help: ArgumentHelp("The target's broker: a section of the configuration, as for --node.", valueName: "alias"))
    var toNode: String?
    @Option(
        help:
            "Messages with another user's user_id, which the broker refuses: refuse leaves them, drop removes it, keep sends it."
    )
    var userID = UserIDRule.refuse
    @Option(help: "The messages' own TTL: keep, drop, or restore what the broker removed from dead letters.")
    var expiration = ExpirationRule.keep

    func validate() throws {
        if let toVhost, toVhost.utf8.count > 255 { throw ValidationError("--to-vhost takes at most 255 bytes.") }
    }

    func rules(user: String) -> MessageRules {
        var rules = MessageRules(user: Name(user))
        rules.userID = userID
        rules.expiration = expiration
        return rules
    }
}

/// Where messages are moved or copied to.
struct MessageDestinationOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The target queue.", valueName: "queue")) var to: String?
    @Option(help: "The target exchange.") var exchange: String?
    @Option(help: "The routing key for the exchange; by default each message keeps its own.") var routingKey: String?
    @Flag(help: "To where each dead letter came from, as 'messages requeue' does.") var toOrigin = false

    func validate() throws {
        guard [to != nil, exchange != nil, toOrigin].filter({ $0 }).count == 1 else {
            throw ValidationError("Name one target: --to QUEUE, --exchange EXCHANGE or --to-origin.")
        }
        if routingKey != nil, exchange == nil { throw ValidationError("--routing-key belongs to --exchange.") }
        for name in [to, exchange, routingKey].compactMap({ $0 }) where name.utf8.count > 255 {
            throw ValidationError("Names of queues and exchanges and routing keys have at most 255 bytes.")
        }
        if let to, to.isEmpty { throw ValidationError("--to takes a queue's name.") }
    }

    var destination: MessageDestination {
        if let to { return .queue(Name(to)) }
        if let exchange { return .exchange(Name(exchange), routingKey: Name(routingKey)) }
        return .origin(OriginRule())
    }
}

extension UserIDRule: ExpressibleByArgument {}
extension ExpirationRule: ExpressibleByArgument {}
extension OriginRule.Death: ExpressibleByArgument {}
extension OriginRule.Way: ExpressibleByArgument {}
