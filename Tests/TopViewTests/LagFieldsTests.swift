import Foundation
import Names
import Screen
import Testing

@testable import TopCore
@testable import TopView

@Suite("Who is behind, and how old messages are, in the details")
struct LagFieldsTests {
    private static let size = Size(width: 120, height: 40)

    private static func fields(_ row: some TableRow, in state: State) -> [String] {
        let canvas = Canvas(
            size: size, theme: .mono, repertoire: .unicode, zone: .utc, now: state.now)
        return LagFields(row, state: state, canvas: canvas).fields.map { "\($0.label): \($0.value)" }
    }

    private static func queue(
        _ type: String, ready: Int? = 5, consumers: Int? = 0, _ change: (inout QueueDetails) -> Void = { _ in }
    ) -> QueueRow {
        var row = QueueRow(id: Sample.orders)
        row.ready = ready.map { Measured($0, at: Sample.now, source: .prometheus) }
        row.consumers = consumers.map { Measured($0, at: Sample.now, source: .prometheus) }
        var details = QueueDetails()
        details.type = type
        change(&details)
        row.details = details
        return row
    }

    @Test("The age of the oldest message is told without consumers, and that it has no timestamp")
    func age() {
        let state = Sample.state(.queues, size: Self.size)
        let told = Self.fields(Self.queue("classic") { $0.headMessageAt = Sample.ago(125) }, in: state)
        #expect(told.count == 1)
        #expect(told.first?.hasPrefix("oldest message: 2026-11-21 08:27:55") == true)
        #expect(told.first?.hasSuffix("2m05s ago by its timestamp") == true)
        #expect(Self.fields(Self.queue("classic"), in: state) == ["oldest message: not known: it has no timestamp"])
        #expect(Self.fields(Self.queue("classic", ready: 0), in: state).isEmpty)
        #expect(Self.fields(Self.queue("classic", ready: nil), in: state).isEmpty)
        #expect(Self.fields(QueueRow(id: Sample.orders), in: state).isEmpty, "nothing is known of it")
    }

    @Test("A member that is behind is told with its node")
    func member() {
        let state = Sample.state(.queues, size: Self.size)
        let row = Self.queue("quorum") {
            $0.memberLags = [MemberLag(node: "mq-b", entries: 3_002, since: Sample.ago(80))]
        }
        #expect(
            Self.fields(row, in: state) == ["member behind: mq-b lacks 3,002 of the log's entries, for 1m20s"])
        #expect(Self.fields(Self.queue("quorum") { $0.memberLags = [] }, in: state).isEmpty)
    }

    @Test("The lag of a stream's consumers is told, or why it is not known")
    func stream() {
        var state = Sample.state(.queues, size: Self.size)
        let known = Self.queue("stream", consumers: 2) {
            $0.consumerLag = ConsumerLag(messages: 2_046, connection: "1:1 -> 2:2", at: Sample.now)
        }
        #expect(Self.fields(known, in: state) == ["consumer lag: 2,046 messages, at 1:1 -> 2:2"])
        let unknown = Self.fields(Self.queue("stream", consumers: 2), in: state)
        #expect(unknown.count == 1)
        #expect(unknown.first?.hasPrefix("consumer lag: not known") == true)
        #expect(Self.fields(Self.queue("stream", consumers: 0), in: state).isEmpty)
        // A consumer of a stream by AMQP has no lag that the broker tells.
        var part = QueuesRichPart(at: Sample.now, queues: [])
        var details = QueueDetails()
        details.type = "stream"
        part.queues = [(QueueDepth(id: Sample.orders), details)]
        _ = update(&state, .snapshot(.queuesRich(part)), at: Sample.now)
        var consumer = ConsumerRow(
            id: ConsumerID(
                queue: Sample.orders, channel: ChannelID(connection: "1:1 -> 2:2", number: 1), tag: "ctag"))
        #expect(Self.fields(consumer, in: state).first?.hasPrefix("offset lag: not known") == true)
        consumer.offsetLag = 7
        #expect(Self.fields(consumer, in: state).isEmpty)
    }
}
