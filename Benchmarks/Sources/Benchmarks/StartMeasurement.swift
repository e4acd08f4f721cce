import Foundation

/// How long somebody waits after pressing Return: until the first frame, and until the first row of the queues.
struct StartMeasurement {
    let broker: BenchmarkBroker
    let rounds: Int

    private(set) var firstFrame = Samples()
    private(set) var firstRow = Samples()
    private(set) var quit = Samples()
    /// A start that does nothing: what the program's size and libraries cost.
    private(set) var version = Samples()

    init(broker: BenchmarkBroker, rounds: Int) {
        self.broker = broker
        self.rounds = rounds
    }

    mutating func run() throws {
        for round in 0...rounds {
            let null = NullDevice.descriptor
            let began = ContinuousClock.now
            let (status, _) = try ChildProcess(
                broker.rabbittop, ["--version"], environment: broker.environment,
                streams: .descriptors(input: null, output: null, error: STDERR_FILENO)
            ).wait()
            guard status == 0 else { throw BenchmarkFailure("rabbittop --version failed") }
            let start = (ContinuousClock.now - began).inMilliseconds
            let (frame, leaving) = try time(view: "overview") { $0.isFrameComplete }
            let (row, _) = try time(view: "queues") { $0.hasQueueRow }
            // The first round fills the page cache.
            if round == 0 { continue }
            version.add(start)
            firstFrame.add(frame)
            firstRow.add(row)
            quit.add(leaving)
        }
    }

    /// - Returns: milliseconds until the screen was as wanted, and from pressing q to the end.
    private func time(view: String, until isWanted: (ScreenModel) -> Bool) throws -> (Double, Double) {
        let terminal = try broker.watch(view: view)
        guard let arrival = terminal.wait(within: .seconds(20), until: isWanted) else {
            throw terminal.failure("the \(view) view did not show what it should")
        }
        return ((arrival - terminal.started).inMilliseconds, terminal.quit().inMilliseconds)
    }
}
