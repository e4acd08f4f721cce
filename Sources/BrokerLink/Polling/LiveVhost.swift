import Logging
import NIOCore
import RabbitMQClient

/// Asks for the depth of queues of one vhost by passive declares, over a connection of its own that is opened when it is
/// needed.
actor LiveVhost {
    struct Answer: Sendable {
        var declared: [(name: String, queue: QueueDeclared)] = []
        /// The broker does not know these (404).
        var gone: [String] = []
        /// Exclusive queues of another connection (405), and what may not be asked (403).
        var locked: [String] = []
    }

    let configuration: ConnectionConfiguration
    private let group: any EventLoopGroup
    private let own: OwnConnections
    private let logger: Logger
    private var connection: Connection?
    private var channel: AMQPChannel?
    private(set) var lastUse = Uptime.now

    init(
        configuration: ConnectionConfiguration, group: any EventLoopGroup, own: OwnConnections, logger: Logger
    ) {
        var configuration = configuration
        // With the second between two questions: whoever looks knows within three that the broker is frozen.
        configuration.connectTimeout = .milliseconds(1_300)
        configuration.operationTimeout = .milliseconds(1_300)
        // The next question opens another one; the loss is to be seen at once.
        configuration.recovery = .off
        self.configuration = configuration
        self.group = group
        self.own = own
        self.logger = logger
    }

    /// Asks for all of these queues. One that is refused closes the channel, and those behind it are asked again on
    /// another one.
    func ask(_ names: [String]) async throws(ClientError) -> Answer {
        lastUse = Uptime.now
        var answer = Answer()
        var rest = names
        do throws(ClientError) {
            while !rest.isEmpty {
                rest = try await ask(rest, into: &answer)
            }
        } catch {
            if error.code != .cancelled { await drop() }
            throw error
        }
        return answer
    }

    private func ask(_ names: [String], into answer: inout Answer) async throws(ClientError) -> [String] {
        let channel = try await openChannel()
        let results = await channel.declareQueuesPassive(names)
        var unanswered: [String] = []
        var failure: ClientError?
        for (name, result) in zip(names, results) {
            switch result {
            case .success(let queue):
                answer.declared.append((name, queue))
            case .failure(let error):
                switch (error.code, error.closeReason?.scope, error.closeReason?.code) {
                case (.refused, .channel?, 404?): answer.gone.append(name)
                case (.refused, .channel?, _): answer.locked.append(name)
                case (.noAnswer, .channel?, _), (.channelClosed, .channel?, _): unanswered.append(name)
                default: failure = failure ?? error
                }
            }
        }
        if let failure { throw failure }
        if !channel.isOpen { self.channel = nil }
        // Each round answers one at least, or nothing will.
        guard unanswered.count < names.count else {
            throw ClientError(.noAnswer, "The channel closed before it was asked.", closeReason: channel.closeReason)
        }
        return unanswered
    }

    private func openChannel() async throws(ClientError) -> AMQPChannel {
        if let channel, channel.isOpen { return channel }
        if connection?.isOpen != true {
            let opened = try await Connection.connect(
                configuration, on: group, logger: logger, registry: own.watching)
            own.add(opened.name, .watching)
            connection = opened
        }
        guard let connection else { throw ClientError(.connectionClosed, "The connection closed.") }
        let opened = try await connection.openChannel()
        channel = opened
        return opened
    }

    private func drop() async {
        let connection = self.connection
        self.connection = nil
        channel = nil
        await connection?.close(timeout: .milliseconds(100))
    }

    func close() async { await drop() }
}
