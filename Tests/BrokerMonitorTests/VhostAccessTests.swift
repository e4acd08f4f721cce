import Foundation
import Names
import PeerSupport
import RabbitMQManagement
import Synchronization
import Testing
import TopCore

@testable import BrokerMonitor

@Suite struct VhostRefusalsTests {
    /// When it is asked in ten minutes by several who look every second, and refused each time.
    private func refusals(_ way: VhostRefusals.Way) -> [Double] {
        var refusals = VhostRefusals()
        var times: [Double] = []
        for now in stride(from: 0.0, to: 600, by: 1) {
            // Those who ask together are refused together, the first time.
            for _ in 0..<3 where refusals.mayAsk("v", way, at: now) {
                refusals.refused("v", way, at: now)
                times.append(now)
            }
        }
        return times
    }

    @Test(arguments: VhostRefusals.Way.allCases)
    func refusalsComeOnceAMinuteAtMost(_ way: VhostRefusals.Way) {
        #expect(refusals(way).starts(with: [0, 15, 45, 105, 165]))
    }

    @Test func requestsThatAreRefusedTogetherCountOnce() {
        var refusals = VhostRefusals()
        for _ in 0..<5 { refusals.refused("v", .http, at: 0) }
        #expect(refusals.holds("v", .http, at: 14) && !refusals.holds("v", .http, at: 15))
    }

    @Test func afterThePauseOneTriesForAll() {
        var refusals = VhostRefusals()
        refusals.refused("v", .http, at: 0)
        let first = refusals.mayAsk("v", .http, at: 20)
        let second = refusals.mayAsk("v", .http, at: 20)
        #expect(first && !second && refusals.holds("v", .amqp, at: 20))
        refusals.admitted("v", .http)
        #expect(!refusals.holds("v", .http, at: 21) && !refusals.holds("v", .amqp, at: 21))
    }

    /// A monitoring user sees the lists of a vhost that he may not log in to.
    @Test func whoMayNotLogInMayStillSeeLists() {
        var refusals = VhostRefusals()
        refusals.refused("v", .amqp, at: 0)
        let maySeeLists = refusals.mayAsk("v", .http, at: 1)
        refusals.admitted("v", .http)
        #expect(maySeeLists && refusals.holds("v", .amqp, at: 1))
        refusals.forget("v")
        #expect(!refusals.holds("v", .amqp, at: 1))
    }

    @Test func memoryIsBounded() {
        var refusals = VhostRefusals()
        for number in 0..<10_000 { refusals.refused("v\(number)", .http, at: 0) }
        #expect((0..<10_000).count { refusals.holds("v\($0)", .http, at: 1) } <= VhostRefusals.capacity)
    }
}

