import AMQPWire
import Logging
import RabbitMQClient

import protocol NIOCore.EventLoopGroup

/// Runs an application: connects, with a worker for each producer and consumer, and connects again whenever the
/// connection is lost.
struct ApplicationRun: Sendable {
    /// How long a close may take before the socket is closed anyway.
    static let closeTimeout = Duration.milliseconds(500)
    /// The seconds between two attempts if the broker refuses the user or the virtual host.
    static let refusedPause = 3.0

    var application: DemoApplication
    var virtualHost: Topology.VirtualHost
    var configuration: ConnectionConfiguration
    var clock: DemoClock
    var group: any EventLoopGroup
    var registry: ClientRegistry
    var logger: Logger

    /// Runs until the task is cancelled.
    func run() async {
        var backoff = Backoff()
        var mistakes: MistakesJob?
        if let own = application.mistakes { mistakes = MistakesJob(own, virtualHost: virtualHost) }
        while !Task.isCancelled {
            do throws(ClientError) {
                let connection = try await Connection.connect(
                    configuration, on: group, logger: logger, registry: registry)
                let connected = ContinuousClock.now
                let isBreak = await work(on: connection, mistakes: mistakes)
                if isBreak, let shift = application.shift { await pause(shift.away) }
                // A broker that closes each new connection must not be contacted without a pause.
                if ContinuousClock.now - connected > .seconds(2) { backoff.reset() }
            } catch {
                if error.isPermanent { await pause(Self.refusedPause) }
            }
            await pause(backoff.next())
        }
    }

    /// Works until the connection closes, the shift ends or the task is cancelled; then the connection is closed.
    ///
    /// - Returns: whether the shift ended.
    private func work(on connection: Connection, mistakes: MistakesJob?) async -> Bool {
        let workers = workers(on: connection, mistakes: mistakes)
        return await withTaskGroup(of: End.self) { group in
            group.addTask {
                _ = await connection.closed()
                return .connection
            }
            group.addTask {
                await withTaskGroup { crew in
                    for worker in workers { crew.addTask { await worker.run() } }
                }
                return .crew
            }
            if let shift = application.shift {
                group.addTask {
                    await pause(shift.work)
                    return .shift
                }
            }
            let first = await group.next()
            group.cancelAll()
            await connection.close(timeout: Self.closeTimeout)
            await group.waitForAll()
            return first == .shift && !Task.isCancelled
        }
    }

    private enum End {
        case connection, crew, shift
    }

    private func workers(on connection: Connection, mistakes: MistakesJob?) -> [Worker] {
        var workers = application.producers.map { producer in
            Worker(
                connection: connection,
                declarations: virtualHost.part(
                    queues: application.keeps.queues, exchanges: [producer.exchange] + application.keeps.exchanges
                ).declarations,
                job: ProducerJob(application: application, producer: producer, clock: clock))
        }
        workers += application.consumers.map { consumer in
            Worker(
                connection: connection,
                declarations: virtualHost.part(
                    queues: [consumer.queue] + application.keeps.queues, exchanges: application.keeps.exchanges
                ).declarations,
                job: ConsumerJob(consumer: consumer, clock: clock))
        }
        if let mistakes { workers.append(Worker(connection: connection, declarations: [], job: mistakes)) }
        return workers
    }

    private func pause(_ seconds: Double) async {
        try? await Task.sleep(for: .seconds(seconds))
    }
}
