import Foundation
import Names
import RabbitMQManagement
import TopCore

/// A list of the management API that belongs to the configuration.
enum ConfigurationSource: Hashable, Sendable, CaseIterable {
    case policies, operatorPolicies, bindings, featureFlags, vhostLimits, parameters

    /// The kind of its items.
    var kind: ConfigurationItem.Kind {
        switch self {
        case .policies: .policy
        case .operatorPolicies: .operatorPolicy
        case .bindings: .binding
        case .featureFlags: .featureFlag
        case .vhostLimits: .vhostLimit
        case .parameters: .parameter
        }
    }
}

extension Poller {
    /// The highest number of bindings that are compared; of a broker with more they are left out.
    private static let mostBindings = 20_000
    /// The seconds until a part of the configuration is requested again that the user may not read.
    private static let refusedPartInterval = 3_600.0

    /// Requests what is configured, and posts it when all of it is known: a part that is missing would look deleted.
    func pollConfiguration() async throws(ManagementError) {
        var items: [ConfigurationItem] = []
        var unknown: Set<ConfigurationItem.Kind> = []
        // Of a list that is too long, what was known once is out of date.
        let queueArguments = facts.mayList(.queues) ? queueArguments : nil
        for (kind, known) in [(.version, versions), (.exchange, exchangeItems), (.queueArguments, queueArguments)]
            as [(ConfigurationItem.Kind, [ConfigurationItem]?)]
        {
            if let known { items += known } else { unknown.insert(kind) }
        }
        for source in ConfigurationSource.allCases {
            if let refused = refusedParts[source] {
                if clock.uptime() - refused < Self.refusedPartInterval {
                    unknown.insert(source.kind)
                    continue
                }
                refusedParts[source] = nil
            }
            do throws(ManagementError) {
                if let known = try await self.items(of: source) {
                    items += known
                } else {
                    unknown.insert(source.kind)
                }
            } catch {
                switch error.code {
                // Many users may not read all of it, and the broker logs each refusal; old brokers lack some lists.
                case .notPermitted, .notFound, .methodNotAllowed:
                    refusedParts[source] = clock.uptime()
                    unknown.insert(source.kind)
                default: throw error
                }
            }
        }
        try await noteVhosts(Set(items.compactMap(\.vhost)), of: .configuration)
        inbox.post(.configuration(ConfigurationPart(at: clock.date(), items: items, unknown: unknown)))
    }

    /// Returns the items of a list; `nil` when there are too many of them.
    private func items(of source: ConfigurationSource) async throws(ManagementError) -> [ConfigurationItem]? {
        let client = lists.client
        switch source {
        case .policies: return try await client.policies().items.map { ConfigurationItem($0, .policy) }
        case .operatorPolicies:
            return try await client.operatorPolicies().items.map { ConfigurationItem($0, .operatorPolicy) }
        case .bindings:
            let bindings = try await client.bindings().items
            allBindingsOut = BrokerLists.bindingsOut(withoutOwn(bindings))
            let ours = own.queues
            let made = bindings.filter {
                // The default exchange's own bindings go with their queues.
                !$0.source.isEmpty && ($0.vhost != ExchangeListener.vhost || !ours.contains($0.destination))
            }
            return made.count > Self.mostBindings ? nil : made.map(ConfigurationItem.init)
        case .featureFlags: return try await client.featureFlags().items.map(ConfigurationItem.init)
        case .vhostLimits: return try await client.vhostLimits().items.map(ConfigurationItem.init)
        case .parameters: return try await client.parameters().items.map(ConfigurationItem.init)
        }
    }
}
