import Logging
import NIOCore
import Names
import RabbitMQClient
import Synchronization

/// The AMQP address when it is not configured and the broker does not report it: the management host with the usual
/// port. Another broker may answer there, so its cluster name is compared before anything is done on it.
package final class AssumedAddress: Sendable {
    package static let advice =
        "The broker does not report its ports to this user: name its own address with --amqp-uri, or its port with "
        + "--amqp-port."

    private struct State {
        /// The name of the expected cluster.
        var cluster: Name?
        var isAssumed = false
        /// Why the broker at the address is not used.
        var problem: String?
        /// Whether the expected broker has answered at the address.
        var wasReached = false
    }

    private let state = Mutex(State())

    /// Sets whether the address is assumed, and the name of the expected cluster.
    func note(isAssumed: Bool, cluster: Name?) {
        state.withLock { state in
            // The earlier result was for a comparison with another cluster.
            if state.isAssumed != isAssumed || state.cluster != cluster { state = State() }
            state.isAssumed = isAssumed
            state.cluster = cluster
        }
    }

    var isAssumed: Bool { state.withLock(\.isAssumed) }

    /// Whether the address is assumed and the expected broker has not answered there yet.
    var isUnmet: Bool { state.withLock { $0.isAssumed && !$0.wasReached } }

    /// Whether another broker answered at the address, or one that cannot be identified.
    var isRefuted: Bool { problem != nil }

    /// Why the broker at the address is not used; nil if it is.
    package var problem: String? { state.withLock { $0.isAssumed ? $0.problem : nil } }

    /// Connects, and verifies that the expected broker answers before anything is done on it.
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
        let found = connection.serverProperties["cluster_name"]?.nameValue
        guard let problem = Self.difference(found: found, meant: cluster, at: configuration.endpointText) else {
            state.withLock { $0.wasReached = true }
            return connection
        }
        state.withLock { if $0.cluster == cluster { $0.problem = problem } }
        await connection.close(timeout: .milliseconds(500))
        throw ClientError(.connectFailed, problem, advice: Self.advice)
    }

    /// Returns why the answering broker is not, or may not be, the expected one; nil if it is.
    static func difference(found: Name?, meant: Name?, at place: String) -> String? {
        switch (found, meant) {
        case (let found?, let meant?):
            found == meant ? nil : "\(place) is another broker: its cluster is '\(found)', not '\(meant)'."
        case (nil, let meant?):
            "\(place) may be another broker: it names no cluster, and '\(meant)' is meant."
        case (_, nil):
            "\(place) may be another broker: the management API does not tell which cluster is meant."
        }
    }
}
