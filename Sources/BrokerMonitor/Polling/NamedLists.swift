import Foundation
import Names
import RabbitMQManagement
import TopCore

/// Requests the rows of the views that are reached by their names.
struct NamedLists: Sendable {
    /// The most queues of which it is worked out which policies match them.
    private static let mostQueues = 2_000
    /// The most bindings of all exchanges that are shown.
    private static let mostBindings = 20_000

    let lists: BrokerLists
    private var client: ManagementClient { lists.client }

    /// The user, of whom nothing is asked for that the broker would refuse and log; nil while it is not known.
    private let identity: UserIdentity?

    init(_ lists: BrokerLists, identity: UserIdentity? = nil) {
        self.lists = lists
        self.identity = identity
    }

    /// A user's tag without which the broker refuses a request.
    private enum Tag: String {
        case administrator, monitoring

        func isHeld(by user: UserIdentity) -> Bool {
            switch self {
            case .administrator: user.isAdministrator
            case .monitoring: user.canMonitor
            }
        }
    }

    /// Returns the rows of a view, or why they are not known.
    ///
    /// - Parameters:
    ///   - vhost: the vhost to list; nil for all.
    ///   - scope: what the view is narrowed to.
    /// - Throws: `ManagementError` for a broker that does not answer. What this user may not read, and what this broker
    ///   does not serve, is among the part's problems.
    func part(of view: NamedView, vhost: Name?, scope: Scope? = nil) async throws(ManagementError) -> NamedPart {
        var problems: [NamedProblem] = []
        func keeping<Row>(_ part: ListPart<Row>?) -> ListPart<Row>? where Row: TableRow & Equatable {
            part?.keeping { vhost == nil || $0.vhostName == nil || $0.vhostName == vhost }
        }
        let rows: NamedPart.Rows? =
            switch view {
            case .bindings: try await bindings(vhost, scope, &problems).map(NamedPart.Rows.bindings)
            case .policies: keeping(try await policies(&problems)).map(NamedPart.Rows.policies)
            case .users: try await users(&problems).map(NamedPart.Rows.users)
            case .vhosts: keeping(try await vhosts(&problems)).map(NamedPart.Rows.vhosts)
            case .flags: try await flags(&problems).map(NamedPart.Rows.flags)
            case .streams: try await streams(vhost, &problems).map(NamedPart.Rows.streams)
            case .shovels: keeping(try await shovels(&problems)).map(NamedPart.Rows.shovels)
            case .topology: try await topologies(vhost, &problems)
            }
        return NamedPart(view, rows, problems: problems)
    }

    // MARK: Views

    private func bindings(
        _ vhost: Name?, _ scope: Scope?, _ problems: inout [NamedProblem]
    ) async throws(ManagementError) -> ListPart<BindingRow>? {
        let client = client
        let list: ObjectList<BindingInfo>?
        switch scope {
        case .queue(let id):
            list = try await told("the bindings", &problems) { () async throws(ManagementError) in
                try await client.bindings(vhost: id.vhost, queue: id.name)
            }
        case .exchange(let id):
            list = try await told("the bindings", &problems) { () async throws(ManagementError) in
                var out = try await client.bindings(vhost: id.vhost, sourceExchange: id.name)
                if !id.name.isEmpty {
                    let into = try await client.bindings(vhost: id.vhost, destinationExchange: id.name)
                    out.items += into.items.filter { !out.items.contains($0) }
                    out.undecodable += into.undecodable
                }
                return out
            }
        case .connection, .channel, .node, nil:
            list = try await told("the bindings", &problems) { () async throws(ManagementError) in
                try await client.bindings(vhost: vhost)
            }
        }
        guard let list else { return nil }
        // Each queue is bound to the default exchange by its name: those bindings tell nothing.
        let isOfDefault = if case .exchange(let id) = scope { id.name.isEmpty } else { false }
        let made = list.items.filter { isOfDefault || !$0.source.isEmpty }
        let shown = made.prefix(Self.mostBindings)
        return ListPart(
            at: lists.clock.date(), rows: shown.map(BindingRow.init), total: made.count, undecodable: list.undecodable)
    }

