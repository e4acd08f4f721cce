import Experiments
import MessageRouting
import Names
import RabbitMQClient

/// Shows which message reaches which queue.
public struct Routing: Experiment {
    let context: LabContext

    /// Creates the experiment for a run.
    public init(_ context: LabContext) { self.context = context }

    private static let matrix = "matrix"

    /// Runs the variant.
    public func run() async throws(LabError) {
        _ = try beliefs()
        try await LabError.translated {
            var configuration = context.broker.configuration(name: "rabbittop lab: routing")
            configuration.recovery = .off
            try await Connection.withConnection(
                configuration, on: context.group, registry: context.registry
            ) { connection in
                let queues = RoutingQueues(connection, context)
                do {
                    try await run(queues)
                } catch {
                    await queues.clear()
                    throw error
                }
                await queues.clear()
            }
        }
    }

    private func run(_ queues: RoutingQueues) async throws {
        var families: [RoutingFamily] = []
        for family in RoutingFamily.all where try await queues.declare(family) { families.append(family) }
        let bindings = families.reduce(0) { $0 + $1.bindings.count }
        let (exchangeCount, queueCount) = (families.flatMap(\.exchanges).count, families.flatMap(\.queues).count)
        context.say("declared \(exchangeCount) exchanges and \(queueCount) queues with \(bindings) bindings")
        for family in families { try await queues.publish(family) }
        let observed = try await queues.collect(families)
        context.recorder.detail(
            "copies", .integer(observed.values.reduce(0) { $0 + $1.values.reduce(0, +) }))
        tell(families, observed)
    }

    /// Writes the matrix into the ledger: for each message the queues that it reached, and those that the rules
    /// predict.
    private func tell(_ families: [RoutingFamily], _ observed: [String: [String: Int]]) {
        var rows: [LabValue] = []
        for family in families {
            for message in family.messages {
                let predicted = message.copies(in: family.model)
                let found = observed[RoutingMatrix.id(family.name, message.name)] ?? [:]
                rows.append(
                    .object([
                        "family": .text(family.name), "message": .text(message.name), "key": .text(message.key),
                        "predicted": .object(Self.texts(predicted).mapValues { .integer($0) }),
                        "observed": .object(Self.renamed(found) { family.ownName($0) }.mapValues { .integer($0) }),
                    ]))
            }
        }
        context.recorder.detail(Self.matrix, .list(rows))
        let matrix = RoutingMatrix(families, rules: .amqp, observed: observed)
        let right = matrix.cells.count - matrix.wrong.count
        context.say("the rules of AMQP predicted \(right) of \(matrix.cells.count) cells of the matrix")
    }

    private static func texts(_ copies: [Name: Int]) -> [String: Int] {
        Dictionary(copies.map { ($0.text, $1) }, uniquingKeysWith: +)
    }

    private static func renamed(_ copies: [String: Int], _ name: (String) -> String) -> [String: Int] {
        Dictionary(copies.map { (name($0), $1) }, uniquingKeysWith: +)
    }

    /// Reads the tested families and the observations from a ledger; nil if it has none.
    static func observations(_ ledger: LabLedger) -> (families: [RoutingFamily], observed: [String: [String: Int]])? {
        guard case .list(let rows) = ledger.details[matrix] ?? .null else { return nil }
        var tried: Set<String> = []
        var observed: [String: [String: Int]] = [:]
        for row in rows {
            guard case .object(let values) = row, case .text(let name) = values["family"],
                let family = RoutingFamily.all.first(where: { $0.name == name }),
                case .text(let message) = values["message"], case .object(let queues) = values["observed"]
            else { continue }
            tried.insert(name)
            let copies = queues.mapValues { if case .integer(let copies) = $0 { copies } else { 0 } }
            observed[RoutingMatrix.id(name, message)] = renamed(copies) { family.fullName($0) }
        }
        return (RoutingFamily.all.filter { tried.contains($0.name) }, observed)
    }

    // MARK: What was expected

