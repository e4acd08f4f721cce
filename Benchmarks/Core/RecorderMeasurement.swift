import Foundation
import Recorder
import TopCore

/// Records a load as fast as it can, and reads times of the recording.
struct RecorderMeasurement {
    struct Figures: Encodable {
        /// CPU time of a sample, as a percentage of one core over the time between two samples.
        var cpuPercentage = 0.0
        /// The most memory that was resident while it recorded, in megabytes.
        var peakMegabytes = 0.0
        var fileBytes = 0
        /// Bytes in the file for each figure that changed.
        var bytesPerFigure = 0.0
        /// Reports that were dropped.
        var dropped = 0
        /// The time to read everything that was true at a random time.
        var seekMilliseconds: [Double] = []
    }

    private(set) var figures = Figures()
    private let load: RecordedLoad

    init(_ load: RecordedLoad, file: String, seeks: Int) throws {
        self.load = load
        try record(file)
        try read(file, seeks)
    }

    private mutating func record(_ file: String) throws {
        var generator = RepeatableGenerator()
        var depths = load.depths
        let recorder = try Recorder(.file(file), limits: RecordingLimits(), about: RecordingInfo(program: "benchmark"))
        {
            _ in
        }
        let before = Self.cpu
        var making = 0.0
        for sample in 0..<load.samples {
            let at = RecordedLoad.start.addingTimeInterval(Double(sample) * RecordedLoad.interval)
            let began = Self.cpu
            for _ in 0..<load.changed {
                let index = Int.random(in: depths.indices, using: &generator)
                depths[index].ready = Int.random(in: 0..<100_000, using: &generator)
                depths[index].messages = depths[index].ready
            }
            let part = QueueDepthsPart(at: at, source: .prometheus, node: "rabbit@benchmark", depths: depths)
            making += Self.cpu - began
            recorder.take(.queueDepths(part), at: at)
            // Its work is counted sample by sample, as it is at the pace of a broker.
            recorder.flush()
        }
        let spent = Self.cpu - before - making
        figures.dropped = recorder.droppedReports
        recorder.close()
        figures.cpuPercentage = spent / Double(load.samples) / RecordedLoad.interval * 100
        figures.peakMegabytes = Self.peakMegabytes
        figures.fileBytes = try FileManager.default.attributesOfItem(atPath: file)[.size] as? Int ?? 0
        // Of each queue that changed: its ready messages and their sum.
        figures.bytesPerFigure = Double(figures.fileBytes) / Double(2 * load.changed * load.samples)
    }

    private mutating func read(_ file: String, _ seeks: Int) throws {
        var generator = RepeatableGenerator()
        let reader = try RecordingReader(file: file)
        for _ in 0..<seeks {
            let at = Date(
                timeIntervalSinceReferenceDate: .random(
                    in: RecordedLoad.start.timeIntervalSinceReferenceDate + 60..<load.end
                        .timeIntervalSinceReferenceDate - 10, using: &generator))
            let start = ContinuousClock.now
            let moment = try reader.moment(at: at)
            figures.seekMilliseconds.append((ContinuousClock.now - start) / .milliseconds(1))
            guard moment?.queues?.rows.count == load.queues else { throw MissingQueues(at: at) }
        }
    }

    private struct MissingQueues: Error {
        var at: Date
    }

    /// CPU time of this process so far, in seconds.
    private static var cpu: Double {
        var usage = rusage()
        getrusage(Int32(RUSAGE_SELF.rawValue), &usage)
        return [usage.ru_utime, usage.ru_stime].reduce(0) { $0 + Double($1.tv_sec) + Double($1.tv_usec) / 1e6 }
    }

    private static var peakMegabytes: Double {
        var usage = rusage()
        getrusage(Int32(RUSAGE_SELF.rawValue), &usage)
        return Double(usage.ru_maxrss) * 1_024 / 1e6
    }
}
