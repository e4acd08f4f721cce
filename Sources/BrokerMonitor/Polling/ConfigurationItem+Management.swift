import Names
import RabbitMQManagement
import TopCore

// What is configured, as words that can be compared, without secrets.
extension ConfigurationItem {
    init(_ policy: PolicyInfo, _ kind: Kind) {
        let words = [
            "matches \(policy.pattern)", policy.appliesTo.map { "of \($0)" },
            policy.priority.map { "priority \($0)" }, JSONValue.object(policy.definition).publicText,
        ]
        self.init(
            kind, vhost: policy.vhost, name: policy.name, value: Name(words.compactMap { $0 }.joined(separator: ", ")))
    }

    /// The name has all that distinguishes bindings: two may differ in their arguments alone.
    init(_ binding: BindingInfo) {
        let arguments = binding.arguments.isEmpty ? "" : " " + JSONValue.object(binding.arguments).publicText
        let kind = binding.destinationKind.rawValue
        let name =
            binding.source.bytes + " to \(kind) ".utf8 + binding.destination.bytes + " by '".utf8
            + binding.routingKey.bytes + "'\(arguments)".utf8
        self.init(.binding, vhost: binding.vhost, name: Name(bytes: name), value: "bound")
    }

    init(_ flag: FeatureFlagInfo) {
        self.init(.featureFlag, name: flag.name, value: Name(flag.state ?? "unknown"))
    }

    init(_ limit: LimitInfo) {
        let members = limit.limits.mapValues { JSONValue.integer(Int64($0)) }
        self.init(.vhostLimit, vhost: limit.owner, name: limit.owner, value: Name(JSONValue.object(members).publicText))
    }

    init(_ parameter: ParameterInfo) {
        self.init(
            .parameter, vhost: parameter.vhost,
            name: Name(bytes: parameter.component.bytes + "/".utf8 + parameter.name.bytes),
            value: Name(parameter.value.publicText))
    }

    /// Returns `nil` for an exclusive queue, which lives as long as its connection.
    init?(_ queue: QueueInfo) {
        guard queue.isExclusive != true, queue.exclusiveOwner == nil else { return nil }
        let words = [
            queue.type, queue.isDurable.map { $0 ? "durable" : "transient" },
            queue.isAutoDelete == true ? "auto-delete" : nil, JSONValue.object(queue.arguments).publicText,
        ]
        self.init(
            .queueArguments, vhost: queue.vhost, name: queue.name,
            value: Name(words.compactMap { $0 }.joined(separator: ", ")))
    }

    init(_ exchange: ExchangeInfo) {
        let words = [
            exchange.type, exchange.isDurable.map { $0 ? "durable" : "transient" },
            exchange.isAutoDelete == true ? "auto-delete" : nil, exchange.isInternal == true ? "internal" : nil,
            JSONValue.object(exchange.arguments).publicText,
        ]
        self.init(
            .exchange, vhost: exchange.vhost, name: exchange.name,
            value: Name(words.compactMap { $0 }.joined(separator: ", ")))
    }

    /// Returns `nil` for a node that does not tell its version.
    init?(_ node: NodeInfo) {
        guard let version = node.version else { return nil }
        let erlang = node.erlangVersion.map { ", Erlang \($0)" } ?? ""
        self.init(.version, name: node.name, value: Name("RabbitMQ \(version)\(erlang)"))
    }
}

extension JSONValue {
    /// The value as JSON with its keys in order, without passwords.
    var publicText: String { withoutSecrets.jsonText }

    private var withoutSecrets: JSONValue {
        switch self {
        case .null, .bool, .integer, .largeInteger, .number: self
        case .string(let text): .string(Self.withoutSecrets(text))
        case .array(let elements): .array(elements.map(\.withoutSecrets))
        case .object(let members):
            .object(
                Dictionary(
                    uniqueKeysWithValues: members.map { key, value in
                        (key, Self.isSecret(key) ? .string("***") : value.withoutSecrets)
                    }))
        }
    }

    private static func isSecret(_ key: Name) -> Bool {
        let key = Name(key.text.lowercased())
        return ["password", "passphrase", "secret", "token", "credential"].contains { key.contains($0) }
    }

    /// Returns a text in which URIs have neither user information nor a query: both may hold passwords.
    private static func withoutSecrets(_ text: String) -> String {
        let mark = Array("://".utf8)
        let bytes = Array(text.utf8)
        var result: [UInt8] = []
        var index = 0
        while index < bytes.count {
            guard bytes[index...].starts(with: mark) else {
                result.append(bytes[index])
                index += 1
                continue
            }
            index += mark.count
            // Nothing but white space surely ends a URI; what stands before the last @ may all be a password.
            let end = bytes[index...].firstIndex { $0 <= UInt8(ascii: " ") } ?? bytes.endIndex
            var rest = bytes[index..<end]
            result += mark
            if let at = rest.lastIndex(of: UInt8(ascii: "@")) {
                result += "***@".utf8
                rest = rest[(at + 1)...]
            }
            if let query = rest.firstIndex(of: UInt8(ascii: "?")) {
                result += rest[..<query] + "?***".utf8
            } else {
                result += rest
            }
            index = end
        }
        return String(decoding: result, as: UTF8.self)
    }
}