    private func beliefs() throws(LabError) -> [RoutingBelief] {
        let text = context.settings.text("beliefs").filter { !$0.isWhitespace }
        if text == "all" { return RoutingBelief.allCases }
        var beliefs: [RoutingBelief] = []
        for name in text.split(separator: ",").map(String.init) {
            guard let belief = RoutingBelief(rawValue: name) else {
                let names = RoutingBelief.allCases.map(\.rawValue).joined(separator: ", ")
                throw LabError(.usage, "'\(name)' is not a belief of routing.", advice: "There are: all, \(names).")
            }
            beliefs.append(belief)
        }
        guard !beliefs.isEmpty else { throw LabError(.usage, "'beliefs' names none.", advice: "'all' tries them all.") }
        return beliefs
    }

    /// Returns the expectations of the variant, compared with a ledger.
    public func expectations(_ ledger: LabLedger) -> [LabExpectation] {
        guard let (families, observed) = Self.observations(ledger) else {
            return [LabExpectation("All messages are routed", false, "they were not")]
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
            return count + family.messages.count { $0.copies(in: model).isEmpty }
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

    /// Judges a belief: it is refuted if the broker contradicts it wherever it differs from the rules.
    static func judge(
        _ belief: RoutingBelief, _ families: [RoutingFamily], _ observed: [String: [String: Int]],
        _ rules: RoutingMatrix
    ) -> LabExpectation {
        let differences = RoutingMatrix(families, rules: belief.rules, observed: observed).differences(from: rules)
        let refuted = differences.filter { !$0.ours.holds && $0.theirs.holds }
        let example = refuted.first.map { ", as with \($0.ours.words)" } ?? ""
        return LabExpectation(
            "Refuted: \(belief.sentence.dropLast())", !differences.isEmpty && refuted.count == differences.count,
            "the broker contradicts it in \(refuted.count) of \(differences.count) cells\(example)")
    }
}

extension Routing {
    static let belief = "belief"
    static let rules = "rules"

    /// The experiment's name, variants and settings.
    public static let description = ExperimentDescription(
        name: "routing",
        title: "Which message reached which queue, beside what the rules of AMQP predict",
        story: """
            Messages are published to direct, fanout, topic and headers exchanges, to the default exchange, through bindings \
            of exchanges and to exchanges with an alternate; queues share keys, and one is bound twice. What arrived where is \
            set beside a prediction made without a broker: by the rules of AMQP, or by what people believe of them.
            """,
        variants: [
            ExperimentDescription.Variant(
                name: belief,
                what: "Predicts by what people believe: one copy for each binding, * for many words, and more.",
                expectation: "Each belief fails in exactly the cells in which it differs from the rules.", isCure: false
            ),
            ExperimentDescription.Variant(
                name: rules, what: "Predicts by the rules of AMQP 0-9-1 and RabbitMQ.",
                expectation: "Every cell of the matrix is as predicted; what no queue takes comes back.", isCure: true),
        ],
        settings: [
            ExperimentDescription.Setting(
                "beliefs", .text("all"),
                "Which beliefs are tried: all, or of these with commas between: "
                    + RoutingBelief.allCases.map(\.rawValue).joined(separator: ", "))
        ])

    /// Returns what happens in a variant, and why.
    public static func explanation(_ variant: String) -> String {
        if variant == belief {
            return """
                Each of these beliefs is right often enough to live for years, and wrong where it matters: a queue that is bound \
                twice still gets a message once; * stands for exactly one word and # for none as well; a fanout exchange looks at \
                no key; a headers exchange passes over names that begin with x- and tells 10 from "10"; an alternate exchange \
                gets only what its own exchange has no binding for.

                The last one hides losses: a binding to another exchange is a route, also where that exchange leads nowhere. The \
                message is gone, and the alternate exchange never saw it. Only the mandatory flag tells.
                """
        }
        return """
            An exchange looks at its own bindings and nothing else. It hands the message to every queue and every exchange that \
            a binding leads to; those exchanges do the same with the same key and headers, and each exchange is entered once, \
            whatever circles the bindings make. In the end each queue that was found gets the message once.

            Where an exchange has no binding that fits, and has an alternate exchange, the message goes on there. Where no queue \
            was found at all it is dropped: silently, unless it was published as mandatory, which brings it back with \
            312 NO_ROUTE before its confirm.
            """
    }
}
