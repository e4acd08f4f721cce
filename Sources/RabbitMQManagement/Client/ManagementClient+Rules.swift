public import Names

/// Policies, limits and permissions: reading and changing single ones. On a read-only client each change throws
/// ``ManagementError/Code/readOnly``.
extension ManagementClient {
    // MARK: Policies

    /// Returns one policy.
    public func policy(vhost: some NameConvertible, name: some NameConvertible) async throws(ManagementError)
        -> PolicyInfo
    {
        try await row(RequestPath("policies", vhost, name))
    }

    /// Creates a policy, or replaces the one of the same name.
    public func setPolicy(_ policy: PolicyInfo) async throws(ManagementError) {
        var body: [Name: JSONValue] = [
            "pattern": .string(policy.pattern), "definition": .object(policy.definition),
        ]
        if let appliesTo = policy.appliesTo { body["apply-to"] = .string(appliesTo) }
        if let priority = policy.priority { body["priority"] = .integer(Int64(priority)) }
        try await change(.PUT, RequestPath("policies", policy.vhost, policy.name), body: .object(body))
    }

    /// Deletes a policy.
    public func deletePolicy(vhost: some NameConvertible, name: some NameConvertible) async throws(ManagementError) {
        try await change(.DELETE, RequestPath("policies", vhost, name))
    }

    // MARK: Limits

    /// Returns a vhost's limits by their names; empty if it has none.
    public func limits(ofVhost vhost: some NameConvertible) async throws(ManagementError) -> [Name: Int] {
        try await limits(RequestPath("vhost-limits", vhost), of: vhost.asName)
    }

    /// Returns a user's limits by their names; empty if it has none.
    public func limits(ofUser user: some NameConvertible) async throws(ManagementError) -> [Name: Int] {
        try await limits(RequestPath("user-limits", user), of: user.asName)
    }

    /// Sets a vhost's limit.
    ///
    /// - Parameter value: 0 allows none; a negative value is unlimited.
    public func setLimit(_ limit: VhostLimit, ofVhost vhost: some NameConvertible, to value: Int)
        async throws(ManagementError)
    {
        try await change(
            .PUT, RequestPath("vhost-limits", vhost, limit.rawValue), body: .object(["value": .integer(Int64(value))]))
    }

    /// Removes a vhost's limit, if there is one.
    public func clearLimit(_ limit: VhostLimit, ofVhost vhost: some NameConvertible) async throws(ManagementError) {
        try await change(.DELETE, RequestPath("vhost-limits", vhost, limit.rawValue))
    }

    /// Sets a user's limit.
    ///
    /// - Parameter value: 0 allows none; a negative value is unlimited.
    public func setLimit(_ limit: UserLimit, ofUser user: some NameConvertible, to value: Int)
        async throws(ManagementError)
    {
        try await change(
            .PUT, RequestPath("user-limits", user, limit.rawValue), body: .object(["value": .integer(Int64(value))]))
    }

    /// Removes a user's limit, if there is one.
    public func clearLimit(_ limit: UserLimit, ofUser user: some NameConvertible) async throws(ManagementError) {
        try await change(.DELETE, RequestPath("user-limits", user, limit.rawValue))
    }

    private func limits(_ path: RequestPath, of owner: Name) async throws(ManagementError) -> [Name: Int] {
        let list: ObjectList<LimitInfo> = try await list(path)
        return list.items.first { $0.owner == owner }?.limits ?? [:]
    }

    // MARK: Permissions

    /// Returns a user's permission in a vhost. Throws ``ManagementError/Code/notFound`` (404) if there is none, or no
    /// such user or vhost.
    public func permission(user: some NameConvertible, vhost: some NameConvertible) async throws(ManagementError)
        -> PermissionInfo
    {
        try await row(RequestPath("permissions", vhost, user))
    }

    /// Sets a user's permission in a vhost.
    public func setPermission(_ permission: PermissionInfo) async throws(ManagementError) {
        let body: [Name: JSONValue] = [
            "configure": .string(permission.configure), "write": .string(permission.write),
            "read": .string(permission.read),
        ]
        try await change(.PUT, RequestPath("permissions", permission.vhost, permission.user), body: .object(body))
    }

    /// Deletes a user's permission in a vhost.
    public func deletePermission(user: some NameConvertible, vhost: some NameConvertible) async throws(ManagementError)
    {
        try await change(.DELETE, RequestPath("permissions", vhost, user))
    }
}
