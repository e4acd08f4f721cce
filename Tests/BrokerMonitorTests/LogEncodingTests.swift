import Testing

@testable import BrokerMonitor

@Suite("Names in the log")
struct LogEncodingTests {
    /// The text as RabbitMQ 3.10.8 has it in its log: each byte a character.
    private func twice(_ text: String) -> String {
        String(String.UnicodeScalarView(text.utf8.map { Unicode.Scalar($0) }))
    }

    @Test("A name that was encoded twice is itself again", arguments: ["物流", "Склад.остатки", "café", "🎁 gift"])
    func repaired(name: String) {
        let text =
            "operation queue.declare caused a channel exception not_found: "
            + "no queue '\(twice(name))' in vhost '/'"
        let message = LogMessage(at: nil, level: "error", process: nil, text: text)
        #expect(message.text.contains("no queue '\(name)' in vhost '/'"))
    }

    @Test("What was encoded once stays as it is", arguments: ["物流", "Größe", "café", "naïve ×2"])
    func untouched(name: String) {
        #expect(LogMessage.repairingNames(in: "queue '\(name)'") == "queue '\(name)'")
    }
}
