import NIOCore

extension Channel {
    /// Publishes many messages without waiting in between, and returns when each is confirmed or has failed.
    ///
    /// A failed message does not affect the others: each returned or refused message has a failure of its own. When the
    /// channel ends, messages that were sent end as `.indeterminate`, and those that were not sent have the channel's
    /// error. A batch larger than the socket accepts is sent in parts. Enables publisher confirms if they are not
    /// enabled.
    public func publishBatch(_ messages: [Message]) async -> BatchResult {
        var results: [Result<Void, ClientError>] = []
        results.reserveCapacity(messages.count)
        for sent in await core.send(messages.map { $0.outgoing() }) {
            results.append(await sent.outcome())
        }
        return BatchResult(results)
    }
}

extension Result where Success == Confirmation, Failure == ClientError {
    /// Whether the outcome is known.
    var isSettled: Bool {
        if case .success(let confirmation) = self { confirmation.isSettled } else { true }
    }

    /// Returns the outcome of a message, sent or not.
    func outcome() async -> Result<Void, ClientError> {
        do throws(ClientError) {
            try await get().wait()
            return .success(())
        } catch {
            return .failure(error)
        }
    }
}

extension ChannelCore {
    /// Sends these messages in order, with as few writes as the available space allows. If the channel fails, the
    /// remaining messages are not sent and have the same error.
    func send(_ messages: [OutgoingMessage]) async -> [Result<Confirmation, ClientError>] {
        var sent: [Result<Confirmation, ClientError>] = []
        sent.reserveCapacity(messages.count)
        for message in messages {
            do throws(ClientError) {
                if Task.isCancelled { throw ClientError(.cancelled, "The publish was cancelled before it was sent.") }
                sent.append(.success(Confirmation(sequence: try await publishConfirmed(message), channel: self)))
            } catch {
                let failed = error.code == .invalidArgument ? 1 : messages.count - sent.count
                sent += repeatElement(.failure(error), count: failed)
                if sent.count == messages.count { break }
            }
        }
        return sent
    }
}

extension Confirmation {
    /// Whether the outcome is known; then waiting for it returns at once.
    var isSettled: Bool { channel.isSettled(sequence) }
}
