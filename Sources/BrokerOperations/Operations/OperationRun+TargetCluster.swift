import BrokerMonitor
import NIOPosix
import Names
import RabbitMQClient
import RabbitMQManagement
import TopCore

/// Where messages are published to.
enum TargetFinding {
    case found(ConnectionConfiguration)
    /// They cannot be: nothing was taken.
    case refused(OperationReport)
}

extension OperationRun {
    /// Finds out where an action publishes to. Another cluster has to accept the user in that vhost before anything is
    /// taken from the queue.
    func target(of action: MessageAction) async -> TargetFinding {
        if let cluster = action.cluster { return await target(in: cluster, vhost: action.vhost) }
        do throws(ClientError) {
            return .found(try await context.address(vhost: action.vhost, purpose: "messages"))
        } catch {
            return .refused(Self.failed(error))
        }
    }

    private func target(in cluster: Name, vhost: Name) async -> TargetFinding {
        guard let clusters = context.clusters else {
            return .refused(.failed("nothing was taken: no other cluster is known here", advice: nil))
        }
        let broker: BrokerConfiguration
        do throws(TargetClusterError) {
            broker = try clusters.broker(of: cluster)
        } catch {
            return .refused(.failed("nothing was taken: \(cluster): \(error.what)", advice: nil))
        }
        if broker.isReadOnly {
            return .refused(
                .failed(
                    "refused: the configuration permits to look at \(cluster) only",
                    advice: "Remove read_only from its section.", kind: .notPermitted))
        }
        let finding: AMQPFinding
        do throws(ManagementError) {
            finding = try await broker.findAMQP()
        } catch {
            return .refused(Self.failed(error).untaken(cluster))
        }
        guard let found = finding.address else {
            return .refused(
                .failed(
                    "nothing was taken: \(cluster): \(finding.problem)",
                    advice: "Name its address with amqp_uri in its section.", kind: .unreachable))
        }
        guard var address = found.inVhost(vhost) else {
            return .refused(
                .failed("the name of vhost '\(vhost)' is not UTF-8, and nothing is done in it", advice: nil))
        }
        address.connectionName = "\(context.configuration.connectionName) messages"
        address.recovery = .off
        address.connectTimeout = min(address.connectTimeout, .seconds(5))
        do throws(ClientError) {
            let connection = try await Connection.connect(address, on: MultiThreadedEventLoopGroup.singleton)
            await connection.close(timeout: .milliseconds(500))
        } catch {
            return .refused(Self.failed(error).untaken(cluster))
        }
        return .found(address)
    }
}

extension OperationReport {
    /// A failure with the cluster that it is of, and that the queue has all its messages.
    fileprivate func untaken(_ cluster: Name) -> OperationReport {
        guard case .failed(let what, let advice, let kind) = self else { return self }
        return .failed("nothing was taken: \(cluster): \(what)", advice: advice, kind: kind)
    }
}
