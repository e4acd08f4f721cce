import ArgumentParser
import BrokerMonitor
import Foundation
import Names
import RabbitMQManagement
import Recorder
import TopCore

/// `rabbittop until`: waits for a condition on a broker, or looks for it in a recording.
struct UntilCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "until", abstract: "Wait until a condition holds: 'queue.orders.ready > 1000'.",
        discussion: """
            Names begin with what they belong to: queue.orders.ready, node.rabbit@a.memory, overview.connections, \
            count(queues where ready > 10k); names with other letters stand in quotes. An object that is not there is \
            not known, and what is not known does not hold. --timeout is how long to wait (5m, 90s; by default without \
            end). With --from it prints the first time in a recording at which the condition holds, from --at on. \
            Exit codes: 0 it holds, 1 it did not, 2 usage, 69 broker not reachable, 77 not permitted.
            """)

    enum Format: String, ExpressibleByArgument, CaseIterable { case table, json }

    @Argument(help: "The condition.") var condition: String
    @OptionGroup(title: "Broker") var broker: BrokerOptions
    @OptionGroup(title: "Recording") var recording: RecordingOptions
    @Option(help: "How to print it.") var format: Format = .table
    @Option(
        help: ArgumentHelp(
            "How often to look; the broker's own figures come every 5 s.", valueName: "seconds"))
    var interval = 5.0

    /// The broker is asked during at most this part of the time.
    private static let mostBusy = 0.1

    func validate() throws {
        guard (0.2...86_400).contains(interval) else {
            throw ValidationError("--interval takes seconds, 0.2 to 86400.")
        }
        if recording.file != nil, broker.timeout != nil {
            throw ValidationError("--timeout is for a broker: a recording is not waited for.")
        }
        if let timeout = broker.timeout, Self.seconds(timeout) == nil {
            throw ValidationError("--timeout takes how long to wait, as 90s, 5m or 2h.")
        }
        do throws(ConditionError) {
            _ = try BrokerCondition(condition)
        } catch {
            throw ValidationError("The condition, \(error).\n\(error.pointed)")
        }
    }

    /// Returns the seconds of `90`, `90s`, `5m`; 0 looks once.
    private static func seconds(_ text: String) -> Double? {
        if let seconds = Quantity.seconds(text) { return seconds }
        let number = text.utf8.last == UInt8(ascii: "s") ? String(text.dropLast()) : text
        guard Quotable.isNumber(number), let seconds = Double(number), (0...1e9).contains(seconds) else { return nil }
        return seconds
    }

    func run() async throws {
        let condition = try BrokerCondition(condition)
        if let file = recording.file {
            try look(for: condition, in: OpenRecording(file))
        } else {
            try await wait(for: condition)
        }
    }

    // MARK: A broker

    private func wait(for condition: BrokerCondition) async throws {
        // On this command the option is the time to wait, and not that of a request.
        var broker = broker
        let patience = broker.timeout.flatMap(Self.seconds)
        broker.timeout = nil
        let settings = try SettingsGathering(broker: broker).settings()
        let password = await SettingsGathering.password(for: settings)
        let configuration = ManagementConfiguration(settings, password: password)
        do {
            var poll = try ConditionPoll(configuration, for: condition, vhost: Name(settings.vhost))
            do {
                try await wait(for: condition, &poll, patience: patience)
            } catch {
                await poll.shutdown()
                throw error
            }
            await poll.shutdown()
        } catch let error as ManagementError {
            throw CommandError(error)
        }
    }

    private func wait(for condition: BrokerCondition, _ poll: inout ConditionPoll, patience: Double?) async throws {
        let end = patience.map { ContinuousClock.now + .seconds($0) }
        var last: ConditionReading?
        var failure: ManagementError?
        while true {
            let begun = ContinuousClock.now
            do throws(ManagementError) {
                let reading = condition.reading(of: try await poll.moment())
                (last, failure) = (reading, nil)
                if reading.truth == .yes { return print(reading, of: condition) }
            } catch {
                // Before anything is known it is the command line that is wrong. Later the broker may be restarting.
                guard last != nil, error.isOutage else { throw error }
                failure = error
            }
            let now = ContinuousClock.now
            if let end, now >= end { throw expired(last, failure, after: patience ?? 0) }
            let pause = max(.seconds(interval), begun.duration(to: now) / Self.mostBusy)
            try await Task.sleep(until: min(now + pause, end ?? now + pause))
        }
    }

    private func expired(
        _ reading: ConditionReading?, _ failure: ManagementError?, after seconds: Double
    ) -> CommandError {
        let time = ValueFormat().duration(seconds)
        var lines = ["It did not hold within \(time): \(condition)"]
        if let failure {
            lines.append("It is not known: \(failure.whatHappened). \(failure.whatToDo)")
        } else if let reading {
            lines.append(reading.words + (reading.truth == .unknown ? ": not known is not true." : "."))
        }
        return CommandError(lines.joined(separator: "\n"))
    }

    // MARK: A recording

    private func look(for condition: BrokerCondition, in recording: OpenRecording) throws {
        let from =
            try self.recording.time.map { text in try recording.time(text, option: "--at") }
            ?? recording.span.lowerBound
        let result: (found: ConditionReading?, last: ConditionReading?)
        do throws(RecordingError) {
            result = try recording.reader.firstReading(of: condition, from: from)
        } catch {
            throw CommandError(error)
        }
        if let found = result.found { return print(found, of: condition) }
        var lines = ["It does not hold in \(recording.path) from \(LedgerTime.text(from)) on: \(self.condition)"]
        if let last = result.last { lines.append("At its end \(last.words).") }
        throw CommandError(lines.joined(separator: "\n"))
    }

    private func print(_ reading: ConditionReading, of condition: BrokerCondition) {
        switch format {
        case .table: Output.line(reading.line)
        case .json: Output.write(reading.json(of: condition.condition), as: .json)
        }
    }
}

extension ManagementError {
    /// Whether the broker is away for the moment, as while it restarts.
    fileprivate var isOutage: Bool {
        switch code {
        case .unreachable, .timedOut, .unavailable, .serverError: true
        default: false
        }
    }
}
