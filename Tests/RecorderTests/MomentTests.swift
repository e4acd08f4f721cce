import Faults
import Foundation
import Names
import SeededSupport
import Testing
import TopCore

@testable import Recorder

/// What was recorded comes back as it was.
@Suite struct MomentTests {
    @Test func everyKindOfRowComesBackAsItWas() throws {
        let recorder = try Recorder.temporary()
        var overview = OverviewRow()
        overview.ready = 10
        overview.publishRate = 12.4
        overview.alarms = ["memory on rabbit@a"]
        var node = NodeRow(name: "rabbit@a", running: true)
        node.memory = 123_456_789_012
        node.uptime = 12.5
        node.partitions = ["rabbit@b"]
        let cluster = ClusterPart(
            at: noon, name: "prod", version: "4.1.0", user: "monitor", overview: overview, nodes: [node],
            gaps: [.otherConnections])
        var connection = ConnectionRow(name: "10.0.0.1:5 -> 10.0.0.2:5672")
        connection.clientName = "orders"
        connection.channels = 2
        connection.receiveRate = 1_024.2
        connection.connectedAt = noon.addingTimeInterval(-60)
        var channel = ChannelRow(id: ChannelID(connection: connection.name, number: 3))
        channel.unacked = 7
        channel.confirm = true
        channel.idleSince = noon.addingTimeInterval(-3)
        var consumer = ConsumerRow(
            id: ConsumerID(queue: EntityID(vhost: "/", name: "orders"), channel: channel.id, tag: "ctag", ordinal: 1))
        consumer.prefetch = 20
        consumer.active = false
        let streamConsumer = ConsumerRow(
            id: ConsumerID(
                queue: EntityID(vhost: "/", name: "log"), channel: nil, tag: "s", connection: connection.name))
        var exchange = ExchangeRow(id: EntityID(vhost: "/", name: ""))
        exchange.type = "direct"
        exchange.publishInRate = 0.2
        var client = ClientRow(
            id: ClientRowID(connection: 4, channel: 1, epoch: .max, isAttached: false), connection: connection.name,
            state: "open")
        client.unconfirmed = 3
        let source = SourceStatus(
            name: .prometheus, node: "rabbit@a", state: .stale, lastSuccess: noon.addingTimeInterval(-4),
            problem: "connection refused", interval: 2)
        let configuration = ConfigurationPart(
            at: noon,
            items: [ConfigurationItem(.policy, vhost: "/", name: "ttl", value: "^tmp {\"message-ttl\":1000}")])

        recorder.take(.cluster(cluster), at: noon)
        recorder.take(.connections(ListPart(at: noon, rows: [connection], isWhole: true)), at: noon)
        recorder.take(.channels(ListPart(at: noon, rows: [channel], total: 40)), at: noon)
        recorder.take(.consumers(ListPart(at: noon, rows: [consumer, streamConsumer])), at: noon)
        recorder.take(.exchanges(ListPart(at: noon, rows: [exchange], undecodable: 2)), at: noon)
        recorder.take(.client(ListPart(at: noon, rows: [client])), at: noon)
        recorder.take(.sources([source]), at: noon)
        recorder.take(.configuration(configuration), at: noon)
        recorder.flush()

        let moment = try #require(try recorder.reader.moment(at: noon.addingTimeInterval(1)))
        #expect(moment.cluster == cluster)
        #expect(moment.connections == ListPart(at: noon, rows: [connection], isWhole: true))
        #expect(moment.channels == ListPart(at: noon, rows: [channel], total: 40))
        #expect(Set(moment.consumers?.rows.map(\.id) ?? []) == [consumer.id, streamConsumer.id])
        #expect(moment.consumers?.rows.contains(consumer) == true)
        #expect(moment.exchanges == ListPart(at: noon, rows: [exchange], undecodable: 2))
        #expect(moment.client?.rows == [client])
        #expect(moment.sources == [source])
        #expect(moment.configuration == configuration)
        #expect(moment.queues == nil)
    }

    @Test func aQueueKeepsItsFiguresDetailsAndSources() throws {
        let recorder = try Recorder.temporary()
        let id = EntityID(vhost: "/", name: Name(bytes: [0x66, 0xff, 0x67]))
        var details = QueueDetails()
        details.type = "quorum"
        details.node = "rabbit@a"
        details.publishRate = 33.4
        details.memory = 9_000
        details.idleSince = noon.addingTimeInterval(-30)
        details.singleActiveConsumer = true
        let depth = QueueDepth(id: id, messages: 12, ready: 5, unacked: 7, consumers: 1)
        recorder.take(
            .queueDepths(QueueDepthsPart(at: noon, source: .prometheus, node: "rabbit@a", depths: [depth])), at: noon)
        recorder.take(.queuesRich(QueuesRichPart(at: noon, queues: [(depth, details)])), at: noon)
        recorder.flush()
        let row = try #require(try recorder.reader.moment(at: noon)?.queues?.rows.first)
        #expect(row.id == id)
        #expect(row.details == details)
        #expect(row.ready == Measured(5, at: noon, source: .prometheus))
        #expect(row.messages == 12)
        #expect(row.consumers?.value == 1)
    }

