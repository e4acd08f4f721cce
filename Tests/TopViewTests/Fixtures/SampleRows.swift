import Faults
import Foundation
import Names

@testable import TopCore

/// The rows of the sample broker.
enum SampleRows {
    struct Queue {
        var id: EntityID
        var ready: Int
        var unacked: Int
        var consumers: Int
        var type = "quorum"
        var state = "running"
        var rate = 0.0
        var policy: Name?
        var deadLetter: Name?
    }

    static let queues: [Queue] = {
        func queue(
            _ name: Name, _ ready: Int, _ unacked: Int, _ consumers: Int, vhost: Name = "/",
            type: String = "quorum",
            state: String = "running", rate: Double = 0, policy: Name? = nil, deadLetter: Name? = nil
        ) -> Queue {
            Queue(
                id: EntityID(vhost: vhost, name: name), ready: ready, unacked: unacked, consumers: consumers,
                type: type,
                state: state, rate: rate, policy: policy, deadLetter: deadLetter)
        }
        var queues = [
            queue("orders", 1_043_211, 1_200, 12, rate: 612.4, policy: "ha-orders", deadLetter: "dlx"),
            queue("orders.dead", 91_822, 0, 0, policy: "ha-orders"),
            queue("invoices", 34_019, 640, 8, vhost: "billing", rate: 210.8, policy: "lazy"),
            queue("invoices.retry.60s", 4_410, 0, 0, vhost: "billing", type: "classic", deadLetter: "invoices"),
            queue("shipments", 2_904, 512, 16, vhost: "logistics", rate: 88.2),
            queue("telemetry.gps", 812, 256, 4, vhost: "telemetry", type: "stream", rate: 402),
            queue("telemetry.temperature", 402, 96, 4, vhost: "telemetry", type: "stream", rate: 77.5),
            queue("emails", 97, 20, 2, type: "classic", state: "flow", rate: 12.5),
            queue("订单队列.中国区", 64, 8, 2, rate: 4.1),
            queue("طلبات الشحن", 31, 4, 1, vhost: "logistics", rate: 2),
            queue("🚚 tracking 🇩🇪", 12, 2, 1, vhost: "logistics", rate: 1.2),
            queue("cafe\u{301}.re\u{301}servations", 7, 0, 1, type: "classic"),
            queue("bad\u{1b}[31mname\nwith breaks", 3, 0, 0, type: "classic"),
            queue("audit", 0, 0, 1, type: "classic"),
            queue("warehouse.picking", 0, 0, 0, vhost: "logistics", state: "minority"),
        ]
        for number in 1...25 {
            let isIdle = number > 14
            queues.append(
                queue(
                    "worker.\(number < 10 ? "0" : "")\(number)", 0, isIdle ? 0 : number % 5, isIdle ? 0 : 1,
                    type: "classic", rate: isIdle ? 0 : Double(number) * 1.7))
        }
        return queues
    }()

    static func ready(_ queue: Queue, step: Int) -> Int {
        // Orders pile up, invoices go down.
        switch queue.id.name {
        case "orders": queue.ready - (119 - step) * 4_100
        case "invoices": queue.ready + (119 - step) * 320
        case "emails": max(0, queue.ready - (119 - step) * 2)
        default: queue.ready
        }
    }

    static func depths(at: Date, step: Int) -> QueueDepthsPart {
        QueueDepthsPart(
            at: at.addingTimeInterval(-2.7), source: .prometheus, node: nil,
            depths: queues.map {
                QueueDepth(
                    id: $0.id, messages: ready($0, step: step) + $0.unacked, ready: ready($0, step: step),
                    unacked: $0.unacked, consumers: $0.consumers)
            })
    }

    static func rich(at: Date, step: Int) -> QueuesRichPart {
        QueuesRichPart(
            at: at.addingTimeInterval(-1.4),
            queues: queues.map { queue in
                var details = QueueDetails()
                details.type = queue.type
                details.state = queue.state
                details.node = Sample.nodes[queue.id.name.count % 3]
                let swing = 1 + 0.2 * sin(Double(step) / 6)
                details.publishRate = queue.rate * swing
                details.deliverRate = queue.rate * 0.93 * swing
                details.ackRate = queue.rate * 0.92 * swing
                details.redeliverRate = queue.id.name == "emails" ? 3.4 : 0
                details.memory = 40_000 + queue.ready * 90
                details.policy = queue.policy
                details.deadLetterExchange = queue.deadLetter
                details.idleSince = queue.rate == 0 ? Sample.ago(queue.id.name == "audit" ? 200_000 : 4_000) : nil
                details.exclusive = false
                details.deliveryLimit = queue.type == "quorum" ? 20 : nil
                let depth = QueueDepth(
                    id: queue.id, messages: ready(queue, step: step) + queue.unacked,
                    ready: ready(queue, step: step), unacked: queue.unacked, consumers: queue.consumers)
                return (depth, details)
            })
    }

