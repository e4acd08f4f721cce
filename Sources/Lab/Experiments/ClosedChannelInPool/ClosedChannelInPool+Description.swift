import Experiments

extension ClosedChannelInPool {
    /// The experiment's name, variants and settings.
    public static let description = ExperimentDescription(
        name: "closed-channel-in-pool",
        title: "A pool keeps handing out a channel that is closed",
        story: """
            A model service publishes its predictions through a pool of channels; a listener consumes them and stores each in \
            SQLite. Again and again one of the channels is closed behind the pool's back: another part of the program asks on it \
            for a queue that is not there, and the broker answers with 404 and closes the channel. What does the pool do with it?
            """,
        variants: [
            Variant(
                name: "naive", what: "The pool takes back what it is given, and hands it out again as it is.",
                expectation: "Every publish through a closed channel fails with the channel-state error, for ever.",
                isCure: false),
            Variant(
                name: "validated",
                what: "The library's pool looks at a channel when it gives it out and takes it back.",
                expectation:
                    "A closed channel costs one failure at most; another takes its place, and nothing is lost.",
                isCure: true),
        ],
        settings: [
            Setting("messages", .integer(1_500), "Predictions to publish", 10...1_000_000),
            Setting("publishers", .integer(4), "Tasks that publish, each through a channel of the pool", 1...1_000),
            Setting("pool-size", .integer(4), "Channels of the pool", 1...1_000),
            Setting(
                "closings", .integer(6), "How often a channel is closed, evenly spread over the messages", 1...1_000),
            Setting(
                "way", .text("broker"), "Who closes it: broker (404, after a mistake) or proxy (406, out of the blue)"),
            Setting("interval", .number(0.01), "Seconds between two messages of one publisher", 0...60),
            Setting("attempts", .integer(3), "How often a message is tried before it is given up", 1...100),
            Setting("pause", .number(0.01), "Seconds between two attempts", 0...60),
            Setting("patience", .number(2), "Seconds for which one last message is tried at the end", 0...600),
            .databaseFolder,
        ])

    typealias Variant = ExperimentDescription.Variant
    typealias Setting = ExperimentDescription.Setting

    /// Returns what happens in a variant, and why.
    public static func explanation(_ variant: String) -> String {
        switch PoolKind(rawValue: variant) {
        case .naive:
            """
            A channel is closed by the broker when an operation on it fails: here a passive declare of a queue that is not \
            there (404 NOT_FOUND). The connection lives on, and so do the other channels. But the object that stands for the \
            closed channel is still in the pool. Whoever gets it next publishes into it, gets the channel-state error, gives \
            it back, and the pool hands it to the next one. It never gets better by itself: with a stack, the broken channel even \
            lies on top and is the first to be taken again.

            Trying again does not help, as it means to take the same channel once more. Restarting the service does, until \
            the next channel dies; which is why this is so often seen in production, and so seldom on a developer's machine.

            The cure is to look: a pool must ask whether a channel is open both when it gives it out and when it takes it \
            back, throw it away when it is not, and open another in its place.
            """
        case .validated, nil:
            """
            The same channels were closed in the same way. The library's pool looks at a channel when it is given out and when it \
            comes back: one that is closed is thrown away and its place is free for another, which is opened when the next \
            task asks. Where something is still under way on a channel that comes back, such as a publish without confirm, the \
            broker is asked for a word on it first, as it may close it yet.

            So each closing costs one failure at most: that of the publish that was under way on this very channel at the time. \
            It was tried again and went through. Where its fate was unknown (indeterminate), the second attempt \
            could have made a duplicate; the listener stores by id, and would have noticed.
            """
        }
    }

    /// Returns the expectations of the variant, compared with a ledger.
    public func expectations(_ ledger: LabLedger) -> [LabExpectation] {
        Self.expectations(kind, ledger, messages: context.settings.integer("messages"))
    }

    static func expectations(_ kind: PoolKind, _ ledger: LabLedger, messages: Int) -> [LabExpectation] {
        let (closed, handouts) = (ledger.figure("channels_closed"), ledger.figure("dead_handouts"))
        let (failures, most) = (ledger.figure("failures_on_dead"), ledger.figure("most_failures_of_one"))
        let attempts = ledger.figure("last_attempts")
        let wasClosed = LabExpectation(
            "channels were closed behind the pool's back", closed > 0,
            "\(closed) of \(ledger.figure("channels_opened"))")
        switch kind {
        case .naive:
            return [
                wasClosed,
                LabExpectation(
                    "the pool hands a closed channel out again and again", handouts > closed && most > 1,
                    "\(handouts) times, \(most) failures through one channel"),
                LabExpectation(
                    "every publish through it fails with the channel-state error",
                    failures > 0 && ledger.figure("successes_on_dead") == 0
                        && ledger.errors(startingWith: "channelClosed") >= failures,
                    "\(failures) failed, \(ledger.figure("successes_on_dead")) did not"),
                LabExpectation(
                    "it does not get better", !ledger.flag("last_works"),
                    "the last message failed \(attempts) times in a row"),
                LabExpectation(
                    "messages are given up", ledger.figure("given_up") > 0 && ledger.counts.missing > 0,
                    "\(ledger.figure("given_up")) given up, \(ledger.counts.missing) never arrived"),
            ]
        case .validated:
            let counts = ledger.counts
            // Including the last message.
            let wanted = messages + 1
            let all = ledger.figure("failures_on_open") + failures
            return [
                wasClosed,
                LabExpectation(
                    "after the first failure none follows", most <= 1,
                    "\(most) at most through one channel, \(all) in all, "
                        + "\(ledger.figure("channels_discarded")) channels thrown away"),
                LabExpectation(
                    "nothing is lost",
                    counts.lost == 0 && counts.missing == 0 && counts.confirmed == wanted
                        && counts.published == wanted && ledger.figure("given_up") == 0,
                    "\(counts.distinct) of \(wanted) consumed, \(counts.lost) lost, "
                        + "\(ledger.figure("given_up")) given up"),
                LabExpectation(
                    "each is stored once", ledger.figure("stored") == counts.distinct,
                    "\(ledger.figure("stored")) in the database, \(counts.duplicates) duplicates"),
                LabExpectation(
                    "the pool works to the end", ledger.flag("last_works"), "the last message took \(attempts) attempts"
                ),
            ]
        }
    }
}

extension LabLedger {
    /// Returns how many errors have a text that begins with a prefix.
    func errors(startingWith prefix: String) -> Int {
        errors.reduce(0) { $0 + ($1.text.hasPrefix(prefix) ? $1.count : 0) }
    }
}
