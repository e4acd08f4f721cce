import AMQPWire
import ClockSupport
import Names
import PeerSupport
import RabbitMQClient
import RabbitMQManagement
import Synchronization
import Testing
import TopCore

@testable import BrokerMonitor

/// When the listener tries again, by a clock that the test moves.
@Suite(.timeLimit(.minutes(1))) struct ExchangeListenerTests {
    private final class Attempts: Sendable {
        private let number = Atomic(0)
        var count: Int { number.load(ordering: .relaxed) }
        func add() { number.add(1, ordering: .relaxed) }
    }

    /// Listens at an address with a management API that knows both exchanges, or none.
    private func listen(
        to address: ConnectionConfiguration?, hasExchanges: Bool = true, mayOpen: Bool = true,
        _ body: (Attempts, SourceHealth, WakeSignal, ManualClock) async throws -> Void
    ) async throws {
        let clock = ManualClock()
        let attempts = Attempts()
        try await APIServer.with { target in
            hasExchanges ? .json(#"{"name":"amq.rabbitmq.log","vhost":"/","type":"topic"}"#) : .missing
        } _: { server in
            let inbox = Inbox()
            let health = SourceHealth(inbox: inbox)
            let entrance = AMQPEntrance.fixture()
            let management = try ManagementClient(configuration: server.configuration)
            let signal = WakeSignal(clock: clock.clock)
            let listener = ExchangeListener(
                address: {
                    attempts.add()
                    return address
                }, mayOpen: { _ in mayOpen }, onRefusal: { _ in }, entrance: entrance, sourceHealth: health,
                aggregator: EventAggregator(
                    inbox: inbox, own: entrance.own, registry: ClientRegistry(), clock: clock.clock),
                management: management, connectionName: "test", wakeSignal: signal, clock: clock.clock, onLoss: {})
            try await serving {
                await listener.run()
            } _: {
                try await body(attempts, health, signal, clock)
            }
            await management.shutdown()
        }
    }

    /// Passes a pause, and the tenth of a second that keeps several signals from causing several attempts.
    private func pass(_ seconds: Double, _ clock: ManualClock) async {
        await clock.pass(seconds)
        await clock.pass(0.1)
    }

    @Test func withoutAnAddressItLooksEachSecond() async throws {
        try await listen(to: nil) { attempts, _, _, clock in
            for second in 1...3 {
                await clock.pass(1)
                #expect(await eventually { attempts.count == second + 1 })
            }
        }
    }

    @Test func aBrokerThatIsNotReachedIsTriedEachSecond() async throws {
        let nobody = ConnectionConfiguration(host: "127.0.0.1", port: 1)
        try await listen(to: nobody) { attempts, health, _, clock in
            for second in 1...3 {
                await pass(1, clock)
                #expect(await eventually { attempts.count == second + 1 })
            }
            #expect(health.status(.logExchange)?.state == .unreachable)
        }
    }

    @Test func exchangesThatAreMissingAreLookedForEveryTwoSecondsAndThenRarer() async throws {
        try await listen(to: ConnectionConfiguration(host: "127.0.0.1", port: 1), hasExchanges: false) {
            attempts, health, _, clock in
            for _ in 0..<6 { await pass(2, clock) }
            await pass(10, clock)
            await pass(20, clock)
            #expect(await eventually { attempts.count == 9 })
            let status = try #require(health.status(.eventExchange))
            #expect(status.state == .notEnabled && status.advice?.contains("rabbitmq_event_exchange") == true)
            #expect(health.status(.logExchange)?.advice?.contains("log.exchange = true") == true)
        }
    }

    @Test func aVhostThatIsKnownToBeClosedIsLookedAtEveryFiveSeconds() async throws {
        try await listen(to: ConnectionConfiguration(host: "127.0.0.1", port: 1), mayOpen: false) {
            attempts, health, _, clock in
            for second in 1...2 {
                await pass(5, clock)
                #expect(await eventually { attempts.count == second + 1 })
            }
            #expect(health.status(.logExchange)?.state == .denied)
        }
    }

    /// Each attempt would be an error in the broker's log, and a signal says nothing about permissions.
    @Test func aRefusalIsWaitedForAMinuteWhateverIsSignalled() async throws {
        try await AMQPPeer.with { method in
            guard case .connectionOpen = method else { return nil }
            return [
                .connectionClose(
                    ConnectionClose(
                        replyCode: ReplyCode(rawValue: 530),
                        replyText: "NOT_ALLOWED - access to vhost '/' refused for user 'guest'"))
            ]
        } _: { peer in
            try await listen(to: peer.configuration) { attempts, health, signal, clock in
                #expect(await eventually { health.status(.logExchange)?.state == .denied })
                #expect(await eventually { clock.alarms == [60] })
                signal.ring()
                try await Task.sleep(for: .milliseconds(20))
                #expect(attempts.count == 1)
                await pass(60, clock)
                #expect(await eventually { attempts.count == 2 })
                #expect(await eventually { clock.alarms.contains { $0 > 119 } })
            }
        }
    }
}
