import AMQPWire
import MessageRouting
import Names
import RabbitMQClient

import struct NIOCore.ByteBuffer

/// The families' exchanges and queues on a broker, with names of this run.
struct RoutingQueues: Sendable {
    private let connection: Connection
    private let context: LabContext

    init(_ connection: Connection, _ context: LabContext) {
        self.connection = connection
        self.context = context
    }

    private func exchange(_ name: some NameConvertible) -> String { context.unique("routing-\(name.asName)") }

    private func queue(_ family: RoutingFamily, _ name: some NameConvertible) -> String {
        context.unique("routing-\(family.name)/\(name.asName)")
    }

    /// Declares a family.
    ///
    /// - Returns: false if the broker refuses the bindings of an optional family.
    func declare(_ family: RoutingFamily) async throws -> Bool {
        do {
            try await connection.withChannel { channel in
                for made in family.exchanges {
                    try await channel.declareExchange(
                        exchange(made.name), type: made.type.text, durable: true,
                        arguments: ExchangeArguments(alternateExchange: made.alternate.name.map { exchange($0) }).table)
                }
                for name in family.queues {
                    _ = try await channel.declareQueue(queue(family, name), durable: true)
                    context.recorder.watch(queue: queue(family, name))
                }
                for binding in family.bindings {
                    switch binding.destination {
                    case .queue(let name):
                        try await channel.bindQueue(
                            queue(family, name), exchange: exchange(binding.source), routingKey: binding.key,
                            arguments: binding.arguments)
                    case .exchange(let name):
                        try await channel.bindExchange(
                            exchange(name), source: exchange(binding.source), routingKey: binding.key,
                            arguments: binding.arguments)
                    }
                }
            }
            return true
        } catch let error as ClientError where family.isOptional && error.code == .refused {
            context.say("this broker has no \(family.name): \(error.message)")
            return false
        }
    }

    /// Publishes all messages of the family and waits for each confirm, so that all are routed afterwards.
    func publish(_ family: RoutingFamily) async throws {
        try await connection.withChannel { channel in
            for message in family.messages {
                let id = RoutingMatrix.id(family.name, message.name)
                context.recorder.published(id)
                let isDefault = message.exchange.isEmpty
                do {
                    try await channel.publish(
                        id.utf8, exchange: isDefault ? "" : exchange(message.exchange),
                        routingKey: isDefault ? queue(family, message.key) : message.key,
                        properties: BasicProperties(headers: message.headers, messageID: id), mandatory: true)
                    context.recorder.confirmed(id)
                } catch let error as ClientError where error.code == .returned {
                    context.recorder.returned(id)
                }
            }
        }
    }

    /// Returns the contents of the queues: copies by message and queue, by the names of the matrix.
    func collect(_ families: [RoutingFamily]) async throws -> [String: [String: Int]] {
        var observed: [String: [String: Int]] = [:]
        try await connection.withChannel { channel in
            for family in families {
                for name in family.queues {
                    let cell = RoutingMatrix.id(family.name, name)
                    while let got = try await channel.get(queue(family, name), noAck: true) {
                        let id = String(buffer: got.delivery.body)
                        let copies = observed[id]?[cell] ?? 0
                        // Copies in several queues are not duplicates; a second one in the same queue is.
                        if observed[id] == nil || copies > 0 { context.recorder.consumed(id) }
                        observed[id, default: [:]][cell] = copies + 1
                    }
                }
            }
        }
        return observed
    }

    /// Deletes everything, whether the task was cancelled or not.
    func clear() async {
        let families = RoutingFamily.all
        let (queues, exchanges) = (
            families.flatMap { family in family.queues.map { queue(family, $0) } },
            families.flatMap { family in family.exchanges.map { exchange($0.name) } }
        )
        // In a task of its own, which is not cancelled with this one.
        await Task.detached { [connection] in
            guard let channel = try? await connection.openChannel() else { return }
            // Deleting an entity that does not exist is not an error.
            for name in queues { _ = try? await channel.deleteQueue(name) }
            for name in exchanges { try? await channel.deleteExchange(name) }
            try? await channel.close()
        }.value
    }
}
