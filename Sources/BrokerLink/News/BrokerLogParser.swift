public import Faults
public import Foundation

/// Reads from the broker's log why connections and channels of any client ended.
///
/// The forms are those of RabbitMQ 3.8 to 4.3; a line that says nothing of a connection's life is left alone, and so are
/// refused HTTP calls.
public struct BrokerLogParser: Sendable {
    /// What one entry of the log says.
    public struct Finding: Sendable, Equatable {
        public var entry: LedgerEntry?
        /// The connection by its Erlang process, as far as the line names both.
        public var process: String?
        public var connection: String?
        /// The name a client gave itself.
        public var clientName: String?
        public var user: String?
        public var vhost: String?

        public init() {}
    }

    public let source: LedgerEntry.Source

    public init(source: LedgerEntry.Source) {
        self.source = source
    }

    /// Reads one entry. `now` stands in where the entry has no time.
    public func read(_ message: LogMessage, now: Date) -> Finding {
        let (head, body) = Self.split(message.text)
        var finding = Finding()
        if head.hasPrefix("Channel error on connection ") {
            readChannelError(head, body, message, now, &finding)
        } else if head.hasPrefix("Error on AMQP connection ") {
            readConnectionError(head, body, message, now, &finding)
        } else if head.hasPrefix("closing AMQP connection ") {
            readClosing(head, body, message, now, &finding)
        } else if head.hasPrefix("Closing AMQP connection ") {
            readOperatorClose(head, message, now, &finding)
        } else if head.hasPrefix("Closing connection <") {
            readOperatorRequest(head, message, now, &finding)
        } else if head.hasPrefix("connection ") || head.hasPrefix("accepting AMQP connection ") {
            readLife(head, message, now, &finding)
        } else if head.contains("resource limit alarm") {
            readAlarm(head, message, now, &finding)
        }
        return finding
    }

    // MARK: Forms

    /// `Channel error on connection <P> (PEER -> HOST, vhost: 'V', user: 'U'), channel N:` and
    /// `operation METHOD caused a channel exception NAME: TEXT`.
    private func readChannelError(
        _ head: Substring, _ body: Substring, _ message: LogMessage, _ now: Date, _ finding: inout Finding
    ) {
        guard let place = Place(head), let said = Exception(body, kind: "channel") else { return }
        note(place, &finding)
        var entry = entry(.error, .channel, place, message, now, text: said.text)
        said.fill(&entry)
        finding.entry = entry
    }

    /// `Error on AMQP connection <P> (…, state: S)[, channel N]:` and an exception, or why the login or vhost was refused.
    private func readConnectionError(
        _ head: Substring, _ body: Substring, _ message: LogMessage, _ now: Date, _ finding: inout Finding
    ) {
        guard let place = Place(head) else { return }
        note(place, &finding)
        if let said = Exception(body, kind: "connection") {
            // 320 is an operator's close, or the broker's own shutdown.
            var entry = entry(said.code == 320 ? .closed : .error, .connection, place, message, now, text: said.text)
            said.fill(&entry)
            if entry.channel == 0 { entry.channel = nil }
            finding.entry = entry
            return
        }
        let text = String(body)
        if text.contains(" login refused: ") {
            var entry = entry(.authentication, .connection, place, message, now, text: text)
            entry.code = 403
            entry.codeName = "ACCESS_REFUSED"
            if entry.user == nil { entry.user = Self.quoted(body, after: "user '") }
            finding.entry = entry
            return
        }
        var entry = entry(.error, .connection, place, message, now, text: text)
        if text.hasPrefix("vhost ") || text.hasPrefix("access to vhost ") || text.contains("vhost") {
            entry.code = 530
            entry.codeName = "NOT_ALLOWED"
            entry.methodClass = "connection"
            entry.method = "open"
            entry.vhost = Self.quoted(body, after: "vhost '") ?? entry.vhost
            if entry.vhost == nil, text.hasPrefix("vhost "), text.hasSuffix(" not found") {
                entry.vhost = Self.unquoted(text.dropFirst(6).dropLast(10))
            }
        }
        finding.entry = entry
    }

    /// `closing AMQP connection …`: with a reason on the next line, or an orderly end without one.
    private func readClosing(
        _ head: Substring, _ body: Substring, _ message: LogMessage, _ now: Date, _ finding: inout Finding
    ) {
        guard let place = Place(head) else { return }
        note(place, &finding)
        let text = String(body)
        if text.isEmpty {
            finding.entry = entry(.closed, .connection, place, message, now, text: "closed by the client")
            return
        }
        var entry = entry(.error, .connection, place, message, now, text: text)
        if text.hasPrefix("client unexpectedly closed") || text.contains("connection_closed_abruptly") {
            entry.kind = .closed
        } else if text.hasPrefix("fatal_frame_error") {
            entry.code = 501
            entry.codeName = "FRAME_ERROR"
        }
        finding.entry = entry
    }

