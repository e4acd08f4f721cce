import AMQPProxy
import RabbitMQClient

/// A pooled channel that is closed without the pool's knowledge: a pool that does not check hands it out forever.
public struct ClosedChannelInPool: Experiment {
    /// The model service's pool, one per variant of the same name.
    enum PoolKind: String, Sendable, CaseIterable {
        case naive, validated
    }

    let context: LabContext
    let kind: PoolKind

    /// Creates the experiment for a run.
    public init(_ context: LabContext) {
        self.context = context
        kind = PoolKind(rawValue: context.variant) ?? .validated
    }

    /// Runs the variant.
    public func run() async throws(LabError) {
        let way = context.settings.text("way")
        guard ["broker", "proxy"].contains(way) else {
            throw LabError(.usage, "'way' takes broker or proxy.", advice: "It says who closes the channels.")
        }
        try await context.withStore(policy: RecoveryPolicy()) { store throws(LabError) in
            if way == "broker" {
                try await run(store, through: nil)
            } else {
                try await withProxy { proxy throws(LabError) in try await run(store, through: proxy) }
            }
        }
    }

    private func withProxy(_ body: (ProxyServer) async throws(LabError) -> Void) async throws(LabError) {
        let configuration = context.broker.configuration
        guard configuration.tls == nil else {
            throw LabError(.usage, "The proxy of this experiment speaks no TLS.", advice: "Set way to broker.")
        }
        let proxy: ProxyServer
        do {
            proxy = try await ProxyServer.start(
                ProxyConfiguration(
                    listen: ("127.0.0.1", 0), upstream: (configuration.host, configuration.port)),
                on: context.group)
        } catch {
            throw LabError(.failed, "\(error)")
        }
        do throws(LabError) {
            try await body(proxy)
        } catch {
            await proxy.stop()
            throw error
        }
        await proxy.stop()
    }

    // MARK: Two applications and a database

    private func run(_ store: OrderStore, through proxy: ProxyServer?) async throws(LabError) {
        let queue = context.unique("predictions")
        try await context.withConnection("listener") { listening throws(LabError) in
            try await context.declareQueue(queue, on: listening)
            let listener = StoringConsumer(
                recorder: context.recorder, application: "listener", connection: listening, queue: queue, prefetch: 50,
                store: store, settled: { _, _ in })
            try await context.withConnection(ModelService.application) { configuration in
                if let proxy { configuration.endpoints = [Endpoint(host: "127.0.0.1", port: proxy.port)] }
            } _: { publishing throws(LabError) in
                try await Alongside.run { () async throws(LabError) in
                    try await listener.run()
                } work: { () async throws(LabError) in
                    await publish(to: queue, on: publishing, through: proxy)
                    await context.untilConsumed(patience: .seconds(10))
                }
            }
        }
        do throws(OrderStoreError) {
            context.recorder.detail("stored", .integer(try await store.count()))
        } catch {
            throw LabError(error)
        }
    }

    private func publish(to queue: String, on connection: Connection, through proxy: ProxyServer?) async {
        let (recorder, settings) = (context.recorder, context.settings)
        let tally = PoolTally()
        let pool = PredictionPool(kind, size: settings.integer("pool-size"), on: connection) { tally.opened($0) }
        let closer = ChannelBreaker(
            way: proxy.map { .proxy($0) } ?? .missingQueue(context.unique("missing")), recorder: recorder, tally: tally,
            connection: connection)
        let model = ModelService(
            plan: plan, pool: pool, queue: queue, recorder: recorder, tally: tally, closer: closer)
        await model.run()
        await lastWord(of: model)
        tell(tally.figures, discarded: pool.discarded)
        await pool.close()
    }

    private var plan: ModelService.Plan {
        let settings = context.settings
        let (messages, closings) = (settings.integer("messages"), settings.integer("closings"))
        // Evenly distributed, without a closing before the first and after the last message.
        let numbers = (1...closings).map { 1 + $0 * messages / (closings + 1) }
        return ModelService.Plan(
            messages: messages, publishers: settings.integer("publishers"), attempts: settings.integer("attempts"),
            interval: settings.seconds("interval"), pause: settings.seconds("pause"), closings: Set(numbers))
    }

    /// Publishes one more message, with attempts until a time limit, because waiting cannot show that it fails forever.
    private func lastWord(of model: ModelService) async {
        let end = ContinuousClock.now + context.settings.seconds("patience")
        var attempts = 0
        var works = false
        repeat {
            attempts += 1
            works = await model.publish("last-prediction")
            if !works { try? await Task.sleep(for: .milliseconds(50)) }
        } while !works && ContinuousClock.now < end && !Task.isCancelled
        context.recorder.detail("last_attempts", .integer(attempts))
        context.recorder.detail("last_works", .flag(works))
    }

    private func tell(_ figures: PoolTally.Figures, discarded: Int) {
        for (key, value) in [
            "channels_opened": figures.opened, "channels_closed": figures.closed, "channels_discarded": discarded,
            "dead_handouts": figures.deadHandouts, "failures_on_dead": figures.failuresOnDead,
            "successes_on_dead": figures.successesOnDead, "failures_on_open": figures.failuresOnOpen,
            "most_failures_of_one": figures.mostFailuresOfOne, "given_up": figures.givenUp,
        ] { context.recorder.detail(key, .integer(value)) }
    }
}
