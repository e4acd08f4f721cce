import Foundation
import Names

/// A rule of the user for `rabbittop check` and the dashboard: for which rows of a view something is wrong, and how
/// serious that is.
public struct ViewRule: Sendable, Equatable {
    /// How serious it is when the condition holds for a row.
    public enum Severity: String, Sendable, CaseIterable, Codable {
        case warning, critical
    }

    /// The view whose rows are examined.
    public var view: ViewID
    /// What is wrong with a row.
    public var condition: Condition
    /// How serious it is.
    public var severity: Severity

    /// The views that rules can examine: those that a broker lists.
    public static let views: [ViewID] = [.overview] + ConditionScope.listedViews

    /// Reads `queues: ready > 10k and consumers = 0`.
    ///
    /// - Throws: Where the text is wrong, and what was expected there.
    public init(_ text: String, severity: Severity) throws(ConditionError) {
        self.severity = severity
        let end = text.utf8.firstIndex(of: UInt8(ascii: ":"))
        let name = text[..<(end ?? text.endIndex)].trimmingCharacters(in: .whitespaces)
        let views = Self.views.map(\.rawValue)
        func problem(_ what: String) -> ConditionError {
            ConditionError(offset: 0, column: 1, what: what, source: Name(text.prefix(ofBytes: Condition.longest)))
        }
        guard let colon = end else {
            throw problem("expected a view and a colon, as in queues: ready > 10k")
        }
        guard let view = Self.views.first(where: { $0.rawValue.hasSameBytes(as: name) }) else {
            let near = EditDistance.nearest(to: name, in: views)
            let hint = near.map { "perhaps \($0) is meant" } ?? "there are \(views.joined(separator: ", "))"
            throw problem("expected a view before the colon; \(hint)")
        }
        self.view = view
        let start = text.utf8.index(after: colon)
        do throws(ConditionError) {
            condition = try Condition(String(text[start...]), in: .columns(of: view))
        } catch {
            // The place is counted from the beginning of the rule.
            var error = error
            let before = text[..<start]
            error.offset += before.utf8.count
            error.column += before.count
            error.source = Name(text.prefix(ofBytes: Condition.longest + before.utf8.count))
            throw error
        }
    }

    /// The rule as it is written: `queues: ready > 10k`.
    public var text: String { "\(view.rawValue): \(condition.source.text.trimmingCharacters(in: .whitespaces))" }
}

/// What a rule found.
public struct RuleOutcome: Sendable, Equatable {
    /// A row for which the rule's condition holds.
    public struct Match: Sendable, Equatable {
        /// What the row is: `queue 'orders' in vhost '/prod'`.
        public var place: String
        /// The values that the condition asks for: `ready 12,000, consumers 0`.
        public var figures: String
    }

    /// The most rows that are described one by one.
    public static let mostMatches = 20

    /// The rule.
    public var rule: ViewRule
    /// Rows for which the condition holds, at most `mostMatches`.
    public var matches: [Match] = []
    /// The number of rows for which it holds.
    public var count = 0
    /// The number of rows for which that is not known.
    public var unknownCount = 0
    /// The first of these rows, with what is not known of it.
    public var firstUnknown: Match?
    /// Whether the rows were listed; without a list nothing is known.
    public var isListed = true
}

extension State {
    /// Applies a rule to all rows that are known now.
    public func outcome(of rule: ViewRule) -> RuleOutcome {
        func examined<Row: TableRow>(_ rows: [Row], isListed: Bool) -> RuleOutcome {
            var outcome = RuleOutcome(rule: rule)
            outcome.isListed = isListed && cluster?.gaps.contains { $0.empties(rule.view) } != true
            guard outcome.isListed else { return outcome }
            let columns = rule.condition.columns(of: Row.self)
            let evaluator = ConditionEvaluator(rule.condition)
            for row in rows {
                switch evaluator.truth(of: row, columns: columns, now: now) {
                case .no: break
                case .yes:
                    outcome.count += 1
                    guard outcome.matches.count < RuleOutcome.mostMatches else { continue }
                    outcome.matches.append(.init(row, columns, now: now))
                case .unknown:
                    outcome.unknownCount += 1
                    let isFirst = outcome.firstUnknown == nil
                    if isFirst { outcome.firstUnknown = .init(row, columns, now: now) }
                }
            }
            return outcome
        }
        func listed<Row: TableRow>(_ table: Table<Row>) -> RuleOutcome {
            examined(table.rows.sorted { $0.rowID.orderText < $1.rowID.orderText }, isListed: table.at != nil)
        }
        switch rule.view {
        case .overview: return examined(cluster.map { [$0.overview] } ?? [], isListed: cluster != nil)
        case .queues: return listed(queues)
        case .connections: return listed(connections)
        case .channels: return listed(channels)
        case .consumers: return listed(consumers)
        case .exchanges: return listed(exchanges)
        case .nodes: return listed(nodes)
        case .client: return listed(client)
        case .events: return listed(events)
        case .lab: return listed(lab)
        case .named(.bindings): return listed(named.bindings)
        case .named(.policies): return listed(named.policies)
        case .named(.users): return listed(named.users)
        case .named(.vhosts): return listed(named.vhosts)
        case .named(.flags): return listed(named.flags)
        case .named(.streams): return listed(named.streams)
        case .named(.shovels): return listed(named.shovels)
        case .named(.topology): return listed(named.topology)
        }
    }
}

extension RuleOutcome.Match {
    init<Row: TableRow>(_ row: Row, _ columns: [Column<Row>?], now: Date) {
        let format = ValueFormat(unknown: "not known")
        place = row.rowID.place
        figures = columns.compactMap(\.self).map { column in
            "\(column.key.rawValue) \(format.text(column.value(row, now), column.kind, now: now))"
        }.joined(separator: ", ")
    }
}

extension RowID {
    /// What and where the row is, for messages: `queue 'orders' in vhost '/prod'`.
    public var place: String {
        func entity(_ kind: String, _ id: EntityID) -> String {
            id.vhost == "/" ? "\(kind) '\(id.name)'" : "\(kind) '\(id.name)' in vhost '\(id.vhost)'"
        }
        switch self {
        case .overview: return "the cluster"
        case .queue(let id): return entity("queue", id)
        case .exchange(let id): return entity("exchange", id)
        case .connection(let name): return "connection \(name)"
        case .channel(let id): return "channel \(id.name)"
        case .consumer(let id): return "consumer '\(id.tag)' of \(entity("queue", id.queue))"
        case .node(let name): return "node \(name)"
        case .event(let number): return "event \(number)"
        case .client(let id): return "connection \(id.connection) of the client"
        case .lab(let id): return "experiment \(id.experiment), \(id.variant)"
        case .named(let id): return entity(id.view.thing, EntityID(vhost: id.vhost ?? "/", name: id.name))
        }
    }
}
