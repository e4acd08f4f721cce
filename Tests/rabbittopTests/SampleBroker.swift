import Faults
import Foundation
import Names
import RabbitMQManagement
import Testing
import TopCore

@testable import BrokerMonitor

/// What a broker of one version really answered, as the monitor reports it.
struct SampleBroker: Sendable, CustomTestStringConvertible {
    let version: String
    /// Changes the rows of a list before they are converted.
    var edit: @Sendable (_ list: String, _ row: inout [Name: JSONValue]) -> Void = { _, _ in }
    /// Leaves out rows of a list.
    var keeps: @Sendable (_ list: String, _ row: [Name: JSONValue]) -> Bool = { _, _ in true }

    static let versions = ["3.10.8", "4.0.5", "4.3.6"].map { SampleBroker(version: $0) }

    init(version: String) {
        self.version = version
    }

    var testDescription: String { version }

    private func json(_ list: String) throws -> JSONValue {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("RabbitMQManagementTests/Samples/\(version)/\(list).json")
        return try #require(JSONValue(parsing: try String(contentsOf: file, encoding: .utf8)))
    }

    private func rows<Row: ManagementObject>(_ list: String) throws -> [Row] {
        let value = try json(list)
        let elements = try #require(value.elements ?? value.members?["items"]?.elements)
        return elements.compactMap { element in
            guard var members = element.members, keeps(list, members) else { return nil }
            edit(list, &members)
            return Row(json: .object(members))
        }
    }

    /// Everything that the monitor reports in one round of polls.
    func snapshots(at now: Date) throws -> [Snapshot] {
        let nodes: [NodeInfo] = try rows("nodes")
        var overviewMembers = try #require(try json("overview").members)
        edit("overview", &overviewMembers)
        let overview = try #require(Overview(json: .object(overviewMembers)))
        var cluster = ClusterPart(at: now, overview, nodes: nodes, identity: UserIdentity(json: try json("whoami")))
        cluster.take(try rows("vhosts"))
        let queues: [QueueInfo] = try rows("queues-page")
        let rich = QueuesRichPart(at: now, queues, majorVersion: BrokerVersion(cluster.version)?.major)
        let connections = (try rows("connections") as [ConnectionInfo]).map { ConnectionRow($0) }
        let names = Dictionary(connections.map { ($0.name, $0.clientName) }, uniquingKeysWith: { $1 })
        var channels = (try rows("channels") as [ChannelInfo]).compactMap { ChannelRow($0) }
        for index in channels.indices { channels[index].clientName = names[channels[index].id.connection] ?? nil }
        var consumers = ListPart(at: now, rows: ConsumerRow.rows(of: try rows("consumers")), isWhole: true)
        consumers.complete(names.compactMapValues(\.self))
        let bindings: [BindingInfo] = try rows("bindings")
        let infos: [ExchangeInfo] = try rows("exchanges")
        var exchanges = ListPart(at: now, rows: infos.map { ExchangeRow($0, bindingsOut: nil) }, isWhole: true)
        exchanges.complete(BrokerLists.bindingsOut(bindings))
        let items =
            nodes.compactMap(ConfigurationItem.init) + infos.map(ConfigurationItem.init)
            + queues.compactMap(ConfigurationItem.init)
            + (try rows("policies") as [PolicyInfo]).map { ConfigurationItem($0, .policy) }
            + bindings.filter { !$0.source.isEmpty }.map(ConfigurationItem.init)
            + (try rows("feature-flags") as [FeatureFlagInfo]).map(ConfigurationItem.init)
        let source = SourceStatus(name: .management, state: .live, lastSuccess: now)
        return [
            .cluster(cluster), .sources([source]),
            .queueDepths(QueueDepthsPart(at: now, source: .management, depths: rich.queues.map(\.depth))),
            .queuesRich(rich), .connections(ListPart(at: now, rows: connections, isWhole: true)),
            .channels(ListPart(at: now, rows: channels, isWhole: true)), .consumers(consumers), .exchanges(exchanges),
            .configuration(ConfigurationPart(at: now, items: items)),
        ]
    }

    /// What the version really wrote into its log, as events; each at one second after the one before.
    func entries(from start: Date) throws -> [LedgerEntry] {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("BrokerMonitorTests/Samples/\(version)-log-and-events.txt")
        let text = try String(contentsOf: file, encoding: .utf8)
        let parser = BrokerLogParser(source: .logExchange)
        let entries = text.components(separatedBy: "\nLOG ").dropFirst().compactMap { part -> LedgerEntry? in
            guard let body = part.components(separatedBy: "\nEVT ").first,
                let message = LogMessage(entry: body.split(separator: " ", maxSplits: 1).dropFirst().joined())
            else { return nil }
            return parser.read(message, now: start).entry
        }
        return entries.enumerated().map { index, entry in
            var entry = entry
            entry.at = start.addingTimeInterval(Double(index))
            return entry
        }
    }
}
