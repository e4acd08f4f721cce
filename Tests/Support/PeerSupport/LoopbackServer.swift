import NIOCore
import NIOPosix

/// Serves connections on a free port of the loopback interface while the body runs.
///
/// - Parameters:
///   - handler: makes the handler of one connection.
///   - body: receives the port.
package func withLoopbackServer<Handler: ChannelHandler, Value>(
    _ handler: @escaping @Sendable () -> Handler, _ body: (_ port: Int) async throws -> Value
) async throws -> Value {
    let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
        .childChannelInitializer { channel in
            channel.eventLoop.makeCompletedFuture {
                try channel.pipeline.syncOperations.addHandler(handler())
            }
        }
        .bind(host: "127.0.0.1", port: 0).get()
    do {
        let value = try await body(server.localAddress?.port ?? 0)
        try? await server.close()
        return value
    } catch {
        try? await server.close()
        throw error
    }
}
