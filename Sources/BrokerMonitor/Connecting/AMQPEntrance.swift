import Logging
import NIOCore
import RabbitMQClient
import RabbitMQManagement

/// The client library's channel type; NIOCore declares a `Channel` too.
package typealias AMQPChannel = RabbitMQClient.Channel

/// Opens rabbittop's own AMQP connections, registers them as its own, and does not retry a recently refused password.
package struct AMQPEntrance: Sendable {
    package let group: any EventLoopGroup
    package let own: OwnConnections
    package let logger: Logger
    /// Shared with the clients of the management API, so that a wrong password counts once, whatever the protocol.
    let gate: CredentialsGate
    /// Whether the AMQP address is a guess, in which case another broker may answer there.
    package let assumed: AssumedAddress

    /// Opens a connection and registers it under its purpose.
    ///
    /// - Throws: `.accessRefused` without a request to the broker, too, while the gate holds the credentials back.
    package func connect(
        _ configuration: ConnectionConfiguration, _ purpose: OwnConnections.Purpose, registry: ClientRegistry
    ) async throws(ClientError) -> Connection {
        var credentials = CredentialsGate.Credentials(
            username: configuration.username, password: configuration.password)
        // Another broker's answer about the password says nothing about this broker, but must not be requested
        // repeatedly either.
        if assumed.isAssumed { credentials.username += " at \(configuration.endpointText)" }
        let connection = try await gate.attempt(credentials) { () async throws(ClientError) in
            own.expect(configuration.connectionName, purpose)
            return try await assumed.connect(configuration, on: group, logger: logger, registry: registry)
        }
        own.add(connection.name, purpose)
        if purpose == .watching { own.traffic.note(.connectionsOpened) }
        return connection
    }

    /// Returns what an error at the address means for the source that met it.
    func trouble(_ error: ClientError, at address: String) -> SourceHealth.Trouble {
        SourceHealth.Trouble(error, address: address, isGuess: assumed.isUnmet)
    }
}

extension CredentialsGate {
    /// Logs in over AMQP, unless this user and password were refused recently.
    package func attempt(
        _ credentials: Credentials, _ connect: () async throws(ClientError) -> Connection
    ) async throws(ClientError) -> Connection {
        let pass: Pass
        do {
            pass = try await enter(credentials)
        } catch let held as Held {
            throw ClientError(
                .accessRefused,
                "user or password refused a moment ago; tried again in \(Int(held.seconds.rounded(.up))) s")
        } catch {
            throw ClientError(.cancelled, "Stopped before it connected.")
        }
        do throws(ClientError) {
            let connection = try await connect()
            leave(credentials, pass, .accepted)
            return connection
        } catch {
            leave(credentials, pass, Self.outcome(of: error))
            throw error
        }
    }

    static func outcome(of error: ClientError) -> CredentialsGate.Outcome {
        switch error.code {
        case .accessRefused: .refused
        // The vhost is opened after the login, so the login succeeded.
        case .virtualHostRefused: .accepted
        default: .unknown
        }
    }
}