    /// 4.x: `Closing AMQP connection <P> (…): REASON` as a warning.
    private func readOperatorClose(
        _ head: Substring, _ message: LogMessage, _ now: Date, _ finding: inout Finding
    ) {
        guard let open = head.firstIndex(of: "("), let close = head.lastRange(of: "): ") ?? head.lastRange(of: ")"),
            open < close.lowerBound,
            let label = ConnectionLabel(head[head.index(after: open)..<close.lowerBound])
        else { return }
        let place = Place(label: label, process: Self.process(head), channel: nil)
        note(place, &finding)
        var entry = entry(.closed, .connection, place, message, now, text: String(head[close.upperBound...]))
        entry.code = 320
        entry.codeName = "CONNECTION_FORCED"
        finding.entry = entry
    }

    /// `Closing connection <P> because "REASON"`: names the process only, so it waits for the line that says more.
    private func readOperatorRequest(
        _ head: Substring, _ message: LogMessage, _ now: Date, _ finding: inout Finding
    ) {
        guard let because = head.firstRange(of: " because ") else { return }
        finding.process = Self.process(head)
        var entry = LedgerEntry(
            at: message.at ?? now, kind: .closed, scope: .connection, code: 320, codeName: "CONNECTION_FORCED",
            text: Self.unquoted(head[because.upperBound...]), source: source)
        entry.methodClass = nil
        finding.entry = entry
    }

    /// `accepting AMQP connection …`, `connection … has a client-provided name: APP`, and the line of a granted vhost.
    private func readLife(_ head: Substring, _ message: LogMessage, _ now: Date, _ finding: inout Finding) {
        let named = " has a client-provided name: "
        let granted = ": user '"
        var rest = head.drop { $0 != " " }.dropFirst()
        if head.hasPrefix("accepting") { rest = head.dropFirst("accepting AMQP connection ".count) }
        var name: String?
        var access: Substring?
        if let range = rest.firstRange(of: named) {
            name = String(rest[range.upperBound...])
            rest = rest[..<range.lowerBound]
        } else if let range = rest.lastRange(of: granted),
            rest.contains("' authenticated and granted access to vhost '")
        {
            access = rest[range.upperBound...]
            rest = rest[..<range.lowerBound]
        }
        if rest.first == "<" {
            finding.process = Self.process(rest)
            rest = rest.drop { $0 != "(" }.dropFirst()
            if rest.last == ")" { rest = rest.dropLast() }
        }
        guard let label = ConnectionLabel(rest) else { return }
        finding.process = finding.process ?? message.process
        finding.connection = label.connection
        finding.clientName = name ?? label.clientName
        guard let access, let middle = access.firstRange(of: "' authenticated and granted access to vhost '") else {
            return
        }
        finding.user = String(access[..<middle.lowerBound])
        finding.vhost = String(access[middle.upperBound...].dropLast())
        finding.entry = LedgerEntry(
            at: message.at ?? now, kind: .opened, scope: .connection, connection: label.connection,
            clientName: label.clientName, user: finding.user, vhost: finding.vhost, peer: label.peer, text: "opened",
            source: source)
    }

    /// `memory resource limit alarm set on node 'rabbit@a'.` and `… alarm cleared on node …`.
    private func readAlarm(_ head: Substring, _ message: LogMessage, _ now: Date, _ finding: inout Finding) {
        guard let mark = head.firstRange(of: " resource limit alarm ") else { return }
        let resource = head[..<mark.lowerBound].split(separator: " ").last.map(String.init) ?? "resource"
        let isSet = head[mark.upperBound...].hasPrefix("set")
        guard isSet || head[mark.upperBound...].hasPrefix("cleared") else { return }
        // Said once more when the last node's alarm is over.
        guard !head.contains("across the cluster") else { return }
        var node = Self.quoted(head, after: "node '") ?? Self.word(head, after: "node ") ?? ""
        while node.last == "." { node.removeLast() }
        finding.entry = LedgerEntry.alarm(
            resource.trimmingCharacters(in: .punctuationCharacters), node: node, isSet: isSet, at: message.at ?? now,
            source: source)
    }

    // MARK: Pieces

    private func note(_ place: Place, _ finding: inout Finding) {
        finding.process = place.process
        finding.connection = place.label.connection
        finding.clientName = place.label.clientName
        finding.user = place.label.user
        finding.vhost = place.label.vhost
    }

    private func entry(
        _ kind: LedgerEntry.Kind, _ scope: LedgerEntry.Scope, _ place: Place, _ message: LogMessage, _ now: Date,
        text: String
    ) -> LedgerEntry {
        LedgerEntry(
            at: message.at ?? now, kind: kind, scope: scope, connection: place.label.connection,
            clientName: place.label.clientName, user: place.label.user, vhost: place.label.vhost,
            peer: place.label.peer, channel: place.channel, queue: Self.queue(in: text), text: text, source: source)
    }

