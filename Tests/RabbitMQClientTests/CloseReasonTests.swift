import RabbitMQClient
import Testing

@Suite struct CloseReasonTests {
    /// RabbitMQ's text begins with the code's name most of the time, and not always.
    @Test(arguments: [
        (404, "NOT_FOUND - no queue 'q' in vhost '/'", "404 NOT_FOUND - no queue 'q' in vhost '/'"),
        (320, "Closed via management plugin", "320 CONNECTION_FORCED Closed via management plugin"),
        (0, "Connection reset by peer", "Connection reset by peer"),
    ])
    func codeNameAndTextAreSaidOnce(code: UInt16, text: String, words: String) {
        let reason = CloseReason(initiator: .peer, scope: .channel, code: code, text: text)
        #expect(reason.words == words)
        #expect(reason.description == "broker: \(words)")
    }

    /// A queue may be called as the message about sizes begins.
    @Test func onlyAMessageOverTheBrokersLimitIsTooLarge() {
        func isTooLarge(_ text: String) -> Bool {
            CloseReason(initiator: .peer, scope: .channel, code: 406, text: text).isTooLarge
        }
        #expect(
            isTooLarge("PRECONDITION_FAILED - message size 134217729 is larger than configured max size 134217728"))
        #expect(!isTooLarge("PRECONDITION_FAILED - inequivalent arg 'durable' for queue 'message size' in vhost '/'"))
    }
}
