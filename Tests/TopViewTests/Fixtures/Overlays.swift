import Foundation
import Names

@testable import TopCore

extension Sample {
    static let overlays: [String: Overlay] = [
        "purge": purge, "close-connection": closeConnection, "close-channel": closeChannel, "vhosts": vhosts,
        "publish": publish, "consume": consume, "messages": messages, "messages-filter": filtered, "message": message(),
        "message-hex": message(isHex: true),
        "message-binary": binary, "send-back": sendBack, "edit-message": editMessage,
        "help": .help(HelpView(scroll: 0)), "help-scrolled": .help(HelpView(scroll: 12)),
    ]

    static let purge = Overlay.confirmation(
        ConfirmationPrompt(
            title: "Purge orders",
            lines: [
                "Throw away all ready messages of queue orders in vhost /.",
                "1,043,211 messages go; 1,200 that are delivered and unacked stay.",
                "It cannot be undone.",
            ], confirmLabel: "Purge", operation: .purge(orders)))

    static let closeConnection: Overlay = {
        var confirmation = ConfirmationPrompt(
            title: "Close connection billing-api",
            lines: [
                "Closes connection \(billing) of user billing.",
                "12 channels and 9 consumers go with it; 640 unacked messages return to their queues.",
            ], confirmLabel: "Close", operation: .closeConnection(billing, reason: "drill"),
            reason: LineEditor("drill: does billing-api come back?"))
        confirmation.focus = .reason
        return .confirmation(confirmation)
    }()

    static let closeChannel = Overlay.picker(
        Picker(
            title: "Close channel 3 of shipping-worker-1",
            lines: ["1 consumer and 50 unacked messages are on it. How is it to end?"],
            choices: [
                .init(
                    label: "channel.close", hint: "by our own client", disabled: "not a channel of ours", effect: .none),
                .init(label: "404 NOT_FOUND", hint: "raised by the broker", effect: .none),
                .init(label: "406 PRECONDITION_FAILED", hint: "raised by the broker", effect: .none),
                .init(label: "close its connection", hint: "3 channels go with it", effect: .none),
            ], selected: 1))

    static let vhosts = Overlay.picker(
        Picker(
            title: "Virtual host",
            choices: ([nil, "/", "billing", "logistics", "telemetry"] as [Name?]).map {
                .init(label: $0?.text ?? "all vhosts", effect: .vhost($0))
            }, selected: 2))

    static let publish: Overlay = {
        var form = Form(
            title: "Publish to orders", purpose: .publish(vhost: "/"),
            lines: ["This is not a local broker: messages go to production-eu."],
            fields: [
                .init(key: "exchange", label: "Exchange", kind: .text, value: "", hint: "empty for the default"),
                .init(key: "routing_key", label: "Routing key", kind: .text, value: "orders"),
                .init(key: "count", label: "Count", kind: .count, value: "10k", hint: "empty goes on until Esc"),
                .init(key: "rate", label: "Rate", kind: .number, value: "250", hint: "messages per second"),
                .init(key: "body", label: "Body", kind: .text, value: "{\"order\": 4711, \"item\": \"Käse\"}"),
                .init(key: "persistent", label: "Persistent", kind: .toggle, value: "yes"),
                .init(key: "expiration", label: "Expiration", kind: .count, value: "", hint: "milliseconds"),
                .init(
                    key: "mandatory", label: "Mandatory", kind: .toggle, value: "no", hint: "unroutable ones come back"),
                .init(key: "headers", label: "Headers", kind: .text, value: "", hint: "k=v, k=v"),
            ], submitLabel: "Publish")
        form.focus = 2
        form.fields[2].problem = "a whole number: 10000"
        return .form(form)
    }()

    static let consume: Overlay = {
        var form = Form(
            title: "Consume orders", purpose: .consume(orders),
            fields: [
                .init(key: "prefetch", label: "Prefetch", kind: .count, value: "50", hint: "0 for no limit"),
                .init(
                    key: "acknowledge", label: "Acknowledge",
                    kind: .choice(["manual", "automatic", "never", "requeue", "reject"]),
                    value: "manual"),
                .init(key: "delay", label: "Delay", kind: .count, value: "0", hint: "milliseconds after each message"),
            ], submitLabel: "Consume")
        form.focus = 1
        return .form(form)
    }()

    static let detail = DetailPart(
        at: now, row: .queue(orders),
        sections: [
            DetailSection(
                title: "Arguments",
                fields: [
                    DetailField("x-queue-type", "quorum"), DetailField("x-dead-letter-exchange", "dlx"),
                    DetailField("x-delivery-limit", "20"),
                ]),
            DetailSection(
                title: "Replicas",
                fields: [
                    DetailField("leader", "rabbit@mq-a"),
                    DetailField("members", "rabbit@mq-a, rabbit@mq-b, rabbit@mq-c"),
                    DetailField("online", "rabbit@mq-a, rabbit@mq-b, rabbit@mq-c"),
                ]),
            DetailSection(
                title: "Bindings",
                fields: [DetailField("orders", "orders.created"), DetailField("orders", "orders.#.retry")]),
        ])

    static func activities() -> [Activity] {
        var publish = Activity(id: OperationID(1), title: "publish to orders", startedAt: ago(14))
        publish.progress = "6,240 confirmed, 12 unconfirmed, 446/s"
        publish.fraction = 0.624
        var consume = Activity(id: OperationID(2), title: "consume emails", startedAt: ago(95))
        consume.progress = "1,204 delivered, 12.6/s"
        var close = Activity(id: OperationID(3), title: "close channel 3 of shipping-worker-1", startedAt: ago(3))
        close.phase = .failed
        close.endedAt = ago(1)
        close.progress = "the channel was gone already"
        return [publish, consume, close]
    }
}
