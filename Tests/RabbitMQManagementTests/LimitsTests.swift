import Foundation
import NIOCore
import Testing

@testable import RabbitMQManagement

/// An answer takes no more memory than a limit, however small it was on its way.
@Suite(.timeLimit(.minutes(2))) struct LimitsTests {
    private static func bomb() throws -> [UInt8] {
        let url = try #require(
            Bundle.module.url(forResource: "sixty-megabytes.json", withExtension: "gz", subdirectory: "Samples"))
        return Array(try Data(contentsOf: url))
    }

    @Test func anAnswerIsMeasuredUnpacked() async throws {
        let bomb = try Self.bomb()
        #expect(bomb.count < 70_000)
        try await TestServer.answering { _ in
            .content(bomb, type: "application/json", headers: [("content-encoding", "gzip")])
        } _: { client, _ in
            let error = await #expect(throws: ManagementError.self) { try await client.nodes() }
            #expect(error?.code == .tooLarge(limit: BufferSink.longest))
        }
    }

    @Test func aSmallerLimitOfTheConfigurationCounts() async throws {
        let bomb = try Self.bomb()
        try await TestServer.answering { _ in
            .content(bomb, type: "application/json", headers: [("content-encoding", "gzip")])
        } configure: {
            $0.maximumAnswerSize = 1 << 20
        } _: { client, _ in
            let error = await #expect(throws: ManagementError.self) { try await client.nodes() }
            #expect(error?.code == .tooLarge(limit: 1 << 20))
        }
    }

    /// Small on its way, and in its bytes, but not in its values.
    @Test(arguments: ["[],", "{},", "1,", #""","#, #"{"":0},"#, "[[[[]]]],"])
    func valuesAreCountedAndNotBytesAlone(element: String) {
        let text = "[" + String(repeating: element, count: 100_000) + "0]"
        #expect(throws: JSONParser.Failure.tooLarge) {
            try JSONParser.parse(ByteBuffer(string: text), room: 1 << 20)
        }
        #expect(throws: Never.self) { try JSONParser.parse(ByteBuffer(string: text)) }
    }

    @Test func aLargeAnswerOfABrokerIsTaken() throws {
        let queue =
            #"{"name":"orders.00001","vhost":"/","durable":true,"arguments":{"x-queue-type":"quorum"},"#
            + #""messages":12,"messages_ready":7,"messages_unacknowledged":5,"consumers":2,"node":"rabbit@a","#
            + #""message_stats":{"publish":100,"publish_details":{"rate":1.5},"ack":99,"ack_details":{"rate":0.5}}},"#
        let text = "[" + String(repeating: queue, count: 30_000) + "{}]"
        #expect(text.utf8.count > 8_000_000)
        #expect(try JSONParser.parse(ByteBuffer(string: text)).elements?.count == 30_001)
    }

    @Test func queuesAreKeptUpToALimit() async throws {
        let lines = (0..<11).map { "rabbitmq_detailed_queue_messages{vhost=\"/\",queue=\"q\($0)\"} \($0)\n" }
        var parser = QueueGaugeParser(mostRows: 10)
        parser.take(ByteBuffer(string: lines.prefix(10).joined()))
        parser.take(ByteBuffer(string: lines[3]))
        #expect(parser.excess == nil)
        parser.take(ByteBuffer(string: lines[10]))
        #expect(parser.excess == TooManyRows(limit: 10))
        #expect(parser.finish().rows.count == 10)
        try await TestServer.answering { _ in
            .content(Array(lines.joined().utf8), type: "text/plain")
        } _: { client, server in
            let path = RequestPath("metrics", "detailed")
            let error = await #expect(throws: ManagementError.self) {
                try await client.metrics(at: server.address, path, QueueGaugeParser(mostRows: 10)) { $0.finish() }
            }
            #expect(error?.code == .tooManyRows(limit: 10))
            #expect(error?.whatHappened.hasSuffix("lists more than 10 queues.") == true)
            let gauges = try await client.metrics(at: server.address, path, QueueGaugeParser(mostRows: 11)) {
                $0.finish()
            }
            #expect(gauges.rows.count == 11)
        }
    }
}
