public import MessageRouting
public import Names
import RabbitMQManagement
public import TopCore

/// The exchanges, queues and bindings of one time, from what a recording holds of the configuration.
///
/// A recording keeps the configuration in words; they are read back here. What was not recorded is among the gaps.
public struct RecordedTopology: Sendable {
    /// Why there is nothing to show.
    public struct Lack: Error, Sendable, Equatable {
        /// What is missing, and why.
        public var why: String
    }

    private let moment: Moment
    private let items: [ConfigurationItem]
    private let unknown: Set<ConfigurationItem.Kind>

    /// Reads what was configured at a time.
    ///
    /// - Throws: `Lack` if the bindings or exchanges of that time were not recorded.
    public init(_ moment: Moment) throws(Lack) {
        guard let part = moment.configuration else {
            throw Lack(why: "the configuration was not recorded until then")
        }
        for (kind, words) in [(ConfigurationItem.Kind.binding, "bindings"), (.exchange, "exchanges")]
        where part.unknown.contains(kind) {
            throw Lack(why: "the \(words) were not recorded: the user could not read them, or there were too many")
        }
        self.moment = moment
        items = part.items
        unknown = part.unknown
    }

    /// Returns the topologies of the vhosts, in order.
    ///
    /// - Parameter vhost: The vhost; nil for all.
    public func topologies(vhost: Name?) -> [Topology] {
        vhosts.filter { vhost == nil || $0 == vhost }.map { name in
            let parts = parts(of: name)
            return Topology(
                vhost: name, exchanges: parts.exchanges, queues: parts.queues, bindings: parts.bindings,
                hasAllQueues: parts.hasAllQueues, gaps: parts.gaps)
        }
    }

    /// Returns where a message would have gone, and the dead letters of the queues that it reached.
    ///
    /// - Throws: `Lack` if nothing was recorded of the vhost.
    public func trace(_ message: RoutedMessage, vhost: Name) throws(Lack) -> RouteTrace {
        guard vhosts.contains(vhost) else { throw Lack(why: "nothing was recorded of vhost '\(vhost)'") }
        let parts = parts(of: vhost)
        var model = RoutingModel(
            exchanges: parts.exchanges.map(\.exchange), queues: parts.queues.map(\.queue), bindings: parts.bindings)
        guard !parts.hasAllQueues else { return model.trace(message) }
        model.isWhole = false
        for exchange in parts.exchanges where model.bindings[exchange.exchange.name] == nil {
            model.take([], of: exchange.exchange.name)
        }
        while true {
            let trace = model.trace(message)
            guard !trace.needs.isEmpty else { return trace }
            for part in trace.needs {
                switch part {
                // Exchanges and bindings are all known.
                case .exchange(let name): model.take(RoutingModel.Exchange?.none, named: name)
                case .bindings(let name): model.take([], of: name)
                case .queue: model.lacks(part, why: "the queues were not all recorded")
                }
            }
        }
    }

    private var vhosts: [Name] { Set(items.lazy.filter { $0.kind == .exchange }.compactMap(\.vhost)).sorted() }

    /// What is known of one vhost.
    private struct Parts {
        var exchanges: [Topology.ExchangeNode] = []
        var queues: [Topology.QueueNode] = []
        var bindings: [RoutingModel.Binding] = []
        var hasAllQueues = true
        var gaps: [String] = []
    }

    private func parts(of vhost: Name) -> Parts {
        var parts = Parts()
        let policies = RecordedPolicies(
            items.filter { $0.kind == .policy && $0.vhost == vhost }, isKnown: !unknown.contains(.policy))
        let rows = Dictionary(
            (moment.exchanges?.rows ?? []).lazy.filter { $0.id.vhost == vhost }.map { ($0.id.name, $0) }
        ) { first, _ in first }
        for item in items where item.kind == .exchange && item.vhost == vhost {
            let row = rows[item.name]
            parts.exchanges.append(
                Topology.ExchangeNode(
                    RoutingModel.Exchange(recorded: item, policy: row.map(\.policy), policies),
                    rateIn: row?.publishInRate, rateOut: row?.publishOutRate))
        }
        takeQueues(of: vhost, policies, into: &parts)
        let exchanges = Set(parts.exchanges.map(\.exchange.name))
        let queues = parts.hasAllQueues ? Set(parts.queues.map(\.queue.name)) : nil
        var unread = 0
        for item in items where item.kind == .binding && item.vhost == vhost {
            if let binding = RoutingModel.Binding(recorded: item.name, exchanges: exchanges, queues: queues) {
                parts.bindings.append(binding)
            } else {
                unread += 1
            }
        }
        if unread > 0 { parts.gaps.append("\(unread) binding\(unread == 1 ? "" : "s") with more than one reading") }
        if let gap = policies.gap { parts.gaps.append(gap) }
        return parts
    }

