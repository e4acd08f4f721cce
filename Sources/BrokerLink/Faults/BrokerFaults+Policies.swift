import Faults
import RabbitMQManagement

extension BrokerFaults {
    /// Sets a temporary policy on one queue. Of several policies only that of the highest priority applies to a queue, so
    /// it holds all that the queue's own policy sets too.
    func policy(
        _ order: FaultOrder, _ kind: String, _ keys: [String: JSONValue]
    ) async throws(FaultError) -> FaultInjection {
        let (name, vhost) = (try queue(order), vhost(order))
        let row = try await asFault { () throws(ManagementError) in
            try await management.queue(vhost: vhost, name: name).queue
        }
        guard row.type != "stream" else {
            throw FaultError("Queue \(name) is a stream.", advice: "Its messages neither expire nor are rejected so.")
        }
        if let policy = row.policy, policy.hasPrefix(BrokerRepair.policyPrefix) {
            throw FaultError(
                "Queue \(name) has the temporary policy \(policy) already.", advice: "Undo that first.")
        }
        let (definition, priority) = try await asFault { () throws(ManagementError) in
            let policies = try await management.policies(vhost: vhost).items
            let current = policies.first { $0.name == row.policy }
            let highest = policies.compactMap(\.priority).max() ?? 0
            let definition = (current?.definition ?? [:]).merging(keys) { $1 }
            return (definition, max(1_000_000, highest == .max ? highest : highest + 1))
        }
        let policy = PolicyRow(
            vhost: vhost, name: "\(BrokerRepair.policyPrefix)\(kind)-\(Self.randomHex())",
            pattern: Self.pattern(for: name), appliesTo: "queues", priority: priority, definition: definition)
        let settings = keys.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value.text ?? "")" }
        return try await reversible(
            order, .policy(vhost: vhost, queue: name, name: policy.name),
            note: "policy \(policy.name) on queue \(name): \(settings.joined(separator: ", "))"
        ) { () throws(ManagementError) in
            try await management.setPolicy(policy)
        }
    }

    /// A regular expression that matches this name alone.
    static func pattern(for name: String) -> String {
        var result = "^"
        for scalar in name.unicodeScalars {
            if "\\^$.[]|()?*+{}#-".unicodeScalars.contains(scalar) { result.append("\\") }
            result.unicodeScalars.append(scalar)
        }
        return result + "$"
    }

    private static func randomHex() -> String {
        String((0..<8).compactMap { _ in "0123456789abcdef".randomElement() })
    }
}
