import PeerSupport
import RabbitMQManagement
import Testing
import TopCore

@testable import BrokerMonitor

@Suite struct MonitorTests {
    private func watch(
        _ management: ManagementConfiguration, _ body: (Monitor) async throws -> Void
    ) async throws {
        var configuration = BrokerConfiguration(management: management)
        configuration.listens = false
        let monitor = try Monitor(configuration, inbox: Inbox())
        try await serving {
            await monitor.run()
        } _: {
            var interest = Interest()
            interest.view = .exchanges
            monitor.watch(interest)
            #expect(await monitor.settle(within: .seconds(10)))
            try await body(monitor)
        }
    }

    private func status(_ monitor: Monitor, _ name: SourceName) -> SourceStatus? {
        monitor.sources.first { $0.name == name }
    }

    @Test func aBrokerThatIsNotReachedIsNamed() async throws {
        let nobody = ManagementConfiguration(address: ManagementAddress(host: "127.0.0.1", port: 1))
        try await watch(nobody) { monitor in
            let management = try #require(status(monitor, .management))
            #expect(management.state == .unreachable && management.problem?.contains("127.0.0.1:1") == true)
            #expect(status(monitor, .logExchange)?.state == .off)
        }
    }

    @Test func whatIsMissingIsSaidWithAdvice() async throws {
        try await APIServer.with(PollerScheduleTests.answer) { server in
            try await watch(server.configuration) { monitor in
                #expect(status(monitor, .management)?.state == .live)
                let prometheus = try #require(status(monitor, .prometheus))
                #expect(prometheus.state == .notEnabled && prometheus.advice?.contains("rabbitmq_prometheus") == true)
                let snapshots = monitor.inbox.drain()
                #expect(snapshots.contains { if case .snapshot(.exchanges) = $0 { true } else { false } })
                #expect(snapshots.contains { if case .snapshot(.cluster) = $0 { true } else { false } })
            }
        }
    }
}
