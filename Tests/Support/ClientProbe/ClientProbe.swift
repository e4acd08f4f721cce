import ClientInspector
import Foundation
import NIOPosix
import RabbitMQClient

/// An application of its own process, for tests of what shows another process's clients: it holds one connection with two
/// channels, consumes on the first of them, has the second in a pool, and serves its report over a Unix socket, five
/// minutes at most.
///
/// `ClientProbe AMQP-PORT CONNECTION-NAME QUEUE SOCKET-PATH`
@main
struct ClientProbe {
    static func main() async throws {
        let arguments = CommandLine.arguments
        guard arguments.count == 5, let port = Int(arguments[1]) else {
            FileHandle.standardError.write(Data("usage: ClientProbe AMQP-PORT NAME QUEUE SOCKET-PATH\n".utf8))
            exit(2)
        }
        let configuration = ConnectionConfiguration(host: "127.0.0.1", port: port, connectionName: arguments[2])
        try await run(configuration, queue: arguments[3], socket: arguments[4])
    }

    private nonisolated static func run(
        _ configuration: ConnectionConfiguration, queue: String, socket: String
    ) async throws {
        let registry = ClientRegistry()
        let group = MultiThreadedEventLoopGroup.singleton
        try await ClientInspector.withInspector(at: .unix(path: socket), registry: registry) { _ in
            try await Connection.withConnection(configuration, on: group, registry: registry) { connection in
                try await work(on: connection, queue: queue)
            }
        }
    }

    private nonisolated static func work(on connection: Connection, queue: String) async throws {
        let first = try await connection.openChannel()
        _ = try await first.declareQueue(queue, autoDelete: true)
        let consumer = try await first.consume(queue, tag: "probe", prefetch: 10)
        let pool = ChannelPool(connection, size: 4, name: "publishers") { channel throws(ClientError) in
            try await channel.confirmSelect()
        }
        try await pool.withChannel { _ in }
        try await withThrowingTaskGroup { tasks in
            tasks.addTask { for try await delivery in consumer { try delivery.ack() } }
            tasks.addTask { try await Task.sleep(for: .seconds(300)) }
            try await tasks.next()
            tasks.cancelAll()
        }
        await pool.close()
    }
}
