import BrokerMonitor
import BrokerOperations
import BrokerSupport
import Faults
import Foundation
import Names
import RabbitMQClient
import RabbitMQManagement
import Synchronization
import TopCore

@testable import rabbittop

/// A link to a real broker, and everything it has said so far.
final class LinkUnderTest: Sendable {
    struct Heard: Sendable {
        var cluster: ClusterPart?
        var live: [EntityID: (depth: QueueDepth, at: Date)] = [:]
        var liveRounds = 0
        var gone: Set<EntityID> = []
        var rich: [EntityID: QueueDetails] = [:]
        var bulk: [EntityID: QueueDepth] = [:]
        var connections: ListPart<ConnectionRow>?
        var channels: ListPart<ChannelRow>?
        var consumers: ListPart<ConsumerRow>?
        var exchanges: ListPart<ExchangeRow>?
        var client: ListPart<TopCore.ClientRow>?
        var vhosts: [Name] = []
        var details: [RowID: DetailPart] = [:]
        var sources: [SourceStatus] = []
        var cost: PollingCost?
        var faults: [FaultRecord] = []
        var configuration: ConfigurationPart?
        var route: RouteAnswer?
        var incoming: IncomingPart?
        var events: [LedgerEntry] = []
        var dropped: UInt64 = 0
        var ledgerReports: [LedgerReport] = []
        var reports: [(id: OperationID, report: OperationReport)] = []

        func source(_ name: SourceName) -> SourceStatus? { sources.first { $0.name == name } }

        /// How an operation ended.
        func ending(_ id: OperationID) -> OperationReport? {
            reports.last { entry in
                guard entry.id == id else { return false }
                if case .progress = entry.report { return false }
                return true
            }?.report
        }
    }

    let link: BrokerLink
    private let heard = Mutex(Heard())

    init(_ configuration: BrokerConfiguration, clusters: (any TargetClusters)? = nil) throws {
        link = try BrokerLink(configuration, clusters: clusters, inbox: Inbox())
    }

    /// Runs a link to the broker while the body runs, and awaits its end.
    static func with<Result>(
        _ broker: TestBroker, clusters: (any TargetClusters)? = nil,
        change: (inout BrokerConfiguration) -> Void = { _ in }, _ body: (LinkUnderTest) async throws -> Result
    ) async throws -> Result {
        var configuration = BrokerConfiguration(
            management: ManagementConfiguration(
                address: ManagementAddress(host: broker.host, port: broker.node.ports.management)),
            rabbitmqctl: { try await broker.node.rabbitmqctl($0).standardOutput })
        change(&configuration)
        let test = try LinkUnderTest(configuration, clusters: clusters)
        let service = Task.detached { await test.link.run() }
        do {
            let result = try await body(test)
            service.cancel()
            await service.value
            return result
        } catch {
            service.cancel()
            await service.value
            throw error
        }
    }

    func watch(_ change: (inout Interest) -> Void) {
        var interest = Interest()
        change(&interest)
        link.perform(.watch(interest))
    }

    func perform(_ action: Action) { link.perform(action) }

    func settle(within limit: Duration) async -> Bool { await link.monitor.settle(within: limit) }

    /// What was heard so far.
    func listen() -> Heard {
        let events = link.inbox.drain()
        return heard.withLock { heard in
            for event in events { heard.take(event) }
            return heard
        }
    }

    struct TooLate: Error, CustomStringConvertible { var description: String }

    /// Waits until what was heard holds something.
    @discardableResult
    func eventually<Result>(
        _ what: String, within seconds: Double = 15, _ found: (Heard) -> Result?
    ) async throws -> Result {
        let deadline = Date().addingTimeInterval(seconds)
        while true {
            let heard = listen()
            if let result = found(heard) { return result }
            guard Date() < deadline else {
                throw TooLate(
                    description:
                        "not within \(seconds) s: \(what)\nsources: \(heard.sources)\nnews: \(heard.events.suffix(5))"
                        + "\nreports: \(heard.reports.suffix(5))")
            }
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    func eventually(_ what: String, within seconds: Double = 15, _ holds: (Heard) -> Bool) async throws {
        let _: Bool = try await eventually(what, within: seconds) { holds($0) ? true : nil }
    }

    /// Carries an operation out and returns how it ended.
    func carryOut(
        _ operation: TopCore.Operation, number: UInt64 = .random(in: 1 ... .max), within seconds: Double = 20
    ) async throws -> OperationReport {
        let id = OperationID(number)
        link.perform(.start(id, operation))
        return try await eventually("the end of \(operation)", within: seconds) { $0.ending(id) }
    }
}

extension LinkUnderTest.Heard {
    fileprivate mutating func take(_ event: Event) {
        switch event {
        case .snapshot(let snapshot): take(snapshot)
        case .entries(let entries, let dropped):
            events.append(contentsOf: entries)
            self.dropped += dropped
        case .reports(let told): ledgerReports.append(contentsOf: told)
        case .operation(let id, let report): reports.append((id, report))
        case .key, .paste, .pointer, .resized, .viewport, .moment, .curves, .recording, .clusters, .clusterChange,
            .tick:
            break
        }
    }

    private mutating func take(_ snapshot: Snapshot) {
        switch snapshot {
        case .cluster(let part): cluster = part
        case .queueDepths(let part): for depth in part.depths { bulk[depth.id] = depth }
        case .queuesLive(let part):
            liveRounds += 1
            for depth in part.depths { live[depth.id] = (depth, part.at) }
            gone.formUnion(part.gone)
        case .queuesRich(let part): for queue in part.queues { rich[queue.depth.id] = queue.details }
        case .connections(let part): connections = part
        case .channels(let part): channels = part
        case .consumers(let part): consumers = part
        case .exchanges(let part): exchanges = part
        case .client(let part): client = part
        case .vhosts(let names): vhosts = names
        case .detail(let part): details[part.row] = part
        case .sources(let list): sources = list
        case .cost(let part): cost = part
        case .faults(let records): faults = records
        case .configuration(let part): configuration = part
        case .route(let answer): route = answer
        case .incoming(let part): incoming = part
        case .lab, .named: break
        }
    }
}

/// A client of the test's own, beside the link's.
func withLinkPeer<Result: Sendable>(
    _ broker: TestBroker, vhost: String = "/", name: String? = nil, registry: ClientRegistry? = nil,
    _ body: (Connection) async throws -> Result
) async throws -> Result {
    try await Connection.withConnection(
        ConnectionConfiguration(port: broker.amqpPort, virtualHost: vhost, connectionName: name), on: linkEventLoops,
        registry: registry, body)
}
