import RabbitMQClient
import Synchronization

import protocol NIOCore.EventLoopGroup

/// Records the depths of a recorder's queues over a connection of its own, four times per second.
struct DepthWatch: Sendable {
    let recorder: RunRecorder
    let broker: LabBroker
    let group: any EventLoopGroup

    private static let interval = Duration.milliseconds(250)

    private final class Latest: Sendable {
        let depths = Mutex<[String: Int]>([:])
    }

    /// Runs until the task is cancelled.
    func run() async {
        let latest = Latest()
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await look(latest) }
            while (try? await Task.sleep(for: Self.interval)) != nil {
                recorder.sample(depth: latest.depths.withLock { $0 })
            }
            group.cancelAll()
        }
    }

    /// A broker that is down or frozen reports no depths; then the curve has a gap.
    private func look(_ latest: Latest) async {
        var configuration = broker.configuration(name: "rabbittop lab: depths")
        configuration.recovery = .off
        configuration.connectTimeout = .seconds(2)
        configuration.operationTimeout = .seconds(2)
        while !Task.isCancelled {
            if let connection = try? await Connection.connect(configuration, on: group) {
                await look(over: connection, latest)
                await connection.close(timeout: .milliseconds(500))
            }
            latest.depths.withLock { $0 = [:] }
            try? await Task.sleep(for: .milliseconds(500))
        }
    }

    private func look(over connection: Connection, _ latest: Latest) async {
        var channel: Channel?
        while !Task.isCancelled, connection.isOpen {
            var depths: [String: Int] = [:]
            for queue in recorder.watchedQueues {
                do {
                    let open: Channel
                    if let channel, channel.isOpen { open = channel } else { open = try await connection.openChannel() }
                    channel = open
                    depths[queue] = Int(try await open.declareQueuePassive(queue).messageCount)
                } catch {
                    // A queue that does not exist, or no longer, closes the channel; this is no reason to stop.
                    if error.code != .refused { return }
                }
            }
            latest.depths.withLock { $0 = depths }
            try? await Task.sleep(for: Self.interval)
        }
    }
}
