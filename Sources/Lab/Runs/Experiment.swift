import Experiments
import Foundation
import LocalBroker
import RabbitMQClient

import protocol NIOCore.EventLoopGroup

/// A classic failure, produced and cured. See ``Laboratory`` for all experiments.
public protocol Experiment: Sendable {
    /// The name, variants and settings of the experiment.
    static var description: ExperimentDescription { get }

    /// Returns what happens in a variant and why, for the report: plain text, with paragraphs separated by an empty
    /// line.
    static func explanation(_ variant: String) -> String

    /// Creates the experiment for a run.
    init(_ context: LabContext)

    /// Runs the variant.
    ///
    /// - Throws: only what makes the run worthless: no broker, a taken port, a database that cannot be written. Errors
    ///   of the applications are recorded; they are the subject of the experiment.
    func run() async throws(LabError)

    /// Returns the expectations of this variant, each with whether it holds. The verdict is pass if all of them do.
    func expectations(_ ledger: LabLedger) -> [LabExpectation]
}

/// Everything that an experiment needs to run.
public struct LabContext: Sendable {
    /// The name of the variant.
    public let variant: String
    /// The settings of the run.
    public let settings: LabSettings
    /// The broker that the run uses.
    public let broker: LabBroker
    /// Records what happens in the run.
    public let recorder: RunRecorder
    /// To be passed to every connection, so that the Lab view shows their channels.
    public let registry: ClientRegistry
    /// The event loops for connections.
    public let group: any EventLoopGroup
    /// A temporary folder of this run, which contains the databases.
    public let folder: URL
    /// The path of the program rabbittop, for applications that are separate processes.
    public let program: String
    /// Part of every name that is created on the broker, so that runs on a shared broker do not collide.
    let mark: String

    init(
        variant: String, settings: LabSettings, broker: LabBroker, recorder: RunRecorder, registry: ClientRegistry,
        group: any EventLoopGroup, folder: URL, program: String, mark: String
    ) {
        self.variant = variant
        self.settings = settings
        self.broker = broker
        self.recorder = recorder
        self.registry = registry
        self.group = group
        self.folder = folder
        self.program = program
        self.mark = mark
    }

    /// Records a note on the progress in one line; it appears in the timeline, too.
    public func say(_ text: String) { recorder.note(text) }

    /// Returns a name for a queue or exchange that no other run uses.
    public func unique(_ stem: String) -> String { "lab-\(mark)-\(stem)" }
}

/// The list of experiments.
public enum Laboratory {
    /// All experiments.
    public static let experiments: [any Experiment.Type] = [
        ClosedChannelInPool.self, BrokerRestart.self, Routing.self, DeadPeer.self, Expiration.self,
        SharedConnection.self, PublisherConfirms.self,
    ]

    /// Returns the experiment with a name.
    ///
    /// - Throws: `usage`, with the valid names.
    public static func experiment(_ name: String) throws(LabError) -> any Experiment.Type {
        if let found = experiments.first(where: { $0.description.name == name }) { return found }
        throw LabError(
            .usage, "There is no experiment '\(name)'.",
            advice: "There are: \(experiments.map { $0.description.name }.joined(separator: ", ")).")
    }
}

/// The broker that an experiment runs on.
public struct LabBroker: Sendable {
    /// The address and credentials.
    public let configuration: ConnectionConfiguration
    /// The private node; nil for another broker, which is given by its address.
    public let node: BrokerNode?

    /// Creates a broker.
    public init(configuration: ConnectionConfiguration, node: BrokerNode? = nil) {
        self.configuration = configuration
        self.node = node
    }

    /// Returns a configuration with this connection name.
    public func configuration(name: String) -> ConnectionConfiguration {
        var configuration = configuration
        configuration.connectionName = name
        return configuration
    }

    /// Makes sure that declarations are on disk: Mnesia, in which RabbitMQ 3 keeps definitions, writes its last
    /// transactions about two seconds late, and a SIGKILL before that loses them. With Khepri in RabbitMQ 4 nothing
    /// needs to be done.
    public func syncDeclarations() async {
        _ = try? await node?.eval("mnesia:sync_log().")
    }
}
