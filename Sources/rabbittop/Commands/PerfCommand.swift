import ArgumentParser
import BrokerMonitor
import Foundation
import Lab
import RabbitMQClient
import RabbitMQManagement
import Screen

/// `rabbittop perf`: a load generator that measures the client library.
struct PerfCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "perf", abstract: "Publish or consume as fast as possible, and print the rate.",
        discussion: """
            publish sends without confirms and ends when the broker has worked them all off; confirm has every message \
            confirmed, with --window of them on their way, or with --tasks that each await their own; consume takes \
            and acknowledges. All over one connection, through the default exchange, with transient messages and empty \
            properties. A queue that does not exist is declared, durable, and stays; one that exists is taken as it is.
            The CPU time is that of this process alone, in user and kernel mode, while messages moved. Latencies are \
            of every message with --tasks, else of every hundredth.
            Exit codes: 0 done, 1 failed, 2 usage, 69 broker not reachable, 77 not permitted.
            """)

    @Argument(help: ArgumentHelp("What to do: publish, confirm or consume.", valueName: "mode"))
    var mode: LoadPlan.Mode
    @OptionGroup(title: "Broker") var broker: BrokerOptions
    @Option(help: ArgumentHelp("The queue to publish to or consume from.", valueName: "name")) var queue: String
    @Option(help: "How many messages.") var count = 100_000
    @Option(help: ArgumentHelp("Size of a body, published.", valueName: "bytes")) var size = 100
    @Option(help: ArgumentHelp("The most messages that await their confirm.", valueName: "messages"))
    var window = 1_000
    @Option(
        help: ArgumentHelp(
            "Concurrent tasks. With confirm, each awaits its own confirm, and --window has no effect.",
            valueName: "number"))
    var tasks: Int?
    @Option(help: ArgumentHelp("The most deliveries that are not acknowledged; 0 for no limit.", valueName: "messages"))
    var prefetch: UInt16 = 1_000
    @Option(
        help: ArgumentHelp(
            "Deliveries that one ack acknowledges; 0 consumes without acknowledgements.", valueName: "messages")
    )
    var ackEvery = 100
    @Option(
        help: ArgumentHelp("Messages a second at the most; as fast as possible by default.", valueName: "r"))
    var rate: Double?
    @Option(help: "How to print the result: text or json.") var format = BrokerCommand.Format.text

    func validate() throws {
        guard (1...1_000_000_000).contains(count) else {
            throw ValidationError("--count takes a number of messages, 1 or more.")
        }
        guard (0...(128 << 20)).contains(size) else {
            throw ValidationError("--size takes bytes, up to 134217728, which is RabbitMQ's own limit.")
        }
        guard (1...1_000_000).contains(window) else {
            throw ValidationError("--window takes a number of messages, 1 or more.")
        }
        if let tasks, !(1...100_000).contains(tasks) {
            throw ValidationError("--tasks takes a number of tasks, 1 or more.")
        }
        guard (0...1_000_000).contains(ackEvery) else {
            throw ValidationError("--ack-every takes a number of messages, 0 or more.")
        }
        if mode == .consume, prefetch > 0, ackEvery > Int(prefetch) {
            throw ValidationError(
                "--ack-every \(ackEvery) would never be reached with --prefetch \(prefetch): the broker waits for acks."
            )
        }
        if let rate, !(rate >= 1e-6 && rate <= 1e9) {
            throw ValidationError("--rate takes messages per second, 0.000001 or more.")
        }
        guard !queue.isEmpty, queue.utf8.count <= 255 else {
            throw ValidationError("--queue takes a queue's name, of 255 bytes at the most.")
        }
    }

    func run() async throws {
        let settings = try SettingsGathering(broker: broker, isAMQPEnough: true).settings()
        if settings.isReadOnly {
            throw CommandError(
                "refused: rabbittop is read-only, and perf moves messages\nStart it without --read-only.",
                exitCode: ExitStatus.notPermitted)
        }
        let password = await SettingsGathering.password(for: settings)
        do {
            let result = try await LoadRun.run(plan(settings), over: address(settings, password: password))
            Output.write(try text(of: result) + "\n", as: format == .json ? .json : .text)
        } catch let error as ClientError {
            throw CommandError(error)
        } catch let error as ManagementError {
            throw CommandError(error)
        }
    }

    private func plan(_ settings: Settings) -> LoadPlan {
        var plan = LoadPlan(mode: mode, queue: queue, count: count, size: size)
        plan.window = window
        plan.tasks = tasks
        plan.prefetch = prefetch
        plan.ackEvery = ackEvery
        plan.rate = rate
        plan.patience = .seconds(settings.timeout)
        return plan
    }

    private func address(_ settings: Settings, password: String) async throws -> ConnectionConfiguration {
        let found = try await BrokerConfiguration(settings, password: password).findAMQP()
        guard var address = found.address else {
            throw CommandError("\(found.problem)\nName the address with --amqp-uri.", exitCode: ExitStatus.unreachable)
        }
        address.virtualHost = settings.vhost ?? "/"
        address.connectionName = address.connectionName ?? "rabbittop perf"
        address.connectTimeout = min(address.connectTimeout, .seconds(settings.timeout))
        return address
    }

    private func text(of result: LoadResult) throws -> String {
        switch format {
        case .json:
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            return String(decoding: try encoder.encode(result), as: UTF8.self)
        case .text:
            let number = FloatingPointFormatStyle<Double>.number.locale(Locale(identifier: "en_US"))
            func figure(_ value: Double) -> String { value.formatted(number.precision(.significantDigits(1...3))) }
            let counted = Double(result.count).formatted(number)
            var rows = [
                ("messages", "\(counted) of \(result.size) bytes, in \(figure(result.seconds)) s"),
                ("rate", "\(result.rate.formatted(number.precision(.fractionLength(0)))) messages/s"),
                ("CPU", "\(figure(result.cpuPerMessage)) us of this process a message"),
            ]
            if let latency = result.latency {
                rows.append(
                    (
                        "confirms",
                        "p50 \(figure(latency.p50)) ms, p99 \(figure(latency.p99)) ms, max \(figure(latency.max)) ms"
                    ))
            }
            return rows.map { name, value in Text.padded(name, to: 12) + value }
                .joined(separator: "\n")
        }
    }
}

extension LoadPlan.Mode: ExpressibleByArgument {}

extension CommandError {
    init(_ error: ClientError) {
        let what =
            error.closeReason.map { reason in
                reason.code == 0 ? reason.text : "\(reason.code) \(reason.text)"
            } ?? error.message
        let exitCode: Int32 =
            switch error.code {
            case .connectionRefused, .connectFailed, .tlsFailed, .handshakeTimeout, .closedDuringHandshake:
                ExitStatus.unreachable
            case .accessRefused, .virtualHostRefused: ExitStatus.notPermitted
            default: error.closeReason?.code == 403 ? ExitStatus.notPermitted : ExitStatus.failed
            }
        self.init("\(what)\n\(error.advice)", exitCode: exitCode)
    }
}