    private func policies(_ problems: inout [NamedProblem]) async throws(ManagementError) -> ListPart<PolicyRow>? {
        let client = client
        let policies = try await told("the policies", &problems) {
            () async throws(ManagementError) in try await client.policies()
        }
        let operatorPolicies = try await told("the operator policies", &problems) {
            () async throws(ManagementError) in try await client.operatorPolicies()
        }
        guard policies != nil || operatorPolicies != nil else { return nil }
        var rows = (policies?.items ?? []).map { PolicyRow($0, isOperator: false) }
        rows += (operatorPolicies?.items ?? []).map { PolicyRow($0, isOperator: true) }
        if !rows.isEmpty, var matching = try await matching(&problems) {
            for index in rows.indices { matching.complete(&rows[index]) }
            if matching.untried > 0 {
                problems.append(
                    NamedProblem(
                        "what \(matching.untried) of \(rows.count) policies match besides is not worked out: they are too many"
                    ))
            }
        }
        let undecodable = (policies?.undecodable ?? 0) + (operatorPolicies?.undecodable ?? 0)
        return ListPart(at: lists.clock.date(), rows: rows, undecodable: undecodable)
    }

    private func matching(_ problems: inout [NamedProblem]) async throws(ManagementError) -> PolicyMatching? {
        let lists = lists
        let queues = try await told("the queues that policies match", &problems) {
            () async throws(ManagementError) in try await lists.queues(vhost: nil, enough: Self.mostQueues)
        }
        guard let queues else { return nil }
        guard queues.count <= Self.mostQueues else {
            problems.append(
                NamedProblem(
                    "what each policy matches is not worked out: there are more than \(Self.mostQueues) queues"))
            return nil
        }
        let exchanges = try await told("the exchanges that policies match", &problems) {
            () async throws(ManagementError) in try await lists.exchangeInfos().items
        }
        return exchanges.map { PolicyMatching(queues: queues, exchanges: $0) }
    }

    private func users(_ problems: inout [NamedProblem]) async throws(ManagementError) -> ListPart<UserRow>? {
        let client = client
        let users = try await told("the users", needs: .administrator, &problems) {
            () async throws(ManagementError) in try await client.users()
        }
        guard let users else { return nil }
        let permissions = try await told("permissions", needs: .administrator, &problems) {
            () async throws(ManagementError) in try await client.permissions()
        }
        let byUser = permissions.map { Dictionary(grouping: $0.items, by: \.user) }
        let rows = users.items.map { info in
            var row = UserRow(name: info.name, tags: info.tags)
            row.permissions = byUser.map { permissions in
                (permissions[info.name] ?? []).sorted { $0.vhost < $1.vhost }.map {
                    UserRow.Permission(vhost: $0.vhost, configure: $0.configure, write: $0.write, read: $0.read)
                }
            }
            row.maxConnections = info.limits?["max-connections"]
            row.maxChannels = info.limits?["max-channels"]
            return row
        }
        return ListPart(at: lists.clock.date(), rows: rows, undecodable: users.undecodable)
    }

    private func vhosts(_ problems: inout [NamedProblem]) async throws(ManagementError) -> ListPart<VhostRow>? {
        let client = client
        let vhosts = try await told("the vhosts", &problems) { () async throws(ManagementError) in
            try await client.vhosts()
        }
        guard let vhosts else { return nil }
        let limits = try await told("the limits of vhosts", &problems) {
            () async throws(ManagementError) in try await client.vhostLimits()
        }
        let byVhost = Dictionary((limits?.items ?? []).map { ($0.owner, $0.limits) }) { first, _ in first }
        let rows = vhosts.items.map { VhostRow($0, limits: byVhost[$0.name] ?? [:]) }
        return ListPart(at: lists.clock.date(), rows: rows, undecodable: vhosts.undecodable)
    }

    private func flags(_ problems: inout [NamedProblem]) async throws(ManagementError) -> ListPart<FeatureRow>? {
        let client = client
        let flags = try await told("the feature flags", &problems) { () async throws(ManagementError) in
            try await client.featureFlags()
        }
        let old = "RabbitMQ tells deprecated features from 3.12 on"
        let deprecated = try await told("the deprecated features", missing: old, &problems) {
            () async throws(ManagementError) in try await client.deprecatedFeatures()
        }
        guard flags != nil || deprecated != nil else { return nil }
        var used: Set<Name>?
        if let deprecated, !deprecated.items.isEmpty {
            let list = try await told("which deprecated features are used", &problems) {
                () async throws(ManagementError) in try await client.deprecatedFeaturesInUse()
            }
            used = list.map { Set($0.items.map(\.name)) }
        }
        let rows =
            (flags?.items ?? []).map(FeatureRow.init)
            + (deprecated?.items ?? []).map { info in FeatureRow(info, isUsed: used?.contains(info.name)) }
        return ListPart(
            at: lists.clock.date(), rows: rows,
            undecodable: (flags?.undecodable ?? 0) + (deprecated?.undecodable ?? 0))
    }

