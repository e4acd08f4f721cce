import Experiments
import LocalBroker
import RabbitMQClient

/// Producers with and without confirms, and a broker that restarts.
struct PublisherConfirms: Experiment {
    let context: LabContext

    init(_ context: LabContext) {
        self.context = context
    }

    /// The message that tells the consumer that nothing follows.
    static let endMessage = "end-message"

    var producers: Int { context.settings.integer("producers") }
    var messages: Int { context.settings.integer("messages") }
    var stops: Int { context.settings.integer("stops") }
    var isConfirmed: Bool { context.variant == "confirmed" }
    /// The number of all messages except the end message.
    var total: Int { producers * messages }

    func run() async throws(LabError) {
        guard let node = context.broker.node else {
            throw LabError(.usage, "publisher-confirms stops its broker, and so runs on a private one only.")
        }
        let least = 4 * (stops + 1)
        guard total >= least else {
            throw LabError(
                .usage, "\(total) messages are too few for \(stops) stops in mid-stream.",
                advice: "Make producers x messages \(least) or more.")
        }
        let route = try await OrderRoute.make(context, audited: context.settings.flag("audit"))
        await context.broker.syncDeclarations()
        let consumer = IdempotentConsumer(
            context, queue: route.queue, prefetch: UInt16(clamping: context.settings.integer("prefetch")))
        let failure = await withTaskGroup(of: Ended.self) { group -> LabError? in
            group.addTask {
                await consumer.run(until: { $0 == Name(Self.endMessage) })
                return .consumer
            }
            do throws(LabError) { try await consumer.begun() } catch {
                group.cancelAll()
                return error
            }
            let pace = StreamPace(rate: context.settings.number("rate"), limit: share(1), slow: half(1))
            group.addTask { await publish(to: route, pace) ? .producers : .trouble }
            group.addTask { await stopAndStart(node, pace, consumer) ? .broker : .trouble }
            return await finish(&group, route)
        }
        context.recorder.detail("processed", .integer(consumer.done))
        context.recorder.detail(
            "publishes_tried_again", .integer(context.recorder.counts.attempts - context.recorder.counts.published))
        context.recorder.detail("duplicates_by_publishing_again", .integer(consumer.repeatedPublishes))
        context.recorder.detail("duplicates_by_redelivery", .integer(consumer.redeliveries))
        if let failure { throw failure }
        await context.recorder.detail("left_in_queue", left(in: route))
    }

    private enum Ended: Sendable {
        case producers, broker, consumer, trouble
    }

    /// Publishes the end message when producers and broker are done; ends when the consumer has received it.
    private func finish(_ group: inout TaskGroup<Ended>, _ route: OrderRoute) async -> LabError? {
        var (published, started) = (false, false)
        for await ended in group {
            switch ended {
            case .producers: published = true
            case .broker: started = true
            // The experiment ends with what is known.
            case .consumer, .trouble:
                group.cancelAll()
                return nil
            }
            if published, started {
                context.say("every message is published; the end message follows")
                group.addTask { await publishEndMessage(to: route) ? .producers : .trouble }
                (published, started) = (false, false)
            }
        }
        return nil
    }

    /// Returns how many messages may be published before the `number`th stop, counted from 1; all of them after the
    /// last.
    func share(_ number: Int) -> Int { total * min(number, stops + 1) / (stops + 1) }

    /// Returns how many messages are published when the broker's `number`th stop begins: in the middle between two
    /// stops.
    private func half(_ number: Int) -> Int { (share(number - 1) + share(number)) / 2 }

