import AMQPWire
import Foundation

extension DemoTopology {
    /// Returns the topology as a definitions file (https://www.rabbitmq.com/docs/definitions), which the broker imports
    /// in one step. Exclusive queues, which cannot outlive their connection, are declared by their owners.
    func definitions() throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return try encoder.encode(Definitions(self))
    }
}

private struct Definitions: Encodable {
    struct User: Encodable {
        var name: String
        var password: String
        var tags: String
    }

    struct VirtualHost: Encodable {
        var name: String
    }

    struct Permission: Encodable {
        var user: String
        var vhost: String
        var configure: String
        var write: String
        var read: String
    }

    struct Policy: Encodable {
        var vhost: String
        var name: String
        var pattern: String
        var applyTo: String
        var definition: Arguments
        var priority = 0

        enum CodingKeys: String, CodingKey {
            case vhost, name, pattern, definition, priority
            case applyTo = "apply-to"
        }
    }

    struct Exchange: Encodable {
        var vhost: String
        var name: String
        var type: String
        var durable = true
        var autoDelete = false
        var `internal` = false
        var arguments = Arguments([:])

        enum CodingKeys: String, CodingKey {
            case vhost, name, type, durable, `internal`, arguments
            case autoDelete = "auto_delete"
        }
    }

    struct Queue: Encodable {
        var vhost: String
        var name: String
        var durable = true
        var autoDelete = false
        var arguments: Arguments

        enum CodingKeys: String, CodingKey {
            case vhost, name, durable, arguments
            case autoDelete = "auto_delete"
        }
    }

    struct Binding: Encodable {
        var vhost: String
        var source: String
        var destination: String
        var destinationType: String
        var routingKey: String
        var arguments: Arguments

        enum CodingKeys: String, CodingKey {
            case vhost, source, destination, arguments
            case destinationType = "destination_type"
            case routingKey = "routing_key"
        }
    }

    var users: [User]
    var vhosts: [VirtualHost]
    var permissions: [Permission]
    var policies: [Policy]
    var exchanges: [Exchange]
    var queues: [Queue]
    var bindings: [Binding]

    init(_ topology: DemoTopology) {
        users = topology.users.map {
            User(name: $0.name, password: $0.password, tags: $0.tags.joined(separator: ","))
        }
        let hosts = topology.virtualHosts
        vhosts = hosts.map { VirtualHost(name: $0.name) }
        permissions = hosts.flatMap { host in
            host.permissions.map {
                Permission(
                    user: $0.user, vhost: host.name, configure: $0.configure, write: $0.write, read: $0.read)
            }
        }
        policies = hosts.flatMap { host in
            host.policies.map {
                Policy(
                    vhost: host.name, name: $0.name, pattern: $0.pattern, applyTo: $0.appliesTo,
                    definition: Arguments($0.definition))
            }
        }
        exchanges = hosts.flatMap { host in
            host.exchanges.map { Exchange(vhost: host.name, name: $0.name, type: $0.kind.rawValue) }
        }
        queues = hosts.flatMap { host in
            host.queues.filter { !$0.isExclusive }.map {
                Queue(vhost: host.name, name: $0.name, arguments: Arguments($0.declaredArguments))
            }
        }
        bindings = hosts.flatMap { host in
            host.bindings.compactMap { binding in
                let type: String
                switch binding.destination {
                case .exchange: type = "exchange"
                case .queue(let name):
                    if host.queue(name)?.isExclusive != false { return nil }
                    type = "queue"
                }
                return Binding(
                    vhost: host.name, source: binding.source, destination: binding.destination.name,
                    destinationType: type, routingKey: binding.routingKey, arguments: Arguments(binding.arguments))
            }
        }
    }

    /// A field table as a JSON object of strings, integers and booleans, which is all that the arguments need.
    struct Arguments: Encodable {
        var table: FieldTable

        init(_ table: FieldTable) { self.table = table }

        struct Key: CodingKey {
            var stringValue: String
            var intValue: Int? { nil }

            init(stringValue: String) { self.stringValue = stringValue }
            init?(intValue: Int) { nil }
        }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: Key.self)
            for entry in table {
                let key = Key(stringValue: entry.key.text)
                if let flag = entry.value.boolValue {
                    try container.encode(flag, forKey: key)
                } else if let number = entry.value.intValue {
                    try container.encode(number, forKey: key)
                } else {
                    try container.encode(entry.value.description, forKey: key)
                }
            }
        }
    }
}
