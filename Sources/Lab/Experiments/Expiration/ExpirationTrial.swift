import AMQPWire
import NIOConcurrencyHelpers
import RabbitMQClient

import struct NIOCore.ByteBuffer

/// A scene on a broker: a queue, and another for its dead letters.
struct ExpirationTrial: Sendable {
    private let scene: ExpirationScene
    private let connection: Connection
    private let context: LabContext
    private let queue: String
    private let graveyard: String

    init(_ scene: ExpirationScene, _ connection: Connection, _ context: LabContext) {
        self.scene = scene
        self.connection = connection
        self.context = context
        queue = context.unique("expiration-\(scene.name)")
        graveyard = context.unique("expiration-\(scene.name), dead letters")
    }

    func run() async throws -> ExpirationOutcome {
        do {
            let outcome = try await connection.withChannel { try await run(on: $0) }
            await clear()
            return outcome
        } catch {
            await clear()
            throw error
        }
    }

    private func run(on channel: Channel) async throws -> ExpirationOutcome {
        try await declare(channel)
        try await publish(channel)
        let start = ContinuousClock.now
        var outcome = ExpirationOutcome(scene: scene.name)
        var held: Delivery?
        if case .held(let after) = scene.kind {
            try await Task.sleep(until: start + .seconds(after))
            held = try await channel.get(queue)?.delivery
            if let held { context.recorder.consumed(String(buffer: held.body)) }
        }
        try await Task.sleep(until: start + .seconds(scene.arrival))
        outcome.arrived = (.now - start) / .seconds(1)
        // The tested queue may be gone, which closes the channel, so the queue of dead letters comes first.
        outcome.deadBefore = Int(try await channel.declareQueuePassive(graveyard).messageCount)
        outcome.ready = try await depth()
        switch scene.kind {
        case .consumer: outcome.delivered = try await consume(channel)
        case .queueExpires: if outcome.ready == nil { for message in scene.model.messages { bury(message.name) } }
        case .held: try held?.nack(requeue: true)
        }
        try await exhume(channel, &outcome)
        context.say(
            "\(scene.name): \(outcome.ready.map { "\($0) in the queue" } ?? "the queue is gone"), "
                + "\(outcome.delivered.count) delivered, \(outcome.dead.count) dead letters")
        return outcome
    }

    private func id(_ name: String) -> String { "\(scene.name)/\(name)" }

    private func name(_ id: String) -> String { String(id.dropFirst(scene.name.count + 1)) }

    /// Records that a message expired.
    private func bury(_ name: String) { context.recorder.expired(id(name)) }

    private func declare(_ channel: Channel) async throws {
        _ = try await channel.declareQueue(graveyard, durable: true)
        var arguments = QueueArguments(
            messageTTL: scene.model.messageTTL.map { .seconds($0) }, deadLetterExchange: "",
            deadLetterRoutingKey: graveyard)
        // Reading a queue's depth counts as use, so a queue that expires when unused must not be read.
        if case .queueExpires(let time) = scene.kind {
            arguments.expires = .seconds(time)
        } else {
            context.recorder.watch(queue: queue)
        }
        context.recorder.watch(queue: graveyard)
        _ = try await channel.declareQueue(queue, durable: true, arguments: arguments)
    }

    private func publish(_ channel: Channel) async throws {
        for message in scene.model.messages {
            let id = id(message.name)
            context.recorder.published(id)
            try await channel.publish(
                id.utf8, routingKey: queue,
                properties: BasicProperties(
                    mode: .persistent, timeToLive: message.expiry.map { .seconds($0) }, messageID: id))
            context.recorder.confirmed(id)
        }
    }

    /// Returns the queue's depth; nil if the queue is gone, which is 404 and closes the channel, so a separate one is
    /// used.
    private func depth() async throws -> Int? {
        do {
            return try await connection.withChannel { Int(try await $0.declareQueuePassive(queue).messageCount) }
        } catch let error as ClientError where error.closeReason?.code == ReplyCode.notFound.rawValue {
            context.recorder.error(error, application: "the consumer of '\(scene.name)'")
            return nil
        }
    }

    /// Takes and acknowledges all messages.
    private func consume(_ channel: Channel) async throws -> [String] {
        let got = NIOLockedValueBox<[String]>([])
        let consumer = try await channel.consume(queue, prefetch: 10)
        // Cancelled on each way out; it has nothing to clean up.
        let taking = Task {
            for try await delivery in consumer {
                let id = String(buffer: delivery.body)
                context.recorder.consumed(id)
                got.withLockedValue { $0.append(name(id)) }
                try delivery.ack()
            }
        }
        defer { taking.cancel() }
        // The queue is empty, and no delivery that was on its way has arrived for some time.
        var (count, quiet) = (0, ContinuousClock.now)
        _ = try await Patience.until(.now + .seconds(20), every: .milliseconds(50)) {
            let ready = try await channel.declareQueuePassive(queue).messageCount
            let now = got.withLockedValue { $0.count }
            if now != count || ready > 0 { (count, quiet) = (now, .now) }
            return ContinuousClock.now - quiet > .milliseconds(300)
        }
        try await consumer.cancel()
        return got.withLockedValue { $0 }
    }

    /// Reads the dead letters, and why they are dead.
    private func exhume(_ channel: Channel, _ outcome: inout ExpirationOutcome) async throws {
        let expected = expectedDead
        _ = try await Patience.until(.now + .seconds(10), every: .milliseconds(50)) {
            try await channel.declareQueuePassive(graveyard).messageCount >= expected
        }
        while let got = try await channel.get(graveyard, noAck: true) {
            let name = name(String(buffer: got.delivery.body))
            bury(name)
            outcome.dead.append(name)
            let deaths = got.delivery.properties.headers?["x-death"]?.arrayValue ?? []
            guard deaths.count == 1, let death = deaths.first?.tableValue else { continue }
            let isExpiry = death["reason"]?.stringValue == "expired" && death["count"]?.intValue == 1
            // The message's own time to live is removed, because otherwise it would expire again in this queue.
            let own = scene.model.messages.first { $0.name == name }?.expiry
            let wasTaken =
                got.delivery.properties.expiration == nil
                && (own == nil || death["original-expiration"]?.stringValue != nil)
            if isExpiry, wasTaken, death["queue"]?.stringValue == queue { outcome.explained += 1 }
        }
    }

    private var expectedDead: Int {
        switch scene.kind {
        case .consumer:
            let prediction = scene.model.at(scene.arrival)
            return prediction.expiredBefore.count + prediction.expiredOnArrival.count
        case .queueExpires: return 0
        case .held: return scene.model.messages.count
        }
    }

    /// Deletes everything, whether the task was cancelled or not.
    private func clear() async {
        await Task.detached { [connection, queue, graveyard] in
            try? await connection.withChannel { channel in
                for name in [queue, graveyard] { _ = try? await channel.deleteQueue(name) }
            }
        }.value
    }
}
