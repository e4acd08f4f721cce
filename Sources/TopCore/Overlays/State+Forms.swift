import Foundation
import Names

/// The forms before operations that make or fetch messages.
extension State {
    func publishForm() -> OverlayOutcome {
        // Nothing can be published to a queue or an exchange that is gone.
        guard !isSelectedEnded else { return .stays }
        var vhost = self.vhost ?? "/"
        var exchange: Name = ""
        var routingKey: Name = ""
        if case .exchange(let id) = selectedID {
            guard exchanges.row(.exchange(id))?.isInternal != true else {
                return .says("\(id.name) is internal: it takes messages from other exchanges only", .warning)
            }
            vhost = id.vhost
            exchange = id.name
        } else if let queue = targetQueue {
            vhost = queue.vhost
            routingKey = queue.name
        }
        typealias Key = Form.Key
        let fields = [
            Form.Field(
                key: Key.exchange, label: "Exchange", kind: .text, value: exchange.text,
                hint: "empty: the default exchange"
            ),
            Form.Field(key: Key.routingKey, label: "Routing key", kind: .text, value: routingKey.text),
            Form.Field(
                key: Key.count, label: "Messages", kind: .count, value: "1", hint: "empty with a rate: until Esc"),
            Form.Field(
                key: Key.rate, label: "Rate", kind: .number, value: "", hint: "a second; empty: as fast as confirmed"),
            Form.Field(key: Key.body, label: "Body", kind: .text, value: "", hint: "empty: generated, of this size"),
            Form.Field(
                key: Key.size, label: "Size", kind: .count, value: "100", hint: "bytes, where no body is given"),
            Form.Field(key: Key.persistent, label: "Persistent", kind: .toggle, value: Form.Field.off),
            Form.Field(key: Key.ttl, label: "TTL", kind: .count, value: "", hint: "milliseconds; empty: none"),
            Form.Field(
                key: Key.mandatory, label: "Mandatory", kind: .toggle, value: Form.Field.on,
                hint: "unroutable messages come back"),
        ]
        return .fills(
            Form(
                title: "Publish in vhost \(vhost)", purpose: .publish(vhost: vhost), fields: fields,
                submitLabel: "Publish"))
    }

    func consumeForm() -> OverlayOutcome {
        guard let id = targetQueue else { return .stays }
        let row = queues.row(.queue(id))
        if row?.details?.exclusive == true {
            return .says("\(id.name) is exclusive to another connection: the broker would answer 405", .warning)
        }
        var lines = [place(of: id)]
        if let consumers = row?.consumers, consumers.value > 0 {
            lines.append("It takes messages away from \(counted(consumers.value, "consumer")) of the queue.")
        } else {
            lines.append("Messages it acknowledges are gone.")
        }
        if row?.details?.type == "stream" {
            lines.append("A stream needs a prefetch and acknowledgements; its messages stay.")
            lines.append("It begins with what is published from now on: e shows what is there already.")
        }
        typealias Key = Form.Key
        let fields = [
            Form.Field(key: Key.prefetch, label: "Prefetch", kind: .count, value: "10", hint: "0: no limit"),
            Form.Field(
                key: Key.acknowledge, label: "Acknowledge",
                kind: .choice(ConsumeRequest.Acknowledge.allCases.map(\.rawValue)),
                value: ConsumeRequest.Acknowledge.manual.rawValue, hint: "← → change it"),
            Form.Field(
                key: Key.delay, label: "Delay", kind: .count, value: "0", hint: "milliseconds before each answer"),
        ]
        return .fills(
            Form(
                title: "Consume from \(id.name)", purpose: .consume(id), lines: lines, fields: fields,
                submitLabel: "Consume"))
    }

    func peekForm() -> OverlayOutcome {
        guard let id = targetQueue else { return .stays }
        let row = queues.row(.queue(id))
        let details = row?.details
        if details?.type == "stream" { return peekForm(stream: id) }
        if details?.exclusive == true {
            return .says("\(id.name) is exclusive to another connection: the broker would answer 405", .warning)
        }
        let counts = looksCount
        var lines = [
            place(of: id),
            counts
                ? "Messages are fetched and put back: each look counts as a delivery and marks them redelivered."
                : "Messages are fetched and put back, which marks them redelivered.",
        ]
        if let limit = deliveryLimit(of: row), !counts {
            lines.append("A look does not count towards the delivery limit of \(limit.count) since RabbitMQ 4.3.")
        } else if let limit = deliveryLimit(of: row) {
            let known = deliveries[id] ?? 0
            if known.saturatingAdding(1) >= limit.count {
                return .says(
                    "\(id.name): delivery limit \(limit.count), \(ValueFormat.grouped(known)) "
                        + (known == 1 ? "delivery" : "deliveries")
                        + " known — one more look could drop or dead-letter the message", .warning)
            }
            lines.append(
                "Delivery limit \(limit.count)\(limit.isAssumed ? " (the default of 4.x)" : ""): beyond it a message "
                    + "is dropped or dead-lettered. Looks known so far: \(known).")
        }
        return .fills(
            Form(
                title: "Peek at \(id.name)", purpose: .peek(id), lines: lines,
                fields: [Form.Field(key: Form.Key.count, label: "Messages", kind: .count, value: "1")],
                submitLabel: "Peek"))
    }

    /// Whether peeking counts towards a delivery limit; assumed when the version is unknown.
    var looksCount: Bool { BrokerVersion(cluster?.version)?.countsLooks ?? true }

    private func peekForm(stream id: EntityID) -> OverlayOutcome {
        return .fills(
            Form(
                title: "Peek at \(id.name)", purpose: .peek(id),
                lines: [place(of: id), "A consumer of ours reads the stream; reading takes nothing out of it."],
                fields: [
                    Form.Field(
                        key: Form.Key.from, label: "From the", kind: .choice(PeekStart.allCases.map(\.rawValue)),
                        value: PeekStart.last.rawValue, hint: "← → change it"),
                    Form.Field(key: Form.Key.count, label: "Messages", kind: .count, value: "10"),
                ], submitLabel: "Peek"))
    }

    /// Returns the delivery limit in force: quorum queues have a default of 20 since RabbitMQ 4.0.
    /// https://www.rabbitmq.com/docs/quorum-queues#poison-message-handling
    private func deliveryLimit(of row: QueueRow?) -> (count: Int, isAssumed: Bool)? {
        guard let details = row?.details else { return nil }
        if let limit = details.deliveryLimit { return (limit, false) }
        let major = cluster?.version?.split(separator: ".").first.flatMap { Int($0) } ?? 0
        return details.type == "quorum" && major >= 4 ? (20, true) : nil
    }
}
