import Foundation

/// What `rabbittop record` costs, and how long a recording takes to show a time.
struct RecordingMeasurement {
    let broker: BenchmarkBroker
    let rounds: Int
    let window: Duration
    /// The number of times that are looked up.
    let seeks: Int

    /// Percent of one core.
    private(set) var cpu = Samples()
    /// Percent of one core of the broker, before and while it is recorded.
    private(set) var brokerAlone = Samples()
    private(set) var brokerRecorded = Samples()
    /// Megabytes.
    private(set) var memory = Samples()
    private(set) var peak = Samples()
    /// Milliseconds of a whole `rabbittop snapshot --from`, start included.
    private(set) var seek = Samples()
    /// Bytes of the closed file for each second of recording.
    private(set) var bytesPerSecond = Samples()

    init(broker: BenchmarkBroker, rounds: Int, window: Duration, seeks: Int = 20) {
        self.broker = broker
        self.rounds = rounds
        self.window = window
        self.seeks = seeks
    }

    mutating func run() throws {
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        let file = folder.file("recording.sqlite")
        for _ in 0..<rounds { brokerAlone.add(try broker.share(over: window)) }
        let arguments = ["record", file] + broker.address
        let recorder = try KeptProcess(
            broker.rabbittop, arguments, environment: broker.environment, error: NullDevice.descriptor)
        let began = ContinuousClock.now
        // The first lists, and the first block of the file, cost more than what follows.
        Thread.sleep(forTimeInterval: 15)
        guard let id = ProcessFigures.find(arguments) else {
            recorder.end()
            throw BenchmarkFailure("rabbittop record does not run")
        }
        for _ in 0..<rounds {
            let before = try ProcessFigures.cpu(of: id)
            let start = ContinuousClock.now
            brokerRecorded.add(try broker.share(over: window))
            let seconds = (ContinuousClock.now - start).inSeconds
            cpu.add((try ProcessFigures.cpu(of: id) - before) / seconds * 100)
            let figures = try ProcessFigures.memory(of: id)
            memory.add(figures.now)
            peak.add(figures.peak)
        }
        let recorded = (ContinuousClock.now - began).inSeconds
        recorder.end()
        let size = (try FileManager.default.attributesOfItem(atPath: file)[.size] as? Int) ?? 0
        bytesPerSecond.add(Double(size) / recorded)
        for _ in 0..<seeks {
            let time = "-\(Int.random(in: 1..<max(2, Int(recorded) - 5)))s"
            let start = ContinuousClock.now
            let (status, _) = try ChildProcess(
                broker.rabbittop, ["snapshot", "--view", "overview", "--from", file, "--at", time],
                environment: broker.environment,
                streams: .descriptors(
                    input: NullDevice.descriptor, output: NullDevice.descriptor, error: STDERR_FILENO)
            ).wait()
            guard status == 0 else { throw BenchmarkFailure("rabbittop snapshot --from failed") }
            seek.add((ContinuousClock.now - start).inMilliseconds)
        }
    }
}

/// A folder that is removed at the end.
struct TemporaryFolder {
    private let url: URL

    init() throws {
        url = FileManager.default.temporaryDirectory.appendingPathComponent("rabbittop-bench-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: false)
    }

    func file(_ name: String) -> String { url.appendingPathComponent(name).path }

    func remove() { try? FileManager.default.removeItem(at: url) }
}
