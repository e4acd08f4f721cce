public import Names

extension ManagementClient {
    // MARK: The cluster

    /// Returns an overview of the cluster. With `history`, ``Overview/messages`` and ``Overview/stats`` have samples.
    public func overview(history: HistoryRange? = nil) async throws(ManagementError) -> Overview {
        try await row(RequestPath("overview").adding(Self.items(history)))
    }

    /// Returns the nodes of the cluster, running or not.
    public func nodes() async throws(ManagementError) -> ObjectList<NodeInfo> {
        try await list(RequestPath("nodes"))
    }

    /// Returns one node.
    public func node(_ name: some NameConvertible) async throws(ManagementError) -> NodeInfo {
        try await row(RequestPath("nodes", name))
    }

    /// Returns the user that the client is logged in as.
    public func whoAmI() async throws(ManagementError) -> UserIdentity {
        try await row(RequestPath("whoami"))
    }

    /// Returns whether alarms are in effect in the cluster. An alarm is a result here, not an error.
    public func alarms() async throws(ManagementError) -> AlarmCheck {
        try await alarmCheck(RequestPath("health", "checks", "alarms"))
    }

    /// Returns the virtual hosts. Never requested in pages, because RabbitMQ 4.x returns 500 for that.
    public func vhosts() async throws(ManagementError) -> ObjectList<VhostInfo> {
        try await list(RequestPath("vhosts"))
    }

    /// Returns one virtual host.
    public func vhost(_ name: some NameConvertible) async throws(ManagementError) -> VhostInfo {
        try await row(RequestPath("vhosts", name))
    }

    /// Returns the permissions of a user. Requires an administrator, except for the user's own.
    public func permissions(user: some NameConvertible) async throws(ManagementError) -> ObjectList<PermissionInfo> {
        try await list(RequestPath("users", user, "permissions"))
    }

    /// Returns the policies of a vhost, or of all.
    public func policies(vhost: Name? = nil) async throws(ManagementError) -> ObjectList<PolicyInfo> {
        try await vhostList("policies", vhost) { $0.vhost }
    }

    /// Returns the operator policies of a vhost, or of all.
    public func operatorPolicies(vhost: Name? = nil) async throws(ManagementError) -> ObjectList<PolicyInfo> {
        try await vhostList("operator-policies", vhost) { $0.vhost }
    }

    /// Returns the feature flags of the cluster.
    public func featureFlags() async throws(ManagementError) -> ObjectList<FeatureFlagInfo> {
        try await list(RequestPath("feature-flags"))
    }

    /// Returns the runtime parameters of all vhosts, whose values may hold passwords.
    public func parameters() async throws(ManagementError) -> ObjectList<ParameterInfo> {
        try await list(RequestPath("parameters"))
    }

    /// Returns the limits of all vhosts that have some.
    public func vhostLimits() async throws(ManagementError) -> ObjectList<LimitInfo> {
        try await list(RequestPath("vhost-limits"))
    }

    // MARK: Queues

    /// Returns the queues of a vhost, or of all. After a 500 the request is repeated once, a little later: 3.10 returns
    /// it while a queue is being declared.
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

    /// Returns one queue; with `history` its figures have samples.
    public func queue(
        vhost: some NameConvertible, name: some NameConvertible, history: HistoryRange? = nil
    ) async throws(ManagementError) -> QueueDetail {
        let path = RequestPath("queues", vhost, name)
        guard path.unaddressable == nil else { return try await listedQueue(vhost.asName, name.asName, path) }
        return try await row(path.adding(Self.items(history)))
    }

    // MARK: Exchanges and bindings

    /// Returns the exchanges of a vhost, or of all.
    public func exchanges(
        _ query: ListQuery = ListQuery(), vhost: Name? = nil
    ) async throws(ManagementError) -> Page<ExchangeInfo> {
        if let vhost, !vhost.isAddressable {
            return Self.rows(try await exchanges(query.unpaged), of: vhost, \.vhost)
        }
        return try await page(RequestPath("exchanges").in(vhost).adding(query.items), query)
    }

    /// Returns one exchange; `""` is the default exchange.
    public func exchange(vhost: some NameConvertible, name: some NameConvertible) async throws(ManagementError)
        -> ExchangeDetail
    {
        let path = RequestPath("exchanges", vhost, Self.exchangeSegment(name.asName))
        guard path.unaddressable == nil else { return try await listedExchange(vhost.asName, name.asName, path) }
        return try await row(path)
    }

