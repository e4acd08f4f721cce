import ArgumentParser
import Foundation
import LocalBroker
import Screen
import Terminal

/// `rabbittop broker …`: a private, temporary RabbitMQ node, for scripts and experiments.
struct BrokerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "broker",
        abstract: "Start, stop, kill and freeze a private, throwaway broker.",
        discussion: """
            The broker runs as you, on free ports of the loopback interface, and keeps everything in one folder. \
            It needs RabbitMQ installed on this machine, and touches no other broker.
            Exit codes: 0 done, 1 failed, 2 usage, 69 not running or not installed.
            """,
        subcommands: [Start.self, Stop.self, Kill.self, Freeze.self, Thaw.self, Status.self])

    enum Format: String, ExpressibleByArgument, CaseIterable {
        case text, json
    }

    /// Which broker a command applies to.
    struct Which: ParsableArguments {
        @Option(help: "The broker's folder. Default: that of the broker you started last.")
        var directory: String?

        func open() throws -> BrokerNode {
            if let directory { return try BrokerNode.open(directory: BrokerCommand.folder(directory)) }
            guard let last = LastBroker.directory else {
                throw BrokerNodeError(
                    .notRunning, "You have no private broker.", advice: "Start one: rabbittop broker start")
            }
            do {
                return try BrokerNode.open(directory: last)
            } catch {
                guard error.code == .folder else { throw error }
                LastBroker.forget(last)
                throw BrokerNodeError(
                    .notRunning, "The broker in \(last.path) is gone.", advice: "Start one: rabbittop broker start")
            }
        }
    }

    struct Start: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Start a broker that lives on until it is stopped.",
            discussion: "In the folder of a broker that was killed, it starts on the same data and ports.")

        @Option(help: "Keep everything in this folder. Default: a new one in the temporary folder.")
        var directory: String?
        @Option(help: "How to print where it is: text or json.")
        var format = Format.text
        @Option(help: ArgumentHelp("Give up when it is not ready after this many seconds.", valueName: "seconds"))
        var wait = 240.0
        @Flag(help: "Listen for TLS too, with certificates made for it.")
        var tls = false
        @Flag(help: "Stay until Ctrl-C, then end the broker and remove its folder.")
        var foreground = false

        func validate() throws {
            guard wait > 0, wait <= 86_400 else {
                throw ValidationError("--wait takes seconds, more than 0 and at most 86400.")
            }
        }

        func run() async throws {
            try await BrokerCommand.reporting {
                let node = try await BrokerNode.start(
                    BrokerNode.Options {
                        $0.directory = directory.map(BrokerCommand.folder)
                        $0.tls = tls
                        $0.deadline = .seconds(wait)
                        $0.endsWithProcess = foreground
                    })
                let report = await BrokerReport(of: node).text(format)
                // Before the broker is reported as running, so that no signal is lost between the report and the wait.
                if foreground { Interruption.begin() }
                guard Output.write(report + "\n", as: format == .json ? .json : .text) else {
                    // Without the report the user would not know its folder.
                    try? await node.stop()
                    await node.remove()
                    throw CommandError("\(Output.problem ?? "")\nThe broker is stopped and gone again.")
                }
                do throws(BrokerNodeError) {
                    try LastBroker.remember(node.directory)
                } catch {
                    // The broker runs nevertheless.
                    Output.note("\(error.message) Name the broker's folder to the next command.")
                }
                if foreground {
                    await BrokerCommand.untilInterrupted(orEndOf: node)
                    try? await node.stop()
                    await node.remove()
                    LastBroker.forget(node.directory)
                }
            }
        }
    }

    struct Stop: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Shut the broker down in an orderly way, and remove its folder.")

        @OptionGroup var which: Which
        @Flag(help: "Keep the folder, so that the broker can start again on its data.")
        var keep = false

        func run() async throws {
            try await BrokerCommand.reporting {
                let node = try which.open()
                let wasRunning = await node.status != .stopped
                if wasRunning { try await node.stop() }
                if keep {
                    guard wasRunning else {
                        throw BrokerNodeError(.notRunning, "The broker in \(node.directory.path) is not running.")
                    }
                } else {
                    await node.remove()
                    LastBroker.forget(node.directory)
                }
            }
        }
    }

    struct Kill: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "End the broker with SIGKILL, as a crash would. Its data stay.")

        @OptionGroup var which: Which

        func run() async throws {
            try await BrokerCommand.reporting { try await which.open().kill() }
        }
    }

    struct Freeze: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Stop the broker with SIGSTOP: connections stay open, and nothing answers.")

        @OptionGroup var which: Which

        func run() async throws {
            try await BrokerCommand.reporting { try await which.open().freeze() }
        }
    }

    struct Thaw: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Let a frozen broker go on.")

        @OptionGroup var which: Which

        func run() async throws {
            try await BrokerCommand.reporting { try await which.open().thaw() }
        }
    }

    struct Status: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Say whether the broker is running, frozen or stopped, and where it is.")

        @OptionGroup var which: Which
        @Option(help: "text or json.")
        var format = Format.text

        func run() async throws {
            try await BrokerCommand.reporting {
                let report = try await BrokerReport(of: which.open())
                Output.write(report.text(format) + "\n", as: format == .json ? .json : .text)
                if report.status == .stopped { throw ExitCode(69) }
            }
        }
    }
}

