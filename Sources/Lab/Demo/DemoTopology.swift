import AMQPWire
import RabbitMQClient

/// Virtual hosts with their contents, as data.
struct DemoTopology: Sendable, Hashable {
    var users: [User]
    var virtualHosts: [VirtualHost]

    struct User: Sendable, Hashable {
        var name: String
        var password: String
        /// Tags such as `administrator` or `monitoring` (https://www.rabbitmq.com/docs/management#permissions).
        var tags: [String] = []
    }

    struct VirtualHost: Sendable, Hashable {
        var name: String
        var permissions: [Permission]
        var exchanges: [Exchange]
        var queues: [Queue]
        var bindings: [Binding]
        var policies: [Policy] = []
    }

    /// What a user may do in a virtual host, as regular expressions on the names of queues and exchanges.
    struct Permission: Sendable, Hashable {
        var user: String
        var configure = ".*"
        var write = ".*"
        var read = ".*"
    }

    struct Exchange: Sendable, Hashable {
        enum Kind: String, Sendable, Hashable, CaseIterable {
            case direct, fanout, headers, topic
        }

        var name: String
        var kind: Kind
    }

    struct Queue: Sendable, Hashable {
        enum Kind: String, Sendable, Hashable, CaseIterable {
            case classic, quorum, stream
        }

        var name: String
        var kind = Kind.classic
        /// Whether it belongs to one connection and is deleted with it; then it is not durable and deletes itself after
        /// its last consumer.
        var isExclusive = false
        /// Its own arguments, without `x-queue-type`.
        var arguments: FieldTable = [:]

        var isDurable: Bool { !isExclusive }

        /// The arguments that it is declared with.
        var declaredArguments: FieldTable {
            var all = arguments
            if kind != .classic { all["x-queue-type"] = .string(kind.rawValue) }
            return all
        }
    }

    struct Binding: Sendable, Hashable {
        enum Destination: Sendable, Hashable {
            case queue(String)
            case exchange(String)

            var name: String {
                switch self {
                case .queue(let name), .exchange(let name): name
                }
            }
        }

        var source: String
        var destination: Destination
        var routingKey = ""
        var arguments: FieldTable = [:]
    }

    struct Policy: Sendable, Hashable {
        var name: String
        /// A regular expression on names.
        var pattern: String
        /// The kind of entity: `queues` or `exchanges`.
        var appliesTo = "queues"
        var definition: FieldTable
    }
}

extension DemoTopology {
    func virtualHost(_ name: String) -> VirtualHost? {
        virtualHosts.first { $0.name == name }
    }
}

extension DemoTopology.VirtualHost {
    func queue(_ name: String) -> DemoTopology.Queue? {
        queues.first { $0.name == name }
    }

    func exchange(_ name: String) -> DemoTopology.Exchange? {
        exchanges.first { $0.name == name }
    }

    /// Returns what these queues and exchanges need in order to work: themselves, and what they are bound to, directly
    /// or indirectly.
    func part(queues queueNames: [String], exchanges exchangeNames: [String]) -> DemoTopology.VirtualHost {
        var exchangeNames = Set(exchangeNames)
        var chosen: Set<Int> = []
        var grew = true
        while grew {
            grew = false
            for (index, binding) in bindings.enumerated() where !chosen.contains(index) {
                let feeds =
                    switch binding.destination {
                    case .queue(let name): queueNames.contains(name)
                    case .exchange(let name): exchangeNames.contains(name)
                    }
                if !feeds { continue }
                chosen.insert(index)
                exchangeNames.insert(binding.source)
                grew = true
            }
        }
        var part = self
        part.exchanges = exchanges.filter { exchangeNames.contains($0.name) }
        part.queues = queues.filter { queueNames.contains($0.name) }
        part.bindings = bindings.enumerated().filter { chosen.contains($0.offset) }.map(\.element)
        part.policies = []
        return part
    }
}

/// An entity to declare.
enum Declaration: Sendable, Hashable {
    case exchange(DemoTopology.Exchange)
    case queue(DemoTopology.Queue)
    case binding(DemoTopology.Binding)
}

extension DemoTopology.VirtualHost {
    /// The entities of the virtual host, in an order in which they can be declared.
    var declarations: [Declaration] {
        exchanges.map(Declaration.exchange) + queues.map(Declaration.queue) + bindings.map(Declaration.binding)
    }
}

extension Channel {
    func declare(_ declaration: Declaration) async throws(ClientError) {
        switch declaration {
        case .exchange(let exchange):
            try await declareExchange(exchange.name, type: exchange.kind.rawValue, durable: true)
        case .queue(let queue):
            _ = try await declareQueue(
                queue.name, durable: queue.isDurable, exclusive: queue.isExclusive, autoDelete: queue.isExclusive,
                arguments: queue.declaredArguments)
        case .binding(let binding):
            switch binding.destination {
            case .queue(let name):
                try await bindQueue(
                    name, exchange: binding.source, routingKey: binding.routingKey, arguments: binding.arguments)
            case .exchange(let name):
                try await bindExchange(
                    name, source: binding.source, routingKey: binding.routingKey, arguments: binding.arguments)
            }
        }
    }
}
