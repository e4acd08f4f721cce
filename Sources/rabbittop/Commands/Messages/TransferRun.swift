import BrokerOperations
import Foundation
import Names
import RabbitMQClient
import Screen

/// Runs a transfer for a subcommand: progress on the terminal, Ctrl-C, the result and the exit status.
struct TransferRun {
    var plan: TransferPlan
    var source: ConnectionConfiguration
    var target: ConnectionConfiguration
    var format: BrokerCommand.Format
    /// What is done, as in "12 messages moved".
    var done: String

    func run() async throws {
        let transfer = MessageTransfer(plan, from: source, to: target)
        let interrupt = Interrupt { transfer.stop() }
        let shows = StandardStream.error.isTerminal
        let done = done
        let report = await transfer.run { progress in
            if shows { Output.status(progress.words(done)) }
        }
        interrupt.end()
        if shows { Output.status(nil) }
        try Self.print(report, done: done, as: format)
        if case .stopped = report.end { throw CommandError("stopped: \(report.summary(done))") }
        if report.tally.failed > 0, case .finished = report.end {
            throw CommandError("\(MessageDesk.messages(report.tally.failed)) stayed in \(plan.queue).")
        }
    }

    /// Prints a report, and throws what ended the transfer early.
    static func print(_ report: TransferReport, done: String, as format: BrokerCommand.Format) throws {
        switch format {
        case .json:
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            Output.write(
                String(decoding: try encoder.encode(TransferResult(report)), as: UTF8.self) + "\n", as: .json)
        case .text: for line in report.lines(done) { Output.line(line) }
        }
        for note in report.notes { Output.note("rabbittop: \(Text.visible(note)).") }
        switch report.end {
        case .failed(let what, let advice, let kind):
            let exitCode =
                switch kind {
                case .unreachable: ExitStatus.unreachable
                case .notPermitted: ExitStatus.notPermitted
                case .other: ExitStatus.failed
                }
            throw CommandError([what, advice].compactMap { $0 }.joined(separator: "\n"), exitCode: exitCode)
        case .stopped, .finished: break
        }
    }
}

extension TransferReport {
    func lines(_ done: String) -> [String] { [summary(done)] + ways.map { "  \($0)" } }
}

/// The JSON of a transfer.
struct TransferResult: Encodable {
    private struct Way: Encodable {
        var exchange: Name
        var routingKey: Name?
        var queue: Name?
        var reason: Name?
        var count: Int

        enum CodingKeys: String, CodingKey {
            case exchange, queue, reason, count
            case routingKey = "routing_key"
        }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(exchange, forKey: .exchange)
            try container.encode(routingKey, forKey: .routingKey)
            try container.encode(queue, forKey: .queue)
            try container.encode(reason, forKey: .reason)
            try container.encode(count, forKey: .count)
        }
    }

    private struct Failed: Encodable {
        var why: Name
        var count: Int
    }

    private enum CodingKeys: String, CodingKey {
        case taken, moved, to, failed, skipped, stopped, error, notes
        case possibleDuplicates = "possible_duplicates"
    }

    private let report: TransferReport

    init(_ report: TransferReport) { self.report = report }

    func encode(to encoder: any Encoder) throws {
        let tally = report.tally
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(tally.taken, forKey: .taken)
        try container.encode(tally.moved, forKey: .moved)
        try container.encode(
            tally.groups.sorted { $0.key < $1.key }.map { group, count in
                Way(
                    exchange: group.exchange, routingKey: group.routingKey, queue: group.queue, reason: group.reason,
                    count: count)
            }, forKey: .to)
        try container.encode(
            tally.failures.sorted { $0.key < $1.key }.map { Failed(why: $0.key, count: $0.value) }, forKey: .failed)
        try container.encode(tally.possibleDuplicates, forKey: .possibleDuplicates)
        try container.encode(tally.skipped, forKey: .skipped)
        try container.encode(report.end == .stopped, forKey: .stopped)
        var error: String?
        if case .failed(let what, _, _) = report.end { error = what }
        try container.encode(error, forKey: .error)
        try container.encode(report.notes, forKey: .notes)
    }
}
