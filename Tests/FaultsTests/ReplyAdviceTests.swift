import Faults
import Foundation
import Testing

@Suite("What to do about a reply code")
struct ReplyAdviceTests {
    @Test("Every code of AMQP 0-9-1 has advice, and no other number has")
    func everyCode() {
        let codes = [
            200, 311, 312, 313, 320, 402, 403, 404, 405, 406, 501, 502, 503, 504, 505, 506, 530, 540, 541,
        ]
        for code in codes { #expect(ReplyAdvice(code: code, text: "") != nil, "\(code)") }
        for code in [0, -1, 201, 321, 407, 507, 599, Int.max] { #expect(ReplyAdvice(code: code, text: "") == nil) }
        #expect(ReplyAdvice(code: nil, text: "closed") == nil)
    }

    @Test(
        "The text says more than the code",
        arguments: [
            (406, "unknown delivery tag 98", ReplyAdvice.unknownDeliveryTag),
            (406, "PRECONDITION_FAILED - inequivalent arg 'durable' for queue 'q' in vhost '/'", .inequivalentArgument),
            (406, "delivery acknowledgement on channel 1 timed out. Timeout value used: 1800000 ms.", .consumerTimeout),
            (406, "message size 268435457 is larger than configured max size 134217728", .messageTooLarge),
            (406, "queue 'q' in vhost '/' in use", .objectInUse),
            (406, "queue 'q' in vhost '/' not empty", .queueNotEmpty),
            (406, "cannot switch from confirm to tx mode", .channelMode),
            (406, "something new", .preconditionFailed),
            (403, "PLAIN login refused: user 'guest' - invalid credentials", .loginRefused),
            (403, "PLAIN login refused: user 'guest' can only connect via localhost", .guestOnlyLocal),
            (403, "configure access to queue 'z' in vhost '/' refused for user 'bob'", .permissionMissing),
            (
                403, "write access to topic 'a.b' in exchange 'x' in vhost '/' refused for user 'u'",
                .topicPermissionMissing
            ),
            (403, "queue 'q' in vhost '/' in exclusive use", .exclusiveConsumer),
            (404, "no queue 'nope' in vhost '/'", .noQueue),
            (404, "no exchange 'noex' in vhost '/'", .noExchange),
            (404, "home node 'rabbit@a' of durable queue 'q' in vhost '/' is down or inaccessible", .queueWithoutNode),
            (320, "broker forced connection closure with reason 'shutdown'", .nodeShutsDown),
            (320, "Closed via rabbittop: drill", .closedByOperator),
            (320, "Node was put into maintenance mode", .nodeInMaintenance),
            (530, "vhost nope not found", .noVhost),
            (530, "access to vhost 'v2' refused for user 'bob'", .vhostAccess),
            (530, "access to vhost '/' refused for user 'u': connection limit (1) is reached", .connectionLimit),
            (530, "number of channels opened (2) has reached the negotiated channel_max (2)", .channelLimit),
            (505, "expected content header for class 60, got non content header frame instead", .unexpectedFrame),
            (501, "type 1, all octets = <<0,20,0,10>>: {invalid_frame_end_marker,0}", .frameError),
            (504, "second 'channel.open' seen", .channelAlreadyOpen), (540, "immediate=true", .immediateFlag),
        ] as [(Int, String, ReplyAdvice)])
    func texts(code: Int, text: String, advice: ReplyAdvice) {
        #expect(ReplyAdvice(code: code, text: text) == advice)
    }

    @Test("Ends without a code are explained by their text")
    func withoutCode() {
        func advice(_ kind: LedgerEntry.Kind, _ text: String, code: Int? = nil) -> ReplyAdvice? {
            LedgerEntry(
                at: Date(timeIntervalSince1970: 0), kind: kind, scope: .connection, code: code, text: text,
                source: .logExchange
            ).advice
        }
        #expect(advice(.error, "missed heartbeats from client, timeout: 2s") == .missedHeartbeats)
        #expect(advice(.closed, "client unexpectedly closed TCP connection") == .endedAbruptly)
        #expect(advice(.error, "{bad_header,<<\"GET / HT\">>}") == .otherProtocol)
        #expect(advice(.closed, "closed by the client") == nil)
        #expect(advice(.closed, "Goodbye", code: 200) == nil)
        #expect(advice(.opened, "opened") == nil)
        #expect(advice(.returned, "NO_ROUTE", code: 312) == .noRoute)
    }

    @Test("Each advice is one short line of its own")
    func oneLine() {
        var seen: Set<String> = []
        for advice in ReplyAdvice.allCases {
            #expect(advice.words.count <= 105 && !advice.words.contains("\n") && !advice.words.hasSuffix("."))
            #expect(seen.insert(advice.words).inserted, "\(advice)")
        }
    }

    @Test("Names that become known later complete the entries of their connection's life only")
    func completion() {
        func entry(_ at: Double, _ connection: String, user: String? = "u", fault: String? = nil) -> LedgerEntry {
            LedgerEntry(
                at: Date(timeIntervalSince1970: at), kind: .error, scope: .channel, connection: connection, user: user,
                vhost: "/", peer: "10.0.0.1:5", code: 404, text: "", source: .logExchange, fault: fault)
        }
        var ledger = Ledger()
        for entry in [
            entry(1_000, "c -> b"), entry(2_000, "c -> b"), entry(2_001, "other -> b"),
            entry(2_002, "c -> b", user: nil),
        ] {
            ledger.record(entry)
        }
        ledger.take(
            .client(
                ClientIdentity(connection: "c -> b", clientName: "shop", user: "clerk", vhost: "/"),
                since: Date(timeIntervalSince1970: 2_000)))
        #expect(ledger.entries.map(\.clientName) == [nil, "shop", nil, "shop"])
        #expect(ledger.entries.map(\.user) == ["u", "u", "u", "clerk"])
        #expect(ledger.entries.map(\.application) == ["u@10.0.0.1", "shop", "u@10.0.0.1", "shop"])
        #expect(ledger.total == 4)
    }
}
