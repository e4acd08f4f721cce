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
    var virtualHost: DemoTopology.VirtualHost
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

/// Runs a job on a channel of its own, and on a new one whenever that is closed, as long as the connection lives.
struct Worker: Sendable {
    /// The seconds from the end of one channel to the next.
    static let pause = 0.5

    var connection: Connection
    /// What has to exist before the job starts.
    var declarations: [Declaration]
    var job: any Job

    /// Runs until the connection has closed permanently, or the task is cancelled.
    func run() async {
        // Declarations that the broker refuses, because the entity exists with other properties. The job may work
        // nevertheless.
        var refused: Set<Declaration> = []
        while !Task.isCancelled, connection.closeReason == nil {
            guard let channel = try? await connection.openChannel() else {
                await rest()
                continue
            }
            if let declaration = await firstRefused(on: channel, skipping: refused) {
                refused.insert(declaration)
                continue
            }
            do {
                try await job.run(on: channel)
            } catch {
                // The cause is in the channel's report. Next time everything is declared again.
                refused.removeAll()
            }
            // A cancelled task leaves its channel to the connection, which is about to close.
            if !Task.isCancelled, channel.isOpen { try? await channel.close() }
            await rest()
        }
    }

    /// Declares everything. Returns the declaration for which the broker closed the channel, or nil if all succeeded.
    private func firstRefused(on channel: Channel, skipping refused: Set<Declaration>) async -> Declaration? {
        for declaration in declarations where !refused.contains(declaration) {
            do throws(ClientError) {
                try await channel.declare(declaration)
            } catch {
                return error.code == .refused ? declaration : nil
            }
        }
        return nil
    }

    private func rest() async {
        try? await Task.sleep(for: .seconds(Self.pause))
    }
}

/// The wait before another attempt: doubled from `base` up to `cap`, and randomized so that not all clients return
/// together.
struct Backoff: Sendable {
    var base: Double
    var cap: Double
    private(set) var failures = 0

    init(base: Double = 0.2, cap: Double = 1) {
        self.base = base
        self.cap = cap
    }

    /// Returns the seconds until the next attempt: between half and all of the delay for the number of failures.
    mutating func next(spread: Double = .random(in: 0...1)) -> Double {
        var delay = base
        for _ in 0..<min(failures, 16) where delay < cap { delay *= 2 }
        failures += 1
        return min(cap, delay) * (0.5 + min(max(spread, 0), 1) / 2)
    }

    mutating func reset() {
        failures = 0
    }
}
