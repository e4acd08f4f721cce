import Foundation
import Names
import RabbitMQManagement
import TopCore

/// A list of the management API that belongs to the configuration.
enum ConfigurationSource: Hashable, Sendable, CaseIterable {
    case policies, operatorPolicies, bindings, featureFlags, vhostLimits, parameters
}

extension Poller {
    /// The highest number of bindings that are compared; of a broker with more they are left out.
    private static let mostBindings = 20_000
    /// The seconds until a part of the configuration is requested again that the user may not read.
    private static let refusedPartInterval = 3_600.0

    /// Requests what is configured, and posts it when all of it is known: a part that is missing would look deleted.
    func pollConfiguration() async throws(ManagementError) {
        var items = versions + exchangeItems + queueArguments
        for source in ConfigurationSource.allCases {
            if let refused = refusedParts[source] {
                if clock.uptime() - refused < Self.refusedPartInterval { continue }
                refusedParts[source] = nil
            }
            do throws(ManagementError) {
                items += try await self.items(of: source)
            } catch {
                switch error.code {
                // Many users may not read all of it, and the broker logs each refusal; old brokers lack some lists.
                case .notPermitted, .notFound, .methodNotAllowed: refusedParts[source] = clock.uptime()
                default: throw error
                }
            }
        }
        inbox.post(.configuration(ConfigurationPart(at: clock.date(), items: items)))
    }

    private func items(of source: ConfigurationSource) async throws(ManagementError) -> [ConfigurationItem] {
        let client = lists.client
        switch source {
        case .policies: return try await client.policies().items.map { ConfigurationItem($0, .policy) }
        case .operatorPolicies:
            return try await client.operatorPolicies().items.map { ConfigurationItem($0, .operatorPolicy) }
        case .bindings:
            let bindings = try await client.bindings().items
            allBindingsOut = BrokerLists.bindingsOut(bindings)
            let ours = own.queues
            let made = bindings.filter {
                // The default exchange's own bindings go with their queues.
                !$0.source.isEmpty && ($0.vhost != ExchangeListener.vhost || !ours.contains($0.destination))
            }
            return made.count > Self.mostBindings ? [] : made.map(ConfigurationItem.init)
        case .featureFlags: return try await client.featureFlags().items.map(ConfigurationItem.init)
        case .vhostLimits: return try await client.vhostLimits().items.map(ConfigurationItem.init)
        case .parameters: return try await client.parameters().items.map(ConfigurationItem.init)
        }
    }
}
