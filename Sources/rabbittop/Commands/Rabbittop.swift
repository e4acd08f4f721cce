import ArgumentParser

/// The root of the command line: without a subcommand it is the live dashboard.
struct Rabbittop: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rabbittop",
        abstract: "The terminal dashboard and fault bench for RabbitMQ.",
        discussion: """
            Watch queues, connections and channels live, see why a channel died, and publish, move messages, close \
            and purge from the keyboard. Start with 'rabbittop demo' for a private throwaway broker, or point it at your own: \
            rabbittop -H rabbit.example -u monitoring
            """,
        version: Version.current,
        subcommands: [
            WatchCommand.self, DemoCommand.self, SnapshotCommand.self, CheckCommand.self, UntilCommand.self,
            PublishCommand.self, MessagesCommand.self, PerfCommand.self, RouteCommand.self, TopologyCommand.self,
            FaultCommand.self, LabCommand.self, ProxyCommand.self, RecordCommand.self, ReplayCommand.self,
            ReportCommand.self, BundleCommand.self, DiffCommand.self, DefinitionsCommand.self, BrokerCommand.self,
            LabProducerCommand.self,
        ],
        defaultSubcommand: WatchCommand.self
    )
}
