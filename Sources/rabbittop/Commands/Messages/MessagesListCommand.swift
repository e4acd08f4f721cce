import ArgumentParser
import BrokerOperations
import Names
import Screen

/// `rabbittop messages list`: a line for each of the first messages of a queue.
struct MessagesListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the first messages of a queue: keys, sizes, why they died.",
        discussion: """
            The messages stay in their queue, in their order, and are marked as redelivered. In a quorum queue with a \
            delivery limit each look counts as a delivery up to RabbitMQ 4.2; it ends before a message that the next \
            look would lose. Exit codes: 0 done, 1 failed, 2 usage, 69 broker not reachable, 77 not permitted.
            """)

    @OptionGroup(title: "Broker") var broker: BrokerOptions
    @OptionGroup var from: MessageSourceOptions
    @Option(help: "How many messages that match.") var count = 20
    @Option(help: "How to print it.") var format = DiffCommand.Format.table

    func validate() throws {
        guard (1...100_000).contains(count) else { throw ValidationError("--count takes a number, 1 to 100000.") }
    }

    func run() async throws {
        let found = ReadMessages()
        let report = try await MessageReading(broker: broker, from: from, count: count).run { message, position in
            found.add(ReadMessage(message, position: position, showsBody: false))
        }
        switch format {
        case .json: Output.write(try found.json(queue: from.queue), as: .json)
        case .table: for line in Self.table(found.messages) { Output.line(line) }
        }
        try MessageReading.check(report)
    }

    /// Returns a table with a heading.
    static func table(_ messages: [ReadMessage]) -> [String] {
        var rows = [["#", "SIZE", "EXCHANGE", "ROUTING KEY", "RE", "COUNT", "DIED", "TYPE", "BODY"]]
        for read in messages {
            let message = read.message
            let death = read.deaths?.latest
            rows.append([
                "\(read.position)", "\(read.bodySize)", message.exchange.text, message.routingKey.text,
                message.redelivered ? "yes" : "", message.deliveryCount.map { "\($0)" } ?? "",
                death.map { "\($0.reason) in \($0.queue)" } ?? "", message.properties.contentType?.text ?? "",
                read.preview,
            ])
        }
        return Text.aligned(
            rows.map { row in
                row.enumerated().map { index, text in
                    Text.truncated(
                        Text.visible(text.replacing("\n", with: " ").replacing("\t", with: " ")),
                        to: index == row.count - 1 ? 40 : 30)
                }
            }, [.trailing, .trailing])
    }
}
