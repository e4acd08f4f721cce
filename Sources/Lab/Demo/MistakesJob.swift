import RabbitMQClient

import struct NIOCore.ByteBuffer

/// Makes its mistakes in turn, one per channel, because the broker closes the channel for each.
actor MistakesJob: Job {
    private let mistakes: DemoApplication.Mistakes
    private let virtualHost: Topology.VirtualHost
    private var made = 0

    init(_ mistakes: DemoApplication.Mistakes, virtualHost: Topology.VirtualHost) {
        self.mistakes = mistakes
        self.virtualHost = virtualHost
    }

    func run(on channel: Channel) async throws {
        // The first one comes soon, so that the effect is visible.
        let closed = await isClosed(channel, within: made == 0 ? min(5, mistakes.every) : mistakes.every)
        guard !closed, !mistakes.kinds.isEmpty else { return }
        let mistake = mistakes.kinds[made % mistakes.kinds.count]
        made += 1
        switch mistake {
        case .missingQueue(let name):
            _ = try await channel.declareQueuePassive(name)
        case .missingExchange(let name):
            try await channel.publish(ByteBuffer(string: "id;amount\n"), exchange: name, routingKey: "")
        case .otherArguments(let name):
            // The queue must not be created if it was deleted.
            _ = try await channel.declareQueuePassive(name)
            var arguments = virtualHost.queue(name)?.declaredArguments ?? [:]
            arguments["x-message-ttl"] = 86_400_000
            _ = try await channel.declareQueue(name, durable: true, arguments: arguments)
        }
    }

    /// Waits. Returns whether the channel closed, or the task was cancelled, meanwhile.
    private func isClosed(_ channel: Channel, within seconds: Double) async -> Bool {
        let end = ContinuousClock.now + .seconds(seconds)
        while ContinuousClock.now < end {
            do { try await Task.sleep(for: .milliseconds(500)) } catch { return true }
            if !channel.isOpen { return true }
        }
        return false
    }
}
