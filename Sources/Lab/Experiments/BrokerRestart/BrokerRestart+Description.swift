import Experiments

extension BrokerRestart {
    /// The experiment's name, variants and settings.
    public static let description = ExperimentDescription(
        name: "broker-restart",
        title: "The broker is restarted, killed, frozen: an order service lives through it, or dies",
        story: """
            An order service publishes orders, consumes them and stores them in SQLite. In mid-stream its broker is stopped and \
            started, killed, and frozen; then its database is locked by somebody else and its file moved away for a while. \
            Which orders end up in the database, and how long does each part take until it works again?
            """,
        variants: [
            Variant(
                name: "fragile",
                what:
                    "One plain connection, transient messages that nobody confirms, deliveries without acknowledgement.",
                expectation: "It dies at each outage, has to be restarted by an operator, and loses orders each time.",
                isCure: false),
            Variant(
                name: "robust",
                what: """
                    Connections that come back with exponential backoff, persistent messages with confirms, acknowledgement \
                    after an idempotent store that waits for its database with the same backoff, and a /health.
                    """,
                expectation: "It recovers from each outage by itself, says so in /health, and loses nothing.",
                isCure: true),
        ],
        settings: [
            Setting("orders", .integer(1_200), "Orders to publish", 10...1_000_000),
            Setting("interval", .number(0.04), "Seconds between two orders", 0.001...60),
            Setting("publishers", .integer(4), "Tasks of the robust service that publish", 1...1_000),
            Setting("work", .number(0.05), "Seconds that an order takes before it is stored", 0...60),
            Setting("prefetch", .integer(10), "Orders that the robust consumer may hold unacknowledged", 1...65_535),
            Setting(
                "outages", .text("restart, kill, freeze, database-locked, database-gone"),
                "What happens, in this order, evenly spread over the orders"),
            Setting("downtime", .number(1), "Seconds between the broker's end and its start", 0...600),
            Setting("heartbeat", .integer(2), "Heartbeat of the connections in seconds; never scaled", 1...600),
            Setting(
                "freeze-heartbeats", .number(4),
                "How long the broker is frozen, in heartbeats; under 3 nobody may notice", 3...100),
            Setting("database-outage", .number(2), "Seconds for which the database is locked, and gone", 0.1...600),
            Setting(
                "backoff-base", .number(0.5),
                "Longest wait in seconds before the first attempt of the robust service; doubled with each further one",
                0.001...60),
            Setting("backoff-cap", .number(30), "Longest wait in seconds before any attempt", 0.001...600),
            Setting("health-interval", .number(0.1), "Seconds between two checks of /health", 0.01...60),
            Setting("health-port", .integer(0), "Port of /health on the loopback interface; 0: a free one", 0...65_535),
            .databaseFolder,
        ],
        needsBrokerControl: true, deadline: 240)

    typealias Variant = ExperimentDescription.Variant
    typealias Setting = ExperimentDescription.Setting

    /// Returns what happens in a variant, and why.
    public static func explanation(_ variant: String) -> String {
        switch Kind(rawValue: variant) {
        case .fragile:
            """
            Every choice of this service is a default of some tutorial, and each loses orders of its own.

            The connection does not come back: when the broker stops (320 CONNECTION_FORCED), is killed (the socket ends \
            without a word) or falls silent (no heartbeat), the next operation throws, and the process ends until somebody starts \
            it again. What was in its memory is gone.

            Messages are transient, in a queue that is not durable: a broker that stops forgets them. Nobody asks for confirms, \
            so that a message that was still on its way is missed by nobody either.

            Deliveries are acknowledged automatically: the broker forgets an order when it writes it into the socket. Everything \
            that was sent ahead, and not stored when the process died, is lost, with the broker in perfect health; a locked \
            database is enough.
            """
        case .robust, nil:
            """
            Nothing here is clever, but nothing is left out. An order is published persistent, into a durable queue, and \
            counts as published when its confirm has come; whose confirm was lost with the connection is published again, and may \
            be there twice. The consumer acknowledges after it has stored; what it held when the connection was lost is \
            delivered again. Both make duplicates, and the store makes them harmless: an id that is there already changes nothing.

            Connections come back by themselves: the wait before an attempt is drawn between nothing and base x 2^n, 30 s at \
            most, so that a broker that restarts is not met by all of its clients at once. A frozen broker is noticed by its \
            missing heartbeats, after two and a half intervals at the latest. The database gets the same treatment.

            Meanwhile /health answers 503 and says what is missing, the broker or the database, so that a load balancer or \
            an orchestrator knows; and 200 as soon as it is back. Nobody had to be woken up.
            """
        }
    }

