import AMQPWire
import Experiments
import LocalBroker
import RabbitMQClient

import struct NIOCore.ByteBuffer

extension BrokerRestart {
    func runFragile(_ outages: [RestartOutage], on node: BrokerNode) async throws(LabError) {
        let settings = context.settings
        try await context.withStore(policy: .off) { store throws(LabError) in
            let queue = context.unique("orders")
            let numbers = OrderNumbers(count: orders, outages: outages.count)
            let service = FragileService(
                context: context, queue: queue, heartbeat: heartbeat, interval: settings.seconds("interval"),
                work: settings.seconds("work"), numbers: numbers, store: store)
            let person = Operator(context.recorder)
            context.recorder.watch(queue: queue)
            let maker = maker(node, database: store.path)
            try await Alongside.run { () async throws(LabError) in
                try await person.run(service)
            } work: { () async throws(LabError) in
                for (number, outage) in outages.enumerated() {
                    await until(numbers.due(number)) { $0.published }
                    if Task.isCancelled { return }
                    person.outageBegins()
                    let fault = context.recorder.fault(outage.story)
                    guard try await make(outage, fault, by: maker) else {
                        context.recorder.detail("broker_came_back", .flag(false))
                        return
                    }
                    numbers.outageIsOver(number)
                    await person.outageEnds(patience: patience)
                }
                await until(orders) { $0.published }
                await untilQuiet(.seconds(1) + settings.seconds("work") * 2)
            }
            context.recorder.detail("deaths", .integer(person.deaths.count))
            context.recorder.detail("fatal_outages", .integer(person.fatalOutages))
            context.recorder.detail("causes_of_death", .list(person.deaths.map(LabValue.text)))
            do throws(OrderStoreError) {
                context.recorder.detail("stored", .integer(try await store.count()))
            } catch {
                throw LabError(error)
            }
        }
    }

    /// Waits until nothing has been consumed for some time; a message that has not arrived by then will not arrive.
    private func untilQuiet(_ time: Duration) async {
        var consumed = -1
        while context.recorder.counts.consumed > consumed {
            consumed = context.recorder.counts.consumed
            do { try await Task.sleep(for: time) } catch { return }
        }
    }
}

/// An order service as in a first draft: one plain connection, transient messages without confirms, and automatic
/// acknowledgement. Any error ends the process.
struct FragileService: Sendable {
    let context: LabContext
    let queue: String
    let heartbeat: Duration
    let interval: Duration
    let work: Duration
    let numbers: OrderNumbers
    let store: OrderStore

    static let application = "order service"

    /// What ended a life of the process.
    struct Death: Sendable {
        var scope: LabErrorEntry.Scope
        var code: Int?
        var text: String
        /// Set if restarting is useless, because the database fails in a way that does not pass.
        var isFinal: LabError?

        init(_ error: ClientError) {
            scope = error.closeReason.map { $0.scope == .channel ? .channel : .connection } ?? .client
            code = error.closeReason.flatMap { $0.code == 0 ? nil : Int($0.code) }
            text = error.message
        }

        init(_ reason: CloseReason) {
            scope = .connection
            code = reason.code == 0 ? nil : Int(reason.code)
            text = "The connection was closed (\(reason))."
        }

        init(_ error: OrderStoreError) {
            scope = .database
            text = error.message
            isFinal = error.isTransient ? nil : LabError(error)
        }
    }

    /// Runs one life of the process, until something ends it or the task is cancelled.
    ///
    /// - Returns: its cause of death, once it is recorded; nil if the task was cancelled.
    func live() async -> Death? {
        var configuration = context.broker.configuration(name: "rabbittop lab: \(Self.application)")
        configuration.heartbeat = heartbeat
        configuration.recovery = .off
        do throws(ClientError) {
            let connection = try await Connection.connect(
                configuration, on: context.group, registry: context.registry)
            let death = await live(connection)
            // As the operating system does with the socket of a process that ends.
            await connection.close(timeout: .milliseconds(200))
            if let death {
                context.recorder.error(death.scope, code: death.code, text: death.text, application: Self.application)
            }
            return death
        } catch {
            if Task.isCancelled { return nil }
            context.recorder.error(error, application: Self.application)
            return Death(error)
        }
    }

    private func live(_ connection: Connection) async -> Death? {
        await withTaskGroup(of: Death?.self) { group in
            group.addTask { await publish(connection) }
            group.addTask { await consume(connection) }
            group.addTask {
                let reason = await connection.closed()
                return Task.isCancelled ? nil : Death(reason)
            }
            let first = await group.first { $0 != nil } ?? nil
            group.cancelAll()
            return first
        }
    }

    private func publish(_ connection: Connection) async -> Death? {
        do throws(ClientError) {
            let channel = try await connection.openChannel()
            _ = try await channel.declareQueue(queue)
            while !Task.isCancelled, let number = await numbers.next() {
                let id = "order-\(number)"
                context.recorder.published(id)
                try await channel.publishUnconfirmed(
                    ByteBuffer(string: #"{"customer": 7, "items": 3}"#), routingKey: queue,
                    properties: BasicProperties(mode: .transient, messageID: id))
                try? await Task.sleep(for: interval)
            }
            return nil
        } catch {
            return Task.isCancelled ? nil : Death(error)
        }
    }

    private func consume(_ connection: Connection) async -> Death? {
        do throws(ClientError) {
            let channel = try await connection.openChannel()
            _ = try await channel.declareQueue(queue)
            for try await delivery in try await channel.consume(queue, noAck: true) {
                let id = delivery.properties.messageID ?? "without id"
                try? await Task.sleep(for: work)
                if Task.isCancelled { return nil }
                if let failure = await keep(id, delivery) { return failure }
            }
            return nil
        } catch {
            return Task.isCancelled ? nil : Death(error)
        }
    }

    private func keep(_ id: Name, _ delivery: Delivery) async -> Death? {
        do throws(OrderStoreError) {
            try await store.store(id, body: Array(delivery.body.readableBytesView))
            context.recorder.consumed(id)
            return nil
        } catch {
            return Task.isCancelled ? nil : Death(error)
        }
    }
}
