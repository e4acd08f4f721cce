public import RabbitMQClient
public import RabbitMQManagement

extension BrokerLinkConfiguration {
    /// Where AMQP is spoken: the address given, or the one that the management API tells of its listeners. Nil when it
    /// tells of none.
    public func amqpAddress() async throws(ManagementError) -> ConnectionConfiguration? {
        if let amqp { return amqp }
        let client = try ManagementClient(configuration: management)
        do throws(ManagementError) {
            let overview = try await client.overview()
            await client.shutdown()
            return BrokerAddress.amqp(self, overview)
        } catch {
            await client.shutdown()
            throw error
        }
    }
}
