import Foundation
import Names
import RabbitMQManagement
import Testing

@testable import BrokerMonitor

@Suite struct ByteNamesTests {
    private func log(_ text: String) -> BrokerLogParser.Finding {
        let message = LogMessage(at: nil, level: "error", process: nil, text: text)
        return BrokerLogParser(source: .logExchange).read(message, now: Date(timeIntervalSince1970: 0))
    }

    /// An accent behind a mark makes one Character of both.
    @Test func marksAreFoundWhateverFollowsThem() {
        let finding = log(
            "closing AMQP connection <0.1.0> (10.0.0.7:1 -> 10.0.0.1:5672 - \u{301}app, vhost: '\u{301}v', user: 'u\u{301}'):\n"
                + "missed heartbeats from client, timeout: 5s")
        #expect(finding.connection == "10.0.0.7:1 -> 10.0.0.1:5672")
        #expect(Name(finding.clientName) == "\u{301}app")
        #expect(Name(finding.vhost) == "\u{301}v")
        #expect(Name(finding.user) == "u\u{301}")
    }

    @Test func aLineThatEndsInBothIsALine() throws {
        let line = "2026-11-21 00:28:59.079153+00:00 [error] <0.1.0> "
        let entry =
            line + "Channel error on connection <0.1.0> (10.0.0.7:1 -> 10.0.0.1:5672, vhost: '/', user: 'u'), "
            + "channel 1:\r\n" + line
            + "operation queue.declare caused a channel exception not_found: no queue 'q' in vhost '/'\r\n"
        let message = try #require(LogMessage(entry: entry))
        let finding = BrokerLogParser(source: .logExchange).read(message, now: Date(timeIntervalSince1970: 0))
        #expect(finding.entry?.code == 404)
        #expect(finding.entry?.queue == "q")
    }

    @Test func clientsThatLookTheSameAreTwo() {
        var names = ClientNames()
        names.note(connection: "caf\u{E9}", clientName: "one")
        names.note(connection: "cafe\u{301}", clientName: "two")
        #expect(names["caf\u{E9}"]?.clientName == "one")
        #expect(names["cafe\u{301}"]?.clientName == "two")
    }

    @Test func anAddressOfVersionSixStandsInBrackets() throws {
        let json = try #require(
            JSONValue(
                parsing:
                    #"{"name":"[::1]:47234 -> [::1]:5672","peer_host":"::1","peer_port":47234,"host":"::1","port":5672}"#
            ))
        let listed = ConnectionInfo(json: json)
        let row = try #require(listed)
        #expect(row.peer == "[::1]:47234")
        #expect(row.listener == "[::1]:5672")
        #expect(ConnectionLabel.peer(of: row.name.text) == row.peer)
    }
}
