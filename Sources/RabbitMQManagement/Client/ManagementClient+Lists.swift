public import Names

extension ManagementClient {
    // MARK: The cluster

    /// The cluster at a glance. With `history`, ``Overview/messages`` and ``Overview/stats`` carry samples.
    public func overview(history: HistoryRange? = nil) async throws(ManagementError) -> Overview {
        try await row(RequestPath("overview").adding(Self.items(history)))
    }

    /// The nodes of the cluster, up or down.
    public func nodes() async throws(ManagementError) -> ObjectList<NodeInfo> {
        try await list(RequestPath("nodes"))
    }

    public func node(_ name: some NameConvertible) async throws(ManagementError) -> NodeInfo {
        try await row(RequestPath("nodes", name))
    }

    /// Who the broker takes us for.
    public func whoAmI() async throws(ManagementError) -> UserIdentity {
        try await row(RequestPath("whoami"))
    }

    /// Whether alarms are in effect in the cluster. An alarm is an answer here, not an error.
    public func alarms() async throws(ManagementError) -> AlarmCheck {
        try await alarmCheck(RequestPath("health", "checks", "alarms"))
    }

    /// The virtual hosts. Never asked for by pages: RabbitMQ 4.x answers 500 to that.
    public func vhosts() async throws(ManagementError) -> ObjectList<VhostInfo> {
        try await list(RequestPath("vhosts"))
    }

    public func vhost(_ name: some NameConvertible) async throws(ManagementError) -> VhostInfo {
        try await row(RequestPath("vhosts", name))
    }

    /// What a user may do where. Needs an administrator, but for oneself.
    public func permissions(user: some NameConvertible) async throws(ManagementError) -> ObjectList<PermissionInfo> {
        try await list(RequestPath("users", user, "permissions"))
    }

    public func policies(vhost: Name? = nil) async throws(ManagementError) -> ObjectList<PolicyInfo> {
        try await vhostList("policies", vhost) { $0.vhost }
    }

    public func operatorPolicies(vhost: Name? = nil) async throws(ManagementError) -> ObjectList<PolicyInfo> {
        try await vhostList("operator-policies", vhost) { $0.vhost }
    }

    // MARK: Queues

    /// Queues of a vhost, or of all. A 500 is asked again once, a little later: 3.10 answers so while a queue is being
    /// declared.
    public func queues(
        _ query: ListQuery = ListQuery(), vhost: Name? = nil, mode: QueueListMode = .full
    ) async throws(ManagementError) -> Page<QueueInfo> {
        if let vhost, !vhost.isAddressable {
            return Self.rows(try await queues(query.unpaged, mode: mode), of: vhost, \.vhost)
        }
        let path = RequestPath("queues").in(vhost).adding(query.items + mode.items)
        do {
            return try await page(path, query)
        } catch  where error.isServerError {
            // A cancelled task ends in the request itself.
            try? await Task.sleep(for: .milliseconds(200))
            return try await page(path, query)
        }
    }

    /// One queue; with `history` its figures carry samples.
    public func queue(
        vhost: some NameConvertible, name: some NameConvertible, history: HistoryRange? = nil
    ) async throws(ManagementError) -> QueueDetail {
        let path = RequestPath("queues", vhost, name)
        guard path.unaddressable == nil else { return try await listedQueue(vhost.asName, name.asName, path) }
        return try await row(path.adding(Self.items(history)))
    }

    // MARK: Exchanges and bindings

    /// Exchanges of a vhost, or of all.
    public func exchanges(
        _ query: ListQuery = ListQuery(), vhost: Name? = nil
    ) async throws(ManagementError) -> Page<ExchangeInfo> {
        if let vhost, !vhost.isAddressable {
            return Self.rows(try await exchanges(query.unpaged), of: vhost, \.vhost)
        }
        return try await page(RequestPath("exchanges").in(vhost).adding(query.items), query)
    }

