import NIOCore

extension Channel {
    /// Publishes many messages without waiting in between, and returns when each is confirmed or has failed.
    ///
    /// One that fails does not hold the others up: a returned or refused message is a failure of its own. When the channel
    /// ends, those that were sent are `.indeterminate`, and those that were not have its error. More than the socket takes
    /// go out part by part. Switches publisher confirms on if they are not.
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

    /// What became of a message that was sent, or could not be.
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
    /// Sends these messages in order, in as few writes as there is room for. Where the channel gives out, those behind are
    /// not sent and have the same error.
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
    /// Whether the outcome is known; waiting for it returns at once then.
    var isSettled: Bool {
        let isPending = channel.state.withLockedValue { $0.confirms.outcome(of: sequence) == .pending }
        return !isPending || channel.closeReason != nil
    }
}
