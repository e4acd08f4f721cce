public import Faults
public import Foundation
import Names

/// Reads from the broker's log why connections and channels of any client ended.
///
/// Supports the formats of RabbitMQ 3.8 to 4.3. Entries that are not about the lifetime of a connection are ignored,
/// and so are refused HTTP requests.
public struct BrokerLogParser: Sendable {
    /// What one entry of the log reports.
    public struct Finding: Sendable, Equatable {
        /// The event for the ledger; nil if the entry reports none.
        public var entry: LedgerEntry?
        /// The Erlang process of the connection, if the entry names it.
        public var process: String?
        /// The broker's name of the connection, `PEER -> HOST`, if the entry contains it.
        public var connection: String?
        /// The client-provided connection name.
        public var clientName: String?
        /// The user that authenticated.
        public var user: String?
        /// The vhost that the user was granted access to.
        public var vhost: String?
        /// A delivery that was not acknowledged in time, whose channel is closed next.
        var timeout: ConsumerTimeout?

        /// Creates an empty finding.
        public init() {}
    }

    /// The source that the entries are attributed to.
    public let source: LedgerEntry.Source

    /// Creates a parser whose entries are attributed to a source.
    public init(source: LedgerEntry.Source) {
        self.source = source
    }

    /// Reads one entry. `now` is used if the entry has no time.
    public func read(_ message: LogMessage, now: Date) -> Finding {
        let (head, body) = Self.split(message.text)
        var finding = Finding()
        if readAMQP10(head, message, now, &finding) { return finding }
        if head.hasBytePrefix("Channel error on connection ") {
            readChannelError(head, body, message, now, &finding)
        } else if head.hasBytePrefix("Error on AMQP connection ") {
            readConnectionError(head, body, message, now, &finding)
        } else if head.hasBytePrefix("closing AMQP connection ") {
            readClosing(head, body, message, now, &finding)
        } else if head.hasBytePrefix("Closing AMQP connection ") {
            readOperatorClose(head, message, now, &finding)
        } else if head.hasBytePrefix("Closing connection <") {
            readOperatorRequest(head, message, now, &finding)
        } else if head.hasBytePrefix("connection ") || head.hasBytePrefix("accepting AMQP connection ") {
            readLife(head, message, now, &finding)
        } else if head.containsBytes(of: "resource limit alarm") {
            readAlarm(head, message, now, &finding)
        } else {
            finding.timeout = ConsumerTimeout(head)
        }
        return finding
    }

    // MARK: Forms

    /// Reads `Channel error on connection <P> (PEER -> HOST, vhost: 'V', user: 'U'), channel N:` followed by `operation
    /// METHOD caused a channel exception NAME: TEXT`.
    private func readChannelError(
        _ head: Substring, _ body: Substring, _ message: LogMessage, _ now: Date, _ finding: inout Finding
    ) {
        guard let place = LogOrigin(head), let said = Exception(body, kind: "channel") else { return }
        note(place, &finding)
        var entry = entry(.error, .channel, place, message, now, text: said.text)
        said.fill(&entry)
        finding.entry = entry
    }

    /// Reads `Error on AMQP connection <P> (…, state: S)[, channel N]:` followed by an exception, or by the reason why
    /// the login or the vhost was refused.
    private func readConnectionError(
        _ head: Substring, _ body: Substring, _ message: LogMessage, _ now: Date, _ finding: inout Finding
    ) {
        guard let place = LogOrigin(head) else { return }
        note(place, &finding)
        if let said = Exception(body, kind: "connection") {
            // 320 is sent for an operator's close or the broker's own shutdown.
            var entry = entry(said.code == 320 ? .closed : .error, .connection, place, message, now, text: said.text)
            said.fill(&entry)
            if entry.channel == 0 { entry.channel = nil }
            finding.entry = entry
            return
        }
        let text = String(body)
        if text.containsBytes(of: " login refused: ") {
            var entry = entry(.authentication, .connection, place, message, now, text: text)
            entry.code = 403
            entry.codeName = "ACCESS_REFUSED"
            if entry.user == nil { entry.user = Self.quoted(body, after: "user '") }
            finding.entry = entry
            return
        }
        var entry = entry(.error, .connection, place, message, now, text: text)
        if text.containsBytes(of: "vhost") {
            entry.code = 530
            entry.codeName = "NOT_ALLOWED"
            entry.methodClass = "connection"
            entry.method = "open"
            entry.vhost = Self.quoted(body, after: "vhost '") ?? entry.vhost
            if entry.vhost == nil, text.hasBytePrefix("vhost "), text.hasByteSuffix(" not found") {
                entry.vhost = Self.unquoted(Substring(text).dropFirst(bytes: 6).dropLast(bytes: 10))
            }
        }
        finding.entry = entry
    }