@Suite struct VhostAccessTests {
    private static func page(_ rows: String, pages: Int = 1) -> APIServer.Answer {
        .json(
            #"{"items":[\#(rows)],"page":1,"page_count":\#(pages),"total_count":1,"filtered_count":1,"item_count":1,"#
                + #""page_size":500}"#)
    }

    private func poller(_ server: APIServer) throws -> (Poller, [ManagementClient]) {
        let inbox = Inbox()
        let clients = try [0, 1].map { _ in try ManagementClient(configuration: server.configuration) }
        let poller = Poller(
            configuration: BrokerConfiguration(management: server.configuration), inbox: inbox,
            sourceHealth: SourceHealth(inbox: inbox),
            entrance: .fixture(),
            management: clients[0], lists: clients[1], clock: .system)
        return (poller, clients)
    }

    /// There are too many vhosts to know beforehand which ones the user may open.
    @Test func aRefusalIsRememberedForAllThatIsAskedOfTheVhost() async throws {
        let pages = Mutex(2)
        try await APIServer.with { target in
            if target.hasPrefix("/api/vhosts") { return .json(#"[{"name":"shop"}]"#) }
            if target.contains("shop") { return .noAccess }
            let count = pages.withLock(\.self)
            return Self.page(count > 1 ? "" : #"{"name":"amq.direct","vhost":"shop","type":"direct"}"#, pages: count)
        } _: { server in
            let (poller, clients) = try self.poller(server)
            var interest = Interest()
            interest.view = .exchanges
            interest.vhost = "shop"
            let id = EntityID(vhost: "shop", name: "q")
            interest.queues = [id]
            interest.detail = .queue(id)
            await poller.watch(interest)
            try await poller.pollVhosts()
            for _ in 0..<2 {
                await #expect(throws: ManagementError.self) { try await poller.pollExchanges() }
                await #expect(throws: ManagementError.self) { try await poller.pollBindings() }
                await #expect(throws: ManagementError.self) { try await poller.pollConsumers() }
                await #expect(throws: ManagementError.self) { try await poller.pollRich() }
                try await poller.pollDetail()
            }
            #expect(server.targets.filter { $0.contains("shop") }.count == 1, "\(server.targets)")
            #expect(await !poller.mayOpen("shop"))
            #expect(await poller.closedVhost(of: .exchanges) == "shop")
            for client in clients { await client.shutdown() }
        }
    }

    /// The lists tell which vhosts the user may open; a refusal of before is forgotten when he is given access.
    @Test func accessThatIsGivenEndsThePause() async throws {
        let mayOpen = Mutex(false)
        try await APIServer.with { target in
            if target.hasPrefix("/api/vhosts") { return .json("[]") }
            return Self.page(
                mayOpen.withLock(\.self) ? #"{"name":"amq.direct","vhost":"shop","type":"direct"}"# : "")
        } _: { server in
            let (poller, clients) = try self.poller(server)
            try await poller.pollVhosts()
            await poller.noteRefusal(in: "shop")
            mayOpen.withLock { $0 = true }
            #expect(await !poller.mayOpen("shop"))
            try await poller.pollVhosts()
            #expect(await poller.mayOpen("shop"))
            // It may open it as far as the list tells, and was refused all the same.
            await poller.noteRefusal(in: "shop")
            try await poller.pollVhosts()
            #expect(await !poller.mayOpen("shop"))
            for client in clients { await client.shutdown() }
        }
    }

    /// What the source said of the request that was refused.
    @Test func aLimitationEndsWithTheRequestThatWasRefused() async throws {
        try await APIServer.with { target in
            if target.hasPrefix("/api/whoami") { return .json(#"{"name":"clerk","tags":["monitoring"]}"#) }
            if target.hasPrefix("/api/nodes") { return .json("[]") }
            if target.hasPrefix("/api/overview") {
                return .json(
                    #"{"management_version":"4.0.5","rabbitmq_version":"4.0.5","node":"rabbit@a","cluster_name":"shop","#
                        + #""listeners":[],"object_totals":{"connections":0,"channels":0,"consumers":0,"queues":0}}"#)
            }
            if target.hasPrefix("/api/vhosts") { return .json(#"[{"name":"shop"}]"#) }
            if target.contains("/shop") { return .noAccess }
            return Self.page("", pages: 2)
        } _: { server in
            let inbox = Inbox()
            var configuration = BrokerConfiguration(management: server.configuration)
            configuration.listens = false
            let monitor = try Monitor(configuration, inbox: inbox)
            let service = Task.detached { await monitor.run() }
            func problem() -> String? {
                let status = monitor.sources.first { $0.name == .management }
                return status?.state == .live ? status?.problem ?? "" : nil
            }
            func watch(_ change: (inout Interest) -> Void) {
                var interest = Interest()
                change(&interest)
                monitor.watch(interest)
            }
            watch {
                $0.view = .exchanges
                $0.vhost = "shop"
            }
            #expect(await eventually { problem()?.contains("no access to vhost 'shop'") == true }, "\(monitor.sources)")
            watch { $0.view = .nodes }
            #expect(await eventually { problem().map { !$0.contains("shop") } == true }, "\(monitor.sources)")
            service.cancel()
            await service.value
        }
    }
}
