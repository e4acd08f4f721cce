import RabbitMQClient

/// Work on one channel, until the channel closes or the task is cancelled.
protocol Job: Sendable {
    /// Returns or throws when there is nothing more to do on this channel; it is then called again with another one.
    func run(on channel: Channel) async throws
}
