import AMQPWire
import Faults
import RabbitMQClient

import struct NIOCore.ByteBuffer

/// Work on one channel, until the channel closes or the task is cancelled.
protocol Job: Sendable {
    /// Returns or throws when there is nothing more to do on this channel; it is then called again with another one.
    func run(on channel: Channel) async throws
}

/// Publishes at the rate of a wave.
struct ProducerJob: Job {
    /// The seconds between two ticks. Messages that are due by then are sent in one write.
    static let tick = 0.25

    var application: DemoApplication
    var producer: DemoApplication.Producer
    var clock: DemoClock

    func run(on channel: Channel) async throws {
        var pacer = Pacer(producer.wave, at: clock.seconds)
        var random = SeededRandom(name: application.name + producer.exchange + producer.shape.type)
        var number = 0
        var unconfirmed: [Confirmation] = []
        // Not all applications at the same instant, but all producers of one application, so that they share a write.
        var appointed = SeededRandom(name: application.name)
        let offset = Double.random(in: 0..<Self.tick, using: &appointed)
        var next = ((clock.seconds - offset) / Self.tick).rounded(.up) * Self.tick + offset
        while channel.isOpen {
            try await clock.sleep(until: next)
            try await settle(&unconfirmed, on: channel)
            let now = clock.seconds
            for _ in 0..<pacer.due(at: now) {
                number += 1
                let body = ByteBuffer(string: producer.shape.body(number: number, using: &random))
                let key = producer.routingKeys.randomElement(using: &random) ?? ""
                let properties = properties(number: number, using: &random)
                if producer.isConfirmed {
                    unconfirmed.append(
                        try await channel.publishDeferred(
                            body, exchange: producer.exchange, routingKey: key, properties: properties,
                            mandatory: producer.isMandatory))
                } else {
                    try await channel.publishUnconfirmed(
                        body, exchange: producer.exchange, routingKey: key, properties: properties,
                        mandatory: producer.isMandatory)
                }
            }
            next += Self.tick * max(1, ((now - next) / Self.tick).rounded(.up))
        }
    }

    /// Waits for the confirms of the last tick's messages, so that a slow broker slows down its publishers.
    private func settle(_ unconfirmed: inout [Confirmation], on channel: Channel) async throws {
        for confirmation in unconfirmed {
            do throws(ClientError) {
                try await confirmation.wait()
            } catch {
                // A message refused by a full queue, or returned, is normal in the demo.
                if !channel.isOpen || error.code == .cancelled { throw error }
            }
        }
        unconfirmed.removeAll(keepingCapacity: true)
    }

    private func properties(number: Int, using random: inout SeededRandom) -> BasicProperties {
        var headers = FieldTable()
        for header in producer.headers {
            headers[header.name] = .string(header.values.randomElement(using: &random) ?? "")
        }
        return BasicProperties(
            contentType: "application/json",
            headers: headers.isEmpty ? nil : headers,
            deliveryMode: producer.isPersistent ? 2 : 1,
            priority: producer.priorities.map { UInt8.random(in: $0, using: &random) },
            messageID: "\(producer.shape.type)-\(number)",
            type: producer.shape.type,
            appID: application.name)
    }
}

/// Consumes a queue: fast, slowly, or rejecting some messages.
struct ConsumerJob: Job {
    /// How far ahead of its capacity, in seconds, a consumer may run, so that one wake-up serves several messages.
    static let slack = 0.12

    var consumer: DemoApplication.Consumer
    var clock: DemoClock

    func run(on channel: Channel) async throws {
        var arguments = FieldTable()
        if let offset = consumer.streamOffset { arguments["x-stream-offset"] = .string(offset) }
        let deliveries = try await channel.consume(
            consumer.queue, noAck: consumer.isAutomatic, arguments: arguments, prefetch: consumer.prefetch)
        var free = clock.seconds
        var count = 0
        for try await delivery in deliveries {
            if consumer.isAutomatic { continue }
            if let capacity = consumer.capacity, capacity > 0 {
                let now = clock.seconds
                free = max(free, now) + 1 / capacity
                if free > now + Self.slack { try await clock.sleep(until: free) }
            }
            count += 1
            if consumer.streamOffset != nil {
                // A stream accepts no other answer (https://www.rabbitmq.com/docs/streams#feature-comparison).
                try delivery.ack()
            } else if delivery.properties.headers?[DemoApplication.Consumer.poisonHeader] != nil {
                try await Task.sleep(for: .seconds(DemoApplication.Consumer.poisonDelay))
                try delivery.nack(requeue: true)
            } else if let every = consumer.rejectsOneIn, every > 0, count % every == 0 {
                try delivery.reject(requeue: false)
            } else {
                try delivery.ack()
            }
        }
    }
}

/// Makes its mistakes in turn, one per channel, because the broker closes the channel for each.
actor MistakesJob: Job {
    private let mistakes: DemoApplication.Mistakes
    private let virtualHost: DemoTopology.VirtualHost
    private var made = 0

    init(_ mistakes: DemoApplication.Mistakes, virtualHost: DemoTopology.VirtualHost) {
        self.mistakes = mistakes
        self.virtualHost = virtualHost
    }

    func run(on channel: Channel) async throws {
        // The first one comes soon, so that the effect is visible.
        let closed = await isClosed(channel, within: made == 0 ? min(5, mistakes.every) : mistakes.every)
        guard !closed, !mistakes.kinds.isEmpty else { return }
        let mistake = mistakes.kinds[made % mistakes.kinds.count]
        made += 1
        switch mistake {
        case .missingQueue(let name):
            _ = try await channel.declareQueuePassive(name)
        case .missingExchange(let name):
            try await channel.publish(ByteBuffer(string: "id;amount\n"), exchange: name, routingKey: "")
        case .otherArguments(let name):
            // The queue must not be created if it was deleted.
            _ = try await channel.declareQueuePassive(name)
            var arguments = virtualHost.queue(name)?.declaredArguments ?? [:]
            arguments["x-message-ttl"] = 86_400_000
            _ = try await channel.declareQueue(name, durable: true, arguments: arguments)
        }
    }

    /// Waits. Returns whether the channel closed, or the task was cancelled, meanwhile.
    private func isClosed(_ channel: Channel, within seconds: Double) async -> Bool {
        let end = ContinuousClock.now + .seconds(seconds)
        while ContinuousClock.now < end {
            do { try await Task.sleep(for: .milliseconds(500)) } catch { return true }
            if !channel.isOpen { return true }
        }
        return false
    }
}
