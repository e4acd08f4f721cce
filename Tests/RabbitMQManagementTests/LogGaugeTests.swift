import NIOCore
import Names
import Testing

@testable import RabbitMQManagement

/// The logs of quorum queues and streams, and unroutable messages, as brokers write them in Prometheus' format.
@Suite struct LogGaugeTests {
    private func parsed<Parser: MetricParser>(_ parser: Parser, _ text: String, pieces size: Int = 1_000) -> Parser {
        var parser = parser
        var rest = ByteBuffer(string: text)
        while let piece = rest.readSlice(length: min(size, rest.readableBytes)), piece.readableBytes > 0 {
            parser.take(piece)
        }
        return parser
    }

    private func gauges(_ text: String, pieces size: Int = 1_000) -> LogGauges {
        var parser = parsed(LogGaugeParser(), text, pieces: size)
        return parser.finish()
    }

    private static let old = """
        # TYPE rabbitmq_detailed_raft_log_snapshot_index gauge
        rabbitmq_detailed_raft_log_snapshot_index 0
        rabbitmq_detailed_raft_log_snapshot_index{vhost="/",queue="q1"} 0
        rabbitmq_detailed_raft_log_snapshot_index{vhost="/",queue="q2"} 90
        rabbitmq_detailed_raft_log_last_applied_index{vhost="/",queue="q1"} 5003
        rabbitmq_detailed_raft_log_last_applied_index{vhost="/",queue="q2"} 80
        rabbitmq_detailed_raft_log_commit_index{vhost="/",queue="q1"} 8008
        rabbitmq_detailed_raft_log_commit_index{vhost="/",queue="q2"} 99
        rabbitmq_detailed_raft_log_last_written_index{vhost="/",queue="q1"} 5006
        rabbitmq_detailed_raft_log_last_written_index{vhost="/",queue="q2"} 70
        rabbitmq_detailed_raft_entry_commit_latency_seconds{vhost="/",queue="q1"} 0.011
        rabbitmq_build_info{rabbitmq_version="3.10.8"} 1

        """

    @Test func membersOfOldAndNewBrokersAreRead() {
        let result = gauges(Self.old)
        #expect(
            result.members == [
                LogMemberGauge(
                    vhost: "/", queue: "q1", commitIndex: 8_008, writtenIndex: 5_006, appliedIndex: 5_003,
                    snapshotIndex: 0),
                LogMemberGauge(
                    vhost: "/", queue: "q2", commitIndex: 99, writtenIndex: 70, appliedIndex: 80, snapshotIndex: 90),
            ])
        // A snapshot stands for all entries before it.
        #expect(result.members.map(\.position) == [5_006, 90])
        #expect(result.undecodable == 0)
        for size in [1, 7, 64] { #expect(gauges(Self.old, pieces: size) == result) }
        let new = """
            # TYPE rabbitmq_detailed_raft_commit_index gauge
            rabbitmq_detailed_raft_commit_index{module="rabbit_khepri",ra_system="coordination"} 110.0
            rabbitmq_detailed_raft_commit_index{queue="q1",vhost="/"} 2004.0
            rabbitmq_detailed_raft_last_written_index{queue="q1",vhost="/"} 2003.0
            rabbitmq_detailed_raft_last_applied{queue="q1",vhost="/"} 2002.0
            rabbitmq_detailed_raft_snapshot_index{queue="q1",vhost="/"} -1.0
            rabbitmq_detailed_raft_last_index{queue="q1",vhost="/"} 2004.0

            """
        #expect(
            gauges(new).members == [
                LogMemberGauge(
                    vhost: "/", queue: "q1", commitIndex: 2_004, writtenIndex: 2_003, appliedIndex: 2_002,
                    snapshotIndex: -1)
            ])
    }

    @Test func theLagOfStreamsIsRead() {
        let text = """
            # HELP rabbitmq_detailed_stream_consumer_max_offset_lag Highest consumer offset lag
            rabbitmq_detailed_stream_consumer_max_offset_lag{vhost="/",queue="s\\"1"} 2153
            rabbitmq_detailed_stream_consumer_max_offset_lag{vhost="/",queue="s2"} NaN

            """
        #expect(gauges(text).streamLags == [StreamLagGauge(vhost: "/", queue: "s\"1", messages: 2_153)])
    }

    @Test func thereAreBoundsAndForeignTextIsNoAnswer() {
        var parser = parsed(LogGaugeParser(mostRows: 1), Self.old)
        #expect(parser.finish().members.map(\.queue) == ["q1"])
        #expect(parsed(LogGaugeParser(), "<html>\n<body>\n").isForeign)
        #expect(gauges("rabbitmq_detailed_raft_log_commit_index{vhost=\"/\",queue=} 5\n").undecodable == 1)
    }

    @Test func unroutableMessagesAreAddedUpByExchange() {
        let text = """
            rabbitmq_detailed_channel_messages_published_total{channel="<0.1.0>",vhost="/",exchange="x"} 900
            rabbitmq_detailed_channel_messages_unroutable_returned_total{channel="<0.1.0>",vhost="/",exchange="x"} 5
            rabbitmq_detailed_channel_messages_unroutable_returned_total{channel="<0.2.0>",vhost="/",exchange="y"} 0
            rabbitmq_detailed_channel_messages_unroutable_dropped_total{channel="<0.1.0>",vhost="/",exchange="x"} 195
            rabbitmq_detailed_channel_messages_unroutable_dropped_total{channel="<0.2.0>",vhost="/",exchange="x"} 1
            rabbitmq_detailed_channel_messages_unroutable_dropped_total{channel="<0.2.0>",vhost="/",exchange=""} 9

            """
        var parser = parsed(UnroutableGaugeParser(), text)
        #expect(
            Set(parser.finish()) == [
                UnroutableGauge(vhost: "/", exchange: "x", messages: 201),
                UnroutableGauge(vhost: "/", exchange: "", messages: 9),
            ])
    }

    @Test func consumersOfStreamsTellTheirLag() throws {
        let json = """
            [{"connection_details":{"name":"127.0.0.1:35514 -> 127.0.0.1:31013","node":"a"},"consumed":290,"credits":0,
            "offset":266,"offset_lag":2046,"properties":{},"queue":{"name":"s1","vhost":"/"},"subscription_id":0},{}]
            """
        let rows = try #require(JSONValue(parsing: json)?.elements).compactMap(StreamConsumerInfo.init(json:))
        let row = try rows.only()
        #expect(row.queue == NameReference(vhost: "/", name: "s1"))
        #expect(row.connection == "127.0.0.1:35514 -> 127.0.0.1:31013")
        #expect(row.subscription == 0)
        #expect(row.offsetLag == 2_046)
        #expect(row.isActive == nil)
    }
}
