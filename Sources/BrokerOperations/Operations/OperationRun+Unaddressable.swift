import BrokerMonitor
import Names
import RabbitMQClient
import RabbitMQManagement
import TopCore

extension EntityID {
    /// Whether the HTTP API accepts both names in a path.
    var isAddressable: Bool { vhost.isAddressable && name.isAddressable }
}

// The HTTP API cannot address an entity named `.` or `..`; AMQP can.
extension OperationRun {
    /// Runs a body on a channel of a separate connection.
    func overAMQP(
        _ id: EntityID, _ purpose: String, _ done: String, _ body: (AMQPChannel) async throws(ClientError) -> Void
    ) async -> OperationReport {
        let connection: Connection
        do throws(ClientError) {
            connection = try await context.connect(vhost: id.vhost, purpose: purpose)
        } catch {
            return Self.failed(error)
        }
        var report = OperationReport.finished(done)
        do throws(ClientError) {
            let channel = try await connection.openChannel()
            try await body(channel)
            try await channel.close()
        } catch {
            report = Self.failed(error)
        }
        await connection.close(timeout: .milliseconds(500))
        return report
    }

    /// Fetches messages and requeues them, in their order.
    func fetchOverAMQP(_ id: EntityID, count: Int) async -> (looked: LookedAt, failure: OperationReport?) {
        var found = LookedAt()
        let report = await overAMQP(id, "peek", "") { channel throws(ClientError) in
            var last: Delivery?
            while found.messages.count < count, let got = try await channel.get(id.name) {
                found.add(
                    PeekedMessage(got.delivery),
                    acquired: got.delivery.properties.headers?["x-acquired-count"]?.intValue.map(Int64.init))
                last = got.delivery
            }
            _ = try last?.nack(multiple: true, requeue: true)
        }
        if case .finished = report { return (found, nil) }
        // The fetched messages are requeued when the channel closes, which counts as a delivery, too.
        return (found, report)
    }
}
