import RabbitMQClient

/// Does a job on a channel of its own, and on another one whenever that is closed, as long as the connection lives.
struct Worker: Sendable {
    /// Seconds from the end of one channel to the next.
    static let pause = 0.5

    var connection: Connection
    /// What has to be there before the job starts.
    var declarations: [Declaration]
    var job: any Job

    /// Returns when the connection has closed for good, or the task is cancelled.
    func run() async {
        // What the broker will not have as we declare it: somebody made it otherwise. The job may work all the same.
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
                // Whatever it was is in the channel's report. Next time everything is declared anew.
                refused.removeAll()
            }
            // A cancelled task leaves its channel to the connection, which is about to close.
            if !Task.isCancelled, channel.isOpen { try? await channel.close() }
            await rest()
        }
    }

    /// Declares everything; the declaration for which the broker closed the channel, or nil when all is well.
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
