import Foundation
import RabbitMQClient

import protocol NIOCore.EventLoopGroup

/// One classic failure, made to happen and cured. See ``Laboratory`` for those there are.
public protocol Experiment: Sendable {
    static var description: ExperimentDescription { get }

    /// What happened in this variant and why, for the report: plain text, paragraphs parted by an empty line.
    static func explanation(_ variant: String) -> String

    init(_ context: LabContext)

    /// Runs the variant.
    ///
    /// - Throws: only what makes the run worthless: no broker, a port taken, a database that cannot be written. Whatever
    ///   goes wrong in the applications is booked, and is what the experiment is about.
    func run() async throws(LabError)

    /// What was expected of this variant, each with whether it holds. The verdict is pass when all of them do.
    func expectations(_ ledger: LabLedger) -> [LabExpectation]
}

/// Something that was expected, and what was found.
public struct LabExpectation: Sendable, Hashable {
    /// As a statement: `nothing is lost`.
    public var what: String
    public var holds: Bool
    /// What the ledger says: `3001 of 3001 consumed`.
    public var found: String

    public init(what: String, holds: Bool, found: String) {
        self.what = what
        self.holds = holds
        self.found = found
    }

    public init(_ what: String, _ holds: Bool, _ found: String) {
        self.init(what: what, holds: holds, found: found)
    }
}

/// What an experiment runs with.
public struct LabContext: Sendable {
    public let variant: String
    public let settings: LabSettings
    public let broker: LabBroker
    public let recorder: RunRecorder
    /// Give it to every connection: the Lab view shows their channels.
    public let registry: ClientRegistry
    public let group: any EventLoopGroup
    /// Temporary, of this run alone; the databases are there.
    public let folder: URL
    /// The program rabbittop itself, for applications that are processes of their own.
    public let program: String
    /// In every name that is made on the broker, so that runs on a shared one do not meet.
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

    /// Says how it goes on, in a line; it stands in the timeline, too.
    public func say(_ text: String) { recorder.note(text) }

    /// A name for a queue or exchange that no other run has.
    public func unique(_ stem: String) -> String { "lab-\(mark)-\(stem)" }
}
