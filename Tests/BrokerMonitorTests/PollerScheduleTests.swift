import ClockSupport
import PeerSupport
import RabbitMQManagement
import Synchronization
import Testing
import TopCore

@testable import BrokerMonitor

/// When the poller asks, by a clock that the test moves.
@Suite(.timeLimit(.minutes(1))) struct PollerScheduleTests {
    /// What was asked when, since the test began.
    private final class Asked: Sendable {
        private let requests = Mutex<[(target: String, at: Double)]>([])
        private let clock: ManualClock
        private let begun: Double

        init(_ clock: ManualClock) {
            self.clock = clock
            begun = clock.now
        }

        func note(_ target: String) {
            requests.withLock { $0.append((target, clock.now - begun)) }
        }

        func times(_ path: String) -> [Double] {
            requests.withLock { $0.filter { $0.target.hasPrefix(path) }.map(\.at) }
        }

        var count: Int { requests.withLock { $0.count } }
    }

    private static let overview =
        #"{"management_version":"4.0.5","rabbitmq_version":"4.0.5","node":"rabbit@a","cluster_name":"shop","#
        + #""listeners":[],"object_totals":{"connections":0,"channels":0,"consumers":0,"queues":0}}"#

    /// What a broker without a queue answers.
    static func answer(_ target: String) -> APIServer.Answer {
        if target.hasPrefix("/api/whoami") { return .json(#"{"name":"clerk","tags":["monitoring"]}"#) }
        if target.hasPrefix("/api/overview") { return .json(overview) }
        if target.hasPrefix("/api/nodes") || target.hasPrefix("/api/vhosts") { return .json("[]") }
        return .json(
            #"{"items":[],"page":1,"page_count":1,"total_count":0,"filtered_count":0,"item_count":0,"page_size":500}"#)
    }

    /// Polls a management API by the test's clock.
    private func poll(
        _ interest: Interest, _ answer: @escaping @Sendable (String, ManualClock) -> APIServer.Answer,
        _ body: (Poller, Asked, ManualClock) async throws -> Void
    ) async throws {
        let clock = ManualClock()
        let asked = Asked(clock)
        try await APIServer.with { target in
            asked.note(target)
            return answer(target, clock)
        } _: { server in
            let inbox = Inbox()
            let clients = try [0, 1].map { _ in try ManagementClient(configuration: server.configuration) }
            let poller = Poller(
                configuration: BrokerConfiguration(management: server.configuration), inbox: inbox,
                sourceHealth: SourceHealth(inbox: inbox), entrance: .fixture(), management: clients[0],
                lists: clients[1], clock: clock.clock, jitter: { 0 })
            await poller.watch(interest)
            try await serving {
                await poller.run()
            } _: {
                try await body(poller, asked, clock)
            }
            for client in clients { await client.shutdown() }
        }
    }

    /// Lets time pass in small steps, and waits for the answers in between.
    private func pass(_ seconds: Int, _ clock: ManualClock, _ poller: Poller) async {
        for _ in 0..<seconds * 4 {
            clock.move(by: 0.25)
            let isCalm = await eventually {
                guard !clock.alarms.isEmpty else { return false }
                return await poller.plan.isResting
            }
            #expect(isCalm)
        }
    }

    private func differences(_ times: [Double]) -> [Double] { zip(times.dropFirst(), times).map { $0 - $1 } }

    @Test func aBrokerThatIsDownIsProbedEachSecondAndAskedNothingElse() async throws {
        let isUp = Mutex(false)
        try await poll(Interest()) { target, _ in
            isUp.withLock(\.self) ? Self.answer(target) : .init(status: 302, body: "{}")
        } _: { poller, asked, clock in
            #expect(await eventually { await poller.plan.isDead(.management) })
            await pass(1, clock, poller)
            let others = asked.count - asked.times("/api/whoami").count
            await pass(10, clock, poller)
            let gaps = differences(asked.times("/api/whoami"))
            #expect(gaps.count >= 7 && gaps.allSatisfy { (1...1.5).contains($0) }, "\(gaps)")
            #expect(asked.count - asked.times("/api/whoami").count == others)
            isUp.withLock { $0 = true }
            await pass(2, clock, poller)
            #expect(!asked.times("/api/overview").isEmpty, "what waited is asked at once")
        }
    }

    @Test func aSlowListIsAskedForTwentyTimesItsDurationLater() async throws {
        var interest = Interest()
        interest.view = .connections
        try await poll(interest) { target, clock in
            if target.hasPrefix("/api/connections") { clock.move(by: 1) }
            return Self.answer(target)
        } _: { poller, asked, clock in
            #expect(await eventually { !asked.times("/api/connections").isEmpty })
            await pass(60, clock, poller)
            let gaps = differences(asked.times("/api/connections"))
            #expect(!gaps.isEmpty && gaps.allSatisfy { $0 >= 19 }, "\(gaps)")
            // Its slowness is its own: the overview is asked for as before.
            #expect(asked.times("/api/overview").count >= 6, "\(asked.times("/api/overview"))")
        }
    }

    @Test func aRefusedUserIsNotProbed() async throws {
        let refusal = #"{"error":"not_authorised","reason":"Login failed"}"#
        var interest = Interest()
        interest.view = .nodes
        try await poll(interest) { _, _ in
            .init(status: 401, body: refusal)
        } _: { poller, asked, clock in
            #expect(await eventually { await poller.plan.nextDue.map { $0 >= 1_015 } == true })
            await pass(14, clock, poller)
            #expect(asked.count == 1, "a refusal is a line in the broker's log")
            #expect(await poller.sourceHealth.status(.management)?.state == .denied)
            await pass(2, clock, poller)
            #expect(await eventually { await poller.plan.nextDue.map { $0 >= 1_045 } == true }, "then after 30 s")
        }
    }
}