    static func live(at: Date) -> QueuesLivePart {
        QueuesLivePart(
            at: at,
            depths: queues.prefix(12).map { QueueDepth(id: $0.id, ready: $0.ready, consumers: $0.consumers) })
    }

    private static let clients: [(peer: String, name: Name?, user: Name, vhost: Name, state: String)] = [
        ("10.0.4.17:50640", "billing-api", "billing", "billing", "running"),
        ("10.0.4.18:50822", "billing-api", "billing", "billing", "running"),
        ("10.0.4.23:41002", "shipping-worker-1", "shipping", "logistics", "flow"),
        ("10.0.4.24:41077", "shipping-worker-2", "shipping", "logistics", "running"),
        ("10.0.5.2:39911", "订单服务", "orders", "/", "running"),
        ("10.0.5.3:40555", "orders-import", "orders", "/", "blocked"),
        ("10.0.5.9:55102", nil, "legacy", "/", "running"),
        ("10.0.6.40:60001", "telemetry-gateway", "telemetry", "telemetry", "running"),
        ("10.0.0.9:44120", "rabbittop", "operator", "/", "running"),
    ]

    private static func name(_ peer: String) -> Name { "\(peer) -> 10.0.0.5:5672" }

    static func connections(at: Date) -> ListPart<ConnectionRow> {
        let rows = clients.enumerated().map { index, client in
            var row = ConnectionRow(name: name(client.peer))
            row.clientName = client.name
            row.user = client.user
            row.vhost = client.vhost
            row.state = client.state
            row.peer = client.peer
            row.channels = [12, 9, 3, 3, 24, 1, 1, 2, 2][index]
            row.heartbeat = index == 6 ? 0 : 60
            row.receiveRate = [48_200, 31_000, 2_100, 1_900, 812_000, 0, 12, 1_204_000, 300][index]
            row.sendRate = [22_400, 18_700, 91_000, 88_000, 4_100, 0, 40, 900, 2_048][index]
            row.protocolName = "AMQP 0-9-1"
            row.node = Sample.nodes[index % 3]
            row.connectedAt = Sample.ago(Double(index + 1) * 5_400)
            return row
        }
        return ListPart(at: at, rows: rows, total: 214, undecodable: 1)
    }

    static func channels(at: Date) -> ListPart<ChannelRow> {
        var rows: [ChannelRow] = []
        for (index, client) in clients.enumerated() {
            for number in 1...(index % 3 + 1) {
                var row = ChannelRow(id: ChannelID(connection: name(client.peer), number: number))
                row.clientName = client.name
                row.user = client.user
                row.vhost = client.vhost
                row.state = client.state == "flow" ? "flow" : "running"
                row.prefetch = [50, 20, 0][number - 1]
                row.unacked = number == 1 && index == 2 ? 50 : index * number % 7
                row.unconfirmed = number == 2 ? 12 : 0
                row.consumers = number == 1 ? 1 : 0
                row.confirm = number == 2
                row.publishRate = number == 2 ? Double(index) * 31.4 : 0
                row.deliverRate = number == 1 ? Double(index) * 12.7 : 0
                row.local = client.name == "rabbittop"
                rows.append(row)
            }
        }
        return ListPart(at: at, rows: rows, total: 1_892)
    }

    static func consumers(at: Date) -> ListPart<ConsumerRow> {
        let rows = clients.enumerated().map { index, client in
            var row = ConsumerRow(
                id: ConsumerID(
                    queue: index < 5 ? Sample.orders : queues[index].id,
                    channel: ChannelID(connection: name(client.peer), number: 1),
                    tag: index == 3 ? "amq.ctag-8fJq2kLwSh0dPz" : "consumer-\(index + 1)"))
            row.clientName = client.name
            row.prefetch = [50, 50, 20, 20, 250, 1, 0, 500, 10][index]
            row.ackRequired = index != 6
            row.exclusive = index == 5
            row.active = index != 1
            row.activityStatus = index == 1 ? "waiting" : "up"
            row.priority = 0
            return row
        }
        return ListPart(at: at, rows: rows)
    }

    static func exchanges(at: Date) -> ListPart<ExchangeRow> {
        let all: [(Name, Name, String, Int, Double)] = [
            ("/", "", "direct", 40, 12.4), ("/", "amq.direct", "direct", 0, 0), ("/", "amq.fanout", "fanout", 0, 0),
            ("/", "amq.headers", "headers", 0, 0), ("/", "amq.rabbitmq.log", "topic", 1, 0.2),
            ("/", "amq.topic", "topic", 3, 0), ("/", "dlx", "fanout", 2, 0.4), ("/", "orders", "topic", 14, 612.4),
            ("billing", "invoices", "direct", 4, 210.8), ("logistics", "shipments", "x-consistent-hash", 16, 88.2),
            ("telemetry", "readings", "topic", 5, 479.5),
        ]
        let rows = all.map { vhost, name, type, bindings, rate in
            var row = ExchangeRow(id: EntityID(vhost: vhost, name: name))
            row.type = type
            row.durable = true
            row.autoDelete = false
            row.isInternal = name == "amq.rabbitmq.log"
            row.bindingsOut = bindings
            row.publishInRate = rate
            row.publishOutRate = rate * 1.2
            return row
        }
        return ListPart(at: at, rows: rows)
    }

