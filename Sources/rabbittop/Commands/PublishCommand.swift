import ArgumentParser
import BrokerMonitor
import Foundation
import Names
import TopCore

/// `rabbittop publish`: publishes messages with confirms, and reports their outcome.
struct PublishCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "publish", abstract: "Publish messages, and say what the broker confirmed.",
        discussion: """
            Without an exchange the default exchange is meant, which routes to the queue named by the routing key. \
            Exit codes: 0 all confirmed, 1 some returned, nacked or lost, 2 usage, 69 broker not reachable, \
            77 not permitted.
            """)

    @OptionGroup(title: "Broker") var broker: BrokerOptions
    @Option(help: "Exchange; by default the default exchange.") var exchange = ""
    @Option(help: "Routing key; for the default exchange the queue's name.") var routingKey = ""
    @Option(help: "How many messages.") var count = 1
    @Option(help: ArgumentHelp("Messages per second; by default as fast as confirms arrive.", valueName: "r"))
    var rate: Double?
    @Option(help: ArgumentHelp("Generate bodies of this many bytes.", valueName: "bytes")) var size: Int?
    @Option(help: "The body, as text.") var body: String?
    @Option(help: "A file whose bytes are the body; - for standard input.") var bodyFile: String?
    @Flag(help: "Ask the broker to keep the messages on disk (delivery mode 2).") var persistent = false
    @Option(help: ArgumentHelp("TTL of each message in milliseconds.", valueName: "ms")) var expiration: Int?
    @Flag(help: "Have messages that reach no queue returned, and print each.") var mandatory = false
    @Option(help: ArgumentHelp("A header; give it again for more.", valueName: "name=value")) var header: [String] = []

    func validate() throws {
        guard (1...1_000_000_000).contains(count) else {
            throw ValidationError("--count takes a number of messages, 1 to 1000000000.")
        }
        if let rate, !(0.000001...1_000_000).contains(rate) {
            throw ValidationError("--rate takes messages per second, 0.000001 to 1000000.")
        }
        guard [size != nil, body != nil, bodyFile != nil].filter({ $0 }).count <= 1 else {
            throw ValidationError("Give one of --size, --body and --body-file.")
        }
        if let size, !(0...(128 << 20)).contains(size) {
            throw ValidationError("--size takes bytes, up to 134217728, which is RabbitMQ's own limit.")
        }
        if let expiration, !(0...Int(UInt32.max)).contains(expiration) {
            throw ValidationError("--expiration takes milliseconds, 0 to 4294967295, which is RabbitMQ's own limit.")
        }
        for header in header where Self.parts(header) == nil {
            throw ValidationError("--header takes name=value; the name is not empty, and has 255 bytes at the most.")
        }
    }

    func run() async throws {
        let settings = try SettingsGathering(broker: broker).settings()
        let request = try request(vhost: settings.vhost ?? "/")
        let password = await SettingsGathering.password(for: settings)
        let run = try HeadlessLink(BrokerConfiguration(settings, password: password))
        switch await run.perform(.publish(request), progress: isatty(STDERR_FILENO) == 1) {
        case .finished(let words): Output.line(words)
        case .cancelled(let words): throw CommandError("publishing was stopped: \(words)")
        case .failed(let what, let advice, let kind):
            let exitCode =
                switch kind {
                case .unreachable: ExitStatus.unreachable
                case .notPermitted: ExitStatus.notPermitted
                case .other: ExitStatus.failed
                }
            throw CommandError([what, advice].compactMap { $0 }.joined(separator: "\n"), exitCode: exitCode)
        case .progress, .peeked, .offersConnection, .faultFailed, nil:
            throw CommandError("publishing ended without a report")
        }
    }

    private func request(vhost: String) throws -> PublishRequest {
        var request = PublishRequest(
            vhost: vhost, exchange: exchange, routingKey: routingKey, count: count, rate: rate, body: try content())
        request.persistent = persistent
        request.expiration = expiration
        request.mandatory = mandatory
        request.headers = header.compactMap(Self.parts)
        return request
    }

    /// Returns name and value of a header; the value may be empty, and may contain `=`.
    private static func parts(_ header: String) -> (name: Name, value: String)? {
        let parts = header.parts(separatedBy: "=", maxSplits: 1)
        guard parts.count == 2, (1...255).contains(parts[0].utf8.count) else { return nil }
        return (Name(parts[0]), String(parts[1]))
    }

    private func content() throws -> PublishRequest.Body {
        if let body { return .text(body) }
        if let bodyFile {
            if bodyFile == "-" {
                do {
                    return .bytes(Array(try FileHandle.standardInput.readToEnd() ?? Data()))
                } catch {
                    throw CommandError("Standard input cannot be read. Give the body with --body, or name a file.")
                }
            }
            guard let data = FileManager.default.contents(atPath: bodyFile) else {
                throw CommandError("The file \(bodyFile) cannot be read. Check the path and its permissions.")
            }
            return .bytes(Array(data))
        }
        return .size(size ?? 64)
    }
}
