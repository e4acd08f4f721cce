import Experiments
import RabbitMQClient

/// Shows which messages are still in a queue when the consumer arrives.
public struct Expiration: Experiment {
    let context: LabContext

    /// Creates the experiment for a run.
    public init(_ context: LabContext) { self.context = context }

    private static let scenes = "scenes"

    /// Runs the variant.
    public func run() async throws(LabError) {
        let plan = try ExpirationPlan(context.settings)
        try await LabError.translated { try await run(plan) }
    }

    private func run(_ plan: ExpirationPlan) async throws {
        let scenes = plan.scenes(context.variant)
        var configuration = context.broker.configuration(name: "rabbittop lab: expiration")
        configuration.recovery = .off
        try await Connection.withConnection(
            configuration, on: context.group, registry: context.registry
        ) { connection in
            var outcomes: [String: ExpirationOutcome] = [:]
            try await withThrowingTaskGroup(of: ExpirationOutcome.self) { group in
                for scene in scenes {
                    group.addTask { try await ExpirationTrial(scene, connection, context).run() }
                }
                for try await outcome in group {
                    outcomes[outcome.scene] = outcome
                    context.recorder.detail(Self.scenes, .list(scenes.compactMap { outcomes[$0.name]?.value }))
                }
            }
        }
    }

    /// Returns the expectations of the variant, compared with a ledger.
    public func expectations(_ ledger: LabLedger) -> [LabExpectation] {
        guard let plan = try? ExpirationPlan(context.settings),
            case .list(let values) = ledger.details[Self.scenes] ?? .null
        else { return [LabExpectation("The consumer arrives", false, "it did not")] }
        let outcomes = values.compactMap { ExpirationOutcome($0) }
        var all: [LabExpectation] = []
        for scene in plan.scenes(context.variant) {
            guard let outcome = outcomes.first(where: { $0.scene == scene.name }) else {
                all.append(LabExpectation("\(scene.name): comes to its end", false, "it did not"))
                continue
            }
            all += scene.expectations(outcome)
            if context.variant != Self.rule { all.append(scene.refutation(plan.belief(context.variant), outcome)) }
        }
        let lost = ledger.counts.lost
        all.append(LabExpectation("What did not expire is consumed", lost == 0, "\(lost) lost"))
        return all
    }
}

// MARK: What was expected

extension ExpirationScene {
    private static func words(_ names: [String]) -> String { names.isEmpty ? "none" : names.joined(separator: ", ") }

    /// Returns the expectations according to the rules.
    func expectations(_ outcome: ExpirationOutcome) -> [LabExpectation] {
        switch kind {
        case .consumer: return taken(outcome)
        case .queueExpires:
            return [
                LabExpectation(
                    "\(name): the queue is gone with its messages", outcome.ready == nil,
                    outcome.ready.map { "it has \($0)" } ?? "404 NOT_FOUND"),
                LabExpectation(
                    "\(name): they are not dead-lettered", outcome.dead.isEmpty, "\(outcome.dead.count) dead letters"),
            ]
        case .held:
            return [
                LabExpectation(
                    "\(name): it does not expire meanwhile", outcome.ready == 0 && outcome.deadBefore == 0,
                    "\(outcome.deadBefore) dead letters"),
                LabExpectation(
                    "\(name): it expires when it is given back", outcome.dead == model.messages.map(\.name),
                    "\(outcome.dead.count) dead letters"),
            ]
        }
    }

    private func taken(_ outcome: ExpirationOutcome) -> [LabExpectation] {
        let expected = model.at(arrival)
        let dead = expected.expiredBefore + expected.expiredOnArrival
        let before = expected.expiredBefore.count
        return [
            LabExpectation(
                "\(name): \(expected.ready) are counted when the consumer arrives", outcome.ready == expected.ready,
                outcome.ready.map { "\($0)" } ?? "the queue is gone"),
            LabExpectation(
                "\(name): the consumer gets exactly \(expected.delivered.count)",
                outcome.delivered == expected.delivered, Self.words(outcome.delivered)),
            LabExpectation(
                "\(name): \(before) were dead-lettered before it arrived", outcome.deadBefore == before,
                "\(outcome.deadBefore)"),
            LabExpectation(
                "\(name): what expired is dead-lettered once, x-death says so",
                outcome.dead.sorted() == dead.sorted() && outcome.explained == dead.count, Self.words(outcome.dead)),
        ]
    }

