import Names
public import TopCore

extension Definitions {
    /// Returns of what a recording holds the part that definitions have, too: neither what every broker has from the
    /// start nor what is told twice.
    public static func part(of recorded: ConfigurationPart) -> ConfigurationPart {
        var part = recorded
        part.unknown.formUnion(ConfigurationItem.Kind.ofDefinitionsAlone)
        part.unknown.formUnion([.featureFlag, .version])
        part.items.removeAll { item in
            if part.unknown.contains(item.kind) { return true }
            return switch item.kind {
            case .exchange: item.name.isEmpty || item.name.bytes.starts(with: "amq.".utf8)
            // It is among the limits.
            case .parameter: item.name.bytes.starts(with: "vhost-limits/".utf8)
            case .policy, .operatorPolicy, .binding, .featureFlag, .queueArguments, .vhostLimit, .globalParameter,
                .virtualHost, .user, .permission, .topicPermission, .version:
                false
            }
        }
        return part
    }
}
