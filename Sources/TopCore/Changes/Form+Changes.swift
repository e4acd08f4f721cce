import Foundation
import Names

extension Form.Key {
    static let name = "name"
    static let type = "type"
    static let durable = "durable"
    static let autoDelete = "auto_delete"
    static let isInternal = "internal"
    static let alternate = "alternate_exchange"
    static let arguments = "arguments"
    static let destination = "destination"
    static let destinationKind = "destination_kind"
    static let pattern = "pattern"
    static let target = "apply_to"
    static let priority = "priority"
    static let definition = "definition"

    static func argument(_ argument: QueueArgument) -> String { "argument.\(argument.rawValue)" }
}

extension Form {
    /// The choice of what is not given.
    static let notSet = "not set"
    static let toQueue = "queue"
    static let toExchange = "exchange"

    /// The longest name that the broker takes, in bytes.
    private static let longestName = 255

    /// Reads a form for changing what is configured: the change, or the form with its invalid fields marked.
    func submitted(toChange purpose: Purpose, in state: State) -> OverlayOutcome {
        var form = self
        let version = BrokerVersion(state.cluster?.version)
        let change: ConfigurationChange?
        switch purpose {
        case .declareQueue(let vhost): change = .declareQueue(form.queue(vhost, version))
        case .declareExchange(let vhost): change = .declareExchange(form.exchange(vhost))
        case .bind(let vhost): change = .bind(form.binding(vhost))
        case .policy(let vhost): change = .setPolicy(form.policy(vhost, version))
        case .limits(let owner): change = .named(.setLimits(form.limits(of: owner)))
        case .permission(let user): change = .named(.setPermission(user: user, form.permission()))
        case .publish, .consume, .messages, .fault, .lab, .write, .writeDifference, .time, .record: change = nil
        }
        if form.focusOnProblem() { return .fills(form) }
        return change.map { .starts(.change($0)) } ?? .stays
    }

    func text(_ key: String) -> String {
        (self[key]?.editor.text ?? "").trimmingCharacters(in: .whitespaces)
    }

    /// Reads a name as typed, including blanks.
    mutating func name(_ key: String, mayBeEmpty: Bool = false) -> Name {
        let name = Name(self[key]?.editor.text ?? "")
        if name.isEmpty, !mayBeEmpty { note(key, "it needs a name") }
        if name.count > Self.longestName { note(key, "at most \(Self.longestName) bytes") }
        if name.bytes.starts(with: "amq.".utf8), key == Key.name { note(key, "names with amq. are the broker's own") }
        return name
    }

    private mutating func settings(_ key: String) -> [NamedSetting] {
        do throws(NamedSetting.Problem) {
            return try NamedSetting.list(self[key]?.editor.text ?? "")
        } catch {
            note(key, error.words)
            return []
        }
    }

    private mutating func queue(_ vhost: Name, _ version: BrokerVersion?) -> QueueDeclaration {
        let kind = QueueDeclaration.Kind(rawValue: text(Key.type)) ?? .quorum
        var queue = QueueDeclaration(id: EntityID(vhost: vhost, name: name(Key.name)), kind: kind)
        queue.isDurable = self[Key.durable]?.isOn ?? true
        queue.isAutoDelete = self[Key.autoDelete]?.isOn ?? false
        if kind != .classic {
            if !queue.isDurable { note(Key.durable, "a \(kind.rawValue) queue is always durable") }
            if queue.isAutoDelete { note(Key.autoDelete, "a \(kind.rawValue) queue is never auto-delete") }
        }
        for argument in QueueArgument.allCases {
            guard let value = value(of: argument) else { continue }
            let setting = NamedSetting(Name(argument.rawValue), value)
            let key = Key.argument(argument)
            if !argument.isOf(kind, version) { note(key, "a \(kind.rawValue) queue does not have it here") }
            if let problem = argument.values.problem(with: setting) { note(key, problem) }
            queue.arguments.append(setting)
        }
        if text(Key.argument(.overflow)) == "reject-publish-dlx", kind == .quorum {
            note(Key.argument(.overflow), "a quorum queue has drop-head and reject-publish")
        }
        if text(Key.argument(.deadLetterStrategy)) == "at-least-once",
            text(Key.argument(.overflow)) != "reject-publish"
        {
            note(Key.argument(.deadLetterStrategy), "it takes effect with reject-publish only")
        }
        if !text(Key.argument(.deadLetterKey)).isEmpty, text(Key.argument(.deadLetterExchange)).isEmpty {
            note(Key.argument(.deadLetterExchange), "the key needs an exchange")
        }
        for setting in settings(Key.arguments) {
            if setting.name == "x-queue-type" {
                note(Key.arguments, "the type is a field of its own")
            } else if queue.arguments.contains(where: { $0.name == setting.name }) {
                note(Key.arguments, "\(setting.name) has a field of its own")
            }
            queue.arguments.append(setting)
        }
        return queue
    }