    /// Reads `closing AMQP connection …`: with a reason on the next line, or an orderly close without one.
    private func readClosing(
        _ head: Substring, _ body: Substring, _ message: LogMessage, _ now: Date, _ finding: inout Finding
    ) {
        guard let place = LogOrigin(head) else { return }
        note(place, &finding)
        let text = String(body)
        if text.isEmpty {
            finding.entry = entry(.closed, .connection, place, message, now, text: "closed by the client")
            return
        }
        var entry = entry(.error, .connection, place, message, now, text: text)
        if text.hasBytePrefix("client unexpectedly closed") || text.containsBytes(of: "connection_closed_abruptly") {
            entry.kind = .closed
        } else if text.hasBytePrefix("fatal_frame_error") {
            entry.code = 501
            entry.codeName = "FRAME_ERROR"
        }
        finding.entry = entry
    }

    /// Reads the warning of 4.x, `Closing AMQP connection <P> (…): REASON`.
    private func readOperatorClose(
        _ head: Substring, _ message: LogMessage, _ now: Date, _ finding: inout Finding
    ) {
        guard let open = head.firstRange(of: "("),
            let close = head.lastRange(of: "): ") ?? head.lastRange(of: ")"), open.upperBound <= close.lowerBound,
            let label = ConnectionLabel(head[open.upperBound..<close.lowerBound])
        else { return }
        let place = LogOrigin(label: label, process: Self.process(head), channel: nil)
        note(place, &finding)
        var entry = entry(.closed, .connection, place, message, now, text: String(head[close.upperBound...]))
        entry.code = 320
        entry.codeName = "CONNECTION_FORCED"
        finding.entry = entry
    }

    /// Reads `Closing connection <P> because "REASON"`. It names the process only; the connection follows in a later
    /// entry.
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

    /// Reads `accepting AMQP connection …`, `connection … has a client-provided name: APP`, and the entry of a granted
    /// vhost.
    private func readLife(_ head: Substring, _ message: LogMessage, _ now: Date, _ finding: inout Finding) {
        let named = " has a client-provided name: "
        let granted = ": user '"
        var rest = head.firstRange(of: " ").map { head[$0.upperBound...] } ?? ""
        if head.hasBytePrefix("accepting") { rest = head.dropFirst(bytes: "accepting AMQP connection ".utf8.count) }
        var name: String?
        var access: Substring?
        if let range = rest.firstRange(of: named) {
            name = String(rest[range.upperBound...])
            rest = rest[..<range.lowerBound]
        } else if let range = rest.lastRange(of: granted),
            rest.containsBytes(of: "' authenticated and granted access to vhost '")
        {
            access = rest[range.upperBound...]
            rest = rest[..<range.lowerBound]
        }
        if rest.begins(with: "<") {
            finding.process = Self.process(rest)
            rest = rest.firstRange(of: "(").map { rest[$0.upperBound...] } ?? ""
            if rest.ends(with: ")") { rest = rest.dropLast(bytes: 1) }
        }
        guard let label = ConnectionLabel(rest) else { return }
        finding.process = finding.process ?? message.process
        finding.connection = label.connection
        finding.clientName = name ?? label.clientName
        guard let access, let middle = access.firstRange(of: "' authenticated and granted access to vhost '") else {
            return
        }
        finding.user = String(access[..<middle.lowerBound])
        finding.vhost = String(access[middle.upperBound...].dropLast(bytes: 1))
        finding.entry = LedgerEntry(
            at: message.at ?? now, kind: .opened, scope: .connection, connection: label.connection,
            clientName: label.clientName, user: finding.user, vhost: finding.vhost, peer: label.peer, text: "opened",
            source: source)
    }

    /// Reads `memory resource limit alarm set on node 'rabbit@a'.` and `… alarm cleared on node …`.
    private func readAlarm(_ head: Substring, _ message: LogMessage, _ now: Date, _ finding: inout Finding) {
        guard let mark = head.firstRange(of: " resource limit alarm ") else { return }
        let resource = head[..<mark.lowerBound].parts(separatedBy: " ").last.map(String.init) ?? "resource"
        let isSet = head[mark.upperBound...].hasBytePrefix("set")
        guard isSet || head[mark.upperBound...].hasBytePrefix("cleared") else { return }
        // Logged in addition when the last node's alarm is cleared.
        guard !head.containsBytes(of: "across the cluster") else { return }
        var node = Self.quoted(head, after: "node '") ?? Self.word(head, after: "node ") ?? ""
        while node.utf8.last == UInt8(ascii: ".") { node.unicodeScalars.removeLast() }
        finding.entry = LedgerEntry.alarm(
            resource.trimmingCharacters(in: .punctuationCharacters), node: node, isSet: isSet, at: message.at ?? now,
            source: source)
    }

    // MARK: Pieces

    private func note(_ place: LogOrigin, _ finding: inout Finding) {
        finding.process = place.process
        finding.connection = place.label.connection
        finding.clientName = place.label.clientName
        finding.user = place.label.user
        finding.vhost = place.label.vhost
    }

