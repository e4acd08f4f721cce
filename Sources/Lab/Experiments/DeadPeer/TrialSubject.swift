import Foundation
import LocalBroker
import NIOConcurrencyHelpers
import RabbitMQClient

import protocol NIOCore.EventLoopGroup

/// A trial in progress: the application that is cut off, and an observer of the broker.
final class TrialSubject: Sendable {
    private let trial: DeadPeerTrial
    private let broker: LabBroker
    private let context: LabContext
    private let held: Int
    private let queue: String
    private let application: PeerApplication
    private let state: NIOLockedValueBox<(outcome: DeadPeerOutcome, began: ContinuousClock.Instant)>

    private init(
        _ trial: DeadPeerTrial, _ broker: LabBroker, held: Int, queue: String, _ application: PeerApplication,
        _ context: LabContext
    ) {
        self.trial = trial
        self.broker = broker
        self.context = context
        self.held = held
        self.queue = queue
        self.application = application
        var outcome = DeadPeerOutcome(trial: trial)
        outcome.agreed = Int(application.connection.heartbeat)
        state = NIOLockedValueBox((outcome, .now))
    }

    /// Starts the application, and returns when it holds its messages.
    ///
    /// - Parameters:
    ///   - group: the event loops of its connection, if it needs its own.
    ///   - port: the port that it connects to, if that is not the broker's.
    static func start(
        _ trial: DeadPeerTrial, _ broker: LabBroker, held: Int, _ context: LabContext,
        on group: (any EventLoopGroup)? = nil, port: Int? = nil
    ) async throws -> TrialSubject {
        let queue = context.unique("dead-peer-\(trial.scene.rawValue)-\(trial.heartbeat)")
        try await withChannel(broker, context) { channel in _ = try await channel.declareQueue(queue, durable: true) }
        if trial.scene != .brokerFrozen { context.recorder.watch(queue: queue) }
        var configuration = broker.configuration(name: trial.name)
        configuration.heartbeat = .seconds(trial.heartbeat)
        configuration.connectTimeout = .seconds(3)
        configuration.recovery.base = .milliseconds(200)
        configuration.recovery.cap = .seconds(1)
        if let port { configuration.port = port }
        let application = try await PeerApplication.start(
            trial.name, configuration, queue: queue, on: group ?? context.group, context)
        let subject = TrialSubject(trial, broker, held: held, queue: queue, application, context)
        do {
            try await subject.publish((1...held).map { "\(trial.name), message \($0)" })
            guard try await Patience.until(.now + .seconds(20), { application.held == held }) else {
                throw LabError(.failed, "The consumer of '\(trial.name)' did not get its messages within 20 s.")
            }
        } catch {
            await subject.end()
            throw error
        }
        return subject
    }

    private static func withChannel(
        _ broker: LabBroker, _ context: LabContext, _ body: @escaping (Channel) async throws -> Void
    ) async throws {
        var configuration = broker.configuration(name: "rabbittop lab: dead-peer")
        configuration.recovery = .off
        try await Connection.withConnection(configuration, on: context.group, registry: context.registry) {
            try await $0.withChannel(body)
        }
    }

    private func publish(_ ids: [String]) async throws {
        try await Self.withChannel(broker, context) { channel in
            for id in ids {
                self.context.recorder.published(id)
                try await channel.publish(
                    id.utf8, routingKey: self.queue, properties: BasicProperties(deliveryMode: 2, messageID: id))
                self.context.recorder.confirmed(id)
            }
        }
    }

    // MARK: The fault

    /// Marks the beginning of the fault.
    func begin() {
        application.expectLoss()
        state.withLockedValue { $0.began = .now }
    }

