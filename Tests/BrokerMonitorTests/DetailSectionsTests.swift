import RabbitMQManagement
import Testing
import TopCore

@testable import BrokerMonitor

@Suite("Details in units that people read")
struct DetailSectionsTests {
    private func fields(_ sections: [DetailSection]) -> [String: String] {
        Dictionary(sections.flatMap(\.fields).map { ($0.label, $0.value) }) { first, _ in first }
    }

    @Test("A queue's memory and bytes, its arguments and its rates")
    func queue() throws {
        let json = try #require(
            JSONValue(
                parsing: #"""
                    {"name":"orders","vhost":"/","messages":1043211,"messages_ready":1043000,"memory":11171424,
                     "message_bytes":52160550,"consumer_capacity":0.953,"consumers":12,
                     "arguments":{"x-message-ttl":60000,"x-max-length-bytes":1048576,"x-max-priority":10},
                     "effective_policy_definition":{"expires":500,"max-length":5000},
                     "message_stats":{"publish":123456,"publish_details":{"rate":12.5}}}
                    """#))
        let fields = fields(DetailSections.queue(try #require(QueueDetail(json: json)), bindings: []))
        #expect(fields["process memory"] == "10.7 MiB")
        #expect(fields["bytes"] == "49.7 MiB")
        #expect(fields["total"] == "1,043,211")
        #expect(fields["consumer capacity"] == "95.3 %")
        #expect(fields["x-message-ttl"] == "60000 ms (1m00s)")
        #expect(fields["x-max-length-bytes"] == "1048576 (1 MiB)")
        #expect(fields["x-max-priority"] == "10")
        #expect(fields["expires"] == "500 ms")
        #expect(fields["max-length"] == "5000")
        #expect(fields["published"] == "12.5/s, 123,456 in all")
    }

    @Test("A node's memory and disk, a connection's traffic")
    func others() throws {
        let node = try #require(
            JSONValue(
                parsing: #"""
                    {"name":"rabbit@a","running":true,"mem_used":130023424,"mem_limit":3435973836,
                     "disk_free":52400000000,"disk_free_limit":50000000,"proc_used":412,
                     "gc_bytes_reclaimed":1,"gc_bytes_reclaimed_details":{"rate":1536}}
                    """#))
        let nodeRow: NodeInfo? = .init(json: node)
        var fields = fields(DetailSections.node(try #require(nodeRow)))
        #expect(fields["memory"] == "124 MiB")
        #expect(fields["memory limit"] == "3.2 GiB")
        #expect(fields["disk free"] == "48.8 GiB")
        #expect(fields["GC bytes per second"] == "1.5 KiB")
        let connection = try #require(
            JSONValue(
                parsing: #"""
                    {"name":"a -> b","recv_oct":1234567,"recv_oct_details":{"rate":2048},"send_oct":10,
                     "frame_max":131072,"channel_max":2047,"timeout":60}
                    """#))
        let connectionRow: ConnectionInfo? = .init(json: connection)
        fields = self.fields(DetailSections.connection(try #require(connectionRow)))
        #expect(fields["received"] == "1.2 MiB")
        #expect(fields["received per second"] == "2 KiB")
        #expect(fields["sent"] == "10 B")
        #expect(fields["frame max"] == "128 KiB")
        #expect(fields["channel max"] == "2,047")
    }
}
