import Foundation
import NIOConcurrencyHelpers
import NIOCore
import NIOPosix
import RabbitMQClient

/// A consumer that holds its deliveries unacknowledged until `goOn`.
final class PeerApplication: Sendable {
    private struct State {
        var held: [Delivery] = []
        var isHolding = true
        var seen: Set<String> = []
        var isWatched = false
        var lost: ContinuousClock.Instant?
        var tasks: [Task<Void, Never>] = []
    }

    let name: String
    let connection: Connection
    private let recorder: RunRecorder
    private let state = NIOLockedValueBox(State())

    private init(_ name: String, _ connection: Connection, _ recorder: RunRecorder) {
        self.name = name
        self.connection = connection
        self.recorder = recorder
    }

    static func start(
        _ name: String, _ configuration: ConnectionConfiguration, queue: String, on group: any EventLoopGroup,
        _ context: LabContext
    ) async throws(ClientError) -> PeerApplication {
        let connection = try await Connection.connect(configuration, on: group, registry: context.registry)
        let application = PeerApplication(name, connection, context.recorder)
        do {
            let channel = try await connection.openChannel()
            let consumer = try await channel.consume(queue)
            let states = connection.states
            application.run { await application.watch(states) }
            application.run { await application.consume(consumer) }
        } catch {
            await connection.close()
            throw error
        }
        return application
    }

    private func run(_ work: @escaping @Sendable () async -> Void) {
        // Lives as long as the application, whose end cancels it.
        let task = Task { await work() }
        state.withLockedValue { $0.tasks.append(task) }
    }

    private func watch(_ states: AsyncStream<ConnectionState>) async {
        var isLost = false
        for await now in states {
            guard case .recovering(_, _, let error) = now else {
                isLost = false
                continue
            }
            // Each attempt is reported; the loss is the first report.
            guard !isLost else { continue }
            isLost = true
            recorder.error(error, application: name)
            state.withLockedValue { state in
                if state.isWatched, state.lost == nil { state.lost = .now }
            }
        }
    }

    private func consume(_ consumer: Consumer) async {
        do {
            for try await delivery in consumer {
                let id = String(buffer: delivery.body)
                recorder.consumed(id)
                let isHeld = state.withLockedValue { state in
                    state.seen.insert(id)
                    if state.isHolding { state.held.append(delivery) }
                    return state.isHolding
                }
                if !isHeld { _ = try? delivery.ack() }
            }
        } catch {
            if error.code != .cancelled, error.closeReason?.isOrderly != true {
                recorder.error(error, application: name)
            }
        }
    }

    /// The number of messages that it holds.
    var held: Int { state.withLockedValue { $0.held.count } }

    func hasSeen(_ id: String) -> Bool { state.withLockedValue { $0.seen.contains(id) } }

    /// Counts a loss of the connection from now on.
    func expectLoss() { state.withLockedValue { $0.isWatched = true } }

    /// When it noticed that its connection is lost.
    var lost: ContinuousClock.Instant? { state.withLockedValue { $0.lost } }

    /// Acknowledges the held and all further messages. Messages from a lost connection are ignored, because they are
    /// delivered again.
    func goOn() {
        let held = state.withLockedValue { state in
            state.isHolding = false
            defer { state.held.removeAll() }
            return state.held
        }
        for delivery in held { _ = try? delivery.ack() }
    }

    /// Closes the connection, and returns when everything has ended.
    func stop() async {
        await connection.close(timeout: .seconds(2))
        let tasks = state.withLockedValue { $0.tasks }
        for task in tasks { task.cancel() }
        for task in tasks { await task.value }
    }
}

/// An event loop with a thread of its own that can be blocked, like that of a stopped process: its connections neither
/// read nor write, and their sockets stay open.
final class StandingLoop: Sendable {
    let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    private let gate = DispatchSemaphore(value: 0)

    /// Blocks the thread, and returns when it is blocked.
    func stand() async {
        let gate = self.gate
        let (standing, continuation) = AsyncStream<Never>.makeStream()
        group.next().execute {
            continuation.finish()
            gate.wait()
        }
        for await _ in standing {}
    }

    func goOn() { gate.signal() }

    /// Ends the thread; it must no longer be blocked, and its channels must be closed.
    func end() async { try? await group.shutdownGracefully() }
}
