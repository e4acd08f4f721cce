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
}
