public import Foundation
public import MessageRouting

/// The rows of a view that is reached by its name, or why they are not known.
public struct NamedPart: Sendable {
    /// The rows, by view.
    public enum Rows: Sendable {
        case bindings(ListPart<BindingRow>)
        case policies(ListPart<PolicyRow>)
        case users(ListPart<UserRow>)
        case vhosts(ListPart<VhostRow>)
        case flags(ListPart<FeatureRow>)
        case streams(ListPart<StreamRow>)
        case shovels(ListPart<LinkRow>)
        case topology([Topology], at: Date)
    }

    /// The view.
    public var view: NamedView
    /// The rows; `nil` when the broker does not tell any of them.
    public var rows: Rows?
    /// What the broker does not tell, and what to do about it.
    public var problems: [NamedProblem]

    /// Creates the rows of a view.
    public init(_ view: NamedView, _ rows: Rows?, problems: [NamedProblem] = []) {
        self.view = view
        self.rows = rows
        self.problems = problems
    }
}

/// Something that the broker does not tell of a view.
public struct NamedProblem: Sendable, Equatable {
    /// What is not told, why, and what to do about it, in a clause.
    public var words: String
    /// Whether the user may not ask for it.
    public var isRefusal: Bool

    /// Creates a problem.
    public init(_ words: String, isRefusal: Bool = false) {
        self.words = words
        self.isRefusal = isRefusal
    }
}

/// The tables of the views that are reached by their names.
public struct NamedTables: Sendable {
    /// The bindings.
    public internal(set) var bindings = Table<BindingRow>()
    /// The policies and operator policies.
    public internal(set) var policies = Table<PolicyRow>()
    /// The users.
    public internal(set) var users = Table<UserRow>()
    /// The virtual hosts.
    public internal(set) var vhosts = Table<VhostRow>()
    /// The feature flags and deprecated features.
    public internal(set) var flags = Table<FeatureRow>()
    /// The streams.
    public internal(set) var streams = Table<StreamRow>()
    /// The shovels and federation links.
    public internal(set) var shovels = Table<LinkRow>()
    /// The lines of the topologies that are unfolded.
    public internal(set) var topology = Table<TopologyRow>()
    /// What the lines are made of, when that was known, and which of them were unfolded or folded.
    private var topologies: [Topology] = []
    private var topologyMarks: [TopologyMarks] = []
    private var topologiesAt: Date?
    private var toggled: Set<NamedRowID> = []
    private static let cut = NamedProblem("only the first \(TopologyLines.most) lines are shown: choose a vhost")
    /// The most lines of which it is remembered that they were unfolded or folded.
    private static let mostToggled = 5_000
    /// What the broker does not tell of a view, and what to do about it.
    public internal(set) var problems: [NamedView: [NamedProblem]] = [:]

    /// Returns the table of a view.
    public func table(of view: NamedView) -> any TableFacts {
        switch view {
        case .bindings: bindings
        case .policies: policies
        case .users: users
        case .vhosts: vhosts
        case .flags: flags
        case .streams: streams
        case .shovels: shovels
        case .topology: topology
        }
    }

    mutating func apply(_ command: TableCommand, to view: NamedView, now: Date) {
        switch view {
        case .bindings: bindings.apply(command, now: now)
        case .policies: policies.apply(command, now: now)
        case .users: users.apply(command, now: now)
        case .vhosts: vhosts.apply(command, now: now)
        case .flags: flags.apply(command, now: now)
        case .streams: streams.apply(command, now: now)
        case .shovels: shovels.apply(command, now: now)
        case .topology: topology.apply(command, now: now)
        }
    }

    mutating func take(_ part: NamedPart, now: Date) {
        problems[part.view] = part.problems.isEmpty ? nil : part.problems
        switch part.rows {
        case .bindings(let list): bindings.replace(list, now: now)
        case .policies(let list): policies.replace(list, now: now)
        case .users(let list): users.replace(list, now: now)
        case .vhosts(let list): vhosts.replace(list, now: now)
        case .flags(let list): flags.replace(list, now: now)
        case .streams(let list): streams.replace(list, now: now)
        case .shovels(let list): shovels.replace(list, now: now)
        case .topology(let topologies, let at):
            self.topologies = topologies
            topologyMarks = topologies.map { TopologyMarks($0) }
            topologiesAt = at
            showTopology(now: now)
        case nil: removeAll(part.view, now: now)
        }
    }

    /// Unfolds a line of the topology, or folds it.
    mutating func toggle(_ id: NamedRowID, now: Date) {
        if toggled.remove(id) == nil {
            guard toggled.count < Self.mostToggled else { return }
            toggled.insert(id)
        }
        showTopology(now: now)
    }

    private mutating func showTopology(now: Date) {
        guard let topologiesAt else { return }
        let rows = TopologyLines.rows(of: topologies, marks: topologyMarks, toggled: toggled)
        problems[.topology]?.removeAll { $0 == Self.cut }
        if problems[.topology]?.isEmpty == true { problems[.topology] = nil }
        if rows.count >= TopologyLines.most { problems[.topology, default: []].append(Self.cut) }
        topology.replace(with: rows, total: rows.count, at: topologiesAt, now: now)
    }

    private mutating func removeAll(_ view: NamedView, now: Date) {
        switch view {
        case .bindings: bindings.removeAll(now: now)
        case .policies: policies.removeAll(now: now)
        case .users: users.removeAll(now: now)
        case .vhosts: vhosts.removeAll(now: now)
        case .flags: flags.removeAll(now: now)
        case .streams: streams.removeAll(now: now)
        case .shovels: shovels.removeAll(now: now)
        case .topology:
            topologies = []
            topologyMarks = []
            topologiesAt = nil
            topology.removeAll(now: now)
        }
    }

    /// Forgets all rows: of an earlier time none of them are known.
    mutating func forget(now: Date) {
        problems = [:]
        for view in NamedView.allCases { removeAll(view, now: now) }
    }

    /// Takes over order, filter, selection and position of other tables; the rows stay.
    mutating func adopt(_ other: NamedTables, now: Date) {
        bindings.adopt(other.bindings, now: now)
        policies.adopt(other.policies, now: now)
        users.adopt(other.users, now: now)
        vhosts.adopt(other.vhosts, now: now)
        flags.adopt(other.flags, now: now)
        streams.adopt(other.streams, now: now)
        shovels.adopt(other.shovels, now: now)
        topology.adopt(other.topology, now: now)
    }

    /// Whether a row of a view is known.
    func has(_ row: RowID, in view: NamedView) -> Bool {
        switch view {
        case .bindings: bindings.row(row) != nil
        case .policies: policies.row(row) != nil
        case .users: users.row(row) != nil
        case .vhosts: vhosts.row(row) != nil
        case .flags: flags.row(row) != nil
        case .streams: streams.row(row) != nil
        case .shovels: shovels.row(row) != nil
        case .topology: topology.row(row) != nil
        }
    }

    /// The number of rows of a view that are known, whether they pass its filter or not.
    func rowCount(of view: NamedView) -> Int {
        switch view {
        case .bindings: bindings.rows.count
        case .policies: policies.rows.count
        case .users: users.rows.count
        case .vhosts: vhosts.rows.count
        case .flags: flags.rows.count
        case .streams: streams.rows.count
        case .shovels: shovels.rows.count
        case .topology: topology.rows.count
        }
    }
}
