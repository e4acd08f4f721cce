import Names
import RabbitMQClient

/// Reads the depths of one vhost's queues by passive declares, over a connection of its own that is opened on demand.
actor LiveVhost {
    struct Answer: Sendable {
        var declared: [(name: Name, queue: QueueDeclared)] = []
        /// Queues that the broker does not know (404).
        var gone: [Name] = []
        /// Exclusive queues of another connection (405).
        var locked: [Name] = []
        /// Queues whose node is down; they are refused with 404, too, but still exist.
        var down: [Name] = []
        /// The queue that this user may not declare (403), with the broker's text. The queues after it were not
        /// declared.
        var denied: (name: Name, words: String)?
    }

    let configuration: ConnectionConfiguration
    private let entrance: AMQPEntrance
    private let clock: MonitorClock
    private var connection: Connection?
    private var channel: AMQPChannel?
    private(set) var lastUse: Double

    init(configuration: ConnectionConfiguration, entrance: AMQPEntrance, clock: MonitorClock) {
        var configuration = configuration
        // Together with the second between two polls, a frozen broker is noticed within three seconds.
        configuration.connectTimeout = .milliseconds(1_300)
        configuration.operationTimeout = .milliseconds(1_300)
        // The next poll opens a new connection; the loss must be visible immediately.
        configuration.recovery = .off
        self.configuration = configuration
        self.entrance = entrance
        self.clock = clock
        lastUse = clock.uptime()
    }

    /// Declares all of these queues; with an empty list, checks that the broker answers. A missing or locked queue
    /// closes the channel, and the queues after it are declared again on another one. The first queue that the user may
    /// not declare ends the poll, because the broker logs each refusal.
    func ask(_ names: [Name]) async throws(ClientError) -> Answer {
        lastUse = clock.uptime()
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
        // Each round answers at least one queue, or no further round will.
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

    /// Closes the connection. The timeout leaves a busy broker time for its part of the close; otherwise it would log
    /// that the client disconnected unexpectedly.
    func close() async { await drop(within: .seconds(1)) }
}
