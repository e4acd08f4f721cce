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
