import ArgumentParser
import BrokerOperations

/// `rabbittop messages copy`: copies messages to another queue or exchange.
struct MessagesCopyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "copy", abstract: "Copy messages to another queue or exchange, of this broker or another.",
        discussion: """
            The messages stay in their queue, in their order, and are marked as redelivered; in a quorum queue that \
            counts as a delivery. A stream is copied from --offset. Exit codes: 0 all copied, 1 some failed or it was \
            stopped, 2 usage, 69 broker not reachable, 77 not permitted.
            """)

    @OptionGroup(title: "Broker") var broker: BrokerOptions
    @OptionGroup var from: MessageSourceOptions
    @OptionGroup var destination: MessageDestinationOptions
    @OptionGroup var target: MessageTargetOptions
    @OptionGroup var action: MessageActionOptions

    func run() async throws {
        try await MessageMove(broker: broker, from: from, target: target, action: action)
            .run(.copy(destination.destination))
    }
}
