import Faults
import Foundation
import Names

/// What the rules of the user found when they were last applied. One rule is applied at a time, so that many rules and
/// many rows do not hold up a key.
struct RuleCheck: Sendable {
    /// The most rows of one rule that are kept: of more, the diagnosis lists a part and tells how many there are.
    static let mostMatches = 500
    /// Seconds in which all rules are applied once.
    static let period = 5.0
    /// Seconds for which rows are examined that were not reported again.
    static let patience = 60.0

    /// By rule: the rows for which it holds.
    var matches: [Int: [RuleMatch]] = [:]
    /// The rule that is applied next.
    var next = 0
    /// The rows of the findings, and of the matches.
    var rows: [Place: RowID] = [:]

    /// A row of a rule, as its finding names it.
    struct Place: Hashable, Sendable {
        var rule: Int
        var words: Name
    }
}

extension State {
    /// Applies some of the rules of the user to what is known now, so that each has its turn in `RuleCheck.period`.
    mutating func applyRules() {
        let rules = options.rules
        guard !rules.isEmpty, isPresent, playback == nil, frozenAt == nil else { return }
        let count = min(rules.count, (rules.count + Int(RuleCheck.period) - 1) / Int(RuleCheck.period))
        var applied: Set<Int> = []
        for _ in 0..<count {
            let number = ruleCheck.next % rules.count
            ruleCheck.next = (number + 1) % rules.count
            guard let table = examinedTable(of: rules[number].view) else {
                // What it holds for is not known now: nothing begins, and nothing is over.
                ruleCheck.matches[number] = nil
                continue
            }
            ruleCheck.matches[number] = table.matches(of: rules[number], most: RuleCheck.mostMatches, now: now)
            applied.insert(number)
        }
        var found: [Diagnosis.RuleMatch] = []
        // Rows of findings that are not matched now are looked at once more.
        let listed = Set(diagnosis.findings.lazy.filter { $0.rule == .userRule }.map { Name($0.where) })
        ruleCheck.rows = ruleCheck.rows.filter { listed.contains($0.key.words) }
        for (number, matches) in ruleCheck.matches.sorted(by: { $0.key < $1.key }) {
            let rule = rules[number]
            for match in matches {
                let place = findingPlace(match.place, of: number)
                ruleCheck.rows[RuleCheck.Place(rule: number, words: Name(place))] = match.id
                found.append(
                    Diagnosis.RuleMatch(
                        rule: number, Finding.Severity(rule.severity), match.subject, place: place,
                        what: match.figures.isEmpty ? "meets a rule of yours" : "has \(match.figures)",
                        advice: "Your rule says: \(rule.text)"))
            }
        }
        let matched = Set(found.map { RuleCheck.Place(rule: $0.rule, words: Name($0.place)) })
        let over = ruleCheck.rows.filter { place, id in
            applied.contains(place.rule) && !matched.contains(place) && isOver(rules[place.rule], for: id)
        }
        let changes = diagnosis.examine(userRules: found, at: now) { number, words in
            over[RuleCheck.Place(rule: number, words: words)] != nil
        }
        note(changes)
    }

    /// What a finding calls a row: with the number of the rule where several rules examine the view, so that each has
    /// findings of its own.
    private func findingPlace(_ place: String, of number: Int) -> String {
        let view = options.rules[number].view
        return options.rules.count { $0.view == view } > 1 ? "\(place) (rule \(number + 1))" : place
    }

    /// Whether a rule is known not to hold any more for a row.
    private func isOver(_ rule: ViewRule, for id: RowID) -> Bool {
        guard let table = examinedTable(of: rule.view) else { return false }
        switch table.truth(of: rule, for: id, now: now) {
        case .yes, .unknown: return false
        case .no: return true
        case nil:
            // The row is gone, unless the table has only a part of them.
            switch rule.view {
            case .overview, .queues, .nodes: return true
            case .connections, .channels, .consumers, .exchanges, .events, .client, .lab, .named:
                return wholeLists[rule.view] != nil || scope == nil && vhost == nil && table.total <= table.rowCount
            }
        }
    }

    /// The rows that rules examine in a view; `nil` while they are not known, or were reported too long ago.
    private func examinedTable(of view: ViewID) -> (any TableFacts)? {
        var table = self.table(of: view)
        if view == .overview, let cluster {
            var overview = Table<OverviewRow>()
            overview.replace(with: [cluster.overview], total: 1, at: cluster.at, now: now)
            table = overview
        }
        guard let table, let at = table.at, now.timeIntervalSince(at) <= RuleCheck.patience,
            cluster?.gaps.contains(where: { $0.empties(view) }) != true
        else { return nil }
        return table
    }
}

extension Finding.Severity {
    fileprivate init(_ severity: ViewRule.Severity) {
        switch severity {
        case .warning: self = .warning
        case .critical: self = .critical
        }
    }
}
