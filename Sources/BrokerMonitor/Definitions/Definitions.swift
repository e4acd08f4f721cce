public import Foundation
public import Names
public import RabbitMQManagement
public import TopCore

/// The definitions of a broker, as the management API exports them: vhosts, users, permissions, queues, exchanges,
/// bindings, policies and parameters.
public struct Definitions: Sendable, Equatable {
    /// Everything that is defined, with its fields; secrets are replaced.
    public private(set) var items: [ConfigurationItem] = []
    /// The version of RabbitMQ that wrote them; nil if they do not say.
    public let version: String?
    /// The only vhost that they are of; nil if they are of the whole broker.
    public let vhost: Name?
    /// The number of rows that could not be read, and were left out.
    public private(set) var undecodable = 0

    /// Reads definitions.
    ///
    /// - Parameters:
    ///   - json: The whole document.
    ///   - vhost: The vhost of rows without one: the definitions of a single vhost do not repeat it.
    /// - Returns: nil for a document that is no definitions.
    public init?(json: JSONValue, vhost: Name? = nil) {
        guard let members = json.members, Section.allCases.contains(where: { members[$0.member]?.elements != nil })
        else { return nil }
        version = (members["rabbitmq_version"] ?? members["rabbit_version"])?.text
        self.vhost = vhost
        for section in Section.allCases {
            for row in members[section.member]?.elements ?? [] {
                guard var fields = row.members else {
                    undecodable += 1
                    continue
                }
                if let vhost, fields["vhost"] == nil { fields["vhost"] = .string(vhost.text) }
                if let read = section.items(fields) { items += read } else { undecodable += 1 }
            }
        }
    }

    /// Returns what is compared with another configuration.
    public func part(at time: Date) -> ConfigurationPart {
        var unknown: Set<ConfigurationItem.Kind> = [.featureFlag, .version]
        if vhost != nil { unknown.formUnion(ConfigurationItem.Kind.ofDefinitionsAlone) }
        let known = items.filter { !unknown.contains($0.kind) }
        return ConfigurationPart(at: time, items: known, unknown: unknown)
    }

    /// The lists of the document.
    private enum Section: CaseIterable {
        case vhosts, users, permissions, topicPermissions, globalParameters, parameters, policies, queues, exchanges
        case bindings

        var member: Name {
            switch self {
            case .vhosts: "vhosts"
            case .users: "users"
            case .permissions: "permissions"
            case .topicPermissions: "topic_permissions"
            case .globalParameters: "global_parameters"
            case .parameters: "parameters"
            case .policies: "policies"
            case .queues: "queues"
            case .exchanges: "exchanges"
            case .bindings: "bindings"
            }
        }

        /// Returns what a row stands for; nil for a row without its name. Some rows are left out: the result is empty.
        func items(_ row: [Name: JSONValue]) -> [ConfigurationItem]? {
            switch self {
            case .vhosts: named(.virtualHost, row, without: ["name", "limits"])
            // Hashes are salted: they differ for the same password, so that a comparison would say nothing.
            case .users: named(.user, row, without: ["name", "password_hash", "hashing_algorithm"])
            case .permissions: permission(row)
            case .topicPermissions: topicPermission(row)
            case .globalParameters: globalParameter(row)
            case .parameters: parameter(row)
            case .policies: policy(row, .policy)
            case .queues: queue(row)
            case .exchanges: item(ExchangeInfo.self, row, without: ["name", "vhost"]) { ConfigurationItem($0) }
            case .bindings: item(BindingInfo.self, row, without: nil) { ConfigurationItem($0) }
            }
        }

        /// - Parameter without: members that are no fields; nil: the name alone distinguishes the rows.
        private func item<Row: ManagementObject>(
            _ type: Row.Type, _ row: [Name: JSONValue], without: Set<Name>?, _ make: (Row) -> ConfigurationItem?
        ) -> [ConfigurationItem]? {
            guard let info = Row(json: .object(row)) else { return nil }
            guard var item = make(info) else { return [] }
            item.fields = without.map { DefinitionFields.of(row, without: $0) } ?? [:]
            return [item]
        }

        private func policy(_ row: [Name: JSONValue], _ kind: ConfigurationItem.Kind) -> [ConfigurationItem]? {
            item(PolicyInfo.self, row, without: ["name", "vhost"]) { ConfigurationItem($0, kind) }
        }

        private func named(
            _ kind: ConfigurationItem.Kind, _ row: [Name: JSONValue], without: Set<Name>
        ) -> [ConfigurationItem]? {
            guard let name = DefinitionFields.name(row["name"]) else { return nil }
            let fields = DefinitionFields.of(row, without: without)
            return [ConfigurationItem(kind, name: name, value: DefinitionFields.words(fields), fields: fields)]
        }

