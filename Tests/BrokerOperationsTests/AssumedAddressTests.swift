import AMQPWire
import Foundation
import Names
import PeerSupport
import RabbitMQClient
import RabbitMQManagement
import Testing
import TopCore

@testable import BrokerMonitor
@testable import BrokerOperations

/// Where the broker does not report its ports, another one may answer at the usual one.
@Suite struct AssumedAddressTests {
    private func assumed(_ cluster: Name?) -> AssumedAddress {
        let assumed = AssumedAddress()
        assumed.note(isAssumed: true, cluster: cluster)
        return assumed
    }

    private func run(
        _ peer: AMQPPeer, _ assumed: AssumedAddress, _ operation: TopCore.Operation
    ) async throws -> OperationReport {
        let run = try OperationRun.fixture(amqp: peer.configuration, assumed: assumed)
        let report = await run.carryOut(operation)
        await run.context.management.shutdown()
        return report
    }

    private static let dot = EntityID(vhost: "/", name: ".")
    private static let operations: [TopCore.Operation] = [
        .publish(PublishRequest(vhost: "/", exchange: "", routingKey: "q", count: 1, body: .size(1))),
        .consume(ConsumeRequest(queue: EntityID(vhost: "/", name: "q"), prefetch: 1, acknowledge: .reject)),
        .purge(dot), .deleteQueue(dot), .deleteExchange(dot),
    ]

    @Test(arguments: operations)
    func nothingIsDoneOnAnotherBroker(_ operation: TopCore.Operation) async throws {
        for cluster in ["other", nil] {
            try await AMQPPeer.with(cluster: cluster) { peer in
                let assumed = self.assumed("shop")
                let report = try await run(peer, assumed, operation)
                guard case .failed(let what, let advice?, let kind) = report else {
                    Issue.record("\(report)")
                    return
                }
                #expect(what.contains("another broker") && what.contains("shop"), "\(what)")
                #expect(advice.contains("--amqp-uri") && kind == .unreachable)
                #expect(assumed.isRefuted && peer.methods.isEmpty, "\(peer.methods)")
            }
        }
    }

    @Test func neitherMessagesNorALiveDepthAreAskedThere() async throws {
        try await AMQPPeer.with(cluster: "other") { peer in
            let assumed = self.assumed("shop")
            let run = try OperationRun.fixture(amqp: peer.configuration, assumed: assumed)
            let looked = await run.carryOut(.messages(.browse(BrowseRequest(queue: Self.dot, count: 1))))
            let moved = await run.carryOut(
                .messages(.act(MessageAction(.move(.queue("q")), .all, of: Self.dot))))
            await run.context.management.shutdown()
            for report in [looked, moved] {
                guard case .failed(_, let advice?, _) = report else {
                    Issue.record("\(String(describing: report))")
                    continue
                }
                #expect(advice.contains("--amqp-uri"))
            }
            let live = LiveVhost(
                configuration: peer.configuration, entrance: .fixture(assumed: assumed), clock: .system)
            await #expect(throws: ClientError.self) { try await live.ask(["q"]) }
            #expect(peer.methods.isEmpty, "\(peer.methods)")
        }
    }

    @Test func theBrokerThatIsMeantIsUsed() async throws {
        try await AMQPPeer.with(cluster: "shop") { peer in
            let assumed = self.assumed("shop")
            let published = try await run(peer, assumed, Self.operations[0])
            #expect(published == .finished("1 confirmed"))
            #expect(!assumed.isUnmet && !assumed.isRefuted)
            // An address that somebody gave needs no name.
            let given = AssumedAddress()
            given.note(isAssumed: false, cluster: "elsewhere")
            let again = try await run(peer, given, Self.operations[0])
            #expect(again == .finished("1 confirmed"))
        }
    }

    @Test func whoIsMeantDecides() {
        #expect(AssumedAddress.difference(found: "shop", meant: "shop", at: "h:5672") == nil)
        #expect(AssumedAddress.difference(found: "caf\u{E9}", meant: "cafe\u{301}", at: "h:5672") != nil)
        #expect(AssumedAddress.difference(found: "shop", meant: nil, at: "h:5672") != nil)
        #expect(AssumedAddress.difference(found: nil, meant: "shop", at: "[::1]:5672")?.contains("[::1]:5672") == true)
    }

