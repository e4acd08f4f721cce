import Foundation
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

/// An expectation, and what was found.
public struct LabExpectation: Sendable, Hashable {
    /// The expectation as a statement: `nothing is lost`.
    public var what: String
    /// Whether it holds.
    public var holds: Bool
    /// What the ledger shows: `3001 of 3001 consumed`.
    public var found: String

    /// Creates an expectation.
    public init(what: String, holds: Bool, found: String) {
        self.what = what
        self.holds = holds
        self.found = found
    }

    /// Creates an expectation without argument labels.
    public init(_ what: String, _ holds: Bool, _ found: String) {
        self.init(what: what, holds: holds, found: found)
    }
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