extension BrokerCommand {
    fileprivate static func folder(_ path: String) -> URL {
        URL(fileURLWithPath: (path as NSString).expandingTildeInPath, isDirectory: true)
    }

    /// Runs a body, prints on standard error what went wrong and what to do, and chooses the exit code.
    fileprivate static func reporting(_ body: () async throws -> Void) async throws {
        do {
            try await body()
        } catch let error as BrokerNodeError {
            Output.note(error.lines)
            switch error.code {
            case .notInstalled, .notRunning: throw ExitCode(69)
            case .folder, .notStarted, .portInUse, .exited, .deadline, .alreadyRunning, .commandFailed, .cancelled:
                throw ExitCode(1)
            }
        }
    }

    /// Waits for SIGINT, SIGTERM or SIGHUP, or until the broker has ended by itself.
    fileprivate static func untilInterrupted(orEndOf node: BrokerNode) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await Interruption.wait() }
            group.addTask {
                while !Task.isCancelled, await node.status != .stopped {
                    try? await Task.sleep(for: .milliseconds(200))
                }
            }
            await group.next()
            group.cancelAll()
        }
    }
}

extension BrokerNodeError {
    /// The broker's output first, then what happened and what to do, so that these stay visible.
    fileprivate var lines: String {
        [output, message, advice].filter { !$0.isEmpty }.joined(separator: "\n")
    }
}

/// The output of `start` and `status`.
private struct BrokerReport: Encodable {
    var status: BrokerNode.Status
    var directory: String
    var node: String
    var pid: Int32?
    var amqpURI: String
    var amqpsURI: String?
    var managementURL: String?
    var prometheusURL: String?
    var caCertificate: String?
    var log: String

    private enum CodingKeys: String, CodingKey {
        case status, directory, node, pid, log
        case amqpURI = "amqp_uri"
        case amqpsURI = "amqps_uri"
        case managementURL = "management_url"
        case prometheusURL = "prometheus_url"
        case caCertificate = "ca_certificate"
    }

    init(of node: BrokerNode) async {
        status = await node.status
        directory = node.directory.path
        self.node = node.name
        pid = await node.processIdentifier
        amqpURI = node.amqpURI
        amqpsURI = node.amqpsURI
        managementURL = node.managementURL?.absoluteString
        prometheusURL = node.prometheusURL?.absoluteString
        caCertificate = node.tlsFiles?.authority.path
        log = node.logFile.path
    }

    func text(_ format: BrokerCommand.Format) -> String {
        switch format {
        case .text:
            let rows: [(String, String?)] = [
                ("status", status.rawValue), ("directory", directory), ("node", node), ("pid", pid.map(String.init)),
                ("amqp", amqpURI), ("amqps", amqpsURI), ("ca", caCertificate), ("management", managementURL),
                ("prometheus", prometheusURL), ("log", log),
            ]
            return rows.compactMap { name, value in
                value.map { Text.padded(name, to: 12) + $0 }
            }.joined(separator: "\n")
        case .json:
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            return (try? encoder.encode(self)).map { String(decoding: $0, as: UTF8.self) } ?? "{}"
        }
    }

    /// Values that are not known are null.
    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(status, forKey: .status)
        try container.encode(directory, forKey: .directory)
        try container.encode(node, forKey: .node)
        try container.encode(pid, forKey: .pid)
        try container.encode(amqpURI, forKey: .amqpURI)
        try container.encode(amqpsURI, forKey: .amqpsURI)
        try container.encode(managementURL, forKey: .managementURL)
        try container.encode(prometheusURL, forKey: .prometheusURL)
        try container.encode(caCertificate, forKey: .caCertificate)
        try container.encode(log, forKey: .log)
    }
}
