import Faults
public import Foundation

extension Table {
    public var rowCount: Int { rows.count }

    public func matches(of rule: ViewRule, most: Int, now: Date) -> [RuleMatch] {
        let columns = rule.condition.columns(of: Row.self)
        let evaluator = ConditionEvaluator(rule.condition)
        var found: [RuleMatch] = []
        for row in rows where evaluator.truth(of: row, columns: columns, now: now) == .yes {
            guard found.count < most else { break }
            let outcome = RuleOutcome.Match(row, columns, now: now)
            found.append(
                RuleMatch(
                    id: row.rowID, subject: row.findingSubjects.first ?? .cluster, place: outcome.place,
                    figures: outcome.figures))
        }
        return found
    }

    public func truth(of rule: ViewRule, for id: RowID, now: Date) -> Truth? {
        row(id).map {
            ConditionEvaluator(rule.condition).truth(of: $0, columns: rule.condition.columns(of: Row.self), now: now)
        }
    }
}
