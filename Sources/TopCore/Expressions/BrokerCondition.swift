public import Foundation
public import Names

/// A condition on a broker as a whole, for `rabbittop until`: `queue.orders.ready > 1000`.
public struct BrokerCondition {
    /// The condition.
    public let condition: Condition
    private let evaluator: ConditionEvaluator
    /// The evaluators of the conditions in `count(… where …)`, by the use.
    private let counted: [Int: ConditionEvaluator]

    /// Reads a condition.
    ///
    /// - Throws: Where the text is wrong, and what was expected there.
    public init(_ text: String) throws(ConditionError) {
        condition = try Condition(text, in: .broker)
        evaluator = ConditionEvaluator(condition)
        var counted: [Int: ConditionEvaluator] = [:]
        for (index, use) in condition.uses.enumerated() {
            if case .count(let rows) = use.field, let inner = rows.condition {
                counted[index] = ConditionEvaluator(inner)
            }
        }
        self.counted = counted
    }

    /// The objects that are asked for, each once.
    public var objects: Set<ConditionObject> {
        Set(
            condition.uses.compactMap { use in
                if case .object(let object, _) = use.field { object } else { nil }
            })
    }

    /// The views of which all rows are needed.
    public var countedViews: Set<ViewID> {
        Set(
            condition.uses.compactMap { use in
                if case .count(let rows) = use.field { rows.view } else { nil }
            })
    }

    /// Returns whether the condition holds at a moment, and with which values.
    public func reading(of moment: Moment) -> ConditionReading {
        let values = condition.uses.indices.map { value(of: $0, in: moment) }
        let truth = evaluator.truth(now: moment.at) { index in
            values.indices.contains(index) ? values[index].value : .unknown
        }
        return ConditionReading(truth: truth, at: moment.at, values: values)
    }

    // MARK: Values

    private func value(of index: Int, in moment: Moment) -> ConditionReading.Figure {
        let use = condition.uses[index]
        switch use.field {
        case .column: return ConditionReading.Figure(use, why: "only a row has it")
        case .object(let object, let column):
            switch object.kind.view {
            case .overview:
                guard let overview = moment.cluster?.overview else { return unknown(use, .overview, moment) }
                return cell(use, [overview], object, column, moment)
            case .queues: return cell(use, moment.queues, object, column, moment)
            case .connections: return cell(use, moment.connections, object, column, moment)
            case .channels: return cell(use, moment.channels, object, column, moment)
            case .exchanges: return cell(use, moment.exchanges, object, column, moment)
            case .nodes:
                guard let cluster = moment.cluster, !cluster.gaps.contains(where: { $0.empties(.nodes) }) else {
                    return unknown(use, .nodes, moment)
                }
                return cell(use, cluster.nodes, object, column, moment)
            case .consumers, .events, .client, .lab, .named:
                return ConditionReading.Figure(use, why: "it has no such objects")
            }
        case .count(let rows):
            switch rows.view {
            case .queues: return count(use, index, moment.queues, moment)
            case .connections: return count(use, index, moment.connections, moment)
            case .channels: return count(use, index, moment.channels, moment)
            case .consumers: return count(use, index, moment.consumers, moment)
            case .exchanges: return count(use, index, moment.exchanges, moment)
            case .nodes:
                let isListed = moment.cluster.map { !$0.gaps.contains { $0.empties(.nodes) } } ?? false
                let part = moment.cluster.map { ListPart(at: $0.at, rows: $0.nodes) }
                return count(use, index, isListed ? part : nil, moment)
            case .overview, .events, .client, .lab, .named:
                return ConditionReading.Figure(use, why: "it has no rows")
            }
        }
    }

    private func unknown(_ use: Condition.Use, _ view: ViewID, _ moment: Moment) -> ConditionReading.Figure {
        let source = moment.sources.first { $0.name == .management }
        let things = view == .overview ? "the cluster's figures" : view.rawValue
        return ConditionReading.Figure(use, why: source?.problem ?? "\(things) are not known at this time")
    }

    private func cell<Row: TableRow & Equatable>(
        _ use: Condition.Use, _ part: ListPart<Row>?, _ object: ConditionObject, _ column: String, _ moment: Moment
    ) -> ConditionReading.Figure {
        guard let part else { return unknown(use, object.kind.view, moment) }
        return cell(use, part.rows, object, column, moment)
    }