    /// Returns the expectations of the variant, compared with a ledger.
    public func expectations(_ ledger: LabLedger) -> [LabExpectation] {
        let outages = (try? RestartOutage.list(context.settings.text("outages"))) ?? []
        return Self.expectations(kind, outages, orders: orders, ledger)
    }

    static func expectations(
        _ kind: Kind, _ outages: [RestartOutage], orders: Int, _ ledger: LabLedger
    ) -> [LabExpectation] {
        let (counts, stored) = (ledger.counts, ledger.figure("stored"))
        let cameBack = LabExpectation(
            "the broker comes back", ledger.details["broker_came_back"] != .flag(false),
            ledger.details["broker_came_back"] == .flag(false)
                ? "it did not" : "from \(outages.count { $0.isOfBroker }) outages")
        switch kind {
        case .fragile:
            let (deaths, fatal) = (ledger.figure("deaths"), ledger.figure("fatal_outages"))
            return [
                cameBack,
                LabExpectation(
                    "the service dies at each outage", fatal == outages.count,
                    "\(fatal) of \(outages.count) outages were fatal, \(deaths) deaths"),
                LabExpectation(
                    "orders are lost", counts.missing > 0 && stored < counts.published,
                    "\(stored) of \(counts.published) orders are in the database, \(counts.missing) are nowhere"),
            ]
        case .robust:
            let missing = outages.flatMap { outage in
                Self.parts(outage).filter { part in
                    !ledger.recoveries.contains { $0.application == part.rawValue && $0.fault == outage.rawValue }
                }.map { "\($0.rawValue) from \(outage.rawValue)" }
            }
            let slowest = ledger.recoveries.max { $0.seconds < $1.seconds }
            let (broker, database) = (outages.count { $0.isOfBroker }, outages.count { !$0.isOfBroker })
            let (brokerSeen, databaseSeen) =
                (ledger.figure("health_broker_outages"), ledger.figure("health_database_outages"))
            return [
                cameBack,
                LabExpectation(
                    "no order is lost",
                    counts.confirmed == orders && counts.lost == 0 && counts.missing == 0,
                    "\(counts.confirmed) confirmed, \(counts.distinct) consumed, \(counts.lost) lost"),
                LabExpectation(
                    "each order is in the database once",
                    stored == counts.distinct && ledger.figure("known") == counts.duplicates,
                    "\(stored) stored, \(counts.duplicates) duplicates"),
                LabExpectation(
                    "every part recovers from each outage", missing.isEmpty,
                    missing.isEmpty
                        ? slowest.map {
                            "slowest \($0.application) from \($0.fault), \(LabValue.figure(($0.seconds * 10).rounded() / 10)) s"
                        } ?? "no outage" : "not: " + missing.joined(separator: ", ")),
                LabExpectation(
                    "/health tells broker and database apart, and is 200 again",
                    brokerSeen >= broker && databaseSeen >= database && ledger.figure("health_at_end") == 200,
                    "503 for the broker \(brokerSeen) times, for the database \(databaseSeen) times, "
                        + "\(ledger.figure("health_at_end")) at the end"),
            ]
        }
    }

    /// Returns the parts that have to recover from an outage.
    static func parts(_ outage: RestartOutage) -> [RecoveryWatch.Part] {
        outage.isOfBroker ? [.publisher, .consumer, .health] : [.database, .health]
    }
}
