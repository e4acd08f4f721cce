import BrokerSupport
import Foundation
import NIOConcurrencyHelpers
import RabbitMQClient
import TCPGate
import Testing

import struct NIOCore.ByteBuffer

// The fault matrix: one or more tests a row, named rowNN…, in the files FaultMatrix*Tests.swift here and in
// RabbitMQClientTests.

extension RecoveryPolicy {
    /// Comes back within a moment, so that tests need not wait.
    static let brisk = RecoveryPolicy(base: .milliseconds(20), cap: .milliseconds(400))
    static let briskFromTheStart = RecoveryPolicy(
        base: .milliseconds(20), cap: .milliseconds(400), retriesFirstConnect: true)
}

extension TCPGate {
    /// As when the broker is killed: its sockets are reset, and nobody listens until ``admit()``.
    func vanish() async {
        await refuse()
        await reset()
    }
}

extension TestBroker {
    /// Runs the body with a gate before the broker, and how to connect through it: with brisk recovery.
    func withGate<Value>(
        _ change: (inout ConnectionConfiguration) -> Void = { _ in },
        _ body: (TCPGate, ConnectionConfiguration) async throws -> Value
    ) async throws -> Value {
        try await TCPGate.with(port: amqpPort) { gate in
            let configuration = configuration {
                $0.port = gate.port
                $0.recovery = .brisk
                $0.connectTimeout = .seconds(5)
                change(&$0)
            }
            return try await body(gate, configuration)
        }
    }

    /// Runs the body with a connection through a gate.
    func withGatedConnection(
        registry: ClientRegistry? = nil,
        _ change: (inout ConnectionConfiguration) -> Void = { _ in },
        _ body: (TCPGate, Connection) async throws -> Void
    ) async throws {
        try await withGate(change) { gate, configuration in
            try await Connection.withConnection(configuration, registry: registry) { connection in
                try await body(gate, connection)
            }
        }
    }

    /// Runs the body with a queue of the default vhost, made and deleted on a connection of its own, past any gate.
    func withQueue(
        _ stem: String, durable: Bool = true, _ body: (String, Channel) async throws -> Void
    ) async throws {
        let queue = uniqueName(stem)
        try await withConnection({ $0.recovery = .brisk }) { connection in
            let channel = try await connection.openChannel()
            _ = try await channel.declareQueue(queue, durable: durable)
            let result: Result<Void, any Error>
            do { result = .success(try await body(queue, channel)) } catch { result = .failure(error) }
            _ = try? await connection.openChannel().deleteQueue(queue)
            try result.get()
        }
    }

    /// Runs the body with a restartable node of which these settings, which RabbitMQ reads for each new connection or
    /// channel, have other values.
    static func withSettings(
        _ settings: KeyValuePairs<String, Int>, _ body: (TestBroker) async throws -> Void
    ) async throws {
        try await withRestartable { broker in
            var usual: [String] = []
            for (name, value) in settings {
                let before = try await broker.node.evaluate("application:get_env(rabbit, \(name)).")
                usual.append(
                    """
                    case \(before) of undefined -> application:unset_env(rabbit, \(name)); \
                    {ok, Value} -> application:set_env(rabbit, \(name), Value) end.
                    """)
                try await broker.node.evaluate("application:set_env(rabbit, \(name), \(value)).")
            }
            try await body(broker)
            // A node on which the body failed is not used again.
            for expression in usual { try await broker.node.evaluate(expression) }
        }
    }

    /// The operator closes the connection that comes from this port.
    func closeConnection(fromPort port: Int, _ reason: String) async throws {
        try await node.evaluate(
            """
            [rabbit_networking:close_connection(P, "\(reason)") || P <- rabbit_networking:connections(), \
            [{peer_port, \(port)}] =:= rabbit_networking:connection_info(P, [peer_port])].
            """
        )
    }
}

extension Connection {
    /// The client's port, as the name tells: `127.0.0.1:50640 -> 127.0.0.1:5672`.
    var localPort: Int {
        let local = name.split(separator: " ").first.map(String.init) ?? ""
        return local.split(separator: ":").last.flatMap { Int($0) } ?? 0
    }

    /// Waits until it has come back so many times and is open. False after 20 s.
    func comesBack(_ times: Int = 1) async -> Bool {
        await eventually { self.recoveries >= times && self.isOpen }
    }
}

/// Every state that a connection goes through.
final class StateLog: Sendable {
    private let seen = NIOLockedValueBox<[ConnectionState]>([])
    private let listening: Task<Void, Never>

    init(_ connection: Connection) {
        let states = connection.states
        let seen = self.seen
        listening = Task { for await state in states { seen.withLockedValue { $0.append(state) } } }
    }

    deinit { listening.cancel() }

    var states: [ConnectionState] { seen.withLockedValue { $0 } }
    /// The errors of which recovery told.
    var errors: [ClientError] {
        states.compactMap { if case .recovering(_, _, let error) = $0 { error } else { nil } }
    }

    /// Waits until it has told such an error. False after 20 s.
    func tells(_ condition: (ClientError) -> Bool) async -> Bool {
        await eventually { self.errors.contains(where: condition) }
    }
}

/// What became of a call, and how long it took.
struct Outcome: Sendable {
    var error: ClientError?
    /// Another error than the client's own: always a mistake.
    var strange: String?
    var seconds: Double

    /// Runs the body to its end and times it.
    static func of(_ body: () async throws -> Void) async -> Outcome {
        let start = ContinuousClock.now
        var outcome = Outcome(seconds: 0)
        do {
            try await body()
        } catch let error as ClientError {
            outcome.error = error
        } catch {
            outcome.strange = "\(error)"
        }
        outcome.seconds = (ContinuousClock.now - start) / .seconds(1)
        return outcome
    }
}
