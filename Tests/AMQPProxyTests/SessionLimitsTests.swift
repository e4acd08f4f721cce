import AMQPWire
import NIOCore
import Names
import Testing

@testable import AMQPProxy

/// What a client says before and after its login is kept up to a limit.
@Suite struct SessionLimitsTests {
    private static func login(name: Int) -> ByteBuffer {
        .frame(
            0,
            .connectionStartOk(
                ConnectionStartOk(
                    clientProperties: ["connection_name": .string(String(repeating: "n", count: name))],
                    mechanism: "PLAIN", response: [0] + Array("guest".utf8) + [0] + Array("guest".utf8))))
    }

    @Test func aLongNameIsCutWithAMark() {
        let session = Session()
        session.receive(Session.header, from: .client)
        session.receive(Self.login(name: 10_000), from: .client)
        #expect(session.machine.identity.clientName?.count ?? 0 < 600)
        #expect(session.machine.identity.clientName?.text.hasSuffix("bytes more)") == true)
        #expect(session.takeToBroker() == Session.header + Self.login(name: 10_000))
    }

    /// The broker refuses such a frame; the proxy neither keeps nor reads it.
    @Test func aFrameThatIsTooLargeBeforeTheLoginPassesUnread() {
        let session = Session()
        session.receive(Session.header, from: .client)
        var login = Self.login(name: 250_000)
        let whole = login
        var kept = 0
        while let bytes = login.readSlice(length: min(4_096, login.readableBytes)), bytes.readableBytes > 0 {
            session.receive(bytes, from: .client)
            kept = max(kept, whole.readableBytes - login.readableBytes + 8 - session.toBroker.readableBytes)
        }
        #expect(kept < 20_000)
        #expect(session.machine.identity.clientName == nil)
        #expect(session.takeToBroker() == Session.header + whole)
        #expect(session.machine.state == .opening)
    }

    @Test func onceTheLoginIsAnsweredLargerFramesAreRead() throws {
        let session = Session()
        session.openChannel()
        let table = FieldTable([.init(key: "x", value: .string(String(repeating: "a", count: 100_000)))])
        session.receive(
            .frame(1, .basicConsume(BasicConsume(queue: "q", consumerTag: "t", arguments: table))), from: .client)
        #expect(session.machine.channelReports.first?.consumers == ["t": "q"])
    }

    @Test func channelsAndConsumersAreFollowedUpToALimit() throws {
        let early = Session()
        early.receive(Session.header, from: .client)
        for number: UInt16 in 1...2_000 { early.receive(.frame(number, .channelOpen), from: .client) }
        #expect(early.machine.channels.count == 64)

        let session = Session()
        session.openChannel()
        for number: UInt16 in 2...200 { session.receive(.frame(number, .channelOpen), from: .client) }
        #expect(session.machine.channels.count == 100, "the channel_max that was agreed on")
        for number in 0..<5_000 {
            session.receive(
                .frame(1, .basicConsume(BasicConsume(queue: "q", consumerTag: "t\(number)"))), from: .client)
        }
        #expect(session.machine.channelReports.first?.consumers.count == 1_000)
    }

    @Test func whoMeetsTheProxyAloneSendsNoLargeFrameEither() {
        var offlineResponder = OfflineResponder(text: "away")
        #expect(offlineResponder.received(Session.header)?.ends == false)
        #expect(offlineResponder.received(Self.login(name: 250_000))?.ends == true)
    }
}
