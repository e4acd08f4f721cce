import Foundation

/// What the usual ways of watching cost, which fetch all queues each time: `watch curl …/api/queues`, and
/// `rabbitmqctl list_queues` in a loop.
struct WholeListMeasurement {
    /// One way's figures for one refresh.
    struct Cost {
        /// Until the answer was there, in milliseconds.
        var time = Samples()
        /// CPU time of the broker, in milliseconds, without what it takes anyway.
        var broker = Samples()
    }

    let broker: BenchmarkBroker
    let rounds: Int
    /// Percent of a core that the broker takes when nobody asks.
    let idle: Double

    private(set) var http = Cost()
    private(set) var control = Cost()
    /// CPU time of rabbitmqctl itself, in milliseconds.
    private(set) var controlOwn = Samples()
    private(set) var megabytes = 0.0

    init(broker: BenchmarkBroker, rounds: Int, idle: Double) {
        self.broker = broker
        self.rounds = rounds
        self.idle = idle
    }

    mutating func run() throws {
        for _ in 0..<rounds {
            var size = 0
            try Self.measure(broker, idle, &http) { size = try broker.request("api/queues").count }
            megabytes = Double(size) / 1e6
            // The broker answers from its cache for a while, in proportion to how long the list took.
            Thread.sleep(forTimeInterval: 5)
            var own = 0.0
            try Self.measure(broker, idle, &control) {
                own = try broker.rabbitmqctl(["-q", "list_queues", "name", "messages", "consumers"])
            }
            controlOwn.add(own * 1_000)
        }
    }

    private static func measure(
        _ broker: BenchmarkBroker, _ idle: Double, _ cost: inout Cost, _ work: () throws -> Void
    ) throws {
        let before = try broker.cpu
        let start = ContinuousClock.now
        try work()
        let seconds = (ContinuousClock.now - start).inSeconds
        cost.time.add(seconds * 1_000)
        cost.broker.add(max(0, (try broker.cpu - before - seconds * idle / 100) * 1_000))
    }
}
