import ArgumentParser
import BrokerOperations

/// `rabbittop messages move`: moves messages to another queue or exchange.
struct MessagesMoveCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "move", abstract: "Move messages to another queue or exchange, of this broker or another.",
        discussion: """
            Each message is published as it is, and leaves its queue when the target has confirmed it; one that the \
            target refuses, or that no queue takes, stays. Exit codes: 0 all moved, 1 some stayed or it was stopped, \
            2 usage, 69 broker not reachable, 77 not permitted.
            """)

    @OptionGroup(title: "Broker") var broker: BrokerOptions
    @OptionGroup var from: MessageSourceOptions
    @OptionGroup var destination: MessageDestinationOptions
    @OptionGroup var target: MessageTargetOptions
    @OptionGroup var action: MessageActionOptions

    func run() async throws {
        try await MessageMove(broker: broker, from: from, target: target, action: action)
            .run(.move(destination.destination))
    }
}
