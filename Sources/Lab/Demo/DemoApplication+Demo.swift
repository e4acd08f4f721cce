extension DemoApplication {
    /// All applications that use `DemoTopology.demo`.
    static let demo: [DemoApplication] = shop + logistics + platform

    private static let regions = ["eu", "us", "asia", "são-paulo"]

    private static let shop: [DemoApplication] = [
        DemoApplication(
            name: "order-service", version: "4.12.0", platform: "Java 21", user: "shop", virtualHost: "shop",
            producers: [
                Producer(
                    exchange: "orders",
                    routingKeys: regions.map { "order.created.\($0)" } + ["order.cancelled.eu"],
                    shape: .order, wave: Wave(mean: 35, swing: 25, period: 45), isConfirmed: true, isPersistent: true,
                    headers: [.init(name: "channel", values: ["web", "app", "store"])]),
                Producer(
                    exchange: "orders", routingKeys: ["order.review.amount", "order.review.address"], shape: .order,
                    wave: Wave(mean: 0.8), isConfirmed: true, isPersistent: true),
                Producer(
                    exchange: "orders", routingKeys: ["order.review.amount"], shape: .order, wave: Wave(mean: 0.06),
                    isConfirmed: true, isPersistent: true,
                    headers: [.init(name: Consumer.poisonHeader, values: ["currency missing"])]),
            ],
            keeps: Kept(queues: ["orders.audit"], exchanges: ["orders.archive"])),
        DemoApplication(
            name: "checkout", version: "2.3.1", platform: "Go 1.23", user: "shop", virtualHost: "shop",
            producers: [
                Producer(
                    exchange: "payments", routingKeys: ["capture"], shape: .payment,
                    wave: Wave(mean: 22, swing: 14, period: 45, phase: 0.9), isConfirmed: true, isPersistent: true),
                Producer(
                    exchange: "payments", routingKeys: ["retry"], shape: .payment,
                    wave: Wave(mean: 3, swing: 2.5, period: 50), isConfirmed: true, isPersistent: true),
                Producer(
                    exchange: "payments", routingKeys: ["capture.voucher"], shape: .payment, wave: Wave(mean: 0.15),
                    isConfirmed: true, isMandatory: true),
            ],
            keeps: Kept(queues: ["payments.retry"])),
        DemoApplication(
            name: "storefront", version: "9.0.4", platform: "Node.js 22", user: "shop", virtualHost: "shop",
            producers: [
                Producer(
                    exchange: "storefront", routingKeys: ["product.image.large", "product.image.small"],
                    shape: .picture, wave: Wave(mean: 5.5, swing: 1, period: 30), isPersistent: true),
                Producer(
                    exchange: "storefront", routingKeys: ["cart.abandoned"], shape: .cart, wave: Wave(mean: 5),
                    isPersistent: true),
                Producer(
                    exchange: "storefront", routingKeys: ["stock.reserve"], shape: .stock,
                    wave: Wave(mean: 4, burst: .init(rate: 55, length: 6, every: 30)), isConfirmed: true),
                Producer(
                    exchange: "storefront", routingKeys: ["café.espresso", "café.crème", "café.thé"], shape: .menu,
                    wave: Wave(mean: 6, swing: 4, period: 35)),
                Producer(
                    exchange: "storefront", routingKeys: ["giftcard.sold"], shape: .giftCard, wave: Wave(mean: 1.5),
                    isPersistent: true),
            ],
            keeps: Kept(queues: ["carts.abandoned"])),
        DemoApplication(
            name: "fulfilment", version: "3.8.0", platform: "Java 21", user: "shop", virtualHost: "shop",
            consumers: [
                Consumer(queue: "orders"), Consumer(queue: "orders"),
                Consumer(queue: "stock.reservations", capacity: 18),
            ]),
        DemoApplication(
            name: "payment-worker", version: "2.3.1", platform: "Go 1.23", user: "shop", virtualHost: "shop",
            consumers: [
                Consumer(queue: "payments", rejectsOneIn: 40), Consumer(queue: "payments", rejectsOneIn: 40),
                Consumer(queue: "payments", rejectsOneIn: 40),
            ],
            keeps: Kept(queues: ["dead-letters"])),
        DemoApplication(
            name: "customer-care", version: "1.9.2", platform: "Ruby 3.3", user: "shop", virtualHost: "shop",
            producers: [
                Producer(
                    exchange: "notifications", routingKeys: [""], shape: .mail,
                    wave: Wave(mean: 12, swing: 9, period: 40), isConfirmed: true, isPersistent: true,
                    headers: [.init(name: "channel", values: ["email"])]),
                Producer(
                    exchange: "notifications", routingKeys: [""], shape: .push,
                    wave: Wave(mean: 8, swing: 5, period: 25, phase: 0.5),
                    headers: [.init(name: "channel", values: ["push"])], priorities: 0...9),
            ]),
        DemoApplication(
            name: "mailer", version: "5.1.0", platform: "Python 3.12", user: "shop", virtualHost: "shop",
            consumers: [
                Consumer(queue: "emails", prefetch: 20, capacity: 13), Consumer(queue: "push.priority", capacity: 9),
            ]),
        DemoApplication(
            name: "image-resizer", version: "0.7.3", platform: "Rust 1.82", user: "shop", virtualHost: "shop",
            consumers: [Consumer(queue: "thumbnails", prefetch: 10, capacity: 4)]),
        DemoApplication(
            name: "fraud-review", version: "1.4.0", platform: "Python 3.12", user: "shop", virtualHost: "shop",
            consumers: [Consumer(queue: "orders.review", prefetch: 5, capacity: 3)],
            keeps: Kept(queues: ["dead-letters"])
        ),
        DemoApplication(
            name: "audit-reader", platform: ".NET 9", user: "shop", virtualHost: "shop",
            consumers: [Consumer(queue: "orders.audit", prefetch: 100, streamOffset: "next")]),
        DemoApplication(
            name: "café-kasse", version: "1.2.0", platform: "Swift", user: "shop", virtualHost: "shop",
            consumers: [Consumer(queue: "café.commandes"), Consumer(queue: "🎁 gift-cards", prefetch: 10)]),
        DemoApplication(
            name: "legacy-import", version: "0.1", platform: "PHP 5.6", user: "shop", virtualHost: "shop",
            mistakes: Mistakes(
                kinds: [
                    .missingQueue("import.v1"), .otherArguments(queue: "payments"),
                    .missingExchange("import.results"),
                ], every: 30)),
    ]

    private static let logistics: [DemoApplication] = [
        DemoApplication(
            name: "fleet-tracker", version: "6.0.0", platform: "Erlang/OTP 27", user: "shop", virtualHost: "物流",
            producers: [
                Producer(
                    exchange: "車両", routingKeys: ["gps.東京", "gps.大阪", "gps.札幌"], shape: .position,
                    wave: Wave(mean: 50, swing: 30, period: 60)),
                Producer(
                    exchange: "車両", routingKeys: ["склад.москва", "склад.казань"], shape: .stock,
                    wave: Wave(mean: 8, swing: 6, period: 30), isConfirmed: true, isPersistent: true),
            ]),
        DemoApplication(
            name: "倉庫システム", version: "2.0.0", platform: "Java 21", user: "shop", virtualHost: "物流",
            producers: [
                Producer(
                    exchange: "倉庫", routingKeys: ["在庫"], shape: .stock,
                    wave: Wave(mean: 2, burst: .init(rate: 110, length: 4, every: 25)), isConfirmed: true),
                Producer(
                    exchange: "倉庫", routingKeys: ["出荷"], shape: .order, wave: Wave(mean: 4, swing: 3, period: 50),
                    isConfirmed: true, isPersistent: true),
                Producer(
                    exchange: "倉庫", routingKeys: ["遅延"], shape: .position, wave: Wave(mean: 1.5, swing: 1.2, period: 60)
                ),
                Producer(
                    exchange: "倉庫", routingKeys: ["شحنة"], shape: .order, wave: Wave(mean: 3, swing: 2, period: 35)),
            ],
            keeps: Kept(queues: ["配送.遅延"])),
        DemoApplication(
            name: "配送センター", version: "2.0.0", platform: "Java 21", user: "shop", virtualHost: "物流",
            consumers: [
                Consumer(queue: "在庫.更新", capacity: 24), Consumer(queue: "出荷.指示"),
                Consumer(queue: "شحنات.جديدة", prefetch: 20),
            ]),
        DemoApplication(
            name: "склад-учёт", version: "1.1.7", platform: "Go 1.23", user: "shop", virtualHost: "物流",
            consumers: [Consumer(queue: "Склад.остатки", prefetch: 20, capacity: 8.6)]),
        DemoApplication(
            name: "map-view", platform: "Node.js 22", user: "shop", virtualHost: "物流",
            consumers: [Consumer(queue: "位置情報", isAutomatic: true)]),
    ]

    private static let platform: [DemoApplication] = [
        DemoApplication(
            name: "telemetry-agent", version: "1.31.0", platform: "Go 1.23", user: "guest", virtualHost: "/",
            producers: [
                Producer(
                    exchange: "telemetry", routingKeys: ["cpu.web.1", "cpu.web.2", "cpu.db.1", "cpu.db.2"],
                    shape: .metric, wave: Wave(mean: 60, swing: 25, period: 50)),
                Producer(
                    exchange: "telemetry", routingKeys: ["log.web", "log.db"], shape: .log,
                    wave: Wave(mean: 25, swing: 20, period: 60)),
                Producer(
                    exchange: "telemetry", routingKeys: ["cpu.db.critical"], shape: .metric,
                    wave: Wave(mean: 0, burst: .init(rate: 3, length: 2, every: 45))),
            ]),
        DemoApplication(
            name: "log-indexer", version: "8.15.0", platform: "Java 21", user: "guest", virtualHost: "/",
            consumers: [Consumer(queue: "logs.ingest", prefetch: 100, capacity: 27)]),
        DemoApplication(
            name: "reporting", version: "3.0.2", platform: "Python 3.12", user: "guest", virtualHost: "/",
            consumers: [Consumer(queue: "metrics.cpu"), Consumer(queue: "dashboard.live")],
            keeps: Kept(queues: ["reports.requests", "alerts.pager"])),
        DemoApplication(
            name: "nightly-report", version: "3.0.2", platform: "Python 3.12", user: "guest", virtualHost: "/",
            producers: [
                Producer(
                    exchange: "reports", routingKeys: ["nightly"], shape: .report,
                    wave: Wave(mean: 15, swing: 10, period: 12))
            ],
            consumers: [Consumer(queue: "reports.requests", prefetch: 20, capacity: 18)],
            shift: Shift(work: 12, away: 8)),
    ]
}
