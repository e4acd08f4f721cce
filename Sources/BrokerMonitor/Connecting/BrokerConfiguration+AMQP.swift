import Logging
import NIOPosix
import Names
public import RabbitMQClient
public import RabbitMQManagement

/// The AMQP address of a broker, as far as its management API reports it.
public enum AMQPFinding: Sendable {
    /// The configured or derived address, with credentials.
    case found(ConnectionConfiguration)
    /// The management API reports no AMQP listener.
    case none
    /// It reports a listener on another host than its own, such as `192.0.2.2:5672`; user and password are sent there
    /// only if the address is configured.
    case elsewhere(String)
    /// It does not report its listeners, and what answers at the usual port of its host is not, or may not be, this
    /// broker; with the reason.
    case another(String)

    /// The address, if one was found.
    public var address: ConnectionConfiguration? {
        if case .found(let address) = self { address } else { nil }
    }

    var isElsewhere: Bool {
        if case .elsewhere = self { true } else { false }
    }

    /// Why there is no address, as text for the user.
    public var problem: String {
        switch self {
        case .found: ""
        case .none: "The broker's AMQP address is not known."
        case .elsewhere(let place):
            "The broker reports AMQP at \(place), not on the host of its management API: no password is sent there."
        case .another(let problem): problem
        }
    }
}

extension BrokerConfiguration {
    /// Returns the AMQP address: the configured one, or the one derived from the listeners that the management API
    /// reports. If it reports none, the cluster name at the usual port is compared over a connection before the address
    /// is returned.
    public func findAMQP() async throws(ManagementError) -> AMQPFinding {
        let (finding, overview) = try await toldAMQP()
        guard let overview, BrokerAddress.isAMQPAssumed(self, overview), var amqp = finding.address else {
            return finding
        }
        let assumed = AssumedAddress()
        assumed.note(isAssumed: true, cluster: Name(overview.clusterName))
        amqp.recovery = .off
        amqp.connectTimeout = min(amqp.connectTimeout, .seconds(5))
        amqp.connectionName = "\(connectionName) comparing"
        let entrance = AMQPEntrance(
            group: MultiThreadedEventLoopGroup.singleton, own: OwnConnections(),
            logger: Logger(label: "rabbittop") { _ in SwiftLogNoOpLogHandler() },
            gate: management.gate ?? CredentialsGate(), assumed: assumed)
        do throws(ClientError) {
            let connection = try await entrance.connect(amqp, .operating, registry: ClientRegistry())
            await connection.close(timeout: .milliseconds(500))
            return finding
        } catch {
            // A broker that refuses the user may be another one, too.
            return .another(
                assumed.problem
                    ?? "The broker's AMQP address is not known. \(amqp.endpointText): \(error.message)")
        }
    }

    private func toldAMQP() async throws(ManagementError) -> (AMQPFinding, Overview?) {
        if let amqp { return (.found(amqp), nil) }
        let client = try ManagementClient(configuration: management)
        do throws(ManagementError) {
            let overview = try await client.overview()
            await client.shutdown()
            return (BrokerAddress.amqp(self, overview), overview)
        } catch {
            await client.shutdown()
            throw error
        }
    }

    /// Returns the configured or reported address, or the usual port of the management host without checking what
    /// answers there.
    public func amqpAddress() async throws(ManagementError) -> ConnectionConfiguration? {
        try await toldAMQP().0.address
    }
}
