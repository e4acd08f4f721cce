import Logging
import NIOCore
import RabbitMQClient
import Synchronization

/// The AMQP address where nobody told it: the usual port of the management host. What answers there may be another broker,
/// which is left alone as soon as it says so.
final class AssumedAddress: Sendable {
    static let advice = "The broker does not tell its ports to this user: name its own with --amqp-port."

    private struct State {
        /// The name of the cluster that is meant.
        var cluster: String?
        var isAssumed = false
        var isRefuted = false
        /// Whether the broker that is meant was met there.
        var wasReached = false
    }

    private let state = Mutex(State())

    /// Takes over whether the address is an assumption, and who is meant.
    func note(isAssumed: Bool, cluster: String?) {
        state.withLock { state in
            state.isAssumed = isAssumed
            state.cluster = cluster
        }
    }

    var isAssumed: Bool { state.withLock(\.isAssumed) }

    /// Whether the address is a guess that has not been right yet: nobody said that AMQP is spoken there.
    var isUnmet: Bool { state.withLock { $0.isAssumed && !$0.wasReached } }

    /// Whether another broker answered at the address.
    var isRefuted: Bool { state.withLock { $0.isAssumed && $0.isRefuted } }

    /// Connects, and makes sure that it is the broker that is meant.
    func connect(
        _ configuration: ConnectionConfiguration, on group: any EventLoopGroup, logger: Logger, registry: ClientRegistry
    ) async throws(ClientError) -> Connection {
        let (isAssumed, cluster) = state.withLock { ($0.isAssumed, $0.cluster) }
        guard isAssumed else {
            return try await Connection.connect(configuration, on: group, logger: logger, registry: registry)
        }
        let connection: Connection
        do throws(ClientError) {
            connection = try await Connection.connect(configuration, on: group, logger: logger, registry: registry)
        } catch {
            if state.withLock(\.wasReached) { throw error }
            switch error.code {
            case .connectionRefused, .connectFailed, .handshakeTimeout, .closedDuringHandshake, .protocolMismatch:
                throw ClientError(error.code, error.message, advice: Self.advice, closeReason: error.closeReason)
            default: throw error
            }
        }
        let found = connection.serverProperties["cluster_name"]?.stringValue
        guard let cluster, let found, !cluster.utf8.elementsEqual(found.utf8) else {
            state.withLock { $0.wasReached = true }
            return connection
        }
        state.withLock { $0.isRefuted = true }
        await connection.close(timeout: .milliseconds(500))
        throw ClientError(
            .connectFailed,
            "\(configuration.host):\(configuration.port) is another broker: its cluster is '\(found)', not '\(cluster)'.",
            advice: Self.advice)
    }
}