    /// Returns the bindings of a vhost, or of all. The broker does not page them.
    public func bindings(vhost: Name? = nil) async throws(ManagementError) -> ObjectList<BindingInfo> {
        try await vhostList("bindings", vhost) { $0.vhost }
    }

    /// Returns the bindings of a queue.
    public func bindings(vhost: some NameConvertible, queue: some NameConvertible) async throws(ManagementError)
        -> ObjectList<BindingInfo>
    {
        try await list(RequestPath("queues", vhost, queue, "bindings"), orBindingsOf: vhost.asName) {
            $0.destinationKind == .queue && $0.destination == queue.asName
        }
    }

    /// Returns the bindings of which the exchange is the source.
    public func bindings(vhost: some NameConvertible, sourceExchange: some NameConvertible)
        async throws(ManagementError) -> ObjectList<BindingInfo>
    {
        try await list(
            RequestPath("exchanges", vhost, Self.exchangeSegment(sourceExchange.asName), "bindings", "source"),
            orBindingsOf: vhost.asName
        ) { $0.source == sourceExchange.asName }
    }

    /// Returns the bindings of which the exchange is the destination.
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

    /// Returns the connections of all vhosts. If the broker cannot write a client's own name (500 for the whole list),
    /// they are requested again without names and properties: ``Page/isWithoutClientNames``.
    public func connections(_ query: ListQuery = ListQuery()) async throws(ManagementError) -> Page<ConnectionInfo> {
        try await connectionPage(query)
    }

    /// Returns one connection, by the broker's name for it.
    public func connection(_ name: some NameConvertible) async throws(ManagementError) -> ConnectionInfo {
        try await connectionRow(name.asName)
    }

    /// Returns a user's connections as the broker tracks them: immediately, whereas ``connections(_:)`` lists new ones
    /// some seconds late, and only with name, vhost, user and node.
    public func connections(ofUser user: some NameConvertible) async throws(ManagementError) -> ObjectList<
        ConnectionInfo
    > {
        try await list(RequestPath("connections", "username", user))
    }

    /// Returns the channels of one connection.
    public func channels(ofConnection name: some NameConvertible) async throws(ManagementError) -> ObjectList<
        ChannelInfo
    > {
        try await list(RequestPath("connections", name, "channels"))
    }

    /// Returns the channels of all vhosts.
    public func channels(_ query: ListQuery = ListQuery()) async throws(ManagementError) -> Page<ChannelInfo> {
        try await page(RequestPath("channels").adding(query.items), query)
    }

    /// Returns one channel, by the broker's name for it.
    public func channel(_ name: some NameConvertible) async throws(ManagementError) -> ChannelDetail {
        try await row(RequestPath("channels", name))
    }

    /// Returns the consumers of a vhost, or of all. The broker does not page them.
    public func consumers(vhost: Name? = nil) async throws(ManagementError) -> ObjectList<ConsumerInfo> {
        try await vhostList("consumers", vhost) { $0.queue.vhost }
    }

    /// Returns the consumers of the stream protocol in all vhosts, with how far they lag behind.
    ///
    /// - Throws: `ManagementError.Code.notFound` where the plugin `rabbitmq_stream_management` is not enabled.
    public func streamConsumers() async throws(ManagementError) -> ObjectList<StreamConsumerInfo> {
        try await list(RequestPath("stream", "consumers"))
    }

    /// Returns an exchange's name in the API's paths, where the default exchange has a special one.
    static func exchangeSegment(_ name: Name) -> Name { name.isEmpty ? "amq.default" : name }

    private static func items(_ history: HistoryRange?) -> [(String, Name)] {
        guard let history else { return [] }
        let (age, increment): (Name, Name) = ("\(history.age)", "\(history.increment)")
        return ["lengths", "msg_rates"].flatMap { kind in
            [("\(kind)_age", age), ("\(kind)_incr", increment)]
        }
    }

    /// Returns the definitions of the broker, or of one vhost, without passwords, their hashes and what URIs hold of
    /// them.
    ///
    /// - Throws: `ManagementError.Code.notPermitted` for a user that is no administrator.
    public func definitionsWithoutSecrets(vhost: Name? = nil) async throws(ManagementError) -> JSONValue {
        try await document(RequestPath("definitions").in(vhost)).withoutSecrets
    }
}
