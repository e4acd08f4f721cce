public import Foundation
public import Names

/// What changed between two times: what is gone, what is new, and what has another value.
///
/// Of each kind of thing the most important are kept, and all are counted. What was not known at one of the times is
/// neither gone nor new: it is said to be unknown.
public struct Difference: Sendable, Equatable {
    /// The kind of a thing.
    public enum What: Sendable, Hashable {
        case finding
        case cluster
        case node
        case configured(ConfigurationItem.Kind)
        case queue
        case exchange
        case connection
        case channel
        case consumer

        /// The kind in a word or two.
        public var text: String {
            switch self {
            case .finding: "finding"
            case .cluster: "cluster"
            case .node: "node"
            case .configured(let kind): kind.rawValue
            case .queue: "queue"
            case .exchange: "exchange"
            case .connection: "connection"
            case .channel: "channel"
            case .consumer: "consumer"
            }
        }

        /// All kinds, in the order in which they are shown.
        public static let all: [Self] =
            [.finding, .cluster, .node] + ConfigurationItem.Kind.allCases.map(Self.configured)
            + [.queue, .exchange, .connection, .channel, .consumer]
    }

    /// A thing that is gone or new, or whose values changed.
    public struct Item: Sendable, Hashable {
        /// The kind of the thing.
        public var what: What
        /// The vhost that it belongs to; `nil` where it has none.
        public var vhost: Name?
        /// Its name.
        public var name: Name
        /// What people know it by, besides its name: a client's name, a finding's sentence, a consumer's queue.
        public var remark: Name?

        /// Creates a thing.
        public init(_ what: What, vhost: Name? = nil, name: Name, remark: Name? = nil) {
            self.what = what
            self.vhost = vhost
            self.name = name
            self.remark = remark
        }
    }

    /// A value that changed.
    public struct Change: Sendable, Equatable {
        /// The thing that it belongs to.
        public var item: Item
        /// The name of the value, as in JSON.
        public var field: String
        /// How it is formatted.
        public var kind: ColumnKind
        /// The value at the earlier time.
        public var before: Value
        /// The value at the later time.
        public var after: Value

        /// Whether the value is a number.
        var isNumeric: Bool { weight != nil }

        /// By how much a number changed; `nil` for another value.
        var weight: Double? {
            guard let before = before.numeric, let after = after.numeric else { return nil }
            return abs(after - before)
        }
    }

    /// How many things of one kind are gone, new, or have changed values.
    public struct Count: Sendable, Equatable {
        /// The number of things that are gone.
        public var gone = 0
        /// The number of things that are new.
        public var new = 0
        /// The number of values that changed.
        public var changed = 0
    }

    /// The most things of each kind, and the most values, that are kept.
    public static let most = 200

    /// The earlier time.
    public let from: Date
    /// The later time.
    public let to: Date
    /// What is gone: for each kind at most `most`, the most important first.
    public private(set) var gone: [Item] = []
    /// What is new: for each kind at most `most`, the most important first.
    public private(set) var new: [Item] = []
    /// The values that changed: for each kind at most `most`, texts first, then the largest changes of numbers.
    public private(set) var changed: [Change] = []
    /// How many there are of each kind, whether kept or not.
    public private(set) var counts: [What: Count] = [:]
    /// What could not be compared, and why, in a line each.
    public private(set) var unknown: [String] = []

    /// What is compared, where that is not two times of one broker.
    public let sides: Sides?

    /// Whether nothing changed, as far as is known.
    public var isEmpty: Bool { counts.isEmpty }

    /// Compares two times.
    ///
    /// - Parameters:
    ///   - from: What was known first.
    ///   - to: What was known then.
    public init(from: Moment, to: Moment) {
        self.init(at: from.at, to.at, sides: nil)
        compareFindings(from, to)
        compareCluster(from.cluster, to.cluster)
        noteHidden(from, to)
        compareConfiguration(from, to)
        let hidden = HiddenVhosts(from, to)
        compare(.queue, from.queues, to.queues, QueueRow.differences, hidden)
        compare(.exchange, from.exchanges, to.exchanges, ExchangeRow.differences, hidden)
        compare(.connection, from.connections, to.connections, ConnectionRow.differences)
        compare(.channel, from.channels, to.channels, ChannelRow.differences)
        compare(.consumer, from.consumers, to.consumers, ConsumerRow.differences)
    }

