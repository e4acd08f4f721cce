import AMQPWire
import ArgumentParser
import BrokerMonitor
import BrokerOperations
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
    @Option(help: "Exchange; by default the default exchange.") var exchange: String?
    @Option(help: "Routing key; for the default exchange the queue's name.") var routingKey: String?
    @Option(help: "How many messages; by default 1, or with --from all.") var count: Int?
    @Option(help: ArgumentHelp("Messages per second; by default as fast as confirms arrive.", valueName: "r"))
    var rate: Double?
    @Option(help: ArgumentHelp("Generate bodies of this many bytes.", valueName: "bytes")) var size: Int?
    @Option(help: "The body, as text.") var body: String?
    @Option(help: "A file whose bytes are the body; - for standard input.") var bodyFile: String?
    @Option(
        name: .customLong("from"),
        help: ArgumentHelp(
            "Saved messages, as 'messages save' writes them, published as they were; - for standard input.",
            valueName: "file"))
    var savedFile: String?
    @Flag(help: "Ask the broker to keep the messages on disk (delivery mode 2).") var persistent = false
    @Option(help: ArgumentHelp("TTL of each message in milliseconds.", valueName: "ms")) var expiration: Int?
    @Flag(help: "Have messages that reach no queue returned, and print each.") var mandatory = false
    @OptionGroup var headers: HeaderOptions
    @Option(
        help: ArgumentHelp(
            "A property: \(BasicProperties.propertyNames.joined(separator: ", ")).", valueName: "name=value"))
    var property: [String] = []
    @Option(help: ArgumentHelp("The property content_type.", valueName: "type")) var contentType: String?

    func validate() throws {
        if let count, !(1...1_000_000_000).contains(count) {
            throw ValidationError("--count takes a number of messages, 1 to 1000000000.")
        }
        if let rate, !(0.000001...1_000_000).contains(rate) {
            throw ValidationError("--rate takes messages per second, 0.000001 to 1000000.")
        }
        guard [size != nil, body != nil, bodyFile != nil, savedFile != nil].filter({ $0 }).count <= 1 else {
            throw ValidationError("Give one of --size, --body, --body-file and --from.")
        }
        if savedFile != nil, persistent || expiration != nil || mandatory || !allHeaders.isEmpty {
            throw ValidationError(
                "Saved messages have their own properties: --from goes without --persistent, --expiration, --mandatory, "
                    + "--header, --typed-header, --property and --content-type.")
        }
        if let size, !(0...(128 << 20)).contains(size) {
            throw ValidationError("--size takes bytes, up to 134217728, which is RabbitMQ's own limit.")
        }
        if let expiration, !(0...Int(UInt32.max)).contains(expiration) {
            throw ValidationError("--expiration takes milliseconds, 0 to 4294967295, which is RabbitMQ's own limit.")
        }
        var properties = BasicProperties()
        for (name, value) in allProperties where !properties.setProperty(name, to: value) {
            throw ValidationError(
                "--property takes name=value, the name one of \(BasicProperties.propertyNames.joined(separator: ", "))."
            )
        }
        guard allProperties.count == property.count + (contentType == nil ? 0 : 1) else {
            throw ValidationError("--property takes name=value.")
        }
    }

    /// All options that a saved message has itself.
    private var allHeaders: [String] {
        headers.header + headers.typedHeader + property + (contentType.map { [$0] } ?? [])
    }

    private var allProperties: [(name: String, value: String)] {
        var all: [(name: String, value: String)] = []
        for text in property {
            let parts = text.parts(separatedBy: "=", maxSplits: 1)
            if parts.count == 2 { all.append((String(parts[0]), String(parts[1]))) }
        }
        if let contentType { all.append(("content_type", contentType)) }
        return all
    }

    /// Publishes saved messages.
    private func load(_ file: String) async throws {
        let desk = try await MessageDesk(broker, changes: "this publishes messages")
        let isElsewhere = exchange != nil || routingKey != nil
        var action = try MessageActionOptions.parse([])
        action.count = count
        action.rate = rate
        try await MessagesLoadCommand.load(
            SavedMessagesReader(file),
            to: isElsewhere ? .exchange(Name(exchange ?? ""), routingKey: Name(routingKey)) : nil,
            of: desk.source.address, rules: MessageRules(user: Name(desk.source.address.username)), action)
    }

    func run() async throws {
        if let savedFile { return try await load(savedFile) }
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
        case .progress, .messages, .batchEnded, .offersConnection, .faultFailed, nil:
            throw CommandError("publishing ended without a report")
        }
    }

    private func request(vhost: String) throws -> PublishRequest {
        var request = PublishRequest(
            vhost: vhost, exchange: exchange ?? "", routingKey: routingKey ?? "", count: count ?? 1, rate: rate,
            body: try content())
        request.persistent = persistent
        request.expiration = expiration
        request.mandatory = mandatory
        request.headers = headers.texts.map { ($0.name, $0.value.text) }
        request.typedHeaders = headers.typed.map { ($0.name, $0.value) }
        request.properties = allProperties
        return request
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
