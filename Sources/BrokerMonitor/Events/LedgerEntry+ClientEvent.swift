import AMQPWire
import Faults
import Foundation
import Names
import RabbitMQClient

extension LedgerEntry {
    /// Creates an entry for an event of the client library; `nil` for routine events.
    init?(_ event: ClientEvent) {
        self.init(
            at: Date(timeIntervalSince1970: event.at), kind: .closed,
            scope: event.channel == nil ? .connection : .channel,
            connection: event.connectionName, clientName: event.clientName, user: event.user, vhost: event.virtualHost,
            channel: event.channel.map(Int.init), text: "", source: .client)
        switch event.kind {
        case .connectionOpened:
            kind = .opened
            text = "opened"
        case .channelOpened:
            return nil
        case .connectionClosed(let reason):
            fill(reason)
            if reason.initiator == .local, reason.code == 200 {
                code = nil
                codeName = nil
                text = "closed by the client"
            }
        case .connectionLost(let reason):
            fill(reason)
        case .connectionRecovered(let report):
            kind = .opened
            text = Self.words(report)
        case .channelClosed(let reason):
            // A channel that ends in order, or with its connection, adds nothing to the connection's entry.
            guard !reason.isOrderly, reason.scope == .channel else { return nil }
            fill(reason)
        case .connectionBlocked(let reason):
            kind = .blocked
            text = reason
        case .connectionUnblocked:
            kind = .unblocked
            text = "unblocked"
        case .publishReturned(let returned):
            kind = .returned
            code = Int(returned.code)
            codeName = ReplyCode(rawValue: returned.code).name
            text = "\(returned.text): exchange '\(returned.exchange)', routing key '\(returned.routingKey)'"
            methodClass = "basic"
            method = "return"
        case .consumerCancelled(let tag, let name):
            kind = .cancelled
            queue = name.text
            text = "the broker cancelled consumer \(tag)"
            methodClass = "basic"
            method = "cancel"
        }
    }

    private static func words(_ report: RecoveryReport) -> String {
        let seconds = (report.seconds * 10).rounded() / 10
        var text = "recovered after \(seconds) s"
        if report.attempts > 1 { text += ", \(report.attempts) attempts" }
        if let first = report.failures.first {
            text += "; not restored: \(first.entity)"
            if report.failures.count > 1 { text += " and \(report.failures.count - 1) more" }
        }
        return text
    }

    private mutating func fill(_ reason: CloseReason) {
        text = ReplyName.textWithoutName(reason.text, name: reason.name)
        let subject = ReplySubject(text, vhost: vhost)
        queue = subject.queue
        vhost = vhost ?? subject.vhost
        if reason.code != 0 {
            code = Int(reason.code)
            codeName = reason.name
        }
        // 320 is sent for an operator's close or the broker's own shutdown; 0 means that the socket ended.
        kind = reason.code == 320 || reason.isOrderly ? .closed : .error
        let parts = (reason.methodName ?? "").parts(separatedBy: ".", maxSplits: 1)
        if parts.count == 2 {
            methodClass = String(parts[0])
            method = String(parts[1])
        }
    }
}
