import ArgumentParser
import BrokerOperations
import Foundation
import Names
import Screen

/// `rabbittop messages get`: messages of a queue in full.
struct MessagesGetCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "get", abstract: "Show messages of a queue in full: properties, headers, the decoded body.",
        discussion: """
            Bodies are unpacked (gzip, deflate), read in their charset and laid out by what they contain: JSON, text, \
            MessagePack, else hexadecimal. The messages stay in their queue; what a look costs is the same as with \
            'messages list'. Exit codes: 0 done, 1 failed, 2 usage, 69 broker not reachable, 77 not permitted.
            """)

    @OptionGroup(title: "Broker") var broker: BrokerOptions
    @OptionGroup var from: MessageSourceOptions
    @Option(help: "How many messages that match.") var count = 1
    @Option(help: ArgumentHelp("Begin with the message at this place, from 1.", valueName: "place")) var position = 1
    @Flag(help: "Write the bytes of one body, and nothing else.") var raw = false
    @Option(help: "How to print it: text or json.") var format = BrokerCommand.Format.text

    func validate() throws {
        guard (1...10_000).contains(count) else { throw ValidationError("--count takes a number, 1 to 10000.") }
        guard (1...100_000).contains(position) else { throw ValidationError("--position takes a number, 1 to 100000.") }
        if raw, count != 1 { throw ValidationError("--raw is for one message.") }
    }

    func run() async throws {
        let found = ReadMessages()
        let (first, raw) = (position, raw)
        let report = try await MessageReading(broker: broker, from: from, count: first + count - 1)
            .run { message, position in
                guard position >= first else { return true }
                if raw { try FileHandle.standardOutput.write(contentsOf: Data(message.body.readableBytesView)) }
                return found.add(ReadMessage(message, position: position, showsBody: !raw))
            }
        if !raw {
            switch format {
            case .json: Output.write(try found.json(queue: from.queue), as: .json)
            case .text:
                for (index, message) in found.messages.enumerated() {
                    if index > 0 { Output.write("\n") }
                    for line in message.lines { Output.line(line) }
                }
            }
        }
        try MessageReading.check(report)
        if found.messages.isEmpty { throw CommandError("There is no such message in \(from.queue).") }
    }
}
