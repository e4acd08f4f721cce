import Foundation
import Names
import RabbitMQManagement
import Testing
import TopCore

@testable import BrokerMonitor

/// Who is behind: members of quorum queues, consumers of streams; and which exchanges lose messages.
@Suite struct LagTests {
    private static let start = Date(timeIntervalSince1970: 1_764_000_000)
    private static let queue = EntityID(vhost: "/", name: "q")

    private static func at(_ seconds: Double) -> Date { start.addingTimeInterval(seconds) }

    private static func member(_ commit: Int64, _ position: Int64, _ name: Name = "q") -> [LogMemberGauge] {
        [LogMemberGauge(vhost: "/", queue: name, commitIndex: commit, writtenIndex: position)]
    }

    /// Three nodes that report one after the other every 15 s, of which one has another position.
    private static func lags(
        until end: Double, commit: (Double) -> Int64, position: (Double) -> Int64
    ) -> MemberLags {
        var lags = MemberLags()
        for round in 0...Int(end / 15) {
            for (place, node) in (["a", "b", "c"] as [Name]).enumerated() {
                let seconds = Double(round) * 15 + Double(place) * 5
                let own = node == "c" ? position(seconds) : commit(seconds)
                lags.take(member(min(commit(seconds), max(own, 0)), own), of: node, at: at(seconds))
            }
        }
        return lags
    }

    @Test func aBusyQueueWhoseNodesReportAtDifferentTimesIsNotBehind() {
        // In 5 s the log grows by 50,000 entries.
        let lags = Self.lags(until: 150, commit: { Int64($0 * 10_000) }, position: { Int64($0 * 10_000) })
        #expect(lags.lags(of: Self.queue, at: Self.at(160)) == [])
        #expect(lags.queues.isEmpty)
    }

    @Test func aMemberThatStandsStillIsBehindAndNotBeforeTwoReports() throws {
        func lags(until end: Double) -> MemberLags {
            Self.lags(until: end, commit: { Int64($0 * 100) }, position: { Int64(min($0, 30) * 100) })
        }
        let lag = try #require(lags(until: 120).lags(of: Self.queue, at: Self.at(130))?.first)
        #expect(lag.node == "c")
        #expect(lag.entries == 9_500)
        // It stood still at 30 s; the nodes are compared every 15 s.
        #expect(lag.since >= Self.at(30) && lag.since <= Self.at(60))
        #expect(lags(until: 120).queues == [Self.queue])
        #expect(lags(until: 45).lags(of: Self.queue, at: Self.at(56)) == [])
    }

    @Test func aMemberThatIsSlowAndKeepsUpIsNotBehind() {
        // It is 12 s behind, always.
        let lags = Self.lags(until: 200, commit: { Int64($0 * 100) }, position: { Int64(max(0, $0 - 12) * 100) })
        #expect(lags.lags(of: Self.queue, at: Self.at(210)) == [])
    }

    @Test func aMemberThatCatchesUpIsNotBehindAnyMore() {
        let lags = Self.lags(
            until: 180, commit: { Int64($0 * 100) }, position: { $0 < 150 ? 3_000 : Int64($0 * 100) })
        #expect(lags.lags(of: Self.queue, at: Self.at(190)) == [])
    }

    @Test func aQueueThatIsDeclaredAgainBeginsANewLog() {
        var lags = Self.lags(until: 90, commit: { Int64($0 * 100) }, position: { Int64($0 * 100) })
        for round in 0..<4 {
            for (place, node) in (["a", "b", "c"] as [Name]).enumerated() {
                let seconds = 105 + Double(round) * 15 + Double(place) * 5
                lags.take(Self.member(Int64(round), Int64(round)), of: node, at: Self.at(seconds))
                #expect(lags.queues.isEmpty)
            }
        }
        #expect(lags.lags(of: Self.queue, at: Self.at(165)) == [])
    }

    @Test func whatIsReportedByOneNodeOrLongAgoIsNotKnown() {
        var one = MemberLags()
        one.take(Self.member(5, 5), of: "a", at: Self.at(0))
        #expect(one.lags(of: Self.queue, at: Self.at(1)) == nil)
        let three = Self.lags(until: 60, commit: { Int64($0) }, position: { Int64($0) })
        #expect(three.lags(of: Self.queue, at: Self.at(70)) == [])
        #expect(three.lags(of: Self.queue, at: Self.at(200)) == nil)
    }

    @Test func aNodeThatHasNoMemberAnyMoreIsForgotten() {
        var lags = Self.lags(until: 120, commit: { Int64($0 * 100) }, position: { _ in 5 })
        #expect(lags.queues == [Self.queue])
        lags.take([], of: "c", at: Self.at(135))
        #expect(lags.queues.isEmpty)
        var others = Self.lags(until: 120, commit: { Int64($0 * 100) }, position: { _ in 5 })
        others.keep(["a", "b"])
        #expect(others.queues.isEmpty)
    }

    // MARK: Streams

    private static func info(_ subscription: Int, _ lag: Int64) throws -> StreamConsumerInfo {
        let json =
            #"{"connection_details":{"name":"1:1 -> 2:2"},"offset_lag":\#(lag),"#
            + #""queue":{"name":"s","vhost":"/"},"subscription_id":\#(subscription)}"#
        return try #require(JSONValue(parsing: json).flatMap(StreamConsumerInfo.init(json:)))
    }

