import AMQPWire

/// A channel for requests of recovery that the broker may refuse, because a refusal closes the channel it occurs on.
///
/// Used only by the recovery task.
final class ScratchChannel {
    private let core: ConnectionCore
    private var channel: ChannelCore?

    /// The number of requests in one write.
    private static let batch = 256

    init(_ core: ConnectionCore) {
        self.core = core
    }

    /// Sends requests in order and returns the result of each. A refused request closes the scratch channel; the
    /// following ones are sent on another. If the application's own channels use all channel numbers there is no
    /// scratch channel, and all requests fail with `.channelsExhausted`.
    func perform(_ methods: [Method]) async throws(ClientError) -> [Result<Reply, ClientError>] {
        var results: [Result<Reply, ClientError>] = []
        while results.count < methods.count {
            let current: ChannelCore
            do throws(ClientError) {
                current = try await opened()
            } catch {
                guard error.code == .channelsExhausted else { throw error }
                return results + repeatElement(.failure(error), count: methods.count - results.count)
            }
            let batch = Array(methods[results.count...].prefix(Self.batch))
            for result in await current.call(batch, isRestoring: true) {
                if case .failure(let error) = result {
                    guard error.code == .refused, error.closeReason?.scope == .channel else {
                        // Apart from a consumer's late reply, replies are lost only because of an earlier refusal.
                        if error.code == .invalidArgument {
                            results.append(result)
                            continue
                        }
                        throw error
                    }
                    results.append(result)
                    channel = nil
                    break
                }
                results.append(result)
            }
        }
        return results
    }

    private func opened() async throws(ClientError) -> ChannelCore {
        if let channel, channel.closeReason == nil { return channel }
        let next = try await core.openScratchChannel()
        channel = next
        return next
    }

    func close() async {
        try? await channel.take()?.close(code: 200, text: "Restored")
    }
}
