import AMQPWire
import Faults
import Foundation
import Names

/// Reads the events of `amq.rabbitmq.event`: the routing key is the kind of event, the headers describe its subject.
///
/// Source: <https://www.rabbitmq.com/docs/logging#internal-events>. No event contains the reason why a channel or
/// connection ended.
struct EventExchangeParser: Sendable {
    /// What one event reports.
    struct Finding: Sendable, Equatable {
        var entry: LedgerEntry?
        /// A connection and its client.
        var connection: String?
        var process: String?
        var clientName: String?
        var user: String?
        var vhost: String?
        /// The process of the channel whose consumer ended, or which closed itself.
        var consumersChannel: String?
        var closedChannel: String?
        /// The activity of a client that connected, opened a channel or subscribed.
        var activity: ApplicationActivity?
    }

    /// Connection and number of channels, by their process. Bounded in the same way as `ClientNames`.
    private var channels: [Name: (connection: String, number: Int)] = [:]
    private var olderChannels: [Name: (connection: String, number: Int)] = [:]
    private let capacity: Int
    /// The highest size of a round's names, in bytes.
    private let byteCapacity: Int
    private var channelBytes = 0

    init(capacity: Int = 10_000, byteCapacity: Int = 4 << 20) {
        self.capacity = capacity
        self.byteCapacity = byteCapacity
    }

    var count: Int { channels.count + olderChannels.count }

    /// The routing keys that the queue is bound with.
    static let bindings = [
        "connection.*", "channel.created", "channel.closed", "consumer.created", "consumer.deleted",
        "user.authentication.failure",
        "alarm.*",
        "vhost.created", "vhost.deleted", "vhost.down",
    ]

    mutating func read(routingKey: String, headers: FieldTable, now: Date) -> Finding {
        let at = headers["timestamp_in_ms"]?.intValue.map { Date(timeIntervalSince1970: Double($0) / 1000) } ?? now
        switch routingKey {
        case "connection.created": return created(headers, at)
        case "connection.closed": return closed(headers, at)
        case "channel.created": return channelCreated(headers, at)
        case "consumer.created": return consumerCreated(headers, at)
        case "channel.closed": return Finding(closedChannel: headers["pid"]?.stringValue)
        case "consumer.deleted":
            return Finding(
                entry: consumerDeleted(headers, at), consumersChannel: headers["channel"]?.stringValue)
        case "user.authentication.failure": return refused(headers, at)
        case "alarm.set", "alarm.cleared":
            return Finding(entry: alarm(headers, isSet: routingKey == "alarm.set", at))
        case "vhost.created", "vhost.deleted", "vhost.down":
            let name = headers["name"]?.stringValue
            let entry = LedgerEntry(
                at: at, kind: .source, scope: .cluster, user: Self.person(headers["user_who_performed_action"]),
                vhost: name, text: "vhost \(name ?? "?") \(routingKey.dropFirst("vhost.".count))",
                source: .eventExchange)
            return Finding(entry: entry)
        default: return Finding()
        }
    }

    private func created(_ headers: FieldTable, _ at: Date) -> Finding {
        guard let name = headers["name"]?.stringValue else { return Finding() }
        var finding = Finding()
        finding.connection = name
        finding.process = headers["pid"]?.stringValue.map(Self.localProcess)
        finding.clientName =
            headers["user_provided_name"]?.stringValue.flatMap { $0.isEmpty ? nil : $0 }
            ?? Self.clientName(headers["client_properties"])
        finding.user = headers["user"]?.stringValue
        finding.vhost = headers["vhost"]?.stringValue
        finding.entry = LedgerEntry(
            at: at, kind: .opened, scope: .connection, connection: name, clientName: finding.clientName,
            user: finding.user, vhost: finding.vhost, peer: Self.peer(name), text: "opened", source: .eventExchange)
        finding.activity = ApplicationActivity(
            at: at, connection: name, clientName: finding.clientName, user: finding.user, vhost: finding.vhost,
            peer: Self.peer(name), kind: .connected, source: .eventExchange)
        return finding
    }

    private func closed(_ headers: FieldTable, _ at: Date) -> Finding {
        // A mere TCP probe is reported as closed, too, but never sent client properties.
        guard let name = headers["name"]?.stringValue, let properties = headers["client_properties"],
            properties.arrayValue?.isEmpty == false || properties.tableValue?.isEmpty == false
        else { return Finding() }
        let clientName = Self.clientName(properties)
        let entry = LedgerEntry(
            at: at, kind: .closed, scope: .connection, connection: name, clientName: clientName,
            user: headers["user"]?.stringValue, vhost: headers["vhost"]?.stringValue, peer: Self.peer(name),
            text: "closed", source: .eventExchange)
        return Finding(entry: entry, connection: name, clientName: clientName)
    }

    private mutating func noteChannel(_ headers: FieldTable) {
        guard let process = headers["pid"]?.stringValue, let name = headers["name"]?.stringValue,
            let number = headers["number"]?.intValue, name.hasByteSuffix(" (\(number))")
        else { return }
        // RabbitMQ's own names are short.
        guard process.utf8.count <= String.longestName, name.utf8.count <= String.longestName else { return }
        if channels.count >= capacity || channelBytes >= byteCapacity {
            olderChannels = channels
            channels = [:]
            channelBytes = 0
        }
        let connection = String(Substring(name.utf8.dropLast(" (\(number))".utf8.count)))
        if channels.updateValue((connection, number), forKey: Name(process)) == nil {
            channelBytes += 96 + process.utf8.count + name.utf8.count
        }
    }