    private func streams(
        _ vhost: Name?, _ problems: inout [NamedProblem]
    ) async throws(ManagementError) -> ListPart<StreamRow>? {
        let (lists, client) = (lists, client)
        let queues = try await told("the streams", &problems) { () async throws(ManagementError) in
            try await lists.queues(vhost: vhost)
        }
        guard let queues else { return nil }
        var rows = queues.filter { $0.type == "stream" }.map(StreamRow.init)
        guard !rows.isEmpty else { return ListPart(at: lists.clock.date(), rows: []) }
        let consumers = try await told(
            "how far consumers are behind", missing: "the plugin rabbitmq_stream_management tells it", &problems
        ) { () async throws(ManagementError) in try await client.streamConsumers() }
        guard let consumers else { return ListPart(at: lists.clock.date(), rows: rows) }
        let byStream = Dictionary(grouping: consumers.items) {
            EntityID(vhost: $0.queue.vhost, name: $0.queue.name)
        }
        for index in rows.indices { rows[index].take(byStream[rows[index].id] ?? []) }
        return ListPart(at: lists.clock.date(), rows: rows)
    }

    private func shovels(_ problems: inout [NamedProblem]) async throws(ManagementError) -> ListPart<LinkRow>? {
        let client = client
        let shovels = try await told(
            "the shovels", missing: "the plugin rabbitmq_shovel_management is not enabled", &problems
        ) { () async throws(ManagementError) in try await client.shovels() }
        let links = try await told(
            "the federation links", needs: .monitoring,
            missing: "the plugin rabbitmq_federation_management is not enabled", &problems
        ) { () async throws(ManagementError) in try await client.federationLinks() }
        guard shovels != nil || links != nil else { return nil }
        let rows = (shovels?.items ?? []).map(LinkRow.init) + (links?.items ?? []).map(LinkRow.init)
        return ListPart(
            at: lists.clock.date(), rows: rows, undecodable: (shovels?.undecodable ?? 0) + (links?.undecodable ?? 0))
    }

    private func topologies(
        _ vhost: Name?, _ problems: inout [NamedProblem]
    ) async throws(ManagementError) -> NamedPart.Rows? {
        let poll = TopologyPoll(lists)
        let topologies = try await told("exchanges and bindings", &problems) { () async throws(ManagementError) in
            try await poll.topologies(vhost: vhost)
        }
        return topologies.map { .topology($0, at: lists.clock.date()) }
    }

    // MARK: What is not told

    /// Returns an answer; `nil` where this user may not ask for it or this broker does not serve it, which is noted.
    ///
    /// - Parameters:
    ///   - things: what is asked for, in words.
    ///   - tag: the user's tag that it needs.
    ///   - missing: why the broker may not know the request.
    private func told<Answer>(
        _ things: String, needs tag: Tag? = nil, missing: String? = nil, _ problems: inout [NamedProblem],
        _ request: () async throws(ManagementError) -> Answer
    ) async throws(ManagementError) -> Answer? {
        let advice = tag.map { ": the broker requires the tag \($0.rawValue)" } ?? ""
        let refusal = NamedProblem("this user may not ask for \(things)\(advice)", isRefusal: true)
        if let identity, let tag, !tag.isHeld(by: identity) {
            problems.append(refusal)
            return nil
        }
        do throws(ManagementError) {
            return try await request()
        } catch {
            switch error.code {
            case .notPermitted: problems.append(refusal)
            case .notFound, .methodNotAllowed:
                problems.append(
                    NamedProblem("not known: \(things); \(missing ?? "the broker does not serve them")"))
            default: throw error
            }
            return nil
        }
    }
}

extension NamedView {
    /// How often the rows are requested while they are shown, in seconds.
    var interval: Double {
        switch self {
        case .bindings, .vhosts, .streams, .shovels: 5
        case .topology: 10
        case .policies, .users, .flags: 15
        }
    }
}

extension OneShotPoll {
    /// Requests the rows of the views that are reached by their names.
    var named: NamedLists { NamedLists(lists) }
}
