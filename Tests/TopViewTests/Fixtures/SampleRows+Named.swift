import Foundation
import Names

@testable import TopCore

extension SampleRows {
    /// The rows of the views that are reached by their names.
    static func named(at: Date) -> [NamedPart] {
        [
            NamedPart(.bindings, .bindings(ListPart(at: at, rows: bindings))),
            NamedPart(.policies, .policies(ListPart(at: at, rows: policies))),
            NamedPart(
                .users, .users(ListPart(at: at, rows: users))),
            NamedPart(.vhosts, .vhosts(ListPart(at: at, rows: vhosts))),
            NamedPart(.flags, .flags(ListPart(at: at, rows: flags))),
            NamedPart(
                .streams, .streams(ListPart(at: at, rows: streams)),
                problems: [
                    NamedProblem(
                        "not known: how far consumers are behind; the plugin rabbitmq_stream_management tells it")
                ]
            ),
            NamedPart(.shovels, .shovels(ListPart(at: at, rows: links))),
        ]
    }

    private static let bindings: [BindingRow] = [
        BindingRow(
            vhost: "/", source: "events", destinationKind: .queue, destination: "orders", routingKey: "order.*"),
        BindingRow(
            vhost: "/", source: "events", destinationKind: .exchange, destination: "archive", routingKey: "#"),
        BindingRow(
            vhost: "billing", source: "headers", destinationKind: .queue, destination: "invoices", routingKey: "",
            arguments: #"{"kind":"invoice","x-match":"all"}"#),
        BindingRow(
            vhost: "logistics", source: "shipping.events.of.all.regions.and.warehouses", destinationKind: .queue,
            destination: "shipments.of.all.regions.and.warehouses", routingKey: "shipment.#"),
    ]

    private static let policies: [PolicyRow] = {
        var orders = PolicyRow(
            vhost: "/", name: "ha-orders", pattern: "^orders", definition: #"{"max-length":2000000}"#)
        orders.appliesTo = "queues"
        orders.priority = 10
        orders.queues = 2
        orders.exchanges = 0
        orders.overridden = 1
        orders.matches = [
            .init(name: "orders", isExchange: false, effective: "ha-orders"),
            .init(name: "orders.dead", isExchange: false, effective: "ha-orders"),
            .init(name: "orders.audit", isExchange: false, effective: "audit"),
        ]
        var unused = PolicyRow(
            vhost: "billing", name: "ttl", isOperator: true, pattern: "(a+)+$", definition: #"{"expires":3600000}"#)
        unused.appliesTo = "queues"
        unused.priority = 0
        unused.queues = 0
        unused.exchanges = 0
        return [orders, unused]
    }()

    private static let users: [UserRow] = {
        var admin = UserRow(name: "admin", tags: ["administrator"])
        admin.permissions = [
            .init(vhost: "/", configure: ".*", write: ".*", read: ".*"),
            .init(vhost: "billing", configure: ".*", write: ".*", read: ".*"),
        ]
        var billing = UserRow(name: "billing", tags: [])
        billing.permissions = [.init(vhost: "billing", configure: "^$", write: "^headers$", read: "^invoices")]
        billing.maxConnections = 50
        var idle = UserRow(name: "former-employee", tags: ["management"])
        idle.permissions = []
        return [admin, billing, idle]
    }()

    private static let vhosts: [VhostRow] = {
        var root = VhostRow(name: "/")
        root.state = "running"
        root.isTracing = false
        root.messages = 1_136_000
        root.ready = 1_134_800
        root.unacked = 1_200
        root.publishRate = 812
        root.deliverRate = 730
        root.defaultQueueType = "quorum"
        root.description = "Default virtual host"
        var billing = VhostRow(name: "billing")
        billing.state = "stopped on rabbit@mq-b"
        billing.isTracing = true
        billing.messages = 38_429
        billing.ready = 37_789
        billing.unacked = 640
        billing.maxConnections = 100
        billing.maxQueues = 20
        billing.tags = ["production"]
        return [root, billing]
    }()

    private static let flags: [FeatureRow] = {
        var khepri = FeatureRow(name: "khepri_db", kind: .flag)
        khepri.state = "disabled"
        khepri.stability = "experimental"
        khepri.providedBy = "rabbit"
        khepri.description = "New Raft-based metadata store"
        var quorum = FeatureRow(name: "quorum_queue", kind: .flag)
        quorum.state = "enabled"
        quorum.stability = "required"
        quorum.providedBy = "rabbit"
        quorum.description = "Support queues of type `quorum`"
        var qos = FeatureRow(name: "global_qos", kind: .deprecated)
        qos.state = "permitted"
        qos.phase = "permitted_by_default"
        qos.isUsed = true
        qos.providedBy = "rabbit"
        return [khepri, quorum, qos]
    }()

    private static let streams: [StreamRow] = {
        var gps = StreamRow(id: EntityID(vhost: "telemetry", name: "telemetry.gps"))
        gps.state = "running"
        gps.leader = Sample.nodes[0]
        gps.members = 3
        gps.online = 2
        gps.messages = 48_201_330
        gps.segments = 97
        gps.oldestAt = Sample.ago(86_400)
        gps.publishRate = 402
        gps.consumers = 4
        gps.lag = 120_331
        gps.lagOffset = 48_080_999
        gps.lagConnection = Sample.shipping
        gps.retention = "max-age 7D"
        return [gps, StreamRow(id: EntityID(vhost: "telemetry", name: "telemetry.temperature"))]
    }()

    private static let links: [LinkRow] = {
        var archive = LinkRow(kind: .shovel, vhost: "/", name: "archive")
        archive.state = "running"
        archive.source = "orders.dead"
        archive.destination = "archive"
        archive.node = Sample.nodes[0]
        archive.since = "2026-11-21 08:00:11"
        archive.sourceURI = "amqp:///"
        archive.destinationURI = "amqp://archive.example.net"
        var upstream = LinkRow(kind: .federation, vhost: "logistics", name: "warehouse")
        upstream.state = "error"
        upstream.source = "shipments"
        upstream.destination = "shipments"
        upstream.node = Sample.nodes[1]
        upstream.error = "{auth_failure,\"Refused\"}"
        return [archive, upstream]
    }()
}
