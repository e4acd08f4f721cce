import Names
import RabbitMQManagement

/// Restores the broker's settings from before a fault.
enum BrokerRepair: Codable, Hashable, Sendable {
    /// Deletes a temporary policy.
    case policy(vhost: Name, queue: Name, name: Name)
    /// Restores a limit; `was` is nil if there was none.
    case vhostLimit(VhostLimit, vhost: Name, was: Int?, set: Int)
    case userLimit(UserLimit, user: Name, was: Int?, set: Int)
    /// Restores a user's permissions. `set` is what the fault left of them; nil if nothing.
    case permission(user: Name, vhost: Name, was: Rights, set: Rights?)

    /// The three regular expressions of a permission.
    struct Rights: Codable, Hashable, Sendable {
        var configure: String
        var write: String
        var read: String

        init(_ row: PermissionInfo) {
            configure = row.configure
            write = row.write
            read = row.read
        }
    }

    /// The prefix of the names of temporary policies.
    static let policyPrefix: Name = "rabbittop-fault-"

    /// A `max-length` that no queue reaches.
    static let unreachedLength: Int64 = 1_000_000_000

    /// What was changed. If two faults changed the same target, undoing the later one would bring the earlier one back.
    var target: Name {
        switch self {
        case .policy(let vhost, let queue, _): "the policy of queue \(queue) in vhost \(vhost)"
        case .vhostLimit(let limit, let vhost, _, _): "\(limit.rawValue) of vhost \(vhost)"
        case .userLimit(let limit, let user, _, _): "\(limit.rawValue) of user \(user)"
        case .permission(let user, let vhost, _, _): "the permissions of user \(user) in vhost \(vhost)"
        }
    }

    /// What is restored, as text for the user.
    var words: String {
        switch self {
        case .policy(let vhost, let queue, let name):
            queue.isEmpty
                ? "the temporary policy \(name) in vhost \(vhost)"
                : "the temporary policy \(name) on queue \(queue) in vhost \(vhost)"
        case .vhostLimit(_, _, let was, let set), .userLimit(_, _, let was, let set):
            "\(target): \(set), before \(was.map(String.init) ?? "none")"
        case .permission(_, _, _, let set): "\(target): \(set == nil ? "all" : "some") revoked"
        }
    }

    /// Restores the settings. Anything that was changed by others since then keeps its current value.
    ///
    /// - Returns: the outcome as text.
    func carryOut(on management: ManagementClient) async throws(ManagementError) -> String {
        switch self {
        case .policy(let vhost, _, let name):
            do throws(ManagementError) {
                try await endRejecting(vhost: vhost, policy: name, on: management)
                try await management.deletePolicy(vhost: vhost, name: name)
            } catch {
                guard error.code == .notFound else { throw error }
                return "policy \(name) was gone already"
            }
            return "policy \(name) is taken away"
        case .vhostLimit(let limit, let vhost, let was, let set):
            return try await putBack(was, set) { () throws(ManagementError) in
                try await management.limits(ofVhost: vhost)[Name(limit.rawValue)]
            } change: { value throws(ManagementError) in
                if let value {
                    try await management.setLimit(limit, ofVhost: vhost, to: value)
                } else {
                    try await management.clearLimit(limit, ofVhost: vhost)
                }
            }
        case .userLimit(let limit, let user, let was, let set):
            return try await putBack(was, set) { () throws(ManagementError) in
                try await management.limits(ofUser: user)[Name(limit.rawValue)]
            } change: { value throws(ManagementError) in
                if let value {
                    try await management.setLimit(limit, ofUser: user, to: value)
                } else {
                    try await management.clearLimit(limit, ofUser: user)
                }
            }
        case .permission(let user, let vhost, let was, let set):
            return try await putBack(user: user, vhost: vhost, was, set, on: management)
        }
    }

    /// A quorum queue notifies the channels whose publishes it rejects only when a limit is lifted, not when a policy
    /// is deleted; a channel that published meanwhile would be rejected forever (3.10.8; on 4.x if the queue has
    /// another limit).
    private func endRejecting(
        vhost: Name, policy name: Name, on management: ManagementClient
    ) async throws(ManagementError) {
        var policy = try await management.policy(vhost: vhost, name: name)
        guard policy.definition["overflow"]?.text?.hasBytePrefix("reject-publish") == true else { return }
        policy.definition["max-length"] = .integer(Self.unreachedLength)
        try await management.setPolicy(policy)
    }

    private func putBack(
        _ was: Int?, _ set: Int, read: () async throws(ManagementError) -> Int?,
        change: (Int?) async throws(ManagementError) -> Void
    ) async throws(ManagementError) -> String {
        do throws(ManagementError) {
            let now = try await read()
            guard now != was else { return "\(target) is \(Self.words(was)) already" }
            guard now == set else {
                return "\(target) is \(Self.words(now)) by now, which somebody else set: it stays"
            }
            try await change(was)
            return "\(target) is \(Self.words(was)) again"
        } catch {
            guard error.code == .notFound else { throw error }
            return "\(target): that is gone"
        }
    }

    private func putBack(
        user: Name, vhost: Name, _ was: Rights, _ set: Rights?, on management: ManagementClient
    ) async throws(ManagementError) -> String {
        var now: Rights?
        do throws(ManagementError) {
            now = Rights(try await management.permission(user: user, vhost: vhost))
        } catch {
            guard error.code == .notFound else { throw error }
        }
        guard now != was else { return "\(target) are as before already" }
        guard now == set else { return "\(target) are others by now, which somebody else set: they stay" }
        do throws(ManagementError) {
            try await management.setPermission(
                PermissionInfo(user: user, vhost: vhost, configure: was.configure, write: was.write, read: was.read))
        } catch {
            // For a missing user or vhost the broker answers 400 or 404, depending on its version.
            switch error.code {
            case .notFound, .badRequest: return "\(target): user or vhost is gone"
            default: throw error
            }
        }
        return "\(target) are as before again"
    }

    private static func words(_ limit: Int?) -> String { limit.map(String.init) ?? "none" }
}
