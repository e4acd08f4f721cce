import ArgumentParser
import BrokerOperations
import Foundation
import Names
import Synchronization

/// `rabbittop messages save`: writes messages to a file, from which they can be published again.
struct MessagesSaveCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "save", abstract: "Save messages of a queue to a file, with all properties and headers.",
        discussion: """
            One line of JSON for each message; 'messages load' and 'publish --from' publish them again as they were. \
            The messages stay in their queue; what a look costs is the same as with 'messages list'. \
            Exit codes: 0 done, 1 failed or stopped, 2 usage, 69 broker not reachable, 77 not permitted.
            """)

    @OptionGroup(title: "Broker") var broker: BrokerOptions
    @OptionGroup var from: MessageSourceOptions
    @Argument(help: ArgumentHelp("The file, which must not exist; - for standard output.", valueName: "FILE"))
    var file: String
    @Option(help: "How many messages that match; by default all.") var count: Int?

    func validate() throws {
        if let count, !(1...1_000_000_000).contains(count) {
            throw ValidationError("--count takes a number of messages, 1 to 1000000000.")
        }
    }

    func run() async throws {
        let output = try SavedMessagesFile(creating: file)
        let queue = Name(from.queue)
        let report: TransferReport
        do {
            report = try await MessageReading(broker: broker, from: from, count: count).run { message, _ in
                try output.write(SavedMessage(message, queue: queue))
                return true
            }
            try output.close()
        } catch {
            output.removeIfEmpty()
            throw error
        }
        let words = "\(MessageDesk.messages(report.tally.moved)) saved"
        try MessageReading.check(report)
        if report.end == .stopped { throw CommandError("stopped: \(words)") }
        Output.note(words)
    }
}
