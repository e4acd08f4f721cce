import AMQPWire
import Faults
import RabbitMQClient

import struct NIOCore.ByteBuffer

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