    /// One exchange; `""` is the default exchange.
    public func exchange(vhost: some NameConvertible, name: some NameConvertible) async throws(ManagementError)
        -> ExchangeDetail
    {
        let path = RequestPath("exchanges", vhost, Self.exchangeSegment(name.asName))
        guard path.unaddressable == nil else { return try await listedExchange(vhost.asName, name.asName, path) }
        return try await row(path)
    }

    /// Bindings of a vhost, or of all. Not paged by the broker.
    public func bindings(vhost: Name? = nil) async throws(ManagementError) -> ObjectList<BindingInfo> {
        try await vhostList("bindings", vhost) { $0.vhost }
    }

    /// What is bound to a queue.
    public func bindings(vhost: some NameConvertible, queue: some NameConvertible) async throws(ManagementError)
        -> ObjectList<BindingInfo>
    {
        try await list(RequestPath("queues", vhost, queue, "bindings"), orBindingsOf: vhost.asName) {
            $0.destinationKind == .queue && $0.destination == queue.asName
        }
    }

    /// Where an exchange routes to.
    public func bindings(vhost: some NameConvertible, sourceExchange: some NameConvertible)
        async throws(ManagementError) -> ObjectList<BindingInfo>
    {
        try await list(
            RequestPath("exchanges", vhost, Self.exchangeSegment(sourceExchange.asName), "bindings", "source"),
            orBindingsOf: vhost.asName
        ) { $0.source == sourceExchange.asName }
    }

    /// What routes into an exchange.
    public func bindings(
        vhost: some NameConvertible, destinationExchange: some NameConvertible
    ) async throws(ManagementError) -> ObjectList<BindingInfo> {
        try await list(
            RequestPath(
                "exchanges", vhost, Self.exchangeSegment(destinationExchange.asName), "bindings", "destination"),
            orBindingsOf: vhost.asName
        ) { $0.destinationKind == .exchange && $0.destination == destinationExchange.asName }
    }

    // MARK: Connections, channels, consumers

    /// Connections of all vhosts. When a client's own name cannot be written by the broker (500 for the whole list), they
    /// are asked for again without names and properties: ``Page/isWithoutClientNames``.
    public func connections(_ query: ListQuery = ListQuery()) async throws(ManagementError) -> Page<ConnectionInfo> {
        try await connectionPage(query)
    }

    /// One connection, by the broker's name for it.
    public func connection(_ name: some NameConvertible) async throws(ManagementError) -> ConnectionInfo {
        try await connectionRow(name.asName)
    }

    /// A user's connections as the broker tracks them: at once, where ``connections(_:)`` knows new ones some seconds late,
    /// and with no more than name, vhost, user and node.
    public func connections(ofUser user: some NameConvertible) async throws(ManagementError) -> ObjectList<
        ConnectionInfo
    > {
        try await list(RequestPath("connections", "username", user))
    }

    /// The channels of one connection.
    public func channels(ofConnection name: some NameConvertible) async throws(ManagementError) -> ObjectList<
        ChannelInfo
    > {
        try await list(RequestPath("connections", name, "channels"))
    }

    /// Channels of all vhosts.
    public func channels(_ query: ListQuery = ListQuery()) async throws(ManagementError) -> Page<ChannelInfo> {
        try await page(RequestPath("channels").adding(query.items), query)
    }

    /// One channel, by the broker's name for it.
    public func channel(_ name: some NameConvertible) async throws(ManagementError) -> ChannelDetail {
        try await row(RequestPath("channels", name))
    }

    /// Consumers of a vhost, or of all. Not paged by the broker.
    public func consumers(vhost: Name? = nil) async throws(ManagementError) -> ObjectList<ConsumerInfo> {
        try await vhostList("consumers", vhost) { $0.queue.vhost }
    }

    /// The default exchange's name in the API's addresses.
    static func exchangeSegment(_ name: Name) -> Name { name.isEmpty ? "amq.default" : name }

    private static func items(_ history: HistoryRange?) -> [(String, Name)] {
        guard let history else { return [] }
        let (age, increment): (Name, Name) = ("\(history.age)", "\(history.increment)")
        return ["lengths", "msg_rates"].flatMap { kind in
            [("\(kind)_age", age), ("\(kind)_incr", increment)]
        }
    }
}
