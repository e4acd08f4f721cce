import Foundation
import RabbitMQClient
import Testing

@testable import ClientInspector

@Suite("A report in numbers") struct ReportMetricsTests {
    private let report: ClientReport

    init() throws {
        let consumer: [String: Any] = ["tag": "c\"1", "queue": "orders", "noAck": false, "buffered": 5]
        report = try SampleReport.make(
            [
                SampleReport.Link(
                    id: 1, state: "blocked",
                    channels: [
                        SampleReport.channel(
                            1, id: 4, ["published": 7, "confirmed": 6, "unconfirmed": 1, "consumers": [consumer]]),
                        SampleReport.channel(
                            1, id: 2,
                            [
                                "state": "closed", "closedAt": 1800.0, "published": 100,
                                "lastError": SampleReport.error(404, "no queue 'a'\nin vhost '/'", at: 1800),
                            ]),
                        SampleReport.channel(
                            1, id: 3,
                            [
                                "state": "closed", "closedAt": 1850.0,
                                "lastError": SampleReport.error(404, "no queue 'b'", at: 1850),
                            ]),
                    ]),
                SampleReport.Link(
                    id: 2, clientName: nil, state: "closed", closedAt: 1900,
                    error: (code: 320, text: "bye", initiator: "peer")),
            ], pools: [["id": 9, "connectionID": 1, "name": "publishers", "size": 8, "inUse": 3, "discarded": 2]])
    }

    private var lines: [String] {
        ReportMetrics(report, isWell: true).text.split(separator: "\n").map(String.init)
    }

    @Test("Each living connection, channel and consumer has its series")
    func series() {
        let labels = #"connection="orders",id="1",vhost="/""#
        for line in [
            "rabbitmq_client_healthy 1",
            #"rabbitmq_client_connections{state="open"} 0"#,
            #"rabbitmq_client_connections{state="blocked"} 1"#,
            #"rabbitmq_client_connections{state="closed"} 1"#,
            "rabbitmq_client_connection_up{\(labels)} 1",
            "rabbitmq_client_connection_blocked{\(labels)} 1",
            "rabbitmq_client_connection_channels{\(labels)} 1",
            "rabbitmq_client_connection_received_bytes_total{\(labels)} 10",
            "rabbitmq_client_connection_sent_frames_total{\(labels)} 4",
            #"rabbitmq_client_channel_published_total{\#(labels),channel="1"} 7"#,
            #"rabbitmq_client_channel_unconfirmed_messages{\#(labels),channel="1"} 1"#,
            #"rabbitmq_client_consumer_buffered_messages{\#(labels),channel="1",consumer="c\"1",queue="orders"} 5"#,
            #"rabbitmq_client_pool_in_use_channels{\#(labels),pool="publishers",pool_id="9"} 3"#,
            #"rabbitmq_client_pool_discarded_channels_total{\#(labels),pool="publishers",pool_id="9"} 2"#,
        ] {
            #expect(lines.contains(line), "\(line)")
        }
    }

    @Test("The latest error of a channel's number and of a connection is there, escaped, once")
    func errors() {
        let infos = lines.filter { $0.hasPrefix("rabbitmq_client_last_error_info{") }
        #expect(infos.count == 2)
        #expect(infos.contains { $0.contains(#"channel="1",code="404""#) && $0.contains(#"text="no queue 'b'""#) })
        #expect(
            infos.contains {
                $0.contains(#"connection="127.0.0.1:50640 -> 127.0.0.1:5672",id="2""#)
                    && $0.contains(#"channel="",code="320",name="CONNECTION_FORCED",initiator="peer""#)
            })
        #expect(
            lines.contains(
                #"rabbitmq_client_last_error_timestamp_seconds{connection="orders",id="1",vhost="/",channel="1"} 1850"#)
        )
    }

    /// What Prometheus itself refuses: a series that is there twice, a metric whose samples are apart, a missing type.
    @Test("Every line is a comment or a sample, every metric has one type, and no series is there twice")
    func grammar() throws {
        let sample = #/^[a-z_]+(\{([a-z_]+="([^"\\\n]|\\\\|\\"|\\n)*",?)+\})? (-?[0-9.e+]+|NaN|[+-]Inf)$/#
        var types: [String] = []
        var seen: Set<String> = []
        for line in lines {
            if line.hasPrefix("# TYPE ") {
                types.append(String(line.split(separator: " ")[2]))
            } else if !line.hasPrefix("# HELP ") {
                #expect(line.wholeMatch(of: sample) != nil, "\(line)")
                let name = try #require(line.split { "{ ".contains($0) }.first.map(String.init))
                #expect(types.last == name, "\(line) stands under its type")
                let series = line.split(separator: " ").dropLast().joined(separator: " ")
                #expect(seen.insert(series).inserted, "\(series) is there once")
                let isTotal = name.hasSuffix("_total")
                #expect(isTotal == lines.contains("# TYPE \(name) counter"), "\(name)")
            }
        }
        #expect(Set(types).count == types.count)
        #expect(types.allSatisfy { $0.hasPrefix("rabbitmq_client_") })
    }
}
