import Faults
import Names
import RabbitMQManagement

extension BrokerFaults {
    func limitVhost(_ order: FaultOrder, _ fault: VhostLimitFault) async throws(FaultError) -> FaultInjection {
        let vhost = vhost(order)
        let limit: VhostLimit =
            switch fault.limit {
            case .maxConnections: .maxConnections
            case .maxQueues: .maxQueues
            }
        let value = fault.value
        let was = try await asFault { () throws(ManagementError) in
            try await management.limits(ofVhost: vhost)[Name(limit.rawValue)]
        }
        return try await reversible(
            order, .vhostLimit(limit, vhost: vhost, was: was, set: value),
            note: "\(limit.rawValue) of vhost \(vhost) is \(value), before \(was.map(String.init) ?? "none")"
        ) { () throws(ManagementError) in
            try await management.setLimit(limit, ofVhost: vhost, to: value)
        }
    }

    func limitUser(_ order: FaultOrder, _ fault: UserLimitFault) async throws(FaultError) -> FaultInjection {
        let user = try user(order)
        let limit: UserLimit =
            switch fault.limit {
            case .maxConnections: .maxConnections
            case .maxChannels: .maxChannels
            }
        let value = fault.value
        let was = try await asFault { () throws(ManagementError) in
            try await management.limits(ofUser: user)[Name(limit.rawValue)]
        }
        return try await reversible(
            order, .userLimit(limit, user: user, was: was, set: value),
            note: "\(limit.rawValue) of user \(user) is \(value), before \(was.map(String.init) ?? "none")"
        ) { () throws(ManagementError) in
            try await management.setLimit(limit, ofUser: user, to: value)
        }
    }

    /// Revokes a permission. If all permissions are revoked, the user cannot even open the vhost.
    func revoke(_ order: FaultOrder, _ fault: RevokePermissionFault) async throws(FaultError) -> FaultInjection {
        let (user, vhost) = (try user(order), vhost(order))
        let row: PermissionInfo
        do throws(ManagementError) {
            row = try await management.permission(user: user, vhost: vhost)
        } catch {
            guard error.code == .notFound else { throw FaultError(error) }
            throw FaultError(
                "User \(user) has no permissions in vhost \(vhost).", advice: "Choose a user and a vhost where it has.")
        }
        var left: BrokerRepair.Rights? = BrokerRepair.Rights(row)
        // This expression matches only the empty name; RabbitMQ's documentation uses it for "nothing".
        switch fault.permission {
        case .configure: left?.configure = "^$"
        case .write: left?.write = "^$"
        case .read: left?.read = "^$"
        case .all: left = nil
        }
        let set = left
        let injection = try await reversible(
            order, .permission(user: user, vhost: vhost, was: BrokerRepair.Rights(row), set: set),
            note: "revoked \(fault.permission.rawValue) of user \(user) in vhost \(vhost)"
        ) { () throws(ManagementError) in
            if let set {
                try await management.setPermission(
                    PermissionInfo(
                        user: user, vhost: vhost, configure: set.configure, write: set.write, read: set.read))
            } else {
                try await management.deletePermission(user: user, vhost: vhost)
            }
        }
        guard fault.reconnect else { return injection }
        var result = injection
        do throws(ManagementError) {
            let closed = try await close(user: user, vhost: vhost, reason: "permissions were revoked by rabbittop")
            result.note += ", closed \(closed.words)"
        } catch {
            result.note += "; its connections are not closed: \(error.whatHappened)"
        }
        return result
    }
}