    /// The first line, and the lines after it without the space the broker puts in front.
    private static func split(_ text: String) -> (head: Substring, body: Substring) {
        guard let end = text.firstIndex(where: \.isNewline) else { return (Substring(text), "") }
        var body = text[text.index(after: end)...].drop { $0 == " " }
        while body.last?.isWhitespace == true { body.removeLast() }
        return (text[..<end], body)
    }

    static func process(_ text: Substring) -> String? {
        guard let open = text.firstIndex(of: "<"), let close = text[open...].firstIndex(of: ">") else { return nil }
        return String(text[open...close])
    }

    static func quoted(_ text: Substring, after mark: String) -> String? {
        guard let range = text.firstRange(of: mark), let end = text[range.upperBound...].firstIndex(of: "'") else {
            return nil
        }
        return String(text[range.upperBound..<end])
    }

    static func word(_ text: Substring, after mark: String) -> String? {
        guard let range = text.firstRange(of: mark) else { return nil }
        return String(text[range.upperBound...].prefix { !$0.isWhitespace })
    }

    /// The queue that an error's text names: `no queue 'a' in vhost '/'`.
    static func queue(in text: String) -> String? {
        let text = Substring(text)
        guard let start = text.firstRange(of: "queue '"),
            let end = text[start.upperBound...].firstRange(of: "' in vhost ")
        else { return nil }
        return String(text[start.upperBound..<end.lowerBound])
    }

    /// A string as Erlang prints it, without its quotes and escapes.
    static func unquoted(_ text: some StringProtocol) -> String {
        guard text.count > 1, text.first == "\"", text.last == "\"" else { return String(text) }
        var result = ""
        var isEscaped = false
        for character in text.dropFirst().dropLast() {
            if isEscaped {
                result.append(character == "n" ? "\n" : character == "t" ? "\t" : character)
                isEscaped = false
            } else if character == "\\" {
                isEscaped = true
            } else {
                result.append(character)
            }
        }
        return result
    }
}

/// `… <P> (LABEL), channel N:` of an entry's first line.
private struct Place {
    var label: ConnectionLabel
    var process: String?
    var channel: Int?

    init(label: ConnectionLabel, process: String?, channel: Int?) {
        self.label = label
        self.process = process
        self.channel = channel
    }

    init?(_ head: Substring) {
        var rest = head
        if rest.last == ":" { rest.removeLast() }
        if rest.last != ")", let mark = rest.lastRange(of: "), channel ") {
            channel = Int(rest[mark.upperBound...])
            rest = rest[..<rest.index(after: mark.lowerBound)]
        }
        guard rest.last == ")", let open = rest.firstIndex(of: "(") else { return nil }
        process = BrokerLogParser.process(rest[..<open])
        let inside = rest[rest.index(after: open)...].dropLast()
        if let label = ConnectionLabel(inside) {
            self.label = label
            return
        }
        // 4.x, of a connection that never spoke AMQP: `closing AMQP connection PEER -> HOST (duration: '0ms')`.
        let before = rest[..<open].split(separator: " ", omittingEmptySubsequences: true).suffix(3).joined(
            separator: " ")
        guard let label = ConnectionLabel(before) else { return nil }
        self.label = label
    }
}

/// `operation METHOD caused a channel exception NAME: TEXT`.
private struct Exception {
    var method: Substring
    var name: Substring
    var code: Int?
    var text: String

    init?(_ body: Substring, kind: String) {
        let mark = " caused a \(kind) exception "
        guard body.hasPrefix("operation "), let range = body.firstRange(of: mark) else { return nil }
        method = body[..<range.lowerBound].dropFirst("operation ".count)
        let said = body[range.upperBound...]
        name = said.prefix { $0 != ":" }
        var rest = said[name.endIndex...]
        if rest.hasPrefix(":") { rest = rest.dropFirst().drop { $0 == " " } }
        code = ReplyName.code(name)
        text = kind == "connection" ? BrokerLogParser.unquoted(rest) : String(rest)
    }

    func fill(_ entry: inout LedgerEntry) {
        entry.code = code
        entry.codeName = name.uppercased()
        let parts = method.split(separator: ".", maxSplits: 1)
        if parts.count == 2 {
            entry.methodClass = String(parts[0])
            entry.method = String(parts[1])
        }
    }
}

extension LedgerEntry {
    /// A resource alarm that was set or cleared on a node.
    static func alarm(_ resource: String, node: String, isSet: Bool, at: Date, source: Source) -> LedgerEntry {
        LedgerEntry(
            at: at, kind: .alarm, scope: .node,
            text: "\(resource) alarm \(isSet ? "set" : "cleared")\(node.isEmpty ? "" : " on \(node)")", source: source)
    }
}
