extension DeadPeer {
    static let without = "no-heartbeat"
    static let with = "heartbeat"

    /// The experiment's name, variants and settings.
    public static let description = ExperimentDescription(
        name: "dead-peer",
        title: "How long until each side notices that the other is gone",
        story: """
            A consumer holds some messages when its peer is gone without a word: the broker's process is frozen, its own thread \
            of input and output stands still, or nothing passes between the two any more while all sockets stay open. How long \
            until the consumer notices, how long until the broker notices and puts back what the consumer held, and does the \
            consumer go on when the fault has ended? All scenes and heartbeats run at once.
            """,
        variants: [
            ExperimentDescription.Variant(
                name: without, what: "Both sides agree on a heartbeat of 0: none.",
                expectation:
                    "Neither side ever notices; what the consumer held stays with it and is delivered to nobody.",
                isCure: false),
            ExperimentDescription.Variant(
                name: with, what: "Both sides agree on heartbeats of some seconds.",
                expectation:
                    "Each side notices within two to three intervals, the messages go back, and the consumer revives.",
                isCure: true),
        ],
        settings: [
            ExperimentDescription.Setting(
                "heartbeats", .text("4, 10, 60"),
                "The heartbeats that are tried, in whole seconds; scaled, but never under 1"),
            ExperimentDescription.Setting(
                "scenes", .text(DeadPeerTrial.Scene.allCases.map(\.rawValue).joined(separator: ", ")),
                "Who is gone, and how"),
            ExperimentDescription.Setting(
                "observe", .number(60), "How many seconds a side without heartbeats is given to notice", 1...3_600),
            ExperimentDescription.Setting("messages", .integer(5), "Messages that each consumer holds", 1...50),
            ExperimentDescription.Setting(
                "slack", .number(2), "Seconds that a busy machine may add to what is expected; never scaled", 0...60),
        ],
        needsBrokerControl: true, deadline: 300)

    /// Returns what happens in a variant, and why.
    public static func explanation(_ variant: String) -> String {
        if variant == without {
            return """
                TCP says nothing about a peer that says nothing. As long as no side closes its socket, a frozen process, a cut \
                cable and a quiet afternoon look the same: a reader waits, and goes on waiting. The kernel of a frozen process \
                even acknowledges what it is sent, so that TCP's own keepalive is answered, too.

                Without heartbeats neither side has anything to measure the silence by. The consumer believes it is idle. The \
                broker believes that the consumer is busy with what it was sent, counts it among the queue's consumers, and keeps \
                those messages from everybody else. It ends when somebody looks: the queue has unacknowledged messages and an \
                acknowledgement rate of nothing.
                """
        }
        return """
            A side that agreed on heartbeats sends something every half an interval, and looks whether something came. The \
            RabbitMQ broker looks once an interval and gives the peer up when it saw nothing new twice in a row: two to three \
            intervals after the last word. This library's client gives the broker up after two and a half.

            The broker then closes the connection and puts back what was not acknowledged: the messages wait for another \
            consumer, and come to the old one once more when it is back, marked as redelivered. So a consumer that revives sees \
            them twice, and has to be idempotent. Its acknowledgements of what it got over the dead connection mean nothing any \
            more; the client drops them.

            Choose 5 to 20 seconds: shorter ones give up peers that are merely busy, and with the default of 60 s it takes up to \
            three minutes until somebody else gets the messages.
            """
    }
}
