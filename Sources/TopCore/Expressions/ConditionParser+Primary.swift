import Foundation
import Names

// What stands between operators: numbers, texts, names and parentheses.
extension ConditionParser {
    private static let longestNumber = 18

    mutating func primary() throws(ConditionError) -> Part {
        skipBlanks()
        let start = position
        guard let byte = peek else { throw expectedOperand() }
        switch byte {
        case _ where Self.isDigit(byte): return try number()
        case UInt8(ascii: "\""), UInt8(ascii: "'"):
            let text = try quoted()
            return Part(node: .text(Name(text)), kind: .text, range: start..<position, isLiteral: true)
        case UInt8(ascii: "("):
            position += 1
            var part = try nested { (parser) throws(ConditionError) in try parser.disjunction() }
            skipBlanks()
            guard peek == UInt8(ascii: ")") else {
                throw peek == nil ? unexpected(") for the ( in column \(columnNumber(start))") : unexpected()
            }
            position += 1
            part.range = start..<position
            part.isLiteral = false
            return part
        case _ where Self.isLetter(byte): return try named()
        case UInt8(ascii: "!"): throw error("expected a name or a number: write not in place of !", at: start, .operand)
        default: throw expectedOperand()
        }
    }

    private func columnNumber(_ offset: Int) -> Int { slice(0..<offset).count + 1 }

    private func expectedOperand() -> ConditionError {
        let names =
            switch scope {
            case .row(_, let owner): "a column of \(owner)"
            case .broker: "a name as queue.orders.ready"
            }
        return error("expected \(names) or a number", at: position, .operand)
    }

    // MARK: Numbers

    /// Reads `10`, `0.5`, `10k`, `1GiB`, `90%`, `1h30m`.
    private mutating func number() throws(ConditionError) -> Part {
        let start = position
        var (value, unit) = try numberWithUnit()
        // Times may have several parts, from the longest to the shortest.
        while let last = unit, last.measure == .seconds, let byte = peek, Self.isDigit(byte) {
            let place = position
            let (more, shorter) = try numberWithUnit()
            unit = shorter
            guard let unit, unit.measure == .seconds, unit.factor < last.factor else {
                throw error("expected a shorter unit of time, as in 1h30m", at: place)
            }
            value += more
        }
        guard value.isFinite else { throw error("this number is too large", at: start) }
        return Part(
            node: .number(value), kind: .number(unit?.measure ?? .any), range: start..<position, isLiteral: true)
    }

    private mutating func numberWithUnit() throws(ConditionError) -> (Double, ConditionUnit?) {
        let start = position
        while let byte = peek, Self.isDigit(byte) || byte == UInt8(ascii: ".") { position += 1 }
        guard position - start <= Self.longestNumber, let value = Double(slice(start..<position)) else {
            throw error("this is not a number of at most \(Self.longestNumber) digits", at: start)
        }
        if peek == UInt8(ascii: ",") { throw unexpected() }
        let unitStart = position
        while let byte = peek, Self.isLetter(byte) || byte == UInt8(ascii: "%") { position += 1 }
        let name = slice(unitStart..<position)
        guard !name.isEmpty else { return (value, nil) }
        guard let unit = ConditionUnit.named(name) else {
            throw error("there is no unit \(name); there are \(ConditionUnit.examples)", at: unitStart)
        }
        return (value * unit.factor, unit)
    }

    // MARK: Names

    private mutating func named() throws(ConditionError) -> Part {
        let start = position
        let word = self.word()
        if Self.isKeyword(word) {
            position = start
            throw expectedOperand()
        }
        if word.hasSameBytes(as: "now") {
            return Part(node: .now, kind: .time, range: start..<position)
        }
        let isCall = isBefore("(")
        if isCall, word.hasSameBytes(as: "known") { return try known(from: start) }
        switch scope {
        case .row(let names, let owner):
            guard let name = names.first(where: { $0.name.hasSameBytes(as: word) }) else {
                throw unknown(word, among: names.map(\.name), what: "\(owner) has no column", at: start, .operand)
            }
            return use(.column(name.name), name.kind, from: start)
        case .broker:
            if isCall, word.hasSameBytes(as: "count") { return try count(from: start) }
            guard let kind = ConditionObject.Kind(rawValue: word) else {
                throw unknown(
                    word, among: ConditionObject.Kind.allCases.map(\.rawValue) + ["count"],
                    what: "expected \(Self.kinds) or count(…); there is no", at: start, .operand)
            }
            return try object(kind, from: start)
        }
    }

    private static let kinds = ConditionObject.Kind.allCases.map(\.rawValue).joined(separator: ", ")

    private func isBefore(_ sign: String) -> Bool {
        var copy = self
        return copy.takeOne(of: [(sign, true)]) != nil
    }

    private func unknown(
        _ word: String, among names: [String], what: String, at offset: Int,
        _ expectation: ConditionError.Expectation
    ) -> ConditionError {
        let near = EditDistance.nearest(to: word, in: names)
        let hint = near.map { "; perhaps \($0) is meant" } ?? "; there are \(names.joined(separator: ", "))"
        return error("\(what) \(word)\(hint)", at: offset, expectation)
    }