    /// Returns the expectation that a belief is refuted: it predicts something other than the outcome.
    func refutation(_ belief: ExpirationModel.Rules, _ outcome: ExpirationOutcome) -> LabExpectation {
        let believed = model.at(arrival, by: belief)
        let differs = believed != model.at(arrival)
        let rule = belief.defaultExpiry.map { "that messages expire by themselves after \(LabValue.figure($0)) s" }
        return LabExpectation(
            "\(name): the belief \(rule.map { $0 + " " } ?? "")fails, it has \(believed.ready) in the queue and \(believed.delivered.count) delivered",
            differs && (outcome.ready != believed.ready || outcome.delivered != believed.delivered),
            "\(outcome.ready ?? 0) in the queue, \(outcome.delivered.count) delivered")
    }
}

extension Expiration {
    static let defaultExpiration = "default-expiration"
    static let anywhere = "anywhere"
    static let rule = "rule"

    /// The experiment's name, variants and settings.
    public static let description = ExperimentDescription(
        name: "expiration",
        title: "Which messages are still there when the consumer arrives late",
        story: """
            Four messages, two without a time to live, one of 20 s and one of 60 s: the consumer arrives at 25 s and gets \
            exactly three. Beside it a queue whose expired message stands behind one that is not, message TTL of a queue, a queue \
            that expires itself, a message that a consumer held too long; and what became of all that expired.
            """,
        variants: [
            ExperimentDescription.Variant(
                name: defaultExpiration, what: "Relies on AMQP to expire messages that were given no time to live.",
                expectation: "They are all still there: there is no default expiration.", isCure: false),
            ExperimentDescription.Variant(
                name: anywhere, what: "Believes that an expired message leaves the queue wherever it stands.",
                expectation: "It stays and is counted until it reaches the head; only then it is dead-lettered.",
                isCure: false),
            ExperimentDescription.Variant(
                name: rule,
                what: "Predicts by RabbitMQ's rules: own time to live, the queue's, and the head of the queue.",
                expectation:
                    "The consumer gets exactly three; all that expired is dead-lettered once, with its reason.",
                isCure: true),
        ],
        settings: [
            ExperimentDescription.Setting(
                "first-expiry", .number(20), "Time to live of the message that expires, in seconds", 0.1...86_400),
            ExperimentDescription.Setting(
                "second-expiry", .number(60), "Time to live of the message that does not, in seconds", 0.1...86_400),
            ExperimentDescription.Setting(
                "arrival", .number(25), "When the consumer arrives, in seconds", 0.1...86_400),
            ExperimentDescription.Setting(
                "believed-default", .number(30),
                "After how many seconds somebody believes messages to expire by themselves; 1800 waits for half an hour",
                0.1...86_400),
        ])

    /// Returns what happens in a variant, and why.
    public static func explanation(_ variant: String) -> String {
        switch variant {
        case defaultExpiration:
            return """
                AMQP 0-9-1 has no default expiration, of 30 minutes or any other time, and RabbitMQ adds none: a message without \
                the property expiration, in a queue without x-message-ttl and without a policy that sets message-ttl, stays until \
                somebody takes it. So an application that sends reminders and trusts the broker to drop the old ones delivers \
                all of them on the day on which its consumer comes back.

                Where messages do vanish after some time, somebody set it: look at the message's expiration property, at the \
                queue's arguments and at its effective policy. The 30 minutes that people remember are RabbitMQ's limit for an \
                acknowledgement (consumer_timeout): it closes the consumer's channel with 406 and puts the message back, it \
                expires nothing.
                """
        case anywhere:
            return """
                A queue looks for expired messages at its head alone. One that expired behind a message that has not stays where \
                it is: it takes memory, it is counted by everybody who asks for the queue's length, and its dead letter is \
                written only when all before it is gone. It is never delivered, though: when the consumer takes what stood \
                before, the expired one reaches the head and goes.

                So per-message times to live do not make a delay queue: a long one at the head holds up all short ones behind \
                it. Use one queue for each time (x-message-ttl: then what is first also expires first), or the delayed message \
                exchange plugin.
                """
        default:
            return """
                A message lives for the shorter of its own expiration and the queue's message TTL, counted from when it reached \
                the queue; without either it lives for ever. It expires at the head of the queue: exactly on time where it is \
                first, later where something is before it. It never expires in the hands of a consumer, but at once when \
                it is given back too late.

                What expires goes to the queue's dead-letter exchange, without its expiration and with a header x-death that \
                says how often, why and in which queue it died. A queue with x-expires that nobody uses is deleted with all that \
                is in it, and that is not dead-lettered.
                """
        }
    }
}
