public import Names

/// A feature flag of the cluster.
public struct FeatureFlagInfo: ManagementObject, Hashable {
    /// The name.
    public var name: Name
    /// The state: `enabled`, `disabled`, `unavailable`, `state_changing`; nil if the response has none.
    public var state: String?
    /// How stable its feature is: `stable`, `required`, `experimental`.
    public var stability: String?
    /// The plugin or application that it belongs to.
    public var providedBy: String?
    /// The description.
    public var description: String?
    /// Where it is documented.
    public var documentation: String?

    /// Decodes a row; nil without a name.
    public init?(json: JSONValue) {
        guard let fields = ObjectFields(json), let name = fields.name("name") else { return nil }
        self.name = name
        state = fields.setting("state")
        stability = fields.setting("stability")
        providedBy = fields.setting("provided_by")
        description = fields.setting("desc")
        documentation = fields.setting("doc_url")
    }
}

/// A runtime parameter: a shovel, a federation upstream and the like. Its value may hold URIs with passwords.
public struct ParameterInfo: ManagementObject, Hashable {
    /// The vhost.
    public var vhost: Name
    /// The component that it belongs to: `shovel`, `federation-upstream` …
    public var component: Name
    /// The name.
    public var name: Name
    /// The value, without a fixed structure.
    public var value: JSONValue

    /// Decodes a row; nil without a name, a component or a vhost.
    public init?(json: JSONValue) {
        guard let fields = ObjectFields(json), let name = fields.name("name"), let vhost = fields.name("vhost"),
            let component = fields.name("component")
        else { return nil }
        self.name = name
        self.vhost = vhost
        self.component = component
        value = fields["value"]
    }
}
