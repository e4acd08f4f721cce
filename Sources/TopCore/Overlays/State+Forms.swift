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
}
