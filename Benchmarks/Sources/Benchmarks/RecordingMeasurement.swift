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
    /// Percent of one core of the broker.
    private(set) var brokerRecorded = Samples()
    /// Megabytes.
    private(set) var memory = Samples()
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
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
            "rabbittop-bench-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appendingPathComponent("recording.sqlite").path
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
            let before = (own: try ProcessFigures.cpu(of: id), broker: try broker.cpu)
            let start = ContinuousClock.now
            Thread.sleep(forTimeInterval: window.inSeconds)
            let seconds = (ContinuousClock.now - start).inSeconds
            cpu.add((try ProcessFigures.cpu(of: id) - before.own) / seconds * 100)
            brokerRecorded.add((try broker.cpu - before.broker) / seconds * 100)
            memory.add(try ProcessFigures.memory(of: id).now)
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
