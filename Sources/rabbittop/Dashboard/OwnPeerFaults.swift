import AMQPProxy
import BrokerMonitor
import BrokerOperations
import Faults
import Names
import RabbitMQClient
import RabbitMQManagement

/// Carries out the faults on rabbittop's own connections, at the AMQP address that is configured or that the management
/// API reports.
struct OwnPeerFaults: FaultInjector {
    private let configuration: BrokerConfiguration

    /// Creates an injector for the configured broker.
    init(_ configuration: BrokerConfiguration) { self.configuration = configuration }

    /// Carries out a fault.
    ///
    /// - Throws: `FaultError` if there is no AMQP address, or the fault cannot be injected.
    func inject(_ order: FaultOrder) async throws(FaultError) -> FaultInjection {
        let amqp = try await address()
        let context = try asClientFault { () throws(ClientError) in try amqp.tls?.makeContext() }
        let management = configuration.management
        let faults = OwnFaults(
            address: RawPeerAddress(host: amqp.host, port: amqp.port, tls: context),
            username: amqp.username, password: amqp.password,
            closeConnection: { name, reason in
                let client = try ManagementClient(configuration: management)
                do {
                    try await client.closeConnection(Name(name), reason: reason)
                } catch {
                    await client.shutdown()
                    throw error
                }
                await client.shutdown()
            })
        return try await faults.inject(order)
    }

    private func address() async throws(FaultError) -> ConnectionConfiguration {
        let found = try await asFault { () throws(ManagementError) in try await configuration.findAMQP() }
        guard let address = found.address else {
            throw FaultError(found.problem, advice: "Name the address with --amqp-uri.")
        }
        return address
    }

    private func asClientFault<Value>(_ work: () throws(ClientError) -> Value) throws(FaultError) -> Value {
        do throws(ClientError) {
            return try work()
        } catch {
            throw FaultError(error)
        }
    }
}
