import ArgumentParser
import BrokerOperations
import Names
import RabbitMQClient
import TopCore

/// `rabbittop messages load`: publishes saved messages.
struct MessagesLoadCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "load", abstract: "Publish saved messages as they were, confirmed.",
        discussion: """
            Each goes to the exchange and routing key that it was saved with, or to the target that is named. \
            Exit codes: 0 all confirmed, 1 some failed or it was stopped, 2 usage, 69 broker not reachable, 77 not \
            permitted.
            """)

    @OptionGroup(title: "Broker") var broker: BrokerOptions
    @Argument(help: ArgumentHelp("A file that 'messages save' wrote; - for standard input.", valueName: "FILE"))
    var file: String
    @Option(help: ArgumentHelp("The target queue.", valueName: "queue")) var to: String?
    @Option(help: "The target exchange.") var exchange: String?
    @Option(help: "The routing key for the exchange; by default each message keeps its own.") var routingKey: String?
    @OptionGroup var target: MessageTargetOptions
    @OptionGroup var action: MessageActionOptions

    func validate() throws {
        if to != nil, exchange != nil { throw ValidationError("Name one target: --to or --exchange.") }
        if routingKey != nil, exchange == nil { throw ValidationError("--routing-key belongs to --exchange.") }
        for name in [to, exchange, routingKey].compactMap({ $0 }) where name.utf8.count > 255 {
            throw ValidationError("Names of queues and exchanges and routing keys have at most 255 bytes.")
        }
    }

    func run() async throws {
        let desk = try await MessageDesk(broker, changes: "this publishes messages")
        let place = try await desk.target(target, broker)
        let reader = try SavedMessagesReader(file)
        let destination: MessageDestination? =
            to.map { .queue(Name($0)) } ?? exchange.map { .exchange(Name($0), routingKey: Name(routingKey)) }
        let way =
            to.map { "to queue \($0)" } ?? exchange.map { "to exchange '\($0)'" } ?? "to where each was saved from"
        try await desk.confirm(
            "Publish \(action.count.map { "the first \($0) messages" } ?? "the messages") of \(file) \(way) "
                + "(\(place.words))?", isAnswered: action.yes)
        try await Self.load(
            reader, to: destination, of: place.address, rules: target.rules(user: place.address.username), action)
    }

    /// Publishes what a file holds, and prints the result.
    static func load(
        _ reader: SavedMessagesReader, to destination: MessageDestination?, of address: ConnectionConfiguration,
        rules: MessageRules, _ action: MessageActionOptions
    ) async throws {
        let load = MessageLoad(to: destination, of: address, rules: rules, rate: action.rate, window: action.window)
        let interrupt = Interrupt { load.stop() }
        let shows = StandardStream.error.isTerminal
        let left = MessageCounter(action.count)
        let report = await load.run { progress in
            if shows { Output.status(progress.words("published")) }
        } next: {
            left.take() ? try reader.next() : nil
        }
        interrupt.end()
        if shows { Output.status(nil) }
        try TransferRun.print(report, done: "published", as: action.format)
        if report.end == .stopped { throw CommandError("stopped: \(report.summary("published"))") }
        if report.tally.failed > 0 {
            throw CommandError("\(MessageDesk.messages(report.tally.failed)) were not published.")
        }
    }
}