    static func client(at: Date) -> ListPart<ClientRow> {
        let watch: Name = "10.0.0.9:44120 -> 10.0.0.5:5672"
        let bench: Name = "10.0.0.9:44131 -> 10.0.0.5:5672"
        func row(
            _ number: UInt64, _ connection: Name, _ name: Name, channel: Int? = nil, state: String = "open"
        ) -> ClientRow {
            var row = ClientRow(
                id: ClientRowID(connection: number, channel: channel), connection: connection, state: state)
            row.name = name
            row.vhost = "/"
            row.channel = channel
            row.channelState = channel == nil ? nil : "open"
            row.inFlight = 0
            row.unconfirmed = 0
            row.unacked = 0
            row.consumers = 0
            row.brokerAgrees = true
            row.brokerState = "running"
            return row
        }
        let watchRow = row(1, watch, "rabbittop watch")
        var declares = row(1, watch, "rabbittop watch", channel: 1)
        declares.inFlight = 40
        let registryRow = row(2, bench, "rabbittop consume")
        var consuming = row(2, bench, "rabbittop consume", channel: 1)
        consuming.unacked = 42
        consuming.consumers = 1
        consuming.brokerAgrees = false
        consuming.disagreement = "42 unacked here, 0 at the broker"
        var broken = row(2, bench, "rabbittop consume", channel: 2)
        broken.channelState = "closed"
        broken.lastErrorCode = 406
        broken.lastErrorText = "PRECONDITION_FAILED - unknown delivery tag 987654321"
        var confirming = row(2, bench, "rabbittop consume", channel: 3)
        confirming.unconfirmed = 128
        confirming.brokerAgrees = nil
        confirming.brokerState = nil
        return ListPart(at: at, rows: [watchRow, declares, registryRow, consuming, broken, confirming])
    }

    static let events: [LedgerEntry] = {
        func entry(
            _ age: Double, _ kind: LedgerEntry.Kind, _ scope: LedgerEntry.Scope, code: Int? = nil, name: String? = nil,
            client: String? = nil, channel: Int? = nil, queue: String? = nil, _ text: String,
            method: (String, String)? = nil,
            source: LedgerEntry.Source = .logExchange
        ) -> LedgerEntry {
            LedgerEntry(
                at: Sample.ago(age), kind: kind, scope: scope, connection: client == nil ? nil : Sample.billing.text,
                clientName: client, user: client == nil ? nil : "billing", vhost: "/", peer: "10.0.4.17:50640",
                channel: channel, queue: queue, code: code, codeName: name, text: text, methodClass: method?.0,
                method: method?.1, source: source)
        }
        var folded = entry(
            301, .error, .channel, code: 404, name: "NOT_FOUND", client: "orders-import", channel: 1,
            "NOT_FOUND - no exchange 'orders.v2' in vhost '/'", method: ("basic", "publish"))
        folded.count = 17
        return [
            entry(
                90_000, .authentication, .connection, code: 403, name: "ACCESS_REFUSED",
                "PLAIN login refused: user 'scanner'"),
            entry(590, .opened, .connection, client: "billing-api", "connection opened", source: .eventExchange),
            folded,
            entry(
                188, .error, .connection, code: 505, name: "UNEXPECTED_FRAME", client: "legacy", channel: 1,
                "UNEXPECTED_FRAME - expected content header for class 60, got non content header frame instead",
                method: ("basic", "publish")),
            entry(
                92, .error, .channel, code: 406, name: "PRECONDITION_FAILED", client: "rabbittop consume", channel: 2,
                "PRECONDITION_FAILED - unknown delivery tag 987654321", method: ("basic", "ack"), source: .client),
            entry(61, .alarm, .node, "memory alarm set on rabbit@mq-b", source: .eventExchange),
            entry(60, .blocked, .connection, client: "orders-import", "blocked: low on memory", source: .client),
            entry(44, .unblocked, .connection, client: "orders-import", "unblocked", source: .client),
            entry(
                31, .error, .connection, code: 320, name: "CONNECTION_FORCED", client: "shipping-worker-1",
                "CONNECTION_FORCED - Closed via rabbittop: drill\u{1b}[2J\nsecond line"),
            entry(
                12, .error, .channel, code: 404, name: "NOT_FOUND", client: "订单服务", channel: 3, queue: "订单",
                "NOT_FOUND - no queue '订单' in vhost '/'", method: ("queue", "declare")),
            entry(5, .action, .queue, queue: "orders", "published 10,000 messages to orders", source: .rabbittop),
            entry(
                2, .closed, .channel, code: 200, name: "REPLY_SUCCESS", client: "billing-api", channel: 12, "Goodbye"),
        ]
    }()
}
