import MessageRouting
import Names
import RabbitMQManagement

extension RoutingModel.Exchange {
    /// Creates an exchange from the API's row.
    ///
    /// - Parameter policy: the policy that applies to it; nil if none does, or if it is not known, as `missing` says.
    init(_ row: ExchangeInfo, policy: PolicyInfo?, missing: String?) {
        self.init(
            row.name, type: Name(row.type) ?? "unknown", arguments: HeaderTable(row.arguments),
            alternate: RoutingModel.Setting(
                "alternate-exchange", argument: row.arguments["alternate-exchange"],
                policy: policy?.definition ?? [:], missing: missing),
            isInternal: row.isInternal ?? false)
    }

    /// Whether the alternate exchange is set by an argument, so that no policy matters.
    static func needsPolicy(_ row: ExchangeInfo) -> Bool {
        row.policy != nil && row.arguments["alternate-exchange"] == nil
    }
}

extension RoutingModel.Queue {
    /// Creates a queue from the API's row, which tells what its policies come to.
    init(_ row: QueueInfo) {
        func setting(_ key: Name) -> RoutingModel.Setting {
            // Operator policies cannot set these, but the effective definition holds whatever applies.
            RoutingModel.Setting(
                key, argument: row.arguments[Name("x-\(key)")], policy: row.effectivePolicy, missing: nil)
        }
        self.init(
            row.name, deadLetterExchange: setting("dead-letter-exchange"),
            deadLetterKey: setting("dead-letter-routing-key"))
    }
}

extension RoutingModel.Setting {
    /// Creates a setting: an argument wins over a policy.
    init(_ key: Name, argument: JSONValue?, policy: [Name: JSONValue], missing: String?) {
        if let value = argument ?? policy[key] {
            self = value.text.map { .name(Name($0)) } ?? .unknown("its \(key.text) is no text")
        } else {
            self = missing.map(Self.unknown) ?? .none
        }
    }
}

extension RoutingModel.Binding {
    /// Creates a binding from the API's row.
    init(_ row: BindingInfo) {
        self.init(
            from: row.source, to: row.destinationKind == .queue ? .queue(row.destination) : .exchange(row.destination),
            key: row.routingKey, arguments: HeaderTable(row.arguments))
    }
}

extension HeaderTable {
    /// Creates a table from the API's arguments, in the order of their names.
    init(_ arguments: [Name: JSONValue]) {
        self.init(arguments.sorted { $0.key < $1.key }.map { Entry(name: $0.key, value: HeaderValue($0.value)) })
    }
}

extension HeaderValue {
    /// Creates a value from the API's. The API does not tell some types apart: an integer may be a timestamp, and a
    /// text a byte array; the more common one is assumed.
    init(_ json: JSONValue) {
        switch json {
        case .null: self = .void
        case .bool(let value): self = .flag(value)
        case .integer(let value): self = .whole(value)
        case .number(let value): self = .floating(value)
        case .largeInteger(let digits): self = .other(type: "integer", text: digits)
        // The API writes a void value as this text.
        case .string("undefined"): self = .either([.void, .text("undefined")])
        case .string(let text): self = .text(Name(text))
        case .array(let values): self = .list(values.map { HeaderValue($0) })
        case .object: self = .other(type: "table", text: json.jsonText)
        }
    }
}