    private func entry(
        _ kind: LedgerEntry.Kind, _ scope: LedgerEntry.Scope, _ place: LogOrigin, _ message: LogMessage, _ now: Date,
        text: String
    ) -> LedgerEntry {
        let subject = ReplySubject(text, vhost: place.label.vhost)
        return LedgerEntry(
            at: message.at ?? now, kind: kind, scope: scope, connection: place.label.connection,
            clientName: place.label.clientName, user: place.label.user, vhost: place.label.vhost ?? subject.vhost,
            peer: place.label.peer, channel: place.channel, queue: subject.queue, text: text, source: source)
    }

    /// Splits a text into its first line and the lines after it, without the space that the broker puts before them.
    /// The broker writes only line feeds as line ends; a first line that ends with a colon may contain one in a
    /// client's name.
    private static func split(_ text: String) -> (head: Substring, body: Substring) {
        let text = Substring(text)
        guard let first = text.firstRange(of: "\n") else { return (text, "") }
        var end = first
        if !text[..<first.lowerBound].ends(with: ":"), let later = text.firstRange(of: "):\n") {
            end = text.utf8.index(before: later.upperBound)..<later.upperBound
        }
        var head = text[..<end.lowerBound]
        if head.ends(with: "\r") { head = head.dropLast(bytes: 1) }
        var body = text[end.upperBound...].droppingSpaces()
        while let last = body.utf8.last, [0x20, 0x0A, 0x0D, 0x09].contains(last) { body = body.dropLast(bytes: 1) }
        return (head, body)
    }

    static func process(_ text: Substring) -> String? {
        guard let open = text.firstRange(of: "<"), let close = text[open.upperBound...].firstRange(of: ">") else {
            return nil
        }
        return String(text[open.lowerBound..<close.upperBound])
    }

    static func quoted(_ text: Substring, after mark: String) -> String? {
        guard let range = text.firstRange(of: mark), let end = text[range.upperBound...].firstRange(of: "'") else {
            return nil
        }
        return String(text[range.upperBound..<end.lowerBound])
    }

    static func word(_ text: Substring, after mark: String) -> String? {
        guard let range = text.firstRange(of: mark) else { return nil }
        return String(text[range.upperBound...].prefix(upTo: " "))
    }

    /// Returns a string as printed by Erlang without its quotes and escapes.
    static func unquoted(_ text: Substring) -> String {
        let quote = UInt8(ascii: "\"")
        guard text.utf8.count > 1, text.utf8.first == quote, text.utf8.last == quote else { return String(text) }
        var result: [UInt8] = []
        var isEscaped = false
        for byte in text.utf8.dropFirst().dropLast() {
            if isEscaped {
                result.append(byte == UInt8(ascii: "n") ? 0x0A : byte == UInt8(ascii: "t") ? 0x09 : byte)
                isEscaped = false
            } else if byte == UInt8(ascii: "\\") {
                isEscaped = true
            } else {
                result.append(byte)
            }
        }
        return String(decoding: result, as: UTF8.self)
    }
}

/// `… <P> (LABEL), channel N:` of an entry's first line.
private struct LogOrigin {
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
        if rest.ends(with: ":") { rest = rest.dropLast(bytes: 1) }
        if !rest.ends(with: ")"), let mark = rest.lastRange(of: "), channel ") {
            channel = Int(rest[mark.upperBound...])
            rest = rest[..<rest.utf8.index(after: mark.lowerBound)]
        }
        guard rest.ends(with: ")"), let bracket = rest.firstRange(of: "(") else { return nil }
        let open = bracket.lowerBound
        process = BrokerLogParser.process(rest[..<open])
        let inside = rest[bracket.upperBound...].dropLast(bytes: 1)
        if let label = ConnectionLabel(inside) {
            self.label = label
            return
        }
        // 4.x, for a connection that never spoke AMQP: `closing AMQP connection PEER -> HOST (duration: '0ms')`.
        let before = rest[..<open].parts(separatedBy: " ", omittingEmptyParts: true).suffix(3).joined(separator: " ")
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
        guard body.hasBytePrefix("operation "), let range = body.firstRange(of: mark) else { return nil }
        method = body[..<range.lowerBound].dropFirst(bytes: "operation ".utf8.count)
        let said = body[range.upperBound...]
        name = said.prefix(upTo: ":")
        var rest = said[name.endIndex...]
        if rest.begins(with: ":") { rest = rest.dropFirst(bytes: 1).droppingSpaces() }
        code = ReplyName.code(name)
        text = kind == "connection" ? BrokerLogParser.unquoted(rest) : String(rest)
    }

    func fill(_ entry: inout LedgerEntry) {
        entry.code = code
        entry.codeName = name.uppercased()
        let parts = method.parts(separatedBy: ".", maxSplits: 1)
        if parts.count == 2 {
            entry.methodClass = String(parts[0])
            entry.method = String(parts[1])
        }
    }
}

extension LedgerEntry {
    /// Returns an entry for a resource alarm that was set or cleared on a node.
    static func alarm(_ resource: String, node: String, isSet: Bool, at: Date, source: Source) -> LedgerEntry {
        LedgerEntry(
            at: at, kind: .alarm, scope: .node,
            text: "\(resource) alarm \(isSet ? "set" : "cleared")\(node.isEmpty ? "" : " on \(node)")", source: source)
    }
}
