import Foundation

/// The dashboard, as somebody sees it who looks at a broker with many queues: its start, its answer to keys, its cost.
enum DashboardBenchmark {
    static func run(_ options: Options) throws -> ResultTable {
        let queues = Main.grouped(options.queues)
        let loadBefore = ProcessFigures.load
        Main.say("Starting a private broker …")
        let broker = try BenchmarkBroker(rabbittop: options.rabbittop)
        defer { broker.end() }
        Main.say("Declaring \(queues) queues …")
        try broker.fill(queues: options.queues)
        let version = try broker.version

        // Where the broker still deals with what was declared, it would answer late.
        Thread.sleep(forTimeInterval: 10)
        Main.say("Starting rabbittop \(2 * options.rounds) times …")
        var start = StartMeasurement(broker: broker, rounds: options.rounds)
        try start.run()

        Main.say("Watching the broker alone for \(options.windows) times \(options.window) s …")
        let moving = try broker.moving()
        defer { moving.end() }
        Thread.sleep(forTimeInterval: 5)
        var cost = CostMeasurement(broker: broker, rounds: options.windows, window: .seconds(options.window))
        try cost.runAlone()

        Main.say("Watching it with rabbittop, \(options.windows) times \(options.window) s …")
        let terminal = try broker.watch(view: "queues")
        guard terminal.wait(within: .seconds(20), until: { $0.hasQueueRow }) != nil else {
            throw terminal.failure("no queue comes on the screen")
        }
        terminal.watch(for: .seconds(10))
        try cost.run(terminal)

        Main.say("Pressing \(options.keys) keys …")
        var keys = KeyMeasurement(terminal: terminal, count: options.keys)
        try keys.run()
        let (memory, peak) = try ProcessFigures.memory(of: terminal.program.id)
        terminal.quit()
        guard moving.isRunning else { throw BenchmarkFailure("rabbittop publish ended before it was told to") }

        Main.say("Fetching all queues as others do …")
        var list = WholeListMeasurement(broker: broker, rounds: 5, idle: cost.brokerAlone.median)
        try list.run()

        var table = ResultTable()
        table.add("First frame, from exec", "ms", start.firstFrame, target: .init(figure: .median, limit: 100))
        table.add("First row of \(queues) queues", "ms", start.firstRow, target: .init(figure: .median, limit: 500))
        table.add("  a start that only prints the version", "ms", start.version)
        table.add("  from q to the shell's prompt", "ms", start.quit)
        table.add("Key to changed screen", "ms", keys.all, target: .init(figure: .p99, limit: 33))
        for (name, samples) in keys.byName.sorted(by: { $0.key < $1.key }) {
            table.add("  \(name), \(samples.count) keys", "ms", samples)
        }
        table.add("CPU, queue view at 1 s, of a core", "%", cost.cpu, target: .init(figure: .median, limit: 3))
        table.add("Memory resident while looking on", "MB", cost.memory, target: .init(figure: .worst, limit: 60))
        table.add("  at its peak", "MB", cost.peak, target: .init(figure: .worst, limit: 60))
        table.add("  resident after \(options.keys) keys", "MB", Samples([memory]))
        table.add(
            "  at its peak after \(options.keys) keys", "MB", Samples([peak]), target: .init(figure: .worst, limit: 60)
        )
        table.add("Terminal output", "B/s", cost.output)
        table.add("Broker's CPU, nobody watching", "%", cost.brokerAlone)
        table.add("  with rabbittop", "%", cost.brokerWatched)
        let caused = max(0, cost.brokerWatched.median - cost.brokerAlone.median) * 10
        table.add("Broker's CPU for a refresh of rabbittop's", "ms", Samples([caused]))
        table.add("  of GET /api/queues", "ms", list.http.broker)
        table.add("  of rabbitmqctl list_queues", "ms", list.control.broker)
        table.add("Time until GET /api/queues answered", "ms", list.http.time)
        table.add("  until rabbitmqctl list_queues did", "ms", list.control.time)
        table.add("CPU of rabbitmqctl list_queues itself", "ms", list.controlOwn)
        table.addRatio("Broker's CPU: GET /api/queues / rabbittop", list.http.broker.median, caused)
        table.addRatio("Broker's CPU: rabbitmqctl / rabbittop", list.control.broker.median, caused)
        table.addRatio("First row: GET /api/queues / rabbittop", list.http.time.median, start.firstRow.median)
        table.addRatio("First row: rabbitmqctl / rabbittop", list.control.time.median, start.firstRow.median)
        let cores = ProcessInfo.processInfo.activeProcessorCount
        print(
            """

            RabbitMQ \(version), \(queues) classic queues, messages moving in 20 of them; \(cores) cores; \
            load \(Main.decimal(loadBefore)) before, \(Main.decimal(ProcessFigures.load)) after.
            The whole list has \(Main.decimal(list.megabytes)) MB.

            \(table.text)

            """)
        if keys.unanswered > 0 { print("\(keys.unanswered) keys changed nothing within 2 s, and count as 2,000 ms.\n") }
        if table.misses > 0 {
            print("\(table.misses) targets missed. On a machine that others use, too, do it again when they rest.\n")
        }
        return table
    }
}