    private func channel(_ process: String?) -> (connection: String, number: Int)? {
        Name(process).flatMap { channels[$0] ?? olderChannels[$0] }
    }

    private mutating func channelCreated(_ headers: FieldTable, _ at: Date) -> Finding {
        noteChannel(headers)
        guard let place = headers["pid"]?.stringValue.flatMap({ channels[Name($0)] }) else { return Finding() }
        return Finding(
            activity: ApplicationActivity(
                at: at, connection: place.connection, user: headers["user"]?.stringValue,
                vhost: headers["vhost"]?.stringValue, peer: Self.peer(place.connection), channel: place.number,
                kind: .channelOpened, source: .eventExchange))
    }

    private func consumerCreated(_ headers: FieldTable, _ at: Date) -> Finding {
        guard let place = channel(headers["channel"]?.stringValue) else {
            return Finding()
        }
        return Finding(
            activity: ApplicationActivity(
                at: at, connection: place.connection, vhost: headers["vhost"]?.stringValue,
                peer: Self.peer(place.connection), channel: place.number, queue: Self.queueName(headers),
                kind: .consumed, source: .eventExchange))
    }

    private func consumerDeleted(_ headers: FieldTable, _ at: Date) -> LedgerEntry? {
        guard let tag = headers["consumer_tag"]?.stringValue else { return nil }
        let place = channel(headers["channel"]?.stringValue)
        return LedgerEntry(
            at: at, kind: .cancelled, scope: .queue, connection: place?.connection,
            user: Self.person(headers["user_who_performed_action"]), vhost: headers["vhost"]?.stringValue,
            peer: place.map { Self.peer($0.connection) }, channel: place?.number, queue: Self.queueName(headers),
            text: "consumer \(tag) ended", source: .eventExchange)
    }

    private func refused(_ headers: FieldTable, _ at: Date) -> Finding {
        let connection = headers["connection_name"]?.stringValue
        let user = headers["name"]?.stringValue
        let text = Self.text(headers["error"]) ?? "login refused"
        let entry = LedgerEntry(
            at: at, kind: .authentication, scope: .connection, connection: connection, user: user,
            peer: connection.map(Self.peer), code: 403, codeName: "ACCESS_REFUSED", text: text, source: .eventExchange)
        return Finding(entry: entry, connection: connection)
    }

    private func alarm(_ headers: FieldTable, isSet: Bool, _ at: Date) -> LedgerEntry {
        // In most versions the alarm is an Erlang term as text, `{resource_limit,memory,rabbit@a}`.
        let words = headers.map(\.value.description).joined(separator: " ")
        let resource = ["memory", "disk", "file_descriptor_limit"].first { words.containsBytes(of: $0) } ?? "resource"
        let node =
            words.split { !($0.isLetter || $0.isNumber || "@-_.".contains($0)) }.first { $0.contains("@") } ?? ""
        return .alarm(resource, node: String(node), isSet: isSet, at: at, source: .eventExchange)
    }

    // MARK: Pieces

    /// Returns the user who caused the event; nil for the broker itself, named `rmq-internal`: then the application's
    /// user is meant.
    private static func person(_ value: FieldValue?) -> String? {
        value?.stringValue.flatMap { $0 == "rmq-internal" ? nil : $0 }
    }

    private static func peer(_ connection: String) -> String {
        ConnectionLabel.peer(of: connection)
    }

    private static func queueName(_ headers: FieldTable) -> String? {
        guard let queue = headers["queue"] else { return nil }
        if let name = queue.stringValue { return name }
        return queue.tableValue?["name"]?.stringValue
    }

    /// Returns `<rabbit@host.1795220391.18846.1>` in the form of the log, `<0.18846.1>`.
    static func localProcess(_ text: String) -> String {
        let parts = text.parts(separatedBy: ".")
        guard parts.count >= 3, text.hasByteSuffix(">") else { return text }
        return "<0.\(parts[parts.count - 2]).\(parts[parts.count - 1])"
    }

    /// Returns a text, which may be sent as an array of character codes.
    static func text(_ value: FieldValue?) -> String? {
        guard let value else { return nil }
        if let text = value.stringValue { return text }
        guard let codes = value.arrayValue else { return nil }
        let bytes = codes.compactMap { $0.intValue.flatMap(UInt8.init(exactly:)) }
        if bytes.count == codes.count { return String(decoding: bytes, as: UTF8.self) }
        return String(
            String.UnicodeScalarView(codes.compactMap { $0.intValue.flatMap { Unicode.Scalar(UInt32(clamping: $0)) } }))
    }

    /// Returns the name in client properties, which are sent as a table or as Erlang terms in text form:
    /// `{<<"connection_name">>,longstr,<<"orders-worker">>}`.
    static func clientName(_ value: FieldValue?) -> String? {
        if let table = value?.tableValue { return table["connection_name"]?.stringValue }
        let mark = "{<<\"connection_name\">>,longstr,<<\""
        for element in value?.arrayValue ?? [] {
            guard let text = element.stringValue, text.hasBytePrefix(mark), text.hasByteSuffix("\">>}") else {
                continue
            }
            return String(Substring(text.utf8.dropFirst(mark.utf8.count).dropLast(4)))
        }
        return nil
    }
}