    /// Stops and starts the broker.
    ///
    /// - Returns: false if the broker did not come back.
    private func stopAndStart(_ node: BrokerNode, _ pace: StreamPace, _ consumer: IdempotentConsumer) async -> Bool {
        for number in 1...stops {
            while pace.taken < half(number) {
                guard !Task.isCancelled else { return false }
                try? await Task.sleep(for: .milliseconds(2))
            }
            let name = "stop \(number) of the broker"
            let fault = context.recorder.fault(name)
            do throws(BrokerNodeError) {
                try await node.stop()
                let (taken, published, consumed) = (pace.taken, context.recorder.counts.attempts, consumer.done)
                context.say("the broker is down, \(Self.tenths(fault.seconds)) s after it was told to stop")
                context.recorder.detail("taken_at_stop_\(number)", .integer(taken))
                pace.allow(share(number + 1), slow: number == stops ? total : half(number + 1))
                // Each producer has published something, or all permitted messages are published.
                let more = min(producers + 1, share(number + 1) - taken)
                try? await Task.sleep(for: context.settings.seconds("down"))
                guard !Task.isCancelled else { return false }
                let begun = ContinuousClock.now
                try await node.start()
                fault.ended()
                context.say("the broker is up, after a start of \(Self.tenths((.now - begun) / .seconds(1))) s")
                await noteRecovery(fault, "producers") { context.recorder.counts.attempts >= published + more }
                await noteRecovery(fault, "consumer") { consumer.done > consumed }
            } catch {
                context.recorder.error(
                    .client, code: nil, text: "the broker did not come back: \(error.message)", application: "broker")
                return false
            }
        }
        return true
    }

    private static func tenths(_ seconds: Double) -> Double { (seconds * 10).rounded() / 10 }

    private func noteRecovery(_ fault: LabFault, _ application: String, when holds: () -> Bool) async {
        while !holds() {
            guard !Task.isCancelled else { return }
            try? await Task.sleep(for: .milliseconds(5))
        }
        context.recorder.recovered(application, from: fault.name, seconds: fault.seconds)
    }

    /// Returns the number of messages in the queue after the consumer has ended.
    private func left(in route: OrderRoute) async -> LabValue {
        var configuration = context.broker.configuration(name: "lab count")
        configuration.recovery = .off
        guard let connection = try? await Connection.connect(configuration, on: context.group) else { return .null }
        let depth = await route.depth(over: connection)
        await connection.close()
        return depth.map(LabValue.integer) ?? .null
    }

    func expectations(_ ledger: LabLedger) -> [LabExpectation] {
        let everything = total + 1
        let counts = ledger.counts
        let inStream = (1...stops).filter { number in
            let taken = ledger.figure("taken_at_stop_\(number)")
            return taken > share(number - 1) && taken < share(number)
        }
        let faults = ledger.timeline.count { if case .fault(until: .some) = $0.kind { true } else { false } }
        let common = [
            LabExpectation(
                "the broker was stopped and started \(stops) times in mid-stream",
                faults == stops && inStream.count == stops, "\(faults) times, \(inStream.count) in mid-stream"),
            LabExpectation(
                "everything was published", counts.published == everything, "\(counts.published) of \(everything)"),
        ]
        if isConfirmed {
            return common + [
                LabExpectation(
                    "nothing is lost", counts.missing == 0 && counts.lost == 0,
                    "\(counts.lost) lost, \(counts.duplicates) duplicates"),
                LabExpectation(
                    "an idempotent consumer ends at exactly \(everything)", counts.distinct == everything,
                    "\(counts.distinct) distinct"),
            ]
        }
        return common + [
            LabExpectation(
                "some messages are lost", counts.missing > 0,
                "\(counts.missing) of \(everything) never reached the queue")
        ]
    }
}

extension PublisherConfirms {
    static let description = ExperimentDescription(
        name: "publisher-confirms",
        title: "The broker restarts while producers publish: without confirms messages vanish without a word",
        story: """
            Some producers publish persistent messages to a durable queue while the broker is stopped and started, several \
            times, always in mid-stream. What was written to a socket and not yet taken by the broker is gone, and nobody is \
            told. A producer that awaits the broker's confirm knows which messages are unsettled, publishes those again, and \
            loses none; what arrives twice, an idempotent consumer drops. An end message, published last, ends the consumer.
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
            .init("messages", .integer(300), "Messages of each producer, the end message apart", 1...1_000_000),
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
