import BrokerSupport
import NIOCore
import NIOPosix
import RabbitMQClient
import Testing

extension TestBroker {
    /// How this library's client reaches the broker.
    func configuration(_ change: (inout ConnectionConfiguration) -> Void = { _ in }) -> ConnectionConfiguration {
        var configuration = ConnectionConfiguration(
            host: host,
            port: amqpPort,
            username: user,
            password: password,
            connectionName: "client-tests",
            recovery: .off
        )
        change(&configuration)
        return configuration
    }

    /// Connects, runs the body, closes.
    func withConnection<Value: Sendable>(
        registry: ClientRegistry? = nil,
        _ change: (inout ConnectionConfiguration) -> Void = { _ in },
        _ body: (Connection) async throws -> Value
    ) async throws -> Value {
        try await Connection.withConnection(
            configuration(change),
            on: MultiThreadedEventLoopGroup.singleton,
            registry: registry,
            body
        )
    }
}

extension Connection {
    static func connect(_ configuration: ConnectionConfiguration) async throws(ClientError) -> Connection {
        try await connect(configuration, on: MultiThreadedEventLoopGroup.singleton)
    }
}

/// The error that `body` throws; nil when it throws none or one of another type.
func clientError(_ body: () async throws -> Void) async -> ClientError? {
    do {
        try await body()
        return nil
    } catch {
        return error as? ClientError
    }
}

/// Waits until `condition` holds. False after 20 s.
func eventually(_ condition: () async throws -> Bool) async rethrows -> Bool {
    let deadline = ContinuousClock.now + .seconds(20)
    while ContinuousClock.now < deadline {
        if try await condition() { return true }
        try? await Task.sleep(for: .milliseconds(20))
    }
    return false
}
