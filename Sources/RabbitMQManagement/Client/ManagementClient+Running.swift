import NIOHTTP1
public import Names

/// Tracing, feature flags, shovels and federation links. On a read-only client each throws
/// ``ManagementError/Code/readOnly``.
extension ManagementClient {
    /// Begins or ends the tracing of a vhost's messages (the firehose). Its description, tags and default queue type
    /// stay. Requires an administrator.
    public func setTracing(ofVhost vhost: some NameConvertible, to isOn: Bool) async throws(ManagementError) {
        let path = RequestPath("vhosts", vhost)
        let now: VhostInfo = try await row(path)
        var body: [Name: JSONValue] = ["tracing": .bool(isOn), "tags": .string(now.tags.joined(separator: ","))]
        // What is not given is taken as empty.
        if let description = now.description { body["description"] = .string(description) }
        if let type = now.defaultQueueType { body["default_queue_type"] = .string(type) }
        try await change(.PUT, path, body: .object(body))
    }

    /// Enables a feature flag, which cannot be disabled again. Requires an administrator.
    public func enableFeatureFlag(_ name: some NameConvertible) async throws(ManagementError) {
        try await change(
            .PUT, RequestPath("feature-flags", name, "enable"), body: .object(["name": .string(name.asName.text)]))
    }

    /// Deletes a dynamic shovel with its definition. Requires the tag `policymaker`.
    public func deleteShovel(vhost: some NameConvertible, name: some NameConvertible) async throws(ManagementError) {
        try await change(.DELETE, RequestPath("parameters", "shovel", vhost, name))
    }

    /// Restarts a dynamic shovel.
    public func restartShovel(vhost: some NameConvertible, name: some NameConvertible) async throws(ManagementError) {
        try await change(.DELETE, RequestPath("shovels", "vhost", vhost, name, "restart"))
    }

    /// Restarts a link of federation.
    ///
    /// - Parameters:
    ///   - id: the broker's own identity of the link: ``FederationLinkInfo/id``.
    ///   - node: the node that runs it.
    public func restartFederationLink(
        vhost: some NameConvertible, id: some NameConvertible, node: some NameConvertible
    ) async throws(ManagementError) {
        try await change(.DELETE, RequestPath("federation-links", "vhost", vhost, id, node, "restart"))
    }
}