    /// Whatever answers at the usual port of this machine, it is not of this cluster.
    @Test func anAddressThatNobodyToldIsNotFoundBeforeItIsCompared() async throws {
        try await APIServer.with { _ in
            .json(#"{"management_version":"4.0.5","node":"rabbit@a","cluster_name":"nobody's cluster at all"}"#)
        } _: { server in
            let finding = try await BrokerConfiguration(management: server.configuration).findAMQP()
            #expect(finding.address == nil && finding.problem.contains("5672"), "\(finding)")
        }
    }
}

/// Names that AMQP delivers need not be UTF-8, and are sent as they are.
@Suite struct NamesOverAMQPTests {
    private let raw = Name(bytes: [0x71, 0xFF])

    private func carryOut(_ peer: AMQPPeer, _ operation: TopCore.Operation) async throws -> OperationReport {
        let run = try OperationRun.fixture(amqp: peer.configuration)
        let report = await run.carryOut(operation)
        await run.context.management.shutdown()
        return report
    }

    @Test func aMessageGoesWhereItsBytesSay() async throws {
        try await AMQPPeer.with { peer in
            let key = Name(bytes: [0xFE])
            let request = PublishRequest(vhost: "/", exchange: raw, routingKey: key, count: 1, body: .size(1))
            let report = try await carryOut(peer, .publish(request))
            #expect(report == .finished("1 confirmed"))
            let published = peer.methods.compactMap { if case .basicPublish(let publish) = $0 { publish } else { nil } }
            #expect(published.map(\.exchange) == [raw] && published.map(\.routingKey) == [key])
        }
    }

    @Test func aQueueIsConsumedByItsBytes() async throws {
        // The broker ends the consumer at once.
        try await AMQPPeer.with { method in
            guard case .basicConsume(let consume) = method else { return nil }
            return [
                .basicConsumeOk(BasicConsumeOk(consumerTag: consume.consumerTag)),
                .basicCancel(BasicCancel(consumerTag: consume.consumerTag, noWait: true)),
            ]
        } _: { peer in
            let id = EntityID(vhost: "/", name: raw)
            _ = try await carryOut(peer, .consume(ConsumeRequest(queue: id, prefetch: 1, acknowledge: .manual)))
            let consumed = peer.methods.compactMap {
                if case .basicConsume(let consume) = $0 { consume.queue } else { nil }
            }
            #expect(consumed == [raw])
        }
    }

    @Test func depthsAreAskedByBytes() async throws {
        try await AMQPPeer.with { peer in
            let live = LiveVhost(configuration: peer.configuration, entrance: .fixture(), clock: .system)
            let answer = try await live.ask([raw, "q\\xFF"])
            await live.close()
            #expect(answer.declared.map(\.name) == [raw, "q\\xFF"])
            let asked = peer.methods.compactMap {
                if case .queueDeclare(let declare) = $0 { declare.queue } else { nil }
            }
            #expect(asked == [raw, "q\\xFF"])
        }
    }

    /// The client takes a vhost as text: the text that stands for other bytes is another vhost's name.
    @Test func aVhostThatIsNotTextIsRefusedAndNotTakenForAnother() async throws {
        #expect(ConnectionConfiguration().inVhost("caf\u{E9}")?.virtualHost == "caf\u{E9}")
        #expect(ConnectionConfiguration().inVhost(raw) == nil)
        try await AMQPPeer.with { peer in
            let request = PublishRequest(vhost: raw, exchange: "", routingKey: "q", count: 1, body: .size(1))
            guard case .failed(let what, _, _) = try await carryOut(peer, .publish(request)) else {
                Issue.record("published in another vhost")
                return
            }
            #expect(what.contains("not UTF-8") && peer.methods.isEmpty, "\(what)")
        }
    }
}

@Suite struct UnaddressableQueueTests {
    private actor Asked {
        var ids: [EntityID] = []
        func note(_ id: EntityID) { ids.append(id) }
    }

    @Test func aPurgeOverAMQPAsksForTheDepthAnew() async throws {
        for id in [EntityID(vhost: "/", name: "."), EntityID(vhost: "..", name: "q")] {
            try await AMQPPeer.with { peer in
                let asked = Asked()
                let run = try OperationRun.fixture(amqp: peer.configuration, askAnew: { await asked.note($0) })
                #expect(await run.carryOut(.purge(id)) == .finished("purged \(id.name)"))
                await run.context.management.shutdown()
                #expect(await asked.ids == [id])
            }
        }
    }
}