    /// Waits until each side that can notice has noticed, or the time limit is reached.
    func watch(within patience: @Sendable (Int) -> Duration) async throws {
        let began = state.withLockedValue { $0.began }
        let deadline = began + patience(trial.heartbeat)
        try await withThrowingTaskGroup(of: Void.self) { group in
            if trial.scene.isClientAwake {
                group.addTask {
                    guard try await Patience.until(deadline, { self.application.lost != nil }) else { return }
                    self.write { $0.clientNoticed = self.application.lost.map { ($0 - began) / .seconds(1) } }
                }
            }
            if trial.scene.isBrokerAwake { group.addTask { try await self.watchBroker(since: began, until: deadline) } }
            try await group.waitForAll()
        }
        let outcome = write { $0.lasted = (.now - began) / .seconds(1) }
        func words(_ seconds: Double?) -> String {
            seconds.map { "noticed after \(DeadPeerRules.seconds($0))" } ?? "did not notice"
        }
        var sides: [String] = []
        if trial.scene.isClientAwake { sides.append("the client \(words(outcome.clientNoticed))") }
        if trial.scene.isBrokerAwake { sides.append("the broker \(words(outcome.brokerNoticed))") }
        context.say("\(trial.name): \(sides.joined(separator: ", "))")
    }

    /// The broker has noticed when it no longer counts the consumer; shortly afterwards the held messages are ready
    /// again.
    private func watchBroker(since began: ContinuousClock.Instant, until deadline: ContinuousClock.Instant) async throws
    {
        try await Self.withChannel(broker, context) { channel in
            var noticed = false
            _ = try await Patience.until(deadline, every: .milliseconds(50)) {
                noticed = try await channel.declareQueuePassive(self.queue).consumerCount == 0
                return noticed
            }
            if noticed {
                self.write { $0.brokerNoticed = (.now - began) / .seconds(1) }
                _ = try await Patience.until(.now + .seconds(5)) {
                    try await channel.declareQueuePassive(self.queue).messageCount >= self.held
                }
                // The log is written slightly later.
                _ = try await Patience.until(.now + .seconds(3), every: .milliseconds(200)) {
                    await self.missedHeartbeats() != nil
                }
            }
            let ready = Int(try await channel.declareQueuePassive(self.queue).messageCount)
            let words = await self.missedHeartbeats()
            self.write { outcome in
                outcome.requeued = ready
                outcome.isLogged = words != nil
            }
            if let words {
                self.context.recorder.error(.connection, code: nil, text: words, application: "the broker")
            }
        }
    }

    /// Returns the broker's message, from its log.
    private func missedHeartbeats() async -> String? {
        guard let file = broker.node?.logFile else { return nil }
        // A file is read on a thread that may block.
        let log = await withCheckedContinuation { continuation in
            DispatchQueue.global().async {
                continuation.resume(returning: try? String(contentsOf: file, encoding: .utf8))
            }
        }
        guard let log else { return nil }
        let words = "missed heartbeats from client, timeout: \(trial.heartbeat)s"
        // Two lines: the closed connection, and the reason.
        let lines = log.split(separator: "\n")
        let isThere = zip(lines, lines.dropFirst()).contains { head, reason in
            head.contains("closing AMQP connection") && head.contains(" - \(trial.name)") && reason.contains(words)
        }
        return isThere ? words : nil
    }

    // MARK: After it

    /// Ends the fault: the application continues, and a new message has to reach it.
    func revive() async throws -> DeadPeerOutcome {
        let ended = ContinuousClock.now
        application.goOn()
        let id = "\(trial.name), a new message"
        // A frozen broker needs some time before it accepts a connection.
        let deadline = ended + .seconds(30)
        _ = try await Patience.until(deadline, every: .milliseconds(200)) {
            do {
                try await self.publish([id])
                return true
            } catch let error as ClientError where error.code != .cancelled {
                return false
            }
        }
        let isBack = try await Patience.until(deadline) { self.application.hasSeen(id) }
        let seconds = (ContinuousClock.now - ended) / .seconds(1)
        if isBack, state.withLockedValue({ $0.outcome.wasNoticed }) {
            // Its messages arrive before the recovery of the connection has been reported.
            _ = try await Patience.until(.now + .seconds(5)) { self.application.connection.recoveries > 0 }
        }
        return write { outcome in
            outcome.recoveries = application.connection.recoveries
            guard isBack else { return }
            outcome.revived = seconds
            context.recorder.recovered(trial.name, from: trial.scene.rawValue, seconds: outcome.lasted + seconds)
        }
    }

    /// Waits until its connection is closed.
    func end() async { await application.stop() }

    @discardableResult
    private func write(_ change: (inout DeadPeerOutcome) -> Void) -> DeadPeerOutcome {
        state.withLockedValue { state in
            change(&state.outcome)
            return state.outcome
        }
    }
}
