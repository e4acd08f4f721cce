/// The broker's answer to one publish, to be awaited when it suits: publish many, then wait.
public struct Confirmation: Sendable {
    /// The publish's number on its channel.
    public let sequence: UInt64
    let channel: ChannelCore

    /// Returns once the broker has taken responsibility for the message.
    ///
    /// Throws `.nacked`; `.returned` for a mandatory message that reached no queue; `.indeterminate` when channel or
    /// connection ended, or `publishTimeout` passed, before an answer came; `.cancelled` with the task.
    public nonisolated(nonsending) func wait() async throws(ClientError) {
        try await channel.awaitConfirm(sequence)
    }
}