    init(at from: Date, _ to: Date, sides: Sides?) {
        self.from = from
        self.to = to
        self.sides = sides
    }

    private mutating func compareFindings(_ from: Moment, _ to: Moment) {
        func items(_ moment: Moment) -> [Item] {
            moment.findings.map {
                Item(.finding, name: Name($0.where), remark: Name($0.what))
            }
        }
        let before = Set(from.findings.map(\.id))
        let after = Set(to.findings.map(\.id))
        let gone = zip(items(from), from.findings).filter { !after.contains($0.1.id) }
        let new = zip(items(to), to.findings).filter { !before.contains($0.1.id) }
        note(.finding, gone: gone.map { ($0.0, 0) }, new: new.map { ($0.0, 0) }, changed: [])
    }

    private mutating func compareCluster(_ from: ClusterPart?, _ to: ClusterPart?) {
        guard let from, let to else {
            noteUnknown("nodes and totals", isKnown: (from != nil, to != nil))
            return
        }
        let item = Item(.cluster, name: Name(to.name ?? from.name ?? "cluster"))
        let rule = OverviewRow.differences
        var changed = rule.changes(rule.columns, item, from.overview, to.overview, at: (from.at, to.at))
        for (field, before, after) in [("name", from.name, to.name), ("version", from.version, to.version)] {
            guard let before, let after, !before.hasSameBytes(as: after) else { continue }
            changed.append(Change(item: item, field: field, kind: .text, before: .text(before), after: .text(after)))
        }
        note(.cluster, gone: [], new: [], changed: changed)
        func nodes(_ part: ClusterPart) -> ListPart<NodeRow>? {
            part.nodes.isEmpty ? nil : ListPart(at: part.at, rows: part.nodes, isWhole: true)
        }
        compare(.node, nodes(from), nodes(to), NodeRow.differences)
    }

    mutating func compareConfiguration(_ from: Moment, _ to: Moment) {
        guard let before = Self.comparable(from, to), let after = Self.comparable(to, from) else {
            noteUnknown(
                "policies, bindings and flags", isKnown: (from.configuration != nil, to.configuration != nil))
            return
        }
        // Exchanges have their own list where both are known; it does not have their arguments.
        let hasExchanges = from.exchanges != nil && to.exchanges != nil
        for kind in ConfigurationItem.Kind.allCases {
            let isListed = kind == .exchange && hasExchanges
            let what = What.configured(kind)
            func values(_ part: ConfigurationPart) -> [Item: ConfigurationItem] {
                Dictionary(
                    part.items.lazy.filter { $0.kind == kind }.map {
                        (Item(what, vhost: $0.vhost, name: $0.name), $0)
                    }, uniquingKeysWith: { $1 })
            }
            let old = values(before)
            let now = values(after)
            func named(_ items: [Item: ConfigurationItem]) -> [(Item, Double)] {
                items.map { (Item(what, vhost: $0.key.vhost, name: $0.key.name, remark: $0.value.value), 0) }
            }
            let changed = old.flatMap { item, value -> [Change] in
                guard let other = now[item] else { return [] }
                return value.changes(to: other, of: item)
            }
            note(
                what, gone: isListed ? [] : named(old.filter { now[$0.key] == nil }),
                new: isListed ? [] : named(now.filter { old[$0.key] == nil }),
                changed: changed)
        }
    }

