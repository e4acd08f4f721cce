import Foundation

/// The flight recorder at many queues of which a tenth change at each sample: what it costs rabbittop and the broker,
/// the size of its file, the time to show an earlier time, and the time of the rules.
enum RecorderBenchmark {
    static func run(_ options: Options) throws -> ResultTable {
        let queues = Main.grouped(options.queues)
        let changed = Main.grouped(max(1, options.queues / 10))
        let loadBefore = ProcessFigures.load
        Main.say("Recording \(options.hours) h of \(queues) queues without a broker …")
        let core = try CoreProgram.run(options)

        Main.say("Starting a private broker, and declaring \(queues) queues …")
        let broker = try BenchmarkBroker(rabbittop: options.rabbittop)
        defer { broker.end() }
        try broker.fill(queues: options.queues)
        let version = try broker.version
        let changing = try broker.changing()
        defer { changing.end() }
        // The broker still deals with what was declared.
        Thread.sleep(forTimeInterval: 15)
        Main.say("Watching it alone, and while it is recorded, \(options.windows) times \(options.window) s each …")
        var recording = RecordingMeasurement(
            broker: broker, rounds: options.windows, window: .seconds(options.window))
        try recording.run()
        guard changing.isRunning else { throw BenchmarkFailure("rabbittop publish ended before it was told to") }

        var table = ResultTable()
        table.add("CPU of rabbittop record, of a core", "%", recording.cpu, target: .init(figure: .median, limit: 3))
        table.add("  the recorder alone", "%", Samples([core.recorder.cpuPercentage]))
        table.add("Memory of rabbittop record", "MB", recording.memory, target: .init(figure: .worst, limit: 80))
        table.add("  at its peak", "MB", recording.peak)
        table.add("  the recorder alone, at its peak", "MB", Samples([core.recorder.peakMegabytes]))
        table.add("Broker's CPU, nobody watching", "%", recording.brokerAlone)
        table.add("  with rabbittop record", "%", recording.brokerRecorded)
        // The budget of 5% is for the durations of requests; Erlang's schedulers also spin between them.
        table.add(
            "  the part of rabbittop record", "%",
            Samples([max(0, recording.brokerRecorded.median - recording.brokerAlone.median)]))
        table.add("Size of the recording, each second", "B", recording.bytesPerSecond)
        table.add(
            "  each changed figure, over \(options.hours) h", "B", Samples([core.recorder.bytesPerFigure]),
            target: .init(figure: .worst, limit: 30))
        table.add(
            "Reading a time of \(options.hours) h", "ms", Samples(core.recorder.seekMilliseconds),
            target: .init(figure: .p99, limit: 200))
        table.add("  snapshot --from, start included", "ms", recording.seek)
        table.add(
            "The rules, for a list of \(queues)", "ms", Samples(core.rulesMilliseconds))
        print(
            """

            RabbitMQ \(version), \(queues) classic queues, of which \(changed) change at each sample; \
            load \(Main.decimal(loadBefore)) before, \(Main.decimal(ProcessFigures.load)) after.
            The recording of \(options.hours) h has \(Main.decimal(Double(core.recorder.fileBytes) / 1e6)) MB; \
            \(core.recorder.dropped) reports were dropped.

            \(table.text)

            """)
        return table
    }
}
