// An application of its own process, for tests of what shows another process's clients: it holds one connection with two
// channels, consumes on one of them, and serves its report over a Unix socket until its standard input ends.
//
// ClientProbe AMQP-PORT CONNECTION-NAME QUEUE SOCKET-PATH
//
// It writes `ready` once all that is there.

import ClientInspector
import Foundation
import NIOPosix
import RabbitMQClient

let arguments = CommandLine.arguments
guard arguments.count == 5, let port = Int(arguments[1]) else {
    FileHandle.standardError.write(Data("usage: ClientProbe AMQP-PORT CONNECTION-NAME QUEUE SOCKET-PATH\n".utf8))
    exit(2)
}

let registry = ClientRegistry()
try await ClientInspector.withInspector(at: .unix(path: arguments[4]), registry: registry) { _ in
    // Nobody waits long for an answer that was kept from us.
    let configuration = ConnectionConfiguration(
        host: "127.0.0.1", port: port, connectionName: arguments[2], operationTimeout: .seconds(2))
    let group = MultiThreadedEventLoopGroup.singleton
    let connection = try await Connection.connect(configuration, on: group, registry: registry)
    let first = try await connection.openChannel()
    let second = try await connection.openChannel()
    _ = try await first.declareQueue(arguments[3])
    let consumer = try await first.consume(arguments[3], tag: "probe", prefetch: 10)
    try await second.confirmSelect()
    let consuming = Task { for try await delivery in consumer { try delivery.ack() } }
    FileHandle.standardOutput.write(Data("ready\n".utf8))
    await withCheckedContinuation { continuation in
        Thread.detachNewThread {
            while readLine() != nil {}
            continuation.resume()
        }
    }
    consuming.cancel()
    await connection.close(timeout: .seconds(1))
}
