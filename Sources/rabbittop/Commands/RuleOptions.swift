import ArgumentParser
import TopCore

/// The rules of the user that a command line gives.
struct RuleOptions: ParsableArguments {
    @Option(
        name: .customLong("rule"), parsing: .unconditionalSingleValue,
        help: ArgumentHelp(
            "A rule of your own: a view, a colon and a condition, as in 'queues: ready > 10k and consumers = 0'. May be repeated.",
            valueName: "rule"))
    var texts: [String] = []
    @Flag(
        help:
            "How serious it is when a rule's condition holds for a row: one for all rules, or one for each in their order; by default a warning."
    )
    var severities: [ViewRule.Severity] = []

    func validate() throws {
        guard texts.isEmpty || severities.count <= 1 || severities.count == texts.count else {
            throw ValidationError("Give --warning or --critical once for all rules, or once for each.")
        }
        if texts.isEmpty, !severities.isEmpty { throw ValidationError("--warning and --critical need a --rule.") }
        do throws(ConditionError) {
            _ = try rules()
        } catch {
            throw ValidationError("--rule: \(error).\n\(error.pointed)")
        }
    }

    /// Returns the rules.
    ///
    /// - Throws: `ConditionError`, which `validate` has told already.
    func rules() throws(ConditionError) -> [ViewRule] {
        var rules: [ViewRule] = []
        for (index, text) in texts.enumerated() {
            let severity = severities.count == texts.count ? severities[index] : severities.first ?? .warning
            rules.append(try ViewRule(text, severity: severity))
        }
        return rules
    }
}

extension ViewRule.Severity: EnumerableFlag {
    public static func help(for severity: Self) -> ArgumentHelp? {
        switch severity {
        case .warning: "It is a warning."
        case .critical: "It is critical."
        }
    }
}
