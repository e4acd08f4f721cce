import AMQPWire
import ClockSupport
import Faults
import Foundation
import PeerSupport
import RabbitMQClient
import RabbitMQManagement
import Testing
import TopCore

@testable import BrokerMonitor
@testable import BrokerOperations

/// Operations side by side, each with its own cancel and its reports in the inbox.
@Suite struct OperationRunnerTests {
    private static let queue = EntityID(vhost: "/", name: "q")

    /// The reports of operations, as the main thread takes them.
    private final class Reports: Sendable {
        private let inbox: Inbox
        private let heard = Shared<[(id: OperationID, report: OperationReport)]>([])

        init(_ inbox: Inbox) { self.inbox = inbox }

        func ending(_ id: OperationID) async -> OperationReport? {
            let deadline = ContinuousClock.now + .seconds(15)
            while ContinuousClock.now < deadline {
                for case .operation(let id, let report) in inbox.drain() { heard.change { $0.append((id, report)) } }
                let ended = heard.value.last { entry in
                    if case .progress = entry.report { return false }
                    return entry.id == id
                }
                if let ended { return ended.report }
                try? await Task.sleep(for: .milliseconds(2))
            }
            return nil
        }

        var progress: [String] {
            heard.value.compactMap { if case .progress(let text, _) = $0.report { text } else { nil } }
        }
    }

    private func run(
        amqp: ConnectionConfiguration? = nil, isReadOnly: Bool = false, clock: MonitorClock = .system,
        _ body: (OperationRunner, Reports) async throws -> Void
    ) async throws {
        let inbox = Inbox()
        var context = try OperationRun.fixture(isReadOnly: isReadOnly, amqp: amqp).context
        context.clock = clock
        let runner = OperationRunner(context: context, inbox: inbox)
        let service = Task { await runner.run() }
        do {
            try await body(runner, Reports(inbox))
        } catch {
            service.cancel()
            await service.value
            throw error
        }
        service.cancel()
        await service.value
    }

    @Test func aCancelEndsOneOperationAndNoOther() async throws {
        try await AMQPPeer.with { peer in
            try await run(amqp: peer.configuration) { runner, reports in
                let consume = ConsumeRequest(queue: Self.queue, prefetch: 1, acknowledge: .manual)
                runner.start(OperationID(1), .consume(consume))
                runner.start(OperationID(2), .consume(consume))
                runner.start(
                    OperationID(3),
                    .publish(PublishRequest(vhost: "/", exchange: "", routingKey: "q", count: 2, body: .size(1))))
                #expect(await reports.ending(OperationID(3)) == .finished("2 confirmed"))
                runner.cancel(OperationID(1))
                #expect(await reports.ending(OperationID(1)) == .cancelled("0 messages taken"))
                // The other goes on.
                runner.start(
                    OperationID(4),
                    .publish(PublishRequest(vhost: "/", exchange: "", routingKey: "q", count: 1, body: .size(1))))
                #expect(await reports.ending(OperationID(4)) == .finished("1 confirmed"))
                runner.cancel(OperationID(2))
                #expect(await reports.ending(OperationID(2)) == .cancelled("0 messages taken"))
                // An operation that has ended is not there to be cancelled.
                runner.cancel(OperationID(1))
            }
        }
    }

    /// Whatever the screen let through: nothing is sent when read-only.
    @Test(arguments: [
        TopCore.Operation.purge(queue), .deleteQueue(queue), .deleteExchange(queue),
        .closeConnection("c", reason: "r"),
        .publish(PublishRequest(vhost: "/", exchange: "", routingKey: "q", count: 1, body: .size(1))),
        .consume(ConsumeRequest(queue: queue, prefetch: 1, acknowledge: .manual)),
        .closeChannel(ChannelID(connection: "c", number: 1), .notFound),
    ])
    func readOnlyRefusesBeforeAnythingIsSent(_ operation: TopCore.Operation) async throws {
        try await AMQPPeer.with { peer in
            try await run(amqp: peer.configuration, isReadOnly: true) { runner, reports in
                runner.start(OperationID(1), operation)
                guard case .failed(let what, let advice, let kind)? = await reports.ending(OperationID(1)) else {
                    Issue.record("\(operation) was carried out")
                    return
                }
                #expect(what == "refused: rabbittop is read-only" && kind == .notPermitted)
                #expect(advice == "Start it without --read-only.")
                #expect(peer.methods.isEmpty)
            }
        }
    }

    /// A rate is kept by the clock, and so is the progress.
    @Test(.timeLimit(.minutes(1))) func aRateIsKept() async throws {
        let clock = ManualClock()
        try await AMQPPeer.with { peer in
            let time = MonitorClock(
                uptime: { clock.now }, date: { Date(timeIntervalSince1970: clock.now) },
                sleep: { try await clock.sleep($0) })
            try await run(amqp: peer.configuration, clock: time) { runner, reports in
                runner.start(
                    OperationID(1),
                    .publish(
                        PublishRequest(
                            vhost: "/", exchange: "", routingKey: "q", count: 3, rate: 0.25, body: .size(1))))
                func published() -> Int {
                    peer.methods.count { if case .basicPublish = $0 { true } else { false } }
                }
                for number in 1...2 {
                    while published() < number { try await Task.sleep(for: .milliseconds(2)) }
                    #expect(published() == number)
                    await clock.pass(4)
                }
                #expect(await reports.ending(OperationID(1)) == .finished("3 confirmed"))
            }
        }
    }
}
