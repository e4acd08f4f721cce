import RabbitMQClient

/// Which message reaches which queue.
public struct RoutingExperiment: Experiment {
    let context: LabContext

    public init(_ context: LabContext) { self.context = context }

    private static let observed = "observed"
    private static let tried = "families"

    public func run() async throws(LabError) {
        _ = try beliefs()
        try await LabError.translated {
            var configuration = context.broker.configuration(name: "rabbittop lab: routing")
            configuration.recovery = .off
            try await Connection.withConnection(
                configuration, on: context.group, registry: context.registry
            ) { connection in
                let bench = RoutingBench(connection, context)
                do {
                    try await run(bench)
                } catch {
                    await bench.clear()
                    throw error
                }
                await bench.clear()
            }
        }
    }

    private func run(_ bench: RoutingBench) async throws {
        var families: [RoutingFamily] = []
        for family in RoutingFamily.all where try await bench.declare(family) { families.append(family) }
        context.book.detail(Self.tried, .list(families.map { .text($0.name) }))
        let bindings = families.reduce(0) { $0 + $1.bindings.count }
        let (exchanges, queues) = (families.flatMap(\.exchanges).count, families.flatMap(\.queues).count)
        context.say("declared \(exchanges) exchanges and \(queues) queues with \(bindings) bindings")
        for family in families { try await bench.publish(family) }
        let observed = try await bench.collect(families)
        context.book.detail(
            Self.observed, .object(observed.mapValues { .object($0.mapValues { .integer($0) }) }))
        context.book.detail(
            "copies", .integer(observed.values.reduce(0) { $0 + $1.values.reduce(0, +) }))
        tell(families, observed)
    }

    /// The matrix in the report: a line for each message.
    private func tell(_ families: [RoutingFamily], _ observed: [String: [String: Int]]) {
        var rows: [LabValue] = []
        for family in families {
            let model = family.model
            for message in family.messages {
                let route = model.route(to: message.exchange, key: message.key, headers: message.headers)
                let predicted = family.queues.filter { route[$0] != nil }
                let found = observed[RoutingMatrix.id(family.name, message.name)] ?? [:]
                let reached = family.queues.filter { found[RoutingMatrix.id(family.name, $0)] != nil }
                rows.append(
                    .object([
                        "family": .text(family.name), "message": .text(message.name), "key": .text(message.key),
                        "exchange": .text(message.exchange), "predicted": .list(predicted.map(LabValue.text)),
                        "observed": .list(reached.map(LabValue.text)),
                    ]))
            }
        }
        context.book.detail("matrix", .list(rows))
        let matrix = RoutingMatrix(families, rules: .amqp, observed: observed)
        let right = matrix.cells.count - matrix.wrong.count
        context.say("the rules of AMQP predicted \(right) of \(matrix.cells.count) cells of the matrix")
    }

    // MARK: What was expected

    private func beliefs() throws(LabError) -> [RoutingBelief] {
        let text = context.settings.text("beliefs").filter { !$0.isWhitespace }
        if text == "all" { return RoutingBelief.allCases }
        var beliefs: [RoutingBelief] = []
        for name in text.split(separator: ",").map(String.init) {
            guard let belief = RoutingBelief(rawValue: name) else {
                let names = RoutingBelief.allCases.map(\.rawValue).joined(separator: ", ")
                throw LabError(.usage, "'\(name)' is no belief of routing.", advice: "There are: all, \(names).")
            }
            beliefs.append(belief)
        }
        guard !beliefs.isEmpty else { throw LabError(.usage, "'beliefs' names none.", advice: "'all' tries them all.") }
        return beliefs
    }

    public func expectations(_ ledger: LabLedger) -> [LabExpectation] {
        guard case .object(let messages) = ledger.details[Self.observed] ?? .null,
            case .list(let names) = ledger.details[Self.tried] ?? .null
        else { return [LabExpectation("All messages are routed", false, "they were not")] }
        let families = RoutingFamily.all.filter { names.contains(.text($0.name)) }
        let observed = messages.mapValues { value -> [String: Int] in
            guard case .object(let queues) = value else { return [:] }
            return queues.mapValues { if case .integer(let copies) = $0 { copies } else { 0 } }
        }
        let rules = RoutingMatrix(families, rules: .amqp, observed: observed)
        let cells = rules.cells.count
        var all = [
            LabExpectation(
                "The rules of AMQP predict every cell of the matrix", rules.wrong.isEmpty,
                rules.wrong.first.map(\.words) ?? "\(cells) of \(cells)")
        ]
        if context.variant == Self.belief {
            for belief in (try? beliefs()) ?? [] { all.append(Self.judge(belief, families, observed, rules)) }
            return all
        }
        let unrouted = families.reduce(0) { count, family in
            let model = family.model
            return count
                + family.messages.count {
                    model.route(to: $0.exchange, key: $0.key, headers: $0.headers).isEmpty
                }
        }
        let returned = ledger.counts.returned
        all.append(
            LabExpectation(
                "What no queue takes comes back, 312 NO_ROUTE", returned == unrouted, "\(returned) of \(unrouted)"))
        let duplicates = ledger.counts.duplicates
        all.append(
            LabExpectation(
                "A queue gets a message once, however many of its bindings match", duplicates == 0,
                "\(duplicates) duplicates"))
        let missing = RoutingFamily.all.filter { family in
            !family.isOptional && !families.contains { $0.name == family.name }
        }
        all.append(
            LabExpectation(
                "Exchanges of all types are tried", missing.isEmpty, families.map(\.name).joined(separator: ", ")))
        return all
    }

    /// A belief is refuted when the broker contradicts it wherever it differs from the rules.
    static func judge(
        _ belief: RoutingBelief, _ families: [RoutingFamily], _ observed: [String: [String: Int]],
        _ rules: RoutingMatrix
    ) -> LabExpectation {
        let differences = RoutingMatrix(families, rules: belief.rules, observed: observed).differences(from: rules)
        let refuted = differences.filter { !$0.ours.holds && $0.theirs.holds }
        let example = refuted.first.map { ", as with \($0.ours.words)" } ?? ""
        return LabExpectation(
            "Refuted: \(belief.sentence)", !differences.isEmpty && refuted.count == differences.count,
            "the broker contradicts it in \(refuted.count) of \(differences.count) cells\(example)")
    }
}
