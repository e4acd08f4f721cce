import AMQPProxy
import RabbitMQClient

/// Closes a channel of the pool without the pool's knowledge.
struct ChannelBreaker: Sendable {
    enum Way: Sendable {
        /// Another part of the program, which uses the channel too, passively declares a queue that does not exist: the
        /// broker answers with 404 and closes the channel.
        case missingQueue(String)
        /// The proxy injects a close into the channel towards both sides.
        case proxy(ProxyServer)
    }

    let way: Way
    let recorder: RunRecorder
    let tally: PoolTally
    let connection: Connection

    static let application = "another part of the program"

    /// Closes a channel.
    ///
    /// - Returns: false if there is no open channel.
    @discardableResult
    func closeOne() async -> Bool {
        guard let channel = tally.anyOpenChannel else {
            recorder.note("no open channel is left to be closed")
            return false
        }
        let fault = recorder.fault("channel \(channel.number) is closed behind the pool's back")
        switch way {
        case .missingQueue(let queue):
            do throws(ClientError) {
                _ = try await channel.declareQueuePassive(queue)
            } catch {
                recorder.error(error, application: Self.application)
            }
        case .proxy(let proxy):
            await close(channel, through: proxy)
        }
        fault.ended()
        guard !channel.isOpen else { return false }
        tally.closed(fault)
        return true
    }

    private func close(_ channel: Channel, through proxy: ProxyServer) async {
        let name = connection.report.clientName
        let session = await proxy.sessions().first { $0.identity.clientName == Name(name) }
        guard let session else { return }
        let request = ChannelCloseRequest(
            code: 406, text: "PRECONDITION_FAILED - closed between client and broker")
        guard await proxy.closeChannel(channel.number, of: session.id, request) else { return }
        let reason = await channel.closed()
        recorder.error(
            .channel, code: Int(reason.code), text: reason.description, application: Self.application)
    }
}
