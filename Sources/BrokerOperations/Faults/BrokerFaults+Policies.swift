import Faults
import Names
import RabbitMQManagement

extension BrokerFaults {
    /// Sets a temporary policy on one queue. Of several policies only the one with the highest priority applies to a
    /// queue, so it contains everything that the queue's own policy sets, too.
    ///
    /// - Parameters:
    ///   - keys: what the policy sets.
    ///   - isSafe: throws if the queue, or the operator policy that applies to it, rules out the fault.
    ///   - before: what the policy sets in a preceding step, if all of `keys` must not take effect on the queue
    ///     together.
    func policy(
        _ order: FaultOrder, _ kind: String, _ keys: [Name: JSONValue],
        isSafe: (QueueInfo, PolicyInfo?) throws(FaultError) -> Void = { _, _ in },
        before: [Name: JSONValue] = [:]
    ) async throws(FaultError) -> FaultInjection {
        let (name, vhost) = (try queue(order), vhost(order))
        let row = try await current(name, vhost)
        guard row.type != "stream" else {
            throw FaultError("Queue \(name) is a stream.", advice: "Its messages neither expire nor are rejected so.")
        }
        if let policy = row.policy, policy.hasPrefix(BrokerRepair.policyPrefix) {
            throw FaultError(
                "Queue \(name) has the temporary policy \(policy) already.", advice: "Undo that first.")
        }
        try isSafe(row, try await operatorPolicy(of: row))
        let (definition, priority) = try await asFault { () throws(ManagementError) in
            let policies = try await management.policies(vhost: vhost).items
            let current = policies.first { $0.name == row.policy }
            let highest = policies.compactMap(\.priority).max() ?? 0
            let definition = (current?.definition ?? [:]).merging(keys) { $1 }
            return (definition, max(1_000_000, highest == .max ? highest : highest + 1))
        }
        let policy = PolicyInfo(
            vhost: vhost, name: "\(BrokerRepair.policyPrefix)\(kind)-\(Self.randomHex())",
            pattern: ListQuery.pattern(for: name).text, appliesTo: "queues", priority: priority, definition: definition)
        let settings = keys.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value.text ?? "")" }
        return try await reversible(
            order, .policy(vhost: vhost, queue: name, name: policy.name),
            note: "policy \(policy.name) on queue \(name): \(settings.joined(separator: ", "))",
            before: { () async throws(ManagementError) -> Bool in
                guard !before.isEmpty else { return false }
                var first = policy
                first.definition.merge(before) { $1 }
                try await management.setPolicy(first)
                return true
            }
        ) { () throws(ManagementError) in
            try await management.setPolicy(policy)
        }
    }

    private func operatorPolicy(of row: QueueInfo) async throws(FaultError) -> PolicyInfo? {
        guard let name = row.operatorPolicy else { return nil }
        return try await asFault { () throws(ManagementError) in
            try await management.operatorPolicies(vhost: row.vhost).items.first { $0.name == name }
        }
    }

    /// Returns the current state of a queue. A request for a single queue is answered from the statistics, with the
    /// policy of some seconds ago; a list without statistics is current.
    private func current(_ name: Name, _ vhost: Name) async throws(FaultError) -> QueueInfo {
        let query = ListQuery.named(
            name, columns: ["name", "vhost", "policy", "operator_policy", "type", "arguments"])
        let found = try await asFault { () throws(ManagementError) in
            try await management.queues(query, vhost: vhost, mode: .basic).items
        }
        guard let row = found.first(where: { $0.name == name }) else {
            throw FaultError("There is no queue \(name) in vhost \(vhost).", advice: "Select one that is there.")
        }
        return row
    }

    private static func randomHex() -> String {
        String((0..<8).compactMap { _ in "0123456789abcdef".randomElement() })
    }
}