    private mutating func use(_ field: Condition.Field, _ kind: ColumnKind, from start: Int) -> Part {
        let range = start..<position
        let place = uses.firstIndex { $0.field == field } ?? uses.count
        if place == uses.count {
            uses.append(Condition.Use(field: field, kind: kind, text: Name(slice(range))))
        }
        return Part(node: .field(place), kind: Kind(kind), range: range)
    }

    // MARK: Objects of a broker

    /// Reads `count(queues)` or `count(queues where ready > 0)` behind its word.
    private mutating func count(from start: Int) throws(ConditionError) -> Part {
        try take("(", expecting: "(")
        skipBlanks()
        let place = position
        let views = ConditionScope.listedViews.map(\.rawValue)
        let word = self.word()
        guard let view = ConditionScope.listedViews.first(where: { $0.rawValue.hasSameBytes(as: word) }) else {
            guard !word.isEmpty else {
                throw error("expected a view: \(views.joined(separator: ", "))", at: place, .view)
            }
            throw unknown(word, among: views, what: "expected a view; there is no", at: place, .view)
        }
        var rows = CountedRows(view: view)
        if takeWord("where") { rows.condition = try inner(of: view) }
        skipBlanks()
        guard peek == UInt8(ascii: ")") else {
            throw unexpected(rows.condition == nil ? "where or )" : ")")
        }
        position += 1
        return use(.count(rows), .count, from: start)
    }

    /// Reads the condition on the rows of a view, which asks for values of its own.
    private mutating func inner(of view: ViewID) throws(ConditionError) -> Condition {
        let outer = (scope, uses, patterns)
        (scope, uses, patterns) = (.columns(of: view), [], [])
        defer { (scope, uses, patterns) = outer }
        skipBlanks()
        let start = position
        var found: Condition?
        _ = try nested { (parser) throws(ConditionError) in
            let part = try parser.disjunction()
            found = Condition(
                source: Name(parser.slice(start..<parser.position)), uses: parser.uses,
                root: try parser.condition(of: part), patterns: parser.patterns)
            return part
        }
        guard let condition = found else { throw unexpected() }
        return condition
    }

    /// A part of a name with dots.
    private struct Segment {
        var text: String
        var isQuoted: Bool
        var start: Int
    }

    /// Reads `.orders.ready` behind `queue`: bare parts between dots are one name, and a part in quotes is one by
    /// itself, of two the vhost first.
    private mutating func object(_ kind: ConditionObject.Kind, from start: Int) throws(ConditionError) -> Part {
        let columns = kind.view.conditionNames
        let example =
            switch kind {
            case .overview: "overview.ready"
            case .queue: "queue.orders.ready"
            case .exchange: "exchange.amq.topic.publish_in_rate"
            case .connection: "connection.\"10.0.0.4:50640 -> 10.0.0.1:5672\".channels"
            case .channel: "channel.\"10.0.0.4:50640 -> 10.0.0.1:5672 (1)\".unacked"
            case .node: "node.rabbit@a.memory"
            }
        var segments: [Segment] = []
        while peek == UInt8(ascii: ".") {
            position += 1
            segments.append(try segment(example))
        }
        guard let last = segments.popLast(), !last.isQuoted else {
            throw error("expected . and a column of \(kind.view.rawValue), as in \(example)", at: position, .other)
        }
        guard let column = columns.first(where: { $0.name.hasSameBytes(as: last.text) }) else {
            throw unknown(
                last.text, among: columns.map(\.name), what: "\(kind.view.rawValue) has no column", at: last.start,
                .column(columns.map(\.name)))
        }
        var names: [Segment] = []
        for segment in segments {
            if let before = names.last, !before.isQuoted, !segment.isQuoted {
                names[names.count - 1].text += ".\(segment.text)"
            } else {
                names.append(segment)
            }
        }
        let most = kind == .overview ? 0 : kind.isInVhost ? 2 : 1
        guard names.count <= most, names.count >= min(1, most) else {
            let place = names.count > most ? names[most].start : last.start
            throw error(
                "expected a name as in \(example)\(kind.isInVhost ? ", with a vhost in quotes before it" : "")",
                at: place)
        }
        let object = ConditionObject(
            kind, vhost: names.count == 2 ? Name(names[0].text) : nil, name: Name(names.last?.text ?? ""))
        return use(.object(object, column: column.name), column.kind, from: start)
    }

    private mutating func segment(_ example: String) throws(ConditionError) -> Segment {
        let start = position
        if peek == UInt8(ascii: "\"") || peek == UInt8(ascii: "'") {
            return Segment(text: try quoted(), isQuoted: true, start: start)
        }
        while let byte = peek, Self.isInWord(byte) || byte >= 0x80 || Self.bareMarks.contains(byte) { position += 1 }
        guard position > start else { throw error("expected a name, as in \(example)", at: start, .other) }
        return Segment(text: slice(start..<position), isQuoted: false, start: start)
    }

    /// What names of objects have besides letters and digits without being in quotes.
    private static let bareMarks = Array("-:@#".utf8)
}

extension ConditionParser.Kind {
    /// The kind of a column's values.
    init(_ kind: ColumnKind) {
        switch kind {
        case .text: self = .text
        case .count, .rate: self = .number(.count)
        case .bytes, .bytesPerSecond: self = .number(.bytes)
        case .duration: self = .number(.seconds)
        case .time: self = .time
        case .flag: self = .flag
        case .list: self = .list
        }
    }
}
