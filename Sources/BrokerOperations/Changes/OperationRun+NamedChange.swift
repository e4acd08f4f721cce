import BrokerMonitor
import Names
import RabbitMQManagement
import TopCore

extension OperationRun {
    /// Changes what a view shows that is reached by its name, and says what was there before.
    func make(_ change: NamedChange) async throws(ManagementError) -> OperationReport {
        let management = context.management
        switch change {
        case .removeBinding(let row): return try await remove(row)
        case .setLimits(let change): return try await set(change)
        case .setTracing(let vhost, let isOn):
            try await management.setTracing(ofVhost: vhost, to: isOn)
            return .finished(isOn ? "messages go to amq.rabbitmq.trace, too" : "ended")
        case .enableFlag(let name):
            try await management.enableFeatureFlag(name)
            return .finished("enabled")
        case .setPermission(let user, let permission): return try await set(permission, of: user)
        case .deleteShovel(let id):
            try await management.deleteShovel(vhost: id.vhost, name: id.name)
            return .finished("deleted")
        case .restartShovel(let id):
            try await management.restartShovel(vhost: id.vhost, name: id.name)
            return .finished("asked for: it connects again")
        case .restartLink(let link):
            try await management.restartFederationLink(vhost: link.vhost, id: link.id, node: link.node)
            return .finished("asked for: it connects again")
        }
    }

    private func remove(_ row: BindingRow) async throws(ManagementError) -> OperationReport {
        let isToQueue = row.destinationKind == .queue
        let found = try await context.management.bindings(
            vhost: row.vhost, source: row.source, isToQueue ? .queue : .exchange, row.destination
        ).items.filter { BindingRow($0) == row }
        guard let binding = found.first else { return .failed("there is no such binding any more", advice: nil) }
        // Secrets among the arguments are not compared.
        guard found.count == 1, binding.propertiesKey != nil else {
            return .failed("the broker does not say which binding this is", advice: "Use rabbitmqadmin for it.")
        }
        try await context.management.unbind(binding)
        return .finished("removed")
    }

    private func set(_ change: LimitChange) async throws(ManagementError) -> OperationReport {
        let management = context.management
        let before: [Name: Int]
        switch change.owner {
        case .vhost(let name): before = try await management.limits(ofVhost: name)
        case .user(let name): before = try await management.limits(ofUser: name)
        }
        var done: [String] = []
        for limit in change.owner.limits {
            let (old, new) = (before[Name(limit.rawValue)], change.values[limit])
            guard old != new else { continue }
            switch (change.owner, VhostLimit(rawValue: limit.rawValue), UserLimit(rawValue: limit.rawValue)) {
            case (.vhost(let name), let limit?, _):
                if let new {
                    try await management.setLimit(limit, ofVhost: name, to: new)
                } else {
                    try await management.clearLimit(limit, ofVhost: name)
                }
            case (.user(let name), _, let limit?):
                if let new {
                    try await management.setLimit(limit, ofUser: name, to: new)
                } else {
                    try await management.clearLimit(limit, ofUser: name)
                }
            case (.vhost, nil, _), (.user, _, nil): continue
            }
            func words(_ value: Int?) -> String { value.map(String.init) ?? "none" }
            done.append("\(limit.rawValue) \(words(new)), before \(words(old))")
        }
        return .finished(done.isEmpty ? "as they were" : done.joined(separator: "; "))
    }

    private func set(_ permission: UserRow.Permission, of user: Name) async throws(ManagementError) -> OperationReport {
        let management = context.management
        var before: PermissionInfo?
        do throws(ManagementError) {
            before = try await management.permission(user: user, vhost: permission.vhost)
        } catch {
            guard error.code == .notFound else { throw error }
        }
        try await management.setPermission(
            PermissionInfo(
                user: user, vhost: permission.vhost, configure: permission.configure, write: permission.write,
                read: permission.read))
        let old = before.map { "before: configure '\($0.configure)', write '\($0.write)', read '\($0.read)'" }
        return .finished("set; \(old ?? "before: none")")
    }
}
