import BrokerOperations
import Foundation
import Names
import RabbitMQClient
import Synchronization

/// Looks at messages of a queue, which stay there.
struct MessageReading {
    var broker: BrokerOptions
    var from: MessageSourceOptions
    /// How many messages that match.
    var count: Int?

    /// Reads messages.
    ///
    /// - Parameter body: receives each with its position; returns whether it wants more.
    func run(_ body: @escaping @Sendable (TakenMessage, Int) throws -> Bool) async throws -> TransferReport {
        let (desk, facts) = try await look()
        var plan = TransferPlan(
            .read { message, position in
                let wantsMore = try body(message, position)
                guard let limit = facts.limitOfLooks, let used = message.deliveryCount else { return wantsMore }
                // Another look at this one would lose it.
                return wantsMore && used + 1 < limit
            }, queue: Name(from.queue), rules: MessageRules(user: ""))
        try plan.take(from, facts)
        plan.count = count
        for warning in facts.warnings(plan) { Output.note("rabbittop: \(warning).") }
        let transfer = MessageTransfer(plan, from: desk.source.address, to: desk.source.address)
        let interrupt = Interrupt { transfer.stop() }
        let report = await transfer.run()
        interrupt.end()
        for note in report.notes { Output.note("rabbittop: \(note).") }
        return report
    }

    private func look() async throws -> (MessageDesk, QueueFacts) {
        // Reading takes nothing out of a stream; what it does elsewhere is said.
        let desk = try await MessageDesk(broker, changes: nil)
        let facts = try await desk.facts(of: from.queue)
        if desk.source.settings.isReadOnly, !facts.isStream {
            throw CommandError(
                "refused: rabbittop is read-only, and looking at messages counts as a delivery\n"
                    + "Start it without --read-only.", exitCode: ExitStatus.notPermitted)
        }
        if let limit = facts.limitOfLooks, limit < 1 {
            throw CommandError(
                "refused: the queue's delivery limit is \(limit), and a look counts as a delivery\n"
                    + "Raise the limit by a policy.")
        }
        return (desk, facts)
    }

    /// Throws what ended reading early.
    static func check(_ report: TransferReport) throws {
        if case .failed(let what, let advice, _) = report.end {
            throw CommandError([what, advice].compactMap { $0 }.joined(separator: "\n"))
        }
    }
}

/// Messages that were looked at, up to a number of bytes.
final class ReadMessages: Sendable {
    private struct State {
        var messages: [ReadMessage] = []
        var bytes = 0
    }

    private static let mostBytes = 64 << 20
    private let state = Mutex(State())

    var messages: [ReadMessage] { state.withLock { $0.messages } }

    /// - Returns: whether there is room for more.
    func add(_ message: ReadMessage) -> Bool {
        state.withLock { state in
            state.messages.append(message)
            state.bytes += message.footprint
            return state.bytes < Self.mostBytes
        }
    }

    /// The JSON of `messages list` and `get`.
    func json(queue: String) throws -> String {
        struct Listing: Encodable {
            var queue: String
            var messages: [ReadMessage]
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(Listing(queue: queue, messages: messages)), as: UTF8.self) + "\n"
    }
}
