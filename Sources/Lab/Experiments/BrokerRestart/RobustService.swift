import ClientInspector
import Logging
import RabbitMQClient

/// The order service as it should be: recovering connections for publishing and for consuming, a database, and a
/// `/health`.
struct RobustService: Sendable {
    let context: LabContext
    let watch: RecoveryWatch
    let store: OrderStore
    let publishing: Connection
    let consuming: Connection
    let policy: RecoveryPolicy
    let queue: String
    let numbers: OrderNumbers
    /// The number of repeated orders that were in the database already.
    let known = Count()
    /// The number of times the database recovered from a failure.
    let storeLives: Count

    init(
        context: LabContext, watch: RecoveryWatch, store: OrderStore, publishing: Connection, consuming: Connection,
        policy: RecoveryPolicy, queue: String, numbers: OrderNumbers, storeLives: Count
    ) {
        self.context = context
        self.watch = watch
        self.store = store
        self.publishing = publishing
        self.consuming = consuming
        self.policy = policy
        self.queue = queue
        self.storeLives = storeLives
        self.numbers = numbers
    }

    /// Publishes and consumes until the task is cancelled.
    ///
    /// - Throws: if the database fails permanently.
    func run() async throws(LabError) {
        try await Alongside.run { () async throws(LabError) in
            await withTaskGroup(of: Void.self) { group in
                group.addTask { await publisher.run() }
                group.addTask { await bookLosses(of: publishing, .publisher) }
                group.addTask { await bookLosses(of: consuming, .consumer) }
            }
        } work: { () async throws(LabError) in
            try await consumer.run()
        }
    }

    private var publisher: OrderPublisher {
        let (watch, publishing) = (self.watch, self.publishing)
        return OrderPublisher(
            recorder: context.recorder, connection: publishing, queue: queue, policy: policy,
            publishers: context.settings.integer("publishers"), interval: context.settings.seconds("interval"),
            numbers: numbers, confirmed: { watch.works(.publisher, life: publishing.recoveries) })
    }

    private var consumer: StoringConsumer {
        let (watch, consuming, known) = (self.watch, self.consuming, self.known)
        return StoringConsumer(
            recorder: context.recorder, application: RecoveryWatch.Part.consumer.rawValue, connection: consuming,
            queue: queue,
            prefetch: UInt16(clamping: context.settings.integer("prefetch")), work: context.settings.seconds("work"),
            store: store
        ) { _, outcome in
            if outcome == .known { known.add() }
            watch.works(.consumer, life: consuming.recoveries)
        }
    }

    /// Records why a connection was lost, and each failed attempt, until the task is cancelled.
    private func bookLosses(of connection: Connection, _ part: RecoveryWatch.Part) async {
        for await state in connection.states {
            if case .recovering(_, _, let error) = state { context.recorder.error(error, application: part.rawValue) }
        }
    }

    /// Serves `/health` on the loopback interface, and polls it, while the body runs.
    ///
    /// - Throws: `failed` if the port is taken; and what the body throws.
    func withHealth(port: Int, _ body: @escaping @Sendable (HealthWatch) async throws(LabError) -> Void)
        async throws(LabError)
    {
        let watch = self.watch
        let health = HealthWatch(context.recorder, interval: context.settings.seconds("health-interval")) {
            watch.works(.health, life: $0)
        }
        do {
            try await ClientInspector.withInspector(
                at: .loopback(port: port), registry: context.registry,
                checks: [HealthWatch.databaseCheck: { [store] in await store.trouble() }], on: context.group,
                logger: Logger(label: "rabbittop-lab") { _ in SwiftLogNoOpLogHandler() }
            ) { address in
                context.say("/health is at \(address)/health")
                try await Alongside.run { () async throws(LabError) in
                    await health.run(address)
                } work: { () async throws(LabError) in
                    try await body(health)
                }
            }
        } catch let error as LabError {
            throw error
        } catch let error as InspectorError {
            throw LabError(.failed, error.message, advice: error.advice)
        } catch is CancellationError {
            throw LabError(.cancelled, "The run was cancelled.")
        } catch {
            throw LabError(.failed, "/health cannot be served: \(error).")
        }
    }
}