    @Test func ratesThatNobodyAsksForAnyMoreBecomeUnknown() throws {
        let recorder = try Recorder.temporary()
        var details = QueueDetails()
        details.type = "classic"
        details.publishRate = 5
        let depth = QueueDepth(id: EntityID(vhost: "/", name: "a"), ready: 1, unacked: 0)
        recorder.take(.queuesRich(QueuesRichPart(at: noon, queues: [(depth, details)])), at: noon)
        for second in stride(from: 0.0, through: 120, by: 5) { recorder.take(["a": 1], at: second) }
        recorder.flush()
        let reader = recorder.reader
        #expect(try reader.moment(at: noon.addingTimeInterval(20))?.queues?.rows.first?.details?.publishRate == 5)
        let later = try reader.moment(at: noon.addingTimeInterval(120))?.queues?.rows.first?.details
        #expect(later?.publishRate == nil)
        #expect(later?.type == "classic")
    }

    @Test func whatAWholeListLacksIsGoneAndWhatAPageLacksIsNot() throws {
        let recorder = try Recorder.temporary()
        let rows = ["a", "b"].map { ConnectionRow(name: Name($0)) }
        func names(at seconds: Double) throws -> [String]? {
            let moment = try recorder.reader.moment(at: noon.addingTimeInterval(seconds))
            return moment?.connections?.rows.map(\.name.text).sorted()
        }
        recorder.take(.connections(ListPart(at: noon, rows: rows, isWhole: true)), at: noon)
        let page = noon.addingTimeInterval(5)
        recorder.take(.connections(ListPart(at: page, rows: [rows[0]], total: 2)), at: page)
        let whole = noon.addingTimeInterval(10)
        recorder.take(.connections(ListPart(at: whole, rows: [rows[1]], isWhole: true)), at: whole)
        recorder.flush()
        #expect(try names(at: 4) == ["a", "b"])
        #expect(try names(at: 5) == ["a", "b"])
        #expect(try names(at: 9.999) == ["a", "b"])
        #expect(try names(at: 10) == ["b"])
    }

    @Test func aConnectionThatEndedIsGoneBeforeTheNextList() throws {
        let recorder = try Recorder.temporary()
        let connections = ["a", "b"].map { ConnectionRow(name: Name($0)) }
        let channels = ["a", "b"].map { ChannelRow(id: ChannelID(connection: Name($0), number: 1)) }
        let consumers = channels.map {
            ConsumerRow(
                id: ConsumerID(
                    queue: EntityID(vhost: "/", name: "q"), channel: $0.id, tag: "t", connection: $0.id.connection))
        }
        func list(at seconds: Double) {
            let at = noon.addingTimeInterval(seconds)
            recorder.take(.connections(ListPart(at: at, rows: connections, isWhole: true)), at: at)
            recorder.take(.channels(ListPart(at: at, rows: channels, isWhole: true)), at: at)
            recorder.take(.consumers(ListPart(at: at, rows: consumers, isWhole: true)), at: at)
        }
        func entry(_ kind: LedgerEntry.Kind, at seconds: Double) {
            let at = noon.addingTimeInterval(seconds)
            recorder.take(
                entries: [
                    LedgerEntry(
                        at: at, kind: kind, scope: .connection, connection: "a", text: "", source: .eventExchange)
                ], at: at)
        }
        list(at: 0)
        entry(.closed, at: 3)
        // The broker's lists lag behind.
        list(at: 5)
        entry(.opened, at: 8)
        list(at: 10)
        recorder.flush()
        for (seconds, names) in [(2.0, ["a", "b"]), (4, ["b"]), (6, ["b"]), (9, ["b"]), (11, ["a", "b"])] {
            let moment = try #require(try recorder.reader.moment(at: noon.addingTimeInterval(seconds)))
            #expect(moment.connections?.rows.map(\.name.text).sorted() == names, "\(seconds)")
            #expect(moment.connections?.total == names.count)
            #expect(moment.channels?.rows.map(\.id.connection.text).sorted() == names)
            #expect(moment.consumers?.rows.compactMap(\.id.connection?.text).sorted() == names)
        }
    }

