extension PublisherConfirms {
    static let description = ExperimentDescription(
        name: "publisher-confirms",
        title: "The broker restarts while producers publish: without confirms messages vanish without a word",
        story: """
            Some producers publish persistent messages to a durable queue while the broker is stopped and started, several \
            times, always in mid-stream. What was written to a socket and not yet taken by the broker is gone, and nobody is \
            told. A producer that awaits the broker's confirm knows which messages are unsettled, publishes those again, and \
            loses none; what arrives twice, an idempotent consumer drops. A death pill, published last, ends the consumer.
            """,
        variants: [
            .init(
                name: "unconfirmed",
                what: "Each message is published once, and taken for sent when it is written to the socket.",
                expectation: "Some messages never reach the queue, and no publish said so.", isCure: false),
            .init(
                name: "confirmed",
                what: "Each message is published again, with the same id, until the broker has confirmed it.",
                expectation: "No message is lost; some arrive twice, and the consumer does the work of each once.",
                isCure: true),
        ],
        settings: [
            .init("producers", .integer(10), "Producers, each with a connection of its own", 1...200),
            .init("messages", .integer(300), "Messages of each producer, the death pill apart", 1...1_000_000),
            .init("stops", .integer(3), "How often the broker is stopped and started", 1...20),
            .init(
                "rate", .number(1_000), "Messages a second of all producers together, while the broker runs",
                1...100_000),
            .init(
                "window", .integer(5), "Publishes of a producer that are on their way at the same time", 1...1_000),
            .init("size", .integer(1_000), "Bytes of a body", 32...1_000_000),
            .init(
                "prefetch", .integer(50), "Deliveries that the consumer has not acknowledged, at the most", 1...65_535),
            .init("down", .number(1), "Seconds that the broker stays down, its own stop and start apart", 0...600),
            OrderRoute.auditSetting,
        ],
        needsBrokerControl: true, deadline: 300)

    static func explanation(_ variant: String) -> String {
        let rule = """
            basic.publish has no answer. A publish that returns has written bytes to a socket: they may be in the client's \
            buffers, on the wire, in the broker's buffers, or with a channel that the broker ends before it comes to them. \
            When the broker is stopped all of that is gone. Persistent messages and durable queues do not help: they keep \
            what has reached the queue.
            """
        if variant == "unconfirmed" {
            return rule + "\n\n" + """
                Here each message was published once. A publish that met a lost connection waited until it was back; and \
                still the queue lacks what was on its way when the broker closed the connections. The lab dropped nothing: \
                what is missing was published, and its publish had returned.

                The cure is publisher confirms (confirm.select): the broker says of each message that it has taken \
                responsibility for it, and what it has not confirmed is published again.
                """
        }
        return rule + "\n\n" + """
            Here each producer awaits the broker's confirm of each message. When the connection ends before it has come, \
            nobody knows whether the message arrived: it is published again under the same id. So nothing is lost, and a \
            message whose confirm alone was lost arrives twice. The consumer remembers the ids that it has worked off and \
            drops what comes again: at-least-once delivery and an idempotent consumer together do the work of each message \
            exactly once.
            """
    }
}
