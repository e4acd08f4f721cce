/// The pending confirm of one published message. Publish many messages first, then wait for their confirmations.
public struct Confirmation: Sendable {
    /// The message's sequence number on its channel.
    public let sequence: UInt64
    let channel: ChannelCore

    /// Returns once the broker has confirmed the message.
    ///
    /// Throws `.nacked` if the broker refused it; `.returned` for a mandatory message that reached no queue;
    /// `.indeterminate` when channel or connection ended, or `publishTimeout` passed, before an answer arrived;
    /// `.cancelled` with the task.
    public nonisolated(nonsending) func wait() async throws(ClientError) {
        try await channel.awaitConfirm(sequence)
    }
}