    @Test func namesKeepTheirBytesEverywhere() throws {
        let recorder = try Recorder.temporary()
        let name = Name(bytes: [0x71, 0xff, 0x31])
        var connection = ConnectionRow(name: name)
        connection.user = name
        connection.vhost = name
        connection.clientName = name
        recorder.take(.connections(ListPart(at: noon, rows: [connection], isWhole: true)), at: noon)
        var details = QueueDetails()
        details.policy = name
        details.members = [name, "rabbit@a"]
        let depth = QueueDepth(id: EntityID(vhost: name, name: name), ready: 1, unacked: 0)
        recorder.take(.queuesRich(QueuesRichPart(at: noon, queues: [(depth, details)])), at: noon)
        let finding = Finding(
            .growingQueue, .warning, what: "grows", where: "queue", since: noon, advice: "consume",
            subjects: [.queue(.init(vhost: name, name: name)), .application(name)])
        recorder.take(findings: [finding], at: noon)
        recorder.flush()
        let moment = try #require(try recorder.reader.moment(at: noon))
        #expect(moment.connections?.rows == [connection])
        #expect(moment.queues?.rows.first?.id == EntityID(vhost: name, name: name))
        #expect(moment.queues?.rows.first?.details == details)
        #expect(moment.findings == [finding])
    }

    @Test func anObjectThatNoPageHasForLongIsUnknown() throws {
        let recorder = try Recorder.temporary()
        let rows = ["a", "b"].map { ChannelRow(id: ChannelID(connection: Name($0), number: 1)) }
        recorder.take(.channels(ListPart(at: noon, rows: rows)), at: noon)
        for second in stride(from: 5.0, through: 120, by: 5) {
            let at = noon.addingTimeInterval(second)
            recorder.take(.channels(ListPart(at: at, rows: [rows[0]], total: 2)), at: at)
        }
        recorder.flush()
        #expect(try recorder.reader.moment(at: noon.addingTimeInterval(120))?.channels?.rows == [rows[0]])
        #expect(try recorder.reader.moment(at: noon.addingTimeInterval(10))?.channels?.rows.count == 2)
    }

    @Test func nothingIsKnownWhileAListIsNotPolled() throws {
        let recorder = try Recorder.temporary()
        for second in stride(from: 0.0, through: 60, by: 5) { recorder.take(["a": 3], at: second) }
        recorder.take(["a": 3], at: 300)
        recorder.flush()
        let reader = recorder.reader
        #expect(try reader.depths(at: 70) == ["a": 3])
        #expect(try reader.depths(at: 90) == nil)
        #expect(try reader.depths(at: 299) == nil)
        #expect(try reader.depths(at: 301) == ["a": 3])
        #expect(try reader.moment(at: noon.addingTimeInterval(-1)) == nil)
    }

    /// Random changes over several blocks: at random times the recording says what was true.
    @Test(arguments: [1, 2, 3]) func aRecordingSaysWhatWasTrue(seed: Int) throws {
        var random = SeededRandom(seed: seed)
        let folder = try TestFolder()
        let recorder = try Recorder.file(folder.file("r.sqlite"))
        var depths: [String: Int] = [:]
        var truth: [(Double, [String: Int])] = []
        for step in 0..<260 {
            for _ in 0..<4 {
                let name = "q\(Int.random(in: 0..<30, using: &random))"
                let isGone = Int.random(in: 0..<8, using: &random) == 0
                depths[name] = isGone ? nil : Int.random(in: 0..<1_000, using: &random)
            }
            let second = Double(step) * 5
            recorder.take(depths, at: second)
            truth.append((second, depths))
            if step % 2 == 0 { recorder.flush() }
        }
        recorder.flush()
        let reader = recorder.reader
        #expect(try reader.count("block") > 3)
        for _ in 0..<60 {
            let (second, expected) = truth[Int.random(in: 0..<truth.count, using: &random)]
            let later = Double.random(in: 0..<4.9, using: &random)
            #expect(try reader.depths(at: second + later) == expected)
        }
    }

    @Test func fieldsThatCameLaterAreUnknownInOlderRecordings() {
        let old = #"{"details":{"type":"classic"},"readySource":"amqp"}"#
        let rest = StoredAttributes.decode(old, onto: QueueRest(details: QueueDetails()))
        #expect(rest?.details?.type == "classic")
        #expect(rest?.details?.singleActiveConsumer == false)
        #expect(rest?.readySource == .amqp)
        let node = StoredAttributes.decode(#"{"version":"3.8.0","unheardOf":1}"#, onto: NodeRow.emptyRest)
        #expect(node?.version == "3.8.0")
        #expect(StoredAttributes.decode("nonsense", onto: NodeRow.emptyRest) == nil)
    }
}
