import BrokerMonitor
import Names
import RabbitMQManagement
import TopCore

extension OperationRun {
    /// Changes what is configured. Where something of the name exists with other settings, all that differs is said:
    /// the broker itself names only the first.
    func carryOut(_ change: ConfigurationChange) async -> OperationReport {
        do throws(ManagementError) {
            let report = try await make(change)
            if let view = change.view { await context.askViewAnew(view) }
            return report
        } catch {
            let report = Self.failed(error)
            guard error.code == .notPermitted, case .failed(_, _, let kind) = report else { return report }
            // What is missing stands in front: the line may be cut.
            return .failed("not permitted: \(change.right)", advice: error.brokerReply, kind: kind)
        }
    }

    private func make(_ change: ConfigurationChange) async throws(ManagementError) -> OperationReport {
        switch change {
        case .declareQueue(let queue): return try await declare(queue)
        case .declareExchange(let exchange): return try await declare(exchange)
        case .bind(let binding):
            try await context.management.bind(
                vhost: binding.vhost, source: binding.source, binding.isToQueue ? .queue : .exchange,
                binding.destination, routingKey: binding.key, arguments: binding.arguments.json)
            return .finished("bound")
        case .unbind(let vhost, let binding): return try await unbind(binding, vhost)
        case .setPolicy(let policy): return try await set(policy)
        case .deletePolicy(let id):
            let before = try await context.management.policy(vhost: id.vhost, name: id.name)
            try await context.management.deletePolicy(vhost: id.vhost, name: id.name)
            return .finished("deleted; it was: \(ConfigurationItem(before, .policy).value)")
        case .named(let change): return try await make(change)
        }
    }

    private func declare(_ queue: QueueDeclaration) async throws(ManagementError) -> OperationReport {
        let (id, management) = (queue.id, context.management)
        var arguments = queue.arguments.json
        arguments["x-queue-type"] = .string(queue.kind.rawValue)
        do throws(ManagementError) {
            try await management.declareQueue(
                vhost: id.vhost, name: id.name, isDurable: queue.isDurable, isAutoDelete: queue.isAutoDelete,
                arguments: arguments)
        } catch {
            guard error.isRefusedDeclaration, let there = try? await management.queue(vhost: id.vhost, name: id.name)
            else { throw error }
            let row = there.queue
            var existing = row.arguments
            existing["x-queue-type"] = row.type.map(JSONValue.string)
            return Self.differing(
                "queue \(id.name)", error,
                [
                    ("durable", .bool(queue.isDurable), row.isDurable.map(JSONValue.bool)),
                    ("auto-delete", .bool(queue.isAutoDelete), row.isAutoDelete.map(JSONValue.bool)),
                ], arguments, existing)
        }
        await context.askAnew(id)
        return .finished("declared")
    }

    private func declare(_ exchange: ExchangeDeclaration) async throws(ManagementError) -> OperationReport {
        let (id, management) = (exchange.id, context.management)
        do throws(ManagementError) {
            try await management.declareExchange(
                vhost: id.vhost, name: id.name, type: exchange.type, isDurable: exchange.isDurable,
                isAutoDelete: exchange.isAutoDelete, isInternal: exchange.isInternal,
                arguments: exchange.arguments.json)
        } catch {
            guard error.isRefusedDeclaration,
                let row = try? await management.exchange(vhost: id.vhost, name: id.name).exchange
            else { throw error }
            return Self.differing(
                "exchange \(id.name)", error,
                [
                    ("type", .string(exchange.type), row.type.map(JSONValue.string)),
                    ("durable", .bool(exchange.isDurable), row.isDurable.map(JSONValue.bool)),
                    ("auto-delete", .bool(exchange.isAutoDelete), row.isAutoDelete.map(JSONValue.bool)),
                    ("internal", .bool(exchange.isInternal), row.isInternal.map(JSONValue.bool)),
                ], exchange.arguments.json, row.arguments)
        }
        return .finished("declared")
    }

    /// Reports that something exists with other settings.
    private static func differing(
        _ what: String, _ error: ManagementError, _ settings: [(name: Name, wanted: JSONValue, there: JSONValue?)],
        _ arguments: [Name: JSONValue], _ existing: [Name: JSONValue]
    ) -> OperationReport {
        var differences = settings.compactMap { name, wanted, there in
            there.flatMap { $0 == wanted ? nil : "\(name): wanted \(wanted.publicText), there \($0.publicText)" }
        }
        for name in Set(arguments.keys).union(existing.keys).sorted() where arguments[name] != existing[name] {
            func words(_ value: JSONValue?) -> String { value?.publicText ?? "none" }
            differences.append("\(name): wanted \(words(arguments[name])), there \(words(existing[name]))")
        }
        // The broker refused for another reason.
        guard !differences.isEmpty else { return failed(error) }
        return .failed(
            "PRECONDITION_FAILED: \(what) exists and differs: \(differences.joined(separator: "; "))",
            advice: "Use these settings, delete the old one first, or set a policy.")
    }

    private func unbind(_ name: Name, _ vhost: Name) async throws(ManagementError) -> OperationReport {
        let rows = try await context.management.bindings(vhost: vhost).items
        guard let row = rows.first(where: { ConfigurationItem($0).name == name }) else {
            return .failed("there is no such binding any more", advice: nil)
        }
        guard row.propertiesKey != nil else {
            return .failed("the broker does not say how to address the binding", advice: "Use rabbitmqadmin for it.")
        }
        try await context.management.unbind(row)
        return .finished("removed")
    }

    private func set(_ policy: PolicyDeclaration) async throws(ManagementError) -> OperationReport {
        let management = context.management
        var before: PolicyInfo?
        do throws(ManagementError) {
            before = try await management.policy(vhost: policy.id.vhost, name: policy.id.name)
        } catch {
            guard error.code == .notFound else { throw error }
        }
        try await management.setPolicy(
            PolicyInfo(
                vhost: policy.id.vhost, name: policy.id.name, pattern: policy.pattern.text,
                appliesTo: policy.target.rawValue, priority: policy.priority, definition: policy.definition.json))
        // What was there before stands in the events, from where it can be set again.
        return .finished(before.map { "set; before: \(ConfigurationItem($0, .policy).value)" } ?? "set")
    }
}

extension ManagementError {
    /// Whether the broker refused a declaration because of its settings.
    fileprivate var isRefusedDeclaration: Bool { if case .badRequest = code { true } else { false } }
}

extension [NamedSetting] {
    /// The settings as members of JSON.
    var json: [Name: JSONValue] {
        Dictionary(map { ($0.name, $0.value.json) }) { first, _ in first }
    }
}

extension TypedHeaderValue {
    /// The value as JSON, which has fewer types.
    fileprivate var json: JSONValue {
        switch self {
        case .text(let name): .string(name.text)
        case .integer(let number): .integer(number)
        case .number(let number): .number(number)
        case .flag(let flag): .bool(flag)
        case .time(let seconds): Int64(exactly: seconds).map(JSONValue.integer) ?? .null
        case .bytes(let bytes): .string(String(decoding: bytes, as: UTF8.self))
        case .list(let values): .array(values.map(\.json))
        case .void: .null
        }
    }
}
