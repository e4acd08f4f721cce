import Experiments
import Foundation
import LocalBroker
import RabbitMQClient
import Synchronization

import protocol NIOCore.EventLoopGroup
import class NIOPosix.MultiThreadedEventLoopGroup

/// One variant of an experiment, from the start of its broker to its ledger.
public struct LabRun: Sendable {
    /// The broker to run on.
    public enum Broker: Sendable {
        /// A private broker, created for this run and removed after it.
        case ownNode
        /// An existing broker. Experiments that stop their broker are refused there.
        case other(ConnectionConfiguration)
    }

    /// The experiment.
    public let experiment: any Experiment.Type
    /// The variant's name.
    public let variant: String
    /// The settings.
    public let settings: LabSettings
    let broker: Broker
    /// Records what happens.
    public let recorder: RunRecorder
    /// Lists the connections of the run.
    public let registry: ClientRegistry
    let group: any EventLoopGroup
    let program: String
    let inspection: (@Sendable (LabContext) async -> Void)?

    /// How long an experiment may take to end after it is cancelled.
    private static let grace = Duration.seconds(10)

    /// Creates a run.
    ///
    /// - Parameters:
    ///   - recorder: created for this run; to follow the progress, get its `changes` before the run.
    ///   - registry: lists the connections of the run.
    ///   - program: the path of the program rabbittop, for applications that are separate processes; nil: this
    ///     process's own.
    ///   - inspection: runs when the experiment has ended and its broker, with its queues, still exists.
    /// - Throws: `usage` if there is no such variant, or the experiment does not run on this broker.
    public init(
        _ experiment: any Experiment.Type, variant: String, settings: LabSettings, broker: Broker = .ownNode,
        recorder: RunRecorder = RunRecorder(), registry: ClientRegistry = ClientRegistry(),
        group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton, program: String? = nil,
        inspection: (@Sendable (LabContext) async -> Void)? = nil
    ) throws(LabError) {
        let isPrivate = if case .ownNode = broker { true } else { false }
        try Self.check(experiment.description, variant: variant, isPrivate: isPrivate)
        self.experiment = experiment
        self.variant = variant
        self.settings = settings
        self.broker = broker
        self.recorder = recorder
        self.registry = registry
        self.group = group
        self.program = program ?? (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        self.inspection = inspection
    }

    /// Checks that there is such a variant, and that it can run on such a broker, before a broker is started.
    ///
    /// - Throws: `usage` with the valid names.
    public static func check(
        _ description: ExperimentDescription, variant: String, isPrivate: Bool
    ) throws(LabError) {
        guard description.variant(variant) != nil else {
            throw LabError(
                .usage, "'\(variant)' is not a variant of \(description.name).",
                advice: "It has: \(description.variants.map(\.name).joined(separator: ", ")).")
        }
        guard isPrivate || !description.needsBrokerControl else {
            throw LabError(
                .usage, "\(description.name) stops and starts its broker, and so runs on a private one only.",
                advice: "Leave --amqp-uri out.")
        }
    }

    /// Runs the variant. When this returns or throws, everything that it started has ended.
    ///
    /// A run that is cancelled, or reaches its deadline, ends with the ledger so far and the verdict fail.
    ///
    /// - Throws: what makes the run worthless, such as `notInstalled`.
    public func run() async throws(LabError) -> LabResult {
        defer { recorder.close() }
        // The broker's start is recorded from here on; when it is ready, the clock starts again.
        recorder.begin()
        let mark = String(UInt32.random(in: 0 ... .max), radix: 16)
        let folder = try Self.makeFolder(mark)
        defer { try? FileManager.default.removeItem(at: folder) }
        let broker = try await ready()
        let context = LabContext(
            variant: variant, settings: settings, broker: broker, recorder: recorder, registry: registry, group: group,
            folder: folder, program: program, mark: mark)
        let outcome = await Outcome.of(
            experiment.init(context), context, deadline: settings.deadline, grace: Self.grace)
        recorder.close()
        await inspection?(context)
        if let node = broker.node { await node.remove() } else { await removeQueues(of: context) }
        let ledger = recorder.ledger
        if case .failed(let error) = outcome.end { throw error }
        return LabResult(
            lab: experiment.description.name, variant: variant,
            isCure: experiment.description.variants.first { $0.name == variant }?.isCure ?? true,
            settings: settings.values.merging(["time-scale": .number(settings.timeScale)]) { $1 },
            ledger: ledger, expectations: outcome.expectations(ledger), interruption: outcome.interruption)
    }

    private func ready() async throws(LabError) -> LabBroker {
        switch broker {
        case .ownNode:
            recorder.note("starting a private broker")
            do throws(BrokerNodeError) {
                let node = try await BrokerNode.start(BrokerNode.Options { $0.plugins = [] })
                return LabBroker(
                    configuration: ConnectionConfiguration(host: "127.0.0.1", port: node.ports.amqp), node: node)
            } catch {
                throw LabError(error)
            }
        case .other(let configuration):
            do throws(ClientError) {
                var once = configuration
                once.recovery = .off
                once.connectionName = "rabbittop lab"
                await (try Connection.connect(once, on: group)).close()
            } catch {
                throw LabError(error)
            }
            return LabBroker(configuration: configuration)
        }
    }

    private static func makeFolder(_ mark: String) throws(LabError) -> URL {
        let folder = FileManager.default.temporaryDirectory.appending(path: "rabbittop-lab-\(mark)")
        do {
            try FileManager.default.createDirectory(
                at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw LabError(
                .failed, "The folder \(folder.path) cannot be made.",
                advice: "Check that TMPDIR is writable and has free space: df -h.")
        }
        return folder
    }

    /// Removes the queues from an existing broker; only entities with the mark of this run are touched.
    private func removeQueues(of context: LabContext) async {
        let queues = recorder.watchedQueues.filter { $0.hasPrefix(context.unique("")) }
        guard !queues.isEmpty else { return }
        // This runs even if the task is cancelled.
        await Task.detached { [group] in
            var configuration = context.broker.configuration(name: "rabbittop lab")
            configuration.recovery = .off
            configuration.operationTimeout = .seconds(2)
            try? await Connection.withConnection(configuration, on: group) { connection in
                for queue in queues {
                    try? await connection.withChannel { _ = try await $0.deleteQueue(queue) }
                }
            }
        }.value
    }
}

/// How an experiment ended.
private struct Outcome: Sendable {
    enum End: Sendable {
        case done
        case failed(LabError)
        case deadline
        case cancelled
    }

    var end: End
    var expectations: @Sendable (LabLedger) -> [LabExpectation]
    var interruption: String?

    static func of(
        _ experiment: any Experiment, _ context: LabContext, deadline: Duration, grace: Duration
    ) async -> Outcome {
        let recorder = context.recorder
        recorder.begin()
        // These end below: an experiment that does not end in time is left behind, which a task group could not do.
        let watch = Task { await DepthWatch(recorder: recorder, broker: context.broker, group: context.group).run() }
        let work = Task { () async -> End in
            do throws(LabError) {
                try await experiment.run()
                return .done
            } catch {
                return .failed(error)
            }
        }
        let (ends, continuation) = AsyncStream.makeStream(of: End.self)
        let waiting = Task { continuation.yield(await work.value) }
        let timer = Task {
            if (try? await Task.sleep(for: deadline)) != nil { continuation.yield(.deadline) }
        }
        let end = await first(of: ends)
        timer.cancel()
        let seconds = LabValue.figure((recorder.seconds * 10).rounded() / 10)
        var interruption: String?
        switch end {
        case .done, .failed: break
        case .deadline: interruption = "the deadline of \(seconds) s passed"
        case .cancelled: interruption = "interrupted after \(seconds) s"
        }
        // What applications meet from here on is caused by their shutdown.
        recorder.close()
        work.cancel()
        watch.cancel()
        if interruption != nil { await Self.end(of: work, within: grace) }
        waiting.cancel()
        continuation.finish()
        await watch.value
        return Outcome(end: end, expectations: { experiment.expectations($0) }, interruption: interruption)
    }

    /// Waits until the work has ended, or the time has passed, even if this task is cancelled.
    private static func end(of work: Task<End, Never>, within time: Duration) async {
        let (over, continuation) = AsyncStream.makeStream(of: Void.self)
        // Detached, so that they wait although this task is cancelled.
        let waiting = Task.detached {
            _ = await work.value
            continuation.finish()
        }
        let timer = Task.detached {
            try? await Task.sleep(for: time)
            continuation.finish()
        }
        await Task.detached { for await _ in over {} }.value
        waiting.cancel()
        timer.cancel()
    }

    private static func first(of ends: AsyncStream<End>) async -> End {
        for await end in ends { return end }
        return .cancelled
    }
}