    private func value(of argument: QueueArgument) -> TypedHeaderValue? {
        let key = Key.argument(argument)
        let typed = text(key)
        switch argument.values {
        case .whole: return typed.isEmpty ? nil : Int64(typed).map(TypedHeaderValue.integer) ?? .text(Name(typed))
        case .text: return typed.isEmpty ? nil : .text(Name(typed))
        case .flag: return self[key]?.isOn == true ? .flag(true) : nil
        case .choice: return typed == Self.notSet || typed.isEmpty ? nil : .text(Name(typed))
        }
    }

    private mutating func exchange(_ vhost: Name) -> ExchangeDeclaration {
        let type = text(Key.type)
        if type.isEmpty { note(Key.type, "direct, fanout, topic or headers") }
        var exchange = ExchangeDeclaration(id: EntityID(vhost: vhost, name: name(Key.name)), type: type)
        exchange.isDurable = self[Key.durable]?.isOn ?? true
        exchange.isAutoDelete = self[Key.autoDelete]?.isOn ?? false
        exchange.isInternal = self[Key.isInternal]?.isOn ?? false
        let alternate = name(Key.alternate, mayBeEmpty: true)
        if !alternate.isEmpty { exchange.arguments.append(NamedSetting("alternate-exchange", .text(alternate))) }
        for setting in settings(Key.arguments) {
            if exchange.arguments.contains(where: { $0.name == setting.name }) {
                note(Key.arguments, "\(setting.name) has a field of its own")
            }
            exchange.arguments.append(setting)
        }
        return exchange
    }

    private mutating func binding(_ vhost: Name) -> BindingDeclaration {
        let source = name(Key.exchange, mayBeEmpty: true)
        if source.isEmpty { note(Key.exchange, "the default exchange has its bindings by itself: name another") }
        var binding = BindingDeclaration(
            vhost: vhost, source: source, destination: name(Key.destination),
            isToQueue: text(Key.destinationKind) != Self.toExchange, key: name(Key.routingKey, mayBeEmpty: true))
        binding.arguments = settings(Key.arguments)
        return binding
    }

    private mutating func policy(_ vhost: Name, _ version: BrokerVersion?) -> PolicyDeclaration {
        let id = EntityID(vhost: vhost, name: name(Key.name))
        let pattern = Name(self[Key.pattern]?.editor.text ?? "")
        do {
            _ = try Regex(pattern.text)
        } catch {
            note(Key.pattern, Filter.reason(error))
        }
        let target = PolicyTarget(rawValue: text(Key.target)) ?? .all
        if let since = target.since, let version, version < since {
            note(Key.target, "RabbitMQ has \(target.rawValue) since \(since.major).\(since.minor)")
        }
        let priority = Int(text(Key.priority))
        if priority == nil { note(Key.priority, "a whole number") }
        let definition = settings(Key.definition)
        if definition.isEmpty { note(Key.definition, "it needs at least one setting, as in max-length=1000") }
        for problem in definition.compactMap({ PolicyKey.problem(with: $0, version) }) {
            note(Key.definition, problem)
        }
        return PolicyDeclaration(
            id: id, pattern: pattern, target: target, priority: priority ?? 0, definition: definition)
    }
}