    private mutating func compare<Row: TableRow & Equatable>(
        _ what: What, _ from: ListPart<Row>?, _ to: ListPart<Row>?, _ rule: DifferenceRule<Row>,
        _ hidden: HiddenVhosts = .none
    ) {
        guard let from, let to else {
            noteUnknown("\(what.text)s", isKnown: (from != nil, to != nil))
            return
        }
        var places: [RowID: Int] = [:]
        places.reserveCapacity(from.rows.count)
        for (place, row) in from.rows.enumerated() { places[row.rowID] = place }
        var changed = Largest<Change>(Self.most)
        var new = Largest<Item>(Self.most)
        var gone = Largest<Item>(Self.most)
        var isLeft = [Bool](repeating: true, count: from.rows.count)
        let columns = rule.columns
        for row in to.rows {
            if let place = places[row.rowID] {
                isLeft[place] = false
                let old = from.rows[place]
                guard old != row else { continue }
                for change in rule.changes(columns, rule.item(row), old, row, at: (from.at, to.at)) {
                    // Changes that are no numbers come first.
                    changed.add(change, change.weight ?? .infinity)
                }
            } else if hidden.contains(row.vhostName) {
                continue
            } else if from.isAll {
                new.add(rule.item(row), rule.importance(row))
            } else {
                new.miss()
            }
        }
        for (place, row) in from.rows.enumerated() where isLeft[place] && !hidden.contains(row.vhostName) {
            if to.isAll { gone.add(rule.item(row), rule.importance(row)) } else { gone.miss() }
        }
        if new.missed > 0 {
            unknown.append(Self.counted(new.missed, what) + " may be new: the earlier list does not have all")
        }
        if gone.missed > 0 {
            unknown.append(Self.counted(gone.missed, what) + " may be gone: the later list does not have all")
        }
        let count = Count(gone: gone.count, new: new.count, changed: changed.count)
        guard count != Count() else { return }
        counts[what] = count
        self.gone += gone.kept
        self.new += new.kept
        self.changed += changed.kept
    }

    private mutating func note(_ what: What, gone: [(Item, Double)], new: [(Item, Double)], changed: [Change]) {
        guard !gone.isEmpty || !new.isEmpty || !changed.isEmpty else { return }
        counts[what] = Count(gone: gone.count, new: new.count, changed: changed.count)
        func ordered(_ items: [(Item, Double)]) -> some Sequence<Item> {
            items.map(\.0).sorted { ($0.vhost ?? "", $0.name) < ($1.vhost ?? "", $1.name) }.prefix(Self.most)
        }
        self.gone += ordered(gone)
        self.new += ordered(new)
        let weighed = changed.enumerated().sorted { one, other in
            let (left, right) = (one.element, other.element)
            let weights = (left.weight ?? .infinity, right.weight ?? .infinity)
            return weights.0 == weights.1
                ? (left.item.name, one.offset) < (right.item.name, other.offset) : weights.0 > weights.1
        }
        self.changed += weighed.prefix(Self.most).map(\.element)
    }

    mutating func noteUnknown(_ things: String, isKnown: (from: Bool, to: Bool)) {
        switch isKnown {
        case (true, true): break
        case (false, true): note(gap: "\(things) were not known at \(sides?.from ?? "the earlier time")")
        case (true, false): note(gap: "\(things) were not known at \(sides?.to ?? "the later time")")
        case (false, false): note(gap: "\(things) were known at neither \(sides == nil ? "time" : "side")")
        }
    }

    /// Says what could not be compared.
    mutating func note(gap: String) {
        unknown.append(gap)
    }

    static func counted(_ count: Int, _ what: What) -> String {
        count == 1 ? "1 \(what.text)" : "\(ValueFormat.grouped(count)) \(what.plural)"
    }
}

extension Difference.What {
    var plural: String {
        switch self {
        case .configured(.policy): "policies"
        case .configured(.virtualHost): "vhosts"
        case .configured(.operatorPolicy): "operator policies"
        case .configured(.queueArguments): "queue arguments"
        case .configured(.exchange): "exchange settings"
        default: text + "s"
        }
    }
}

extension Value {
    /// The number, if it is one.
    fileprivate var numeric: Double? {
        switch self {
        case .integer(let integer): Double(integer)
        case .number(let number): number.isFinite ? number : nil
        case .none, .text, .flag, .time, .list: nil
        }
    }
}
