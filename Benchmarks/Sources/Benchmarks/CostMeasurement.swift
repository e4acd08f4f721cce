import Foundation

/// What the dashboard costs while somebody only looks at it, and what it makes the broker do.
struct CostMeasurement {
    let broker: BenchmarkBroker
    let rounds: Int
    let window: Duration

    /// Percent of one core.
    private(set) var cpu = Samples()
    private(set) var brokerAlone = Samples()
    private(set) var brokerWatched = Samples()
    /// Bytes a second that the terminal gets.
    private(set) var output = Samples()
    /// Megabytes.
    private(set) var memory = Samples()
    private(set) var peak = Samples()

    init(broker: BenchmarkBroker, rounds: Int, window: Duration) {
        self.broker = broker
        self.rounds = rounds
        self.window = window
    }

    /// The broker without anybody who watches.
    mutating func runAlone() throws {
        for _ in 0..<rounds { brokerAlone.add(try broker.share(over: window)) }
    }

    mutating func run(_ terminal: PseudoTerminal) throws {
        let id = terminal.program.id
        for _ in 0..<rounds {
            let before = (own: try ProcessFigures.cpu(of: id), broker: try broker.cpu, bytes: terminal.received)
            let start = ContinuousClock.now
            terminal.watch(for: window)
            let seconds = (ContinuousClock.now - start).inSeconds
            cpu.add((try ProcessFigures.cpu(of: id) - before.own) / seconds * 100)
            brokerWatched.add((try broker.cpu - before.broker) / seconds * 100)
            output.add(Double(terminal.received - before.bytes) / seconds)
            let (now, peak) = try ProcessFigures.memory(of: id)
            memory.add(now)
            self.peak.add(peak)
        }
        guard terminal.screen.hasQueueRow else { throw terminal.failure("the queues went from the screen") }
    }
}
