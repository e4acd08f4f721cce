import Faults
import Foundation

// Sessions and links of AMQP 1.0. The forms are those of RabbitMQ 4.0 and 4.3, whose errors are Erlang terms of several
// lines:
// {'v1_0.error',{symbol,<<"amqp:not-found">>},{utf8,<<"no queue 'a' in vhost '/'">>},undefined}
extension BrokerLogParser {
    /// Reads an entry about AMQP 1.0.
    ///
    /// - Returns: whether the entry was about AMQP 1.0.
    func readAMQP10(
        _ head: Substring, _ message: LogMessage, _ now: Date, _ finding: inout Finding
    ) -> Bool {
        if head.hasPrefix("Connection from AMQP 1.0 container '") {
            readContainer(head, message, now, &finding)
        } else if head.hasPrefix("refusing link '") {
            guard let end = Substring(message.text).firstRange(of: "': ") else { return true }
            let link = head.dropFirst("refusing link '".count).prefix { $0 != "'" }
            var entry = ended(message, now, after: end.upperBound)
            entry.text = "refused link '\(link)': \(entry.text)"
            finding.entry = entry
        } else if head.hasPrefix("Closing session for connection <") {
            guard let end = Substring(message.text).firstRange(of: ">: ") else { return true }
            finding.process = Self.process(head)
            var entry = ended(message, now, after: end.upperBound)
            entry.text = "ended the session: \(entry.text)"
            finding.entry = entry
        } else if head.hasPrefix("Error on AMQP 1.0 connection <") {
            finding.process = Self.process(head)
            let place = Substring(message.text).firstIndex(where: \.isNewline) ?? message.text.endIndex
            var entry = ended(message, now, after: place)
            entry.scope = .connection
            finding.entry = entry
        } else if head.hasPrefix("Closing AMQP 1.0 connection <") {
            guard let mark = head.firstRange(of: ">: ") else { return true }
            finding.process = Self.process(head)
            finding.entry = LedgerEntry(
                at: message.at ?? now, kind: .closed, scope: .connection, code: 320, codeName: "CONNECTION_FORCED",
                text: String(head[mark.upperBound...]), source: source)
        } else if head.hasPrefix("released unsettled messages due to consumer timeout on connection '") {
            let subject = ReplySubject(head)
            finding.entry = LedgerEntry(
                at: message.at ?? now, kind: .error, scope: .channel,
                connection: Self.quoted(head, after: "connection '"),
                clientName: Self.quoted(head, after: "container '"), vhost: subject.vhost, queue: subject.queue,
                text: String(head), source: source)
        } else {
            return false
        }
        return true
    }

    /// Reads `Connection from AMQP 1.0 container 'C': user 'U' authenticated using SASL mechanism M and granted access
    /// to vhost 'V'`, which identifies the connection by its process only.
    private func readContainer(
        _ head: Substring, _ message: LogMessage, _ now: Date, _ finding: inout Finding
    ) {
        let mark = "': user '"
        let rest = head.dropFirst("Connection from AMQP 1.0 container '".count)
        guard let user = rest.lastRange(of: mark), let vhost = rest.lastRange(of: "granted access to vhost '") else {
            return
        }
        finding.process = message.process
        finding.clientName = String(rest[..<user.lowerBound])
        finding.user = Self.quoted(rest[user.lowerBound...], after: mark)
        finding.vhost = String(rest[vhost.upperBound...].dropLast())
        finding.entry = LedgerEntry(
            at: message.at ?? now, kind: .opened, scope: .connection, clientName: finding.clientName,
            user: finding.user, vhost: finding.vhost, text: "opened", source: source)
    }

    /// Returns an entry for the error that begins at a position: its condition and description, or the text unchanged.
    private func ended(_ message: LogMessage, _ now: Date, after place: String.Index) -> LedgerEntry {
        let term = message.text[place...]
        let condition = Self.binary(in: term, of: "{symbol,")
        let words = Self.binary(in: term, of: "{utf8,")
        let subject = words.map { ReplySubject($0) }
        let plain = term.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        let text = [condition, words].compactMap(\.self).joined(separator: ": ")
        return LedgerEntry(
            at: message.at ?? now, kind: .error, scope: .channel,
            vhost: subject?.vhost ?? words.flatMap { Self.quoted(Substring($0), after: "in vhost '") },
            queue: subject?.queue,
            codeName: condition, text: text.isEmpty ? String(plain.prefix(600)) : text, source: source)
    }

    /// Returns the text of `{symbol,<<"TEXT">>}`, which may contain a line break.
    private static func binary(in term: Substring, of mark: String) -> String? {
        guard let start = term.firstRange(of: mark) else { return nil }
        let rest = term[start.upperBound...].drop(while: \.isWhitespace)
        guard rest.hasPrefix("<<\"") else { return nil }
        var text = ""
        var isEscaped = false
        for character in rest.dropFirst(3) {
            if isEscaped {
                text.append(character)
                isEscaped = false
            } else if character == "\\" {
                isEscaped = true
            } else if character == "\"" {
                return text
            } else {
                text.append(character)
            }
        }
        return nil
    }
}