    private func cell<Row: TableRow>(
        _ use: Condition.Use, _ rows: [Row], _ object: ConditionObject, _ column: String, _ moment: Moment
    ) -> ConditionReading.Figure {
        let found = rows.filter { object.isMeant(by: $0.rowID) }
        guard let row = found.first, let key = Row.Key(rawValue: column) else {
            return ConditionReading.Figure(use, why: "there is no \(object.words)")
        }
        guard found.count == 1 else {
            let vhosts = found.compactMap(\.vhostName).sorted().prefix(5).map { "'\($0)'" }.joined(separator: ", ")
            return ConditionReading.Figure(
                use, why: "several vhosts have a \(object.words): \(vhosts); name one, or give --vhost")
        }
        let value = Row.column(key).value(row, moment.at)
        return ConditionReading.Figure(
            use, ConditionValue(value), cell: value, why: value == .none ? "not known of \(row.rowID.place)" : nil,
            now: moment.at)
    }

    private func count<Row: TableRow & Equatable>(
        _ use: Condition.Use, _ index: Int, _ part: ListPart<Row>?, _ moment: Moment
    ) -> ConditionReading.Figure {
        guard case .count(let counted) = use.field else { return ConditionReading.Figure(use, why: "it has no rows") }
        guard let part else { return unknown(use, counted.view, moment) }
        var sure = 0
        // Rows that could not be decoded, or were not sent, may be counted as well.
        var possible = part.undecodable.saturatingAdding(max(0, part.total - part.rows.count - part.undecodable))
        if let inner = counted.condition, let evaluator = self.counted[index] {
            let columns = inner.columns(of: Row.self)
            for row in part.rows {
                switch evaluator.truth(of: row, columns: columns, now: moment.at) {
                case .yes: sure += 1
                case .unknown: possible = possible.saturatingAdding(1)
                case .no: break
                }
            }
        } else {
            sure = part.rows.count
        }
        guard possible > 0 else {
            return ConditionReading.Figure(use, ConditionValue(Double(sure)), cell: .integer(sure), now: moment.at)
        }
        let most = sure.saturatingAdding(possible)
        return ConditionReading.Figure(
            use, .number(low: Double(sure), high: Double(most)), cell: .none,
            why: "between \(sure) and \(most): of \(possible) it is not known", now: moment.at)
    }
}

extension ConditionObject {
    /// Whether the object is the one with this identity. A vhost that is not named may be any.
    fileprivate func isMeant(by row: RowID) -> Bool {
        switch row {
        case .overview: kind == .overview
        case .queue(let id): kind == .queue && id.name == name && (vhost == nil || id.vhost == vhost)
        case .exchange(let id): kind == .exchange && id.name == name && (vhost == nil || id.vhost == vhost)
        case .connection(let connection): kind == .connection && connection == name
        case .channel(let id): kind == .channel && id.name == name
        case .node(let node): kind == .node && node == name
        case .consumer, .event, .client, .lab, .named: false
        }
    }

    /// The object in words, for messages.
    var words: String {
        let place = vhost.map { " in vhost '\($0)'" } ?? ""
        return kind == .overview ? "overview" : "\(kind.rawValue) '\(name)'\(place)"
    }
}

/// Whether a condition on a broker holds, with the values that decide it.
public struct ConditionReading: Sendable, Equatable {
    /// A value that the condition asks for.
    public struct Figure: Sendable, Equatable {
        /// As it is named in the condition.
        public var text: Name
        /// The value.
        public var value: ConditionValue
        /// The value of the cell, for JSON.
        public var cell: Value
        /// The value for people; why it is not known.
        public var words: String

        init(_ use: Condition.Use, _ value: ConditionValue, cell: Value, why: String? = nil, now: Date) {
            text = use.text
            self.value = value
            self.cell = cell
            words = why ?? ValueFormat().text(cell, use.kind, now: now)
        }

        init(_ use: Condition.Use, why: String) {
            text = use.text
            value = .unknown
            cell = .none
            words = why
        }
    }

    /// Whether it holds.
    public var truth: Truth
    /// When.
    public var at: Date
    /// The values, in the order in which the condition names them.
    public var values: [Figure]

    /// The values in one line: `queue.orders.ready is 12, overview.connections is 3`.
    public var words: String {
        values.map { figure in
            let isUnknown = figure.cell == .none
            return "\(figure.text) is \(isUnknown ? "not known (\(figure.words))" : figure.words)"
        }.joined(separator: ", ")
    }

    /// The reading as JSON: `{"at","condition","holds","values":{…}}` and a line feed.
    public func json(of condition: Condition) -> String {
        let holds =
            switch truth {
            case .yes: "true"
            case .no: "false"
            case .unknown: "null"
            }
        return JSONText.object([
            ("at", JSONText.string(CivilTime.rfc3339(at))), ("condition", JSONText.string(condition.source.text)),
            ("holds", holds),
            ("values", JSONText.object(values.map { ($0.text.text, JSONText.value($0.cell)) })),
        ]) + "\n"
    }

    /// One line: the time and the values.
    public var line: String { CivilTime.rfc3339(at) + "  " + (values.isEmpty ? "it holds" : words) }
}
