extension DemoTopology {
    /// The demo's system: a shop, the logistics behind it, and the monitoring of both.
    static let demo = DemoTopology(
        users: [
            User(name: "shop", password: "shop"),
            User(name: "monitoring", password: "monitoring", tags: ["monitoring"]),
        ],
        virtualHosts: [.platform, .shop, .logistics])
}

extension DemoTopology.Permission {
    /// May read everything and change nothing.
    static let readOnly = DemoTopology.Permission(user: "monitoring", configure: "^$", write: "^$", read: ".*")
}

extension DemoTopology.VirtualHost {
    /// The default virtual host: telemetry, logs and reports.
    static let platform = DemoTopology.VirtualHost(
        name: "/",
        permissions: [.readOnly],
        exchanges: [
            .init(name: "telemetry", kind: .topic),
            .init(name: "alerts", kind: .fanout),
            .init(name: "reports", kind: .direct),
        ],
        queues: [
            .init(name: "metrics.cpu", arguments: ["x-max-length": 20_000]),
            .init(name: "logs.ingest"),
            .init(name: "alerts.pager", arguments: ["x-message-ttl": 120_000, "x-max-length": 1_000]),
            .init(name: "reports.requests", arguments: ["x-expires": 60_000, "x-max-length": 5_000]),
            .init(name: "dashboard.live", isExclusive: true),
        ],
        bindings: [
            .init(source: "telemetry", destination: .queue("metrics.cpu"), routingKey: "cpu.#"),
            .init(source: "telemetry", destination: .queue("logs.ingest"), routingKey: "log.*"),
            .init(source: "telemetry", destination: .queue("dashboard.live"), routingKey: "cpu.web.*"),
            .init(source: "telemetry", destination: .exchange("alerts"), routingKey: "*.*.critical"),
            .init(source: "alerts", destination: .queue("alerts.pager")),
            .init(source: "reports", destination: .queue("reports.requests"), routingKey: "nightly"),
        ],
        policies: [
            .init(name: "log-retention", pattern: "^logs\\.", definition: ["max-length": 20_000])
        ])

    /// The shop: orders, payments, mails, and dead letters.
    static let shop = DemoTopology.VirtualHost(
        name: "shop",
        permissions: [.init(user: "shop"), .init(user: "guest"), .readOnly],
        exchanges: [
            .init(name: "orders", kind: .topic),
            .init(name: "orders.archive", kind: .fanout),
            .init(name: "payments", kind: .direct),
            .init(name: "notifications", kind: .headers),
            .init(name: "storefront", kind: .topic),
            .init(name: "dead-letters", kind: .fanout),
        ],
        queues: [
            .init(name: "orders", kind: .quorum, arguments: ["x-max-length": 20_000]),
            .init(
                name: "orders.review", kind: .quorum,
                arguments: [
                    "x-delivery-limit": 5, "x-dead-letter-exchange": "dead-letters", "x-max-length": 5_000,
                ]),
            .init(
                name: "orders.audit", kind: .stream,
                arguments: ["x-max-length-bytes": 20_000_000, "x-stream-max-segment-size-bytes": 4_000_000]),
            .init(
                name: "payments",
                arguments: ["x-dead-letter-exchange": "dead-letters", "x-max-length": 20_000]),
            .init(
                name: "payments.retry",
                arguments: [
                    "x-message-ttl": 15_000, "x-dead-letter-exchange": "payments",
                    "x-dead-letter-routing-key": "capture",
                ]),
            .init(name: "dead-letters", arguments: ["x-max-length": 20_000]),
            .init(name: "emails", arguments: ["x-max-length": 5_000]),
            .init(name: "push.priority", arguments: ["x-max-priority": 9, "x-max-length": 5_000]),
            .init(name: "thumbnails"),
            .init(name: "carts.abandoned"),
            .init(
                name: "stock.reservations", arguments: ["x-max-length": 200, "x-overflow": "reject-publish"]),
            .init(name: "café.commandes", arguments: ["x-max-length": 5_000]),
            .init(name: "🎁 gift-cards", arguments: ["x-max-length": 5_000]),
        ],
        bindings: [
            .init(source: "orders", destination: .queue("orders"), routingKey: "order.created.#"),
            .init(source: "orders", destination: .queue("orders.review"), routingKey: "order.review.#"),
            .init(source: "orders", destination: .exchange("orders.archive"), routingKey: "order.#"),
            .init(source: "orders.archive", destination: .queue("orders.audit")),
            .init(source: "payments", destination: .queue("payments"), routingKey: "capture"),
            .init(source: "payments", destination: .queue("payments.retry"), routingKey: "retry"),
            .init(
                source: "notifications", destination: .queue("emails"),
                arguments: ["x-match": "all", "channel": "email"]),
            .init(
                source: "notifications", destination: .queue("push.priority"),
                arguments: ["x-match": "any", "channel": "push", "urgent": "yes"]),
            .init(source: "storefront", destination: .queue("thumbnails"), routingKey: "product.image.*"),
            .init(source: "storefront", destination: .queue("carts.abandoned"), routingKey: "cart.abandoned"),
            .init(source: "storefront", destination: .queue("stock.reservations"), routingKey: "stock.reserve"),
            .init(source: "storefront", destination: .queue("café.commandes"), routingKey: "café.#"),
            .init(source: "storefront", destination: .queue("🎁 gift-cards"), routingKey: "giftcard.*"),
            .init(source: "dead-letters", destination: .queue("dead-letters")),
        ],
        policies: [
            .init(name: "backlog-cap", pattern: "^carts\\.", definition: ["max-length": 50_000]),
            .init(
                name: "newest-pictures", pattern: "^thumbnails$",
                definition: ["max-length": 400, "overflow": "drop-head"]),
        ])

    /// Logistics, with names in the languages of the people who work there.
    static let logistics = DemoTopology.VirtualHost(
        name: "物流",
        permissions: [.init(user: "shop"), .init(user: "guest"), .readOnly],
        exchanges: [
            .init(name: "車両", kind: .topic),
            .init(name: "倉庫", kind: .direct),
        ],
        queues: [
            .init(name: "位置情報", arguments: ["x-max-length": 20_000]),
            .init(name: "在庫.更新", arguments: ["x-max-length": 5_000]),
            // Classic: RabbitMQ 3.10 cannot write the name of a quorum queue beyond Latin-1 into its log, and removes
            // its log exchange because of it.
            .init(name: "出荷.指示", arguments: ["x-max-length": 5_000]),
            .init(
                name: "配送.遅延",
                arguments: [
                    "x-message-ttl": 20_000, "x-dead-letter-exchange": "", "x-dead-letter-routing-key": "出荷.指示",
                ]),
            .init(name: "Склад.остатки", arguments: ["x-max-length": 5_000]),
            .init(name: "شحنات.جديدة", arguments: ["x-max-length": 5_000]),
        ],
        bindings: [
            .init(source: "車両", destination: .queue("位置情報"), routingKey: "gps.#"),
            .init(source: "車両", destination: .queue("Склад.остатки"), routingKey: "склад.#"),
            .init(source: "倉庫", destination: .queue("在庫.更新"), routingKey: "在庫"),
            .init(source: "倉庫", destination: .queue("出荷.指示"), routingKey: "出荷"),
            .init(source: "倉庫", destination: .queue("配送.遅延"), routingKey: "遅延"),
            .init(source: "倉庫", destination: .queue("شحنات.جديدة"), routingKey: "شحنة"),
        ])
}
