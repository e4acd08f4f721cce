import AMQPWire
import BrokerMonitor
import NIOPosix
import Names
import RabbitMQClient
import Synchronization

/// The queue that a transfer takes from: a connection with a channel that consumes, and one that asks.
final class SourceQueue: Sendable {
    private struct State {
        var consumer: Consumer?
        var nextOffset: Int64?
    }

    let name: Name
    /// The messages that were ready when it was opened.
    let ready: Int
    private let connection: Connection
    private let channel: AMQPChannel
    private let asking: AMQPChannel
    private let offset: StreamOffset?
    private let state = Mutex(State())

    private init(
        _ name: Name, ready: Int, _ connection: Connection, _ channel: AMQPChannel, _ asking: AMQPChannel,
        _ offset: StreamOffset?
    ) {
        self.name = name
        self.ready = ready
        self.connection = connection
        self.channel = channel
        self.asking = asking
        self.offset = offset
    }

    static func open(
        _ name: Name, _ address: ConnectionConfiguration, _ offset: StreamOffset?
    ) async throws(TransferFailure) -> SourceQueue {
        var address = address
        address.connectionName = "\(address.connectionName ?? "rabbittop messages") taking"
        do throws(ClientError) {
            let connection = try await Connection.connect(address, on: MultiThreadedEventLoopGroup.singleton)
            do throws(ClientError) {
                let asking = try await connection.openChannel()
                let ready = try await asking.declareQueuePassive(name).messageCount
                return SourceQueue(
                    name, ready: Int(ready), connection, try await connection.openChannel(), asking, offset)
            } catch {
                await connection.close(timeout: .milliseconds(500))
                throw error
            }
        } catch {
            throw TransferFailure(error)
        }
    }

    /// Begins to consume.
    func consume(prefetch: Int) async throws(TransferFailure) -> Consumer {
        do throws(ClientError) {
            let next = state.withLock { $0.nextOffset }
            var arguments: FieldTable = [:]
            if let start = next.map({ StreamOffset.offset($0) }) ?? offset {
                arguments["x-stream-offset"] = start.value
            }
            let consumer = try await channel.consume(
                name, arguments: arguments, prefetch: UInt16(clamping: prefetch))
            state.withLock { $0.consumer = consumer }
            return consumer
        } catch {
            throw TransferFailure(error)
        }
    }

    /// Ends the consumer, if there is one.
    func cancel() async throws(TransferFailure) {
        let consumer = state.withLock { state in
            defer { state.consumer = nil }
            return state.consumer
        }
        do throws(ClientError) { try await consumer?.cancel() } catch { throw TransferFailure(error) }
    }

    /// Another consumer of a stream goes on after this message.
    func noteOffset(of message: TakenMessage) {
        guard let offset = message.properties.headers?[BrokerHeader.streamOffset]?.intValue, offset >= 0 else { return }
        state.withLock { $0.nextOffset = Int64(clamping: offset) &+ 1 }
    }

    /// Returns how many messages are ready; nil if the broker does not say.
    func readyNow() async -> Int? { (try? await asking.declareQueuePassive(name)).map { Int($0.messageCount) } }

    /// Publishes a message to its own queue again, and acknowledges it.
    func putBack(_ delivery: Delivery) async -> Bool {
        var properties = delivery.properties
        if var headers = properties.headers {
            headers.entries.removeAll { BrokerHeader.isOfDelivery($0.key) || $0.key == "CC" || $0.key == "BCC" }
            properties.headers = headers.isEmpty ? nil : headers
        }
        do throws(ClientError) {
            let confirmation = try await asking.publishUnchanged(
                delivery.body, exchange: "", routingKey: name, properties: properties)
            try await confirmation.wait()
            try delivery.ack()
            return true
        } catch {
            return false
        }
    }

    /// Waits until the broker's channel has processed every acknowledgement.
    ///
    /// - Returns: false if channel or connection ended before.
    func sync() async -> Bool {
        // The reply to any method follows what was sent before it.
        return (try? await channel.declareQueuePassive(name)) != nil
    }

    /// Closes the connection; what is not acknowledged returns to the queue.
    func close() async {
        try? await channel.close()
        await connection.close(timeout: .milliseconds(500))
    }
}
