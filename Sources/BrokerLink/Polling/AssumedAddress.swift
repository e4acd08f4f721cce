import Logging
import NIOCore
import Names
import RabbitMQClient
import Synchronization

/// The AMQP address where nobody told it: the usual port of the management host. What answers there may be another broker,
/// on which nothing is done: its cluster's name is compared first.
final class AssumedAddress: Sendable {
    static let advice =
        "The broker does not tell its ports to this user: name its own address with --amqp-uri, or its port with "
        + "--amqp-port."

    private struct State {
        /// The name of the cluster that is meant.
        var cluster: Name?
        var isAssumed = false
        /// Why what answers there is left alone.
        var problem: String?
        /// Whether the broker that is meant was met there.
        var wasReached = false
    }

    private let state = Mutex(State())

    /// Takes over whether the address is an assumption, and who is meant.
    func note(isAssumed: Bool, cluster: Name?) {
        state.withLock { state in
            // Whoever was met was compared with another.
            if state.isAssumed != isAssumed || state.cluster != cluster { state = State() }
            state.isAssumed = isAssumed
            state.cluster = cluster
        }
    }

    var isAssumed: Bool { state.withLock(\.isAssumed) }

    /// Whether the address is assumed and the expected broker has not answered there yet.
    var isUnmet: Bool { state.withLock { $0.isAssumed && !$0.wasReached } }

    /// Whether another broker answered at the address, or one of which it cannot be told.
    var isRefuted: Bool { problem != nil }

    /// Why what answers at the address is left alone, if it is.
    var problem: String? { state.withLock { $0.isAssumed ? $0.problem : nil } }

    /// Connects, and makes sure that it is the broker that is meant before anything is done there.
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

    /// Why what answers is not, or may not be, the broker that is meant.
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
