import Faults
import Foundation
import Testing

@testable import BrokerMonitor

@Suite("The queue and vhost that a broker's text names")
struct ReplySubjectTests {
    @Test(
        arguments: [
            ("no queue 'orders' in vhost '/'", "orders", "/"),
            ("NOT_FOUND - no queue 'orders' in vhost '/'", "orders", "/"),
            ("inequivalent arg 'durable' for queue 'q' in vhost 'v': received 'false' but current is 'true'", "q", "v"),
            ("cannot obtain exclusive access to locked queue 'excl' in vhost '/'. It could be", "excl", "/"),
            ("configure access to queue 'z' in vhost '/' refused for user 'bob'", "z", "/"),
            ("access to queue 'z' in vhost '/' refused for user 'bob'", "z", "/"),
            ("queue 'q' in vhost '/' in exclusive use", "q", "/"), ("queue 'q' in vhost '/' not empty", "q", "/"),
            ("home node 'rabbit@a' of durable queue 'q' in vhost '/' is down or inaccessible", "q", "/"),
            ("no binding 'k' between exchange 'e' in vhost '/' and queue 'q' in vhost '/'", "q", "/"),
            ("no exchange 'noex' in vhost '/'", nil, "/"), ("no exchange 'my queue 'a' in vhost '/'", nil, "/"),
            ("unknown delivery tag 99", nil, nil), ("queue '", nil, nil), ("vhost nope not found", nil, nil),
            ("no queue '' in vhost '/'", "", "/"), ("no queue 'a\r\nb' in vhost '/'", "a\r\nb", "/"),
        ] as [(String, String?, String?)])
    func reads(text: String, queue: String?, vhost: String?) {
        let subject = ReplySubject(text)
        #expect(subject.queue == queue)
        #expect(subject.vhost == vhost)
    }

    @Test func aKnownVhostTellsWhereAnAwkwardNameEnds() {
        let awkward = "a' in vhost 'b"
        let subject = ReplySubject("no queue '\(awkward)' in vhost 'it's'", vhost: "it's")
        #expect(subject.queue == awkward)
        #expect(subject.vhost == "it's")
        // A quote and a combining accent are other bytes than one composed character.
        let accented = ReplySubject("no queue 'e\u{301}'\u{301} in vhost '/' in vhost '/'", vhost: "/")
        #expect(accented.queue.map { Array($0.utf8) } == Array("e\u{301}'\u{301} in vhost '/".utf8))
    }

    @Test func theQueueOfAConsumersTimeoutIsThatOfTheLineBefore() {
        let head: Substring =
            "Consumer 'ctag' on channel 3 and queue 'slow' in vhost '/' has timed out waiting for a consumer "
            + "acknowledgement of a delivery with delivery tag = 1. Timeout used: 60000 ms."
        let timeout = ConsumerTimeout(head)
        #expect(timeout?.channel == 3)
        #expect(timeout?.queue == "slow")
        #expect(timeout?.vhost == "/")
        var entry = LedgerEntry(
            at: Date(timeIntervalSince1970: 0), kind: .error, scope: .channel, vhost: "/", channel: 3, code: 406,
            text: "delivery acknowledgement on channel 3 timed out. Timeout value used: 60000 ms.",
            source: .logExchange)
        #expect(timeout?.explains(entry) == true)
        entry.vhost = "other"
        #expect(timeout?.explains(entry) == false)
        entry.vhost = nil
        entry.channel = 1
        #expect(timeout?.explains(entry) == false)
        #expect(ConsumerTimeout("Consumer 'x' on channel 3 has timed out waiting for delivery acknowledgement") == nil)
        #expect(ConsumerTimeout("Consumer 'x' on channel \(String(repeating: "9", count: 30)) and queue 'q' in") == nil)
    }
}
