import Names
import RabbitMQClient

/// Asks for the depth of queues of one vhost by passive declares, over a connection of its own that is opened when it is
/// needed.
actor LiveVhost {
    struct Answer: Sendable {
        var declared: [(name: Name, queue: QueueDeclared)] = []
        /// The broker does not know these (404).
        var gone: [Name] = []
        /// Exclusive queues of another connection (405).
        var locked: [Name] = []
        /// Queues whose node is down (404, too, and they are still there).
        var down: [Name] = []
        /// The queue that this user may not declare (403). Nothing behind it was asked.
        var denied: (name: Name, words: String)?
    }

    let configuration: ConnectionConfiguration
    private let entrance: AMQPEntrance
    private var connection: Connection?
    private var channel: AMQPChannel?
    private(set) var lastUse = Uptime.now

    init(configuration: ConnectionConfiguration, entrance: AMQPEntrance) {
        var configuration = configuration
        // With the second between two questions: whoever looks knows within three that the broker is frozen.
        configuration.connectTimeout = .milliseconds(1_300)
        configuration.operationTimeout = .milliseconds(1_300)
        // The next question opens another one; the loss is to be seen at once.
        configuration.recovery = .off
        self.configuration = configuration
        self.entrance = entrance
    }

    /// Asks for all of these queues; for none of them, whether the broker answers. One that is missing or locked closes the
    /// channel, and those behind it are asked again on another one; the first that the user may not ask for ends it: the
    /// broker writes each of these into its log.
    func ask(_ names: [Name]) async throws(ClientError) -> Answer {
        lastUse = Uptime.now
        var answer = Answer()
        var rest = names
        do throws(ClientError) {
            if rest.isEmpty { _ = try await openChannel() }
            while !rest.isEmpty, answer.denied == nil {
                rest = try await ask(rest, into: &answer)
            }
        } catch {
            if error.code != .cancelled { await drop() }
            throw error
        }
        return answer
    }

    private func ask(_ names: [Name], into answer: inout Answer) async throws(ClientError) -> [Name] {
        let channel = try await openChannel()
        let results = await channel.declareQueuesPassive(names)
        var unanswered: [Name] = []
        var failure: ClientError?
        for (name, result) in zip(names, results) {
            switch result {
            case .success(let queue):
                answer.declared.append((name, queue))
            case .failure(let error):
                switch (error.code, error.closeReason?.scope, error.closeReason?.code) {
                case (.refused, .channel?, 404?):
                    if error.closeReason?.text.contains("down or inaccessible") == true {
                        answer.down.append(name)
                    } else {
                        answer.gone.append(name)
                    }
                case (.refused, .channel?, 403?): answer.denied = (name, error.closeReason?.text ?? "refused")
                case (.refused, .channel?, _): answer.locked.append(name)
                case (.noAnswer, .channel?, _), (.channelClosed, .channel?, _): unanswered.append(name)
                default: failure = failure ?? error
                }
            }
        }
        if let failure { throw failure }
        if !channel.isOpen {
            self.channel = nil
            entrance.own.traffic.note(.channelsClosed)
        }
        // Each round answers one at least, or nothing will.
        guard unanswered.count < names.count else {
            throw ClientError(.noAnswer, "The channel closed before it was asked.", closeReason: channel.closeReason)
        }
        return unanswered
    }

    private func openChannel() async throws(ClientError) -> AMQPChannel {
        if let channel, channel.isOpen { return channel }
        if connection?.isOpen != true {
            connection = try await entrance.connect(configuration, .watching, registry: entrance.own.watching)
        }
        guard let connection else { throw ClientError(.connectionClosed, "The connection closed.") }
        let opened = try await connection.openChannel()
        entrance.own.traffic.note(.channelsOpened)
        channel = opened
        return opened
    }

    private func drop(within timeout: Duration = .milliseconds(100)) async {
        let connection = self.connection
        if connection != nil {
            entrance.own.traffic.note(.connectionsClosed)
            if channel != nil { entrance.own.traffic.note(.channelsClosed) }
        }
        self.connection = nil
        channel = nil
        await connection?.close(timeout: timeout)
    }

    /// A broker that is busy has time for its part of the closing: without it, it would log that the client was gone.
    func close() async { await drop(within: .seconds(1)) }
}
