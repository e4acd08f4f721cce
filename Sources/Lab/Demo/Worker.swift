import RabbitMQClient

/// Runs a job on a channel of its own, and on a new one whenever that is closed, as long as the connection lives.
struct Worker: Sendable {
    /// The seconds from the end of one channel to the next.
    static let pause = 0.5

    var connection: Connection
    /// What has to exist before the job starts.
    var declarations: [Declaration]
    var job: any Job

    /// Runs until the connection has closed permanently, or the task is cancelled.
    func run() async {
        // Declarations that the broker refuses, because the entity exists with other properties. The job may work
        // nevertheless.
        var refused: Set<Declaration> = []
        while !Task.isCancelled, connection.closeReason == nil {
            guard let channel = try? await connection.openChannel() else {
                await rest()
                continue
            }
            if let declaration = await firstRefused(on: channel, skipping: refused) {
                refused.insert(declaration)
                continue
            }
            do {
                try await job.run(on: channel)
            } catch {
                // The cause is in the channel's report. Next time everything is declared again.
                refused.removeAll()
            }
            // A cancelled task leaves its channel to the connection, which is about to close.
            if !Task.isCancelled, channel.isOpen { try? await channel.close() }
            await rest()
        }
    }

    /// Declares everything. Returns the declaration for which the broker closed the channel, or nil if all succeeded.
    private func firstRefused(on channel: Channel, skipping refused: Set<Declaration>) async -> Declaration? {
        for declaration in declarations where !refused.contains(declaration) {
            do throws(ClientError) {
                try await channel.declare(declaration)
            } catch {
                return error.code == .refused ? declaration : nil
            }
        }
        return nil
    }

    private func rest() async {
        try? await Task.sleep(for: .seconds(Self.pause))
    }
}
