public import RabbitMQClient
public import RabbitMQManagement

/// Where a broker speaks AMQP, as far as its management API tells.
public enum AMQPFinding: Sendable {
    case found(ConnectionConfiguration)
    /// It tells of no listener.
    case none
    /// It tells of a listener on another host than its own, `192.0.2.2:5672`: user and password go there only when
    /// somebody names it.
    case elsewhere(String)

    public var address: ConnectionConfiguration? {
        if case .found(let address) = self { address } else { nil }
    }

    var isElsewhere: Bool {
        if case .elsewhere = self { true } else { false }
    }

    /// Why there is no address.
    public var problem: String {
        switch self {
        case .found: ""
        case .none: "It is not known where the broker speaks AMQP."
        case .elsewhere(let place):
            "The broker tells of AMQP at \(place), not on the host of its management API: no password is sent there."
        }
    }
}

extension BrokerLinkConfiguration {
    /// Where AMQP is spoken: the address given, or the one that the management API tells of its listeners.
    public func findAMQP() async throws(ManagementError) -> AMQPFinding {
        if let amqp { return .found(amqp) }
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

    /// The address of `findAMQP`, if any.
    public func amqpAddress() async throws(ManagementError) -> ConnectionConfiguration? {
        try await findAMQP().address
    }
}