    private func takeQueues(of vhost: Name, _ policies: RecordedPolicies, into parts: inout Parts) {
        let rows = Dictionary(
            (moment.queues?.rows ?? []).lazy.filter { $0.vhost == vhost }.map { ($0.name, $0) }
        ) { first, _ in first }
        var names: Set<Name> = []
        for item in items where item.kind == .queueArguments && item.vhost == vhost {
            names.insert(item.name)
            parts.queues.append(Topology.QueueNode(recorded: item, rows[item.name], policies))
        }
        // Exclusive queues are no configuration, but in the list.
        for (name, row) in rows where !names.contains(name) {
            parts.queues.append(Topology.QueueNode(recorded: nil, row, policies))
        }
        if unknown.contains(.queueArguments), moment.queues?.isWhole != true {
            parts.hasAllQueues = false
            parts.gaps.append("queues: not all were recorded")
        }
    }
}

extension Topology.QueueNode {
    /// - Parameter item: What is recorded of its arguments; nil for an exclusive queue.
    fileprivate init(recorded item: ConfigurationItem?, _ row: QueueRow?, _ policies: RecordedPolicies) {
        let value = item.map { RecordedWords($0.value) }
        let policy = row?.details.map(\.policy)
        func setting(_ key: Name) -> RoutingModel.Setting {
            policies.setting(key, argument: value?.members[Name("x-\(key)")], policy: policy)
        }
        self.init(
            RoutingModel.Queue(
                item?.name ?? row?.name ?? "", deadLetterExchange: setting("dead-letter-exchange"),
                deadLetterKey: setting("dead-letter-routing-key")),
            type: value?.words.first.flatMap { RecordedWords.queueTypes.contains($0) ? $0 : nil }
                ?? Name(row?.details?.type),
            messages: row?.messages.map(Int64.init), consumers: row?.consumers?.value,
            rateIn: row?.details?.publishRate, rateOut: row?.details?.deliverRate)
    }
}

extension RoutingModel.Exchange {
    /// - Parameter policy: The name of the policy that applies to it, or nil if none does; nil if that is not known.
    fileprivate init(recorded item: ConfigurationItem, policy: Name??, _ policies: RecordedPolicies) {
        let value = RecordedWords(item.value)
        self.init(
            item.name, type: value.words.first ?? "unknown", arguments: HeaderTable(value.members),
            alternate: policies.setting(
                "alternate-exchange", argument: value.members["alternate-exchange"], policy: policy),
            isInternal: value.words.contains("internal"))
    }
}

extension RoutingModel.Binding {
    /// Reads the recorded name of a binding, as `orders to queue new by 'a.b' {"x-match":"all"}`. Names may hold such
    /// words themselves: only a reading with an exchange and a destination that exist counts.
    ///
    /// - Parameters:
    ///   - exchanges: The exchanges that exist.
    ///   - queues: The queues that exist; nil if they are not known.
    /// - Returns: nil if there is no such reading, or more than one.
    init?(recorded name: Name, exchanges: Set<Name>, queues: Set<Name>?) {
        var found: Set<RoutingModel.Binding> = []
        let bytes = name.bytes
        for (mark, isQueue) in [(" to queue ", true), (" to exchange ", false)] {
            for split in bytes.ranges(of: Array(mark.utf8)) {
                let source = Name(bytes: bytes[..<split.lowerBound])
                guard exchanges.contains(source) else { continue }
                let rest = bytes[split.upperBound...]
                for by in rest.ranges(of: Array(" by '".utf8)) {
                    let destination = Name(bytes: rest[..<by.lowerBound])
                    guard isQueue ? queues?.contains(destination) ?? true : exchanges.contains(destination),
                        let (key, arguments) = Self.keyAndArguments(rest[by.upperBound...])
                    else { continue }
                    found.insert(
                        RoutingModel.Binding(
                            from: source, to: isQueue ? .queue(destination) : .exchange(destination), key: key,
                            arguments: HeaderTable(arguments)))
                }
            }
        }
        guard found.count == 1, let only = found.first else { return nil }
        self = only
    }

    private static func keyAndArguments(_ bytes: ArraySlice<UInt8>) -> (Name, [Name: JSONValue])? {
        if bytes.last == UInt8(ascii: "'") { return (Name(bytes: bytes.dropLast()), [:]) }
        for quote in bytes.ranges(of: Array("' {".utf8)) {
            let text = String(decoding: bytes[(quote.upperBound - 1)...], as: UTF8.self)
            if let members = JSONValue(parsing: text)?.members {
                return (Name(bytes: bytes[..<quote.lowerBound]), members)
            }
        }
        return nil
    }
}
