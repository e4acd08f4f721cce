import Names
import TOMLKit
import TopCore

/// The rules for `rabbittop check` and the dashboard in the configuration file.
enum RuleTable {
    /// The key of the tables.
    static let key = "rule"

    /// An example, as the annotated configuration has it.
    static let example = [
        "# Rules of your own for rabbittop check and the dashboard: docs/guide/expressions.md says what can be written.",
        "# [[rule]]",
        "# when = \"queues: ready > 10k and consumers = 0\"",
        "# severity = \"critical\"",
    ]

    /// Reads the tables `[[rule]]`, each with `when` and, unless it is a warning, `severity`.
    static func rules(in table: TOMLTable, origin: String) throws(SettingsError) -> [ViewRule] {
        guard let value = table[key] else { return [] }
        guard let array = value.array else {
            throw SettingsError("\(origin): \(key) is to be a table in two brackets: [[\(key)]].")
        }
        var rules: [ViewRule] = []
        for (index, element) in array.enumerated() {
            let place = "\(origin): rule \(index + 1)"
            guard let rule = element.table, let when = rule["when"]?.string else {
                throw SettingsError("\(place) has no when, as in when = \"queues: ready > 10k\".")
            }
            if let key = rule.keys.first(where: { !$0.hasSameBytes(as: "when") && !$0.hasSameBytes(as: "severity") }) {
                let name = Quotable.isName(key) ? " '\(key)'" : ""
                throw SettingsError("\(place) has a key\(name) besides when and severity.")
            }
            var severity = ViewRule.Severity.warning
            if let value = rule["severity"] {
                guard let given = value.string.flatMap(ViewRule.Severity.init) else {
                    throw SettingsError("\(place): severity is \"warning\" or \"critical\".")
                }
                severity = given
            }
            do throws(ConditionError) {
                rules.append(try ViewRule(when, severity: severity))
            } catch {
                throw SettingsError("\(place), when, \(error).\n\(error.pointed)")
            }
        }
        return rules
    }
}