    @Test func theEndOfAStreamFollowsFromOffsetsAndLags() throws {
        func info(_ offset: Int64, _ lag: Int64) throws -> StreamConsumerInfo {
            var info = try Self.info(0, lag)
            info.offset = offset
            return info
        }
        var row = StreamRow(id: EntityID(vhost: "/", name: "s"))
        row.messages = 500
        row.take([try info(900, 99), try info(989, 10), try info(-1, 3)])
        #expect((row.firstOffset, row.lastOffset) == (500, 999))
        #expect((row.lag, row.lagOffset, row.readerCount) == (99, 900, 3))
        #expect(row.offsetSource?.contains("rabbitmq_stream_management") == true)
        // Neither without consumers, nor from numbers that do not fit each other.
        var alone = StreamRow(id: row.id)
        alone.messages = 500
        alone.take([])
        #expect((alone.firstOffset, alone.lastOffset, alone.readerCount) == (nil, nil, 0))
        #expect(alone.offsetSource == nil)
        alone.take([try info(.max, .max), try info(10, 1)])
        #expect((alone.firstOffset, alone.lastOffset) == (nil, 11))
    }

    private static func consumer(_ tag: Name, _ connection: Name = "1:1 -> 2:2") -> ConsumerID {
        ConsumerID(queue: EntityID(vhost: "/", name: "s"), channel: nil, tag: tag, connection: connection)
    }

    @Test func eachConsumerOfAStreamHasItsLagAndTheStreamTheGreatest() throws {
        var lags = StreamLags()
        lags.take([try Self.info(0, 7), try Self.info(1, 2_046), try Self.info(2, -1)], at: Self.at(0))
        #expect(lags.lag(of: Self.consumer("stream.subid-0"), at: Self.at(9)) == 7)
        #expect(lags.lag(of: Self.consumer("stream.subid-1"), at: Self.at(9)) == 2_046)
        #expect(lags.lag(of: Self.consumer("stream.subid-2"), at: Self.at(9)) == nil, "a negative lag is unknown")
        #expect(lags.lag(of: Self.consumer("ctag1.0"), at: Self.at(9)) == nil)
        #expect(lags.lag(of: Self.consumer("stream.subid-0", "3:3 -> 2:2"), at: Self.at(9)) == nil)
        let stream = EntityID(vhost: "/", name: "s")
        #expect(
            lags.lag(of: stream, at: Self.at(9))
                == ConsumerLag(messages: 2_046, connection: "1:1 -> 2:2", at: Self.at(0)))
        #expect(lags.lag(of: stream, at: Self.at(100)) == nil, "it is old")
    }

    @Test func withoutThePluginTheGreatestLagOfAllNodesIsKnown() {
        var lags = StreamLags()
        lags.take([StreamLagGauge(vhost: "/", queue: "s", messages: 5)], of: "a", at: Self.at(0))
        lags.take([StreamLagGauge(vhost: "/", queue: "s", messages: 9)], of: "b", at: Self.at(1))
        #expect(
            lags.lag(of: EntityID(vhost: "/", name: "s"), at: Self.at(2)) == ConsumerLag(messages: 9, at: Self.at(1)))
        #expect(lags.lag(of: Self.consumer("stream.subid-0"), at: Self.at(2)) == nil)
    }

    @Test func aConsumerOfTheStreamProtocolHasNoChannel() throws {
        let json = """
            {"arguments":{},"ack_required":false,"active":true,"channel_details":{"connection_name":"1:1 -> 2:2",
            "name":"","node":"a","number":0,"peer_host":"1","peer_port":1,"user":"guest"},
            "consumer_tag":"stream.subid-0","exclusive":false,"prefetch_count":0,"queue":{"name":"s","vhost":"/"}}
            """
        let info = try #require(JSONValue(parsing: json).flatMap(ConsumerInfo.init(json:)))
        let id = try #require(ConsumerRow.rows(of: [info]).first?.id)
        #expect(id.channel == nil)
        #expect(id.connection == "1:1 -> 2:2")
        #expect(StreamLags.subscription(id.tag) == 0)
    }

    // MARK: Unroutable messages

    @Test func anExchangeHasTheRateOfAllNodes() {
        var exchanges = UnroutableExchanges()
        func take(_ node: Name, _ counts: [Name: Int64], _ seconds: Double) {
            exchanges.take(
                counts.map { UnroutableGauge(vhost: "/", exchange: $0.key, messages: $0.value) }, of: node,
                at: Self.at(seconds))
        }
        take("a", ["x": 1_000, "old": 70], 0)
        #expect(exchanges.exchanges(at: Self.at(1)).isEmpty, "what was counted before says nothing of now")
        take("a", ["x": 1_020, "old": 70, "new": 5], 10)
        take("b", ["x": 10], 10)
        // A channel that closes takes its count along.
        take("b", ["x": 5, "y": 30], 20)
        let found = exchanges.exchanges(at: Self.at(20))
        #expect(found.map(\.exchange.name) == ["y", "x", "new"])
        #expect(found.map(\.rate) == [3, 2, 0.5])
        #expect(exchanges.exchanges(at: Self.at(100)).isEmpty)
    }
}
