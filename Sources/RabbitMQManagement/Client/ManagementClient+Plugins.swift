/// Users and what only some brokers serve.
extension ManagementClient {
    /// Returns the users. Requires an administrator.
    public func users() async throws(ManagementError) -> ObjectList<UserInfo> {
        try await list(RequestPath("users"))
    }

    /// Returns the permissions of all users in all vhosts. Requires an administrator.
    public func permissions() async throws(ManagementError) -> ObjectList<PermissionInfo> {
        try await list(RequestPath("permissions"))
    }

    /// Returns the deprecated features.
    ///
    /// - Throws: `ManagementError.Code.notFound` before RabbitMQ 3.12.
    public func deprecatedFeatures() async throws(ManagementError) -> ObjectList<DeprecatedFeatureInfo> {
        try await list(RequestPath("deprecated-features"))
    }

    /// Returns the deprecated features that are used.
    ///
    /// - Throws: `ManagementError.Code.notFound` before RabbitMQ 3.12.
    public func deprecatedFeaturesInUse() async throws(ManagementError) -> ObjectList<DeprecatedFeatureInfo> {
        try await list(RequestPath("deprecated-features", "used"))
    }

    /// Returns the shovels of all vhosts.
    ///
    /// - Throws: `ManagementError.Code.notFound` where the plugin `rabbitmq_shovel_management` is not enabled.
    public func shovels() async throws(ManagementError) -> ObjectList<ShovelInfo> {
        try await list(RequestPath("shovels"))
    }

    /// Returns the links of federation of all vhosts. Requires the tag `monitoring`.
    ///
    /// - Throws: `ManagementError.Code.notFound` where the plugin `rabbitmq_federation_management` is not enabled.
    public func federationLinks() async throws(ManagementError) -> ObjectList<FederationLinkInfo> {
        try await list(RequestPath("federation-links"))
    }
}
