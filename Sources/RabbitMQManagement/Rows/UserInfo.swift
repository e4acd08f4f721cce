public import Names

/// A user in the list `/api/users`, which only an administrator may read.
public struct UserInfo: ManagementObject, Hashable {
    /// The name.
    public var name: Name
    /// The tags: `administrator`, `monitoring`, `policymaker`, `management` …
    public var tags: [String]
    /// The limits by name; nil where the response does not contain them (before RabbitMQ 3.8).
    public var limits: [Name: Int]?

    /// Decodes a row; nil without a name.
    public init?(json: JSONValue) {
        guard let fields = ObjectFields(json), let name = fields.name("name") else { return nil }
        self.name = name
        tags = fields.tags("tags")
        limits =
            fields["limits"] == .null
            ? nil : fields.map("limits").compactMapValues { $0.integerValue.flatMap { Int(exactly: $0) } }
    }
}

/// A deprecated feature, in the lists `/api/deprecated-features` and `/api/deprecated-features/used`, which exist from
/// RabbitMQ 3.12.
public struct DeprecatedFeatureInfo: ManagementObject, Hashable {
    /// The name.
    public var name: Name
    /// The state: `permitted` or `denied`; nil where the response has none (before RabbitMQ 4.1).
    public var state: String?
    /// How far it is on its way out: `permitted_by_default`, `denied_by_default`, `disconnected`, `removed`.
    public var phase: String?
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
        phase = fields.setting("deprecation_phase")
        providedBy = fields.setting("provided_by")
        description = fields.setting("desc")
        documentation = fields.setting("doc_url")
    }
}