        private func permission(_ row: [Name: JSONValue]) -> [ConfigurationItem]? {
            guard let user = DefinitionFields.name(row["user"]), let vhost = DefinitionFields.name(row["vhost"]) else {
                return nil
            }
            let fields = DefinitionFields.of(row, without: ["user", "vhost"])
            return [
                ConfigurationItem(
                    .permission, vhost: vhost, name: user, value: DefinitionFields.words(fields), fields: fields)
            ]
        }

        private func topicPermission(_ row: [Name: JSONValue]) -> [ConfigurationItem]? {
            guard let user = DefinitionFields.name(row["user"]), let vhost = DefinitionFields.name(row["vhost"]),
                let exchange = DefinitionFields.name(row["exchange"])
            else { return nil }
            let fields = DefinitionFields.of(row, without: ["user", "vhost", "exchange"])
            return [
                ConfigurationItem(
                    .topicPermission, vhost: vhost, name: Name(bytes: user.bytes + " on ".utf8 + exchange.bytes),
                    value: DefinitionFields.words(fields), fields: fields)
            ]
        }

        private func globalParameter(_ row: [Name: JSONValue]) -> [ConfigurationItem]? {
            // Each cluster has an identity of its own.
            if DefinitionFields.name(row["name"]) == "internal_cluster_id" { return [] }
            return named(.globalParameter, row, without: ["name"])
        }

        private func parameter(_ row: [Name: JSONValue]) -> [ConfigurationItem]? {
            guard let info = ParameterInfo(json: .object(row)) else { return nil }
            switch info.component {
            case "operator_policy":
                var members = info.value.members ?? [:]
                (members["name"], members["vhost"]) = (row["name"], row["vhost"])
                return policy(members, .operatorPolicy)
            case "vhost-limits":
                return item(LimitInfo.self, row, without: ["name", "vhost", "component"]) { ConfigurationItem($0) }
            default:
                return item(ParameterInfo.self, row, without: ["name", "vhost", "component"]) { ConfigurationItem($0) }
            }
        }

        /// RabbitMQ 4 writes the type beside the arguments and into them, 3 into the arguments alone and not for a
        /// classic queue.
        private func queue(_ row: [Name: JSONValue]) -> [ConfigurationItem]? {
            var row = row
            var arguments = row["arguments"]?.members ?? [:]
            let type = row["type"]?.text ?? arguments["x-queue-type"]?.text ?? "classic"
            arguments["x-queue-type"] = nil
            (row["type"], row["arguments"]) = (.string(type), .object(arguments))
            return item(QueueInfo.self, row, without: ["name", "vhost"]) { ConfigurationItem($0) }
        }
    }
}

/// The fields of a row of definitions, by their names: members of `arguments`, `definition` and the like have names as
/// `arguments.x-max-length`.
enum DefinitionFields {
    static func name(_ value: JSONValue?) -> Name? {
        if case .string(let text)? = value { Name(text) } else { nil }
    }

    static func of(_ row: [Name: JSONValue], without: Set<Name>) -> [Name: Name] {
        var fields: [Name: Name] = [:]
        for (member, value) in row where !without.contains(member) {
            if Redaction.isSecret(member) {
                fields[member] = Name(Redaction.mark)
            } else if let members = value.members {
                // An empty object is written as an empty array by some versions, and left out by others.
                for (key, value) in members {
                    let isSecret = Redaction.isSecret(key)
                    fields[Name(bytes: member.bytes + ".".utf8 + key.bytes)] =
                        isSecret ? Name(Redaction.mark) : text(value)
                }
            } else if !value.isNull {
                fields[member] = member == "tags" ? tags(value) : text(value)
            }
        }
        return fields
    }

    static func words(_ fields: [Name: Name]) -> Name {
        Name(
            bytes: Array(
                fields.sorted { $0.key < $1.key }.map { $0.key.bytes + " ".utf8 + $0.value.bytes }
                    .joined(separator: ", ".utf8)))
    }

    private static func text(_ value: JSONValue) -> Name {
        if case .string(let text) = value { return Name(Redaction.withoutSecrets(text)) }
        return Name(value.publicText)
    }

    /// Tags are a list, or a text with commas in old definitions.
    private static func tags(_ value: JSONValue) -> Name {
        let tags = value.elements?.compactMap(\.text) ?? value.text.map { [$0] } ?? []
        return Name(tags.joined(separator: ","))
    }
}
