import Names
package import RabbitMQManagement
package import TopCore

// What is configured, as words that can be compared, without secrets.
extension ConfigurationItem {
    /// Creates a policy or an operator policy, with its fields.
    package init(_ policy: PolicyInfo, _ kind: Kind) {
        let words = [
            "matches \(policy.pattern)", policy.appliesTo.map { "of \($0)" },
            policy.priority.map { "priority \($0)" }, JSONValue.object(policy.definition).publicText,
        ]
        self.init(
            kind, vhost: policy.vhost, name: policy.name, value: Name(words.compactMap { $0 }.joined(separator: ", ")))
        var row: [Name: JSONValue] = ["pattern": .string(policy.pattern), "definition": .object(policy.definition)]
        row["apply-to"] = policy.appliesTo.map(JSONValue.string)
        row["priority"] = policy.priority.map { .integer(Int64($0)) }
        fields = DefinitionFields.of(row, without: [])
    }

    /// The name has all that distinguishes bindings: two may differ in their arguments alone.
    package init(_ binding: BindingInfo) {
        let arguments = binding.arguments.isEmpty ? "" : " " + JSONValue.object(binding.arguments).publicText
        let kind = binding.destinationKind.rawValue
        let name =
            binding.source.bytes + " to \(kind) ".utf8 + binding.destination.bytes + " by '".utf8
            + binding.routingKey.bytes + "'\(arguments)".utf8
        self.init(.binding, vhost: binding.vhost, name: Name(bytes: name), value: "bound")
    }

    init(_ flag: FeatureFlagInfo) {
        self.init(.featureFlag, name: flag.name, value: Name(flag.state ?? "unknown"))
    }

    init(_ limit: LimitInfo) {
        let members = limit.limits.mapValues { JSONValue.integer(Int64($0)) }
        self.init(.vhostLimit, vhost: limit.owner, name: limit.owner, value: Name(JSONValue.object(members).publicText))
    }

    init(_ parameter: ParameterInfo) {
        self.init(
            .parameter, vhost: parameter.vhost,
            name: Name(bytes: parameter.component.bytes + "/".utf8 + parameter.name.bytes),
            value: Name(parameter.value.publicText))
    }

    /// Returns `nil` for an exclusive queue, which lives as long as its connection.
    init?(_ queue: QueueInfo) {
        guard queue.isExclusive != true, queue.exclusiveOwner == nil else { return nil }
        var arguments = queue.arguments
        // RabbitMQ 4 adds the type to the arguments of each queue; it is told already.
        if let type = queue.type, arguments["x-queue-type"]?.text == type { arguments["x-queue-type"] = nil }
        let words = [
            queue.type, queue.isDurable.map { $0 ? "durable" : "transient" },
            queue.isAutoDelete == true ? "auto-delete" : nil, JSONValue.object(arguments).publicText,
        ]
        self.init(
            .queueArguments, vhost: queue.vhost, name: queue.name,
            value: Name(words.compactMap { $0 }.joined(separator: ", ")))
    }

    init(_ exchange: ExchangeInfo) {
        let words = [
            exchange.type, exchange.isDurable.map { $0 ? "durable" : "transient" },
            exchange.isAutoDelete == true ? "auto-delete" : nil, exchange.isInternal == true ? "internal" : nil,
            JSONValue.object(exchange.arguments).publicText,
        ]
        self.init(
            .exchange, vhost: exchange.vhost, name: exchange.name,
            value: Name(words.compactMap { $0 }.joined(separator: ", ")))
    }

    /// Returns `nil` for a node that does not tell its version.
    init?(_ node: NodeInfo) {
        guard let version = node.version else { return nil }
        let erlang = node.erlangVersion.map { ", Erlang \($0)" } ?? ""
        self.init(.version, name: node.name, value: Name("RabbitMQ \(version)\(erlang)"))
    }
}
