import Foundation

/// The client library beside rabbitmq-c: the same work, in turn.
struct ClientBenchmark {
    /// What a load came to in several runs.
    private struct Runs {
        var rate = Samples()
        var cpu = Samples()

        mutating func add(_ figures: LoadProgram.Figures) {
            rate.add(figures.rate)
            cpu.add(figures.cpu)
        }

        /// Megabytes a second.
        func throughput(size: Int) -> Samples { Samples(rate.values.map { $0 * Double(size) / 1e6 }) }
    }

    /// Tasks that each await their own confirm.
    private static let tasks = 1_000
    private static let windowed = ["--window", "1000"]
    private static let acknowledging = ["--prefetch", "1000", "--ack-every", "100"]
    private static let large = 1 << 20

    let options: Options
    let parts: Set<Options.Part>
    private let ours: LoadProgram
    private let theirs: LoadProgram

    init(_ options: Options, parts: Set<Options.Part>) {
        self.options = options
        self.parts = parts
        ours = .rabbittop(options)
        theirs = .rabbitmqC(options)
    }

    /// - Returns: how many targets were missed.
    func run() throws -> Int {
        var misses = 0
        for part in Options.Part.allCases where parts.contains(part) {
            let table: ComparisonTable
            let before = ProcessFigures.load
            switch part {
            case .dashboard, .recorder, .proxy: continue
            case .broker: table = try onBroker()
            case .peer: table = try withPeer()
            case .allocations: table = try allocations()
            }
            let cores = ProcessInfo.processInfo.activeProcessorCount
            print("\n\(table.text)\n")
            print("\(cores) cores; load \(Main.decimal(before)) before, \(Main.decimal(ProcessFigures.load)) after.")
            if table.misses > 0 {
                print("\(table.misses) targets missed. On a machine that others use, too, do it again when they rest.")
            }
            fflush(nil)
            misses += table.misses
        }
        return misses
    }

    // MARK: On a broker

    private func onBroker() throws -> ComparisonTable {
        Main.say("Starting a private broker …")
        let broker = try BenchmarkBroker(rabbittop: options.rabbittop)
        defer { broker.end() }
        let count = options.messages
        let uri = broker.amqpURI
        var publish = (ours: Runs(), theirs: Runs())
        var confirm = (ours: Runs(), theirs: Runs())
        var consume = (ours: Runs(), theirs: Runs())
        var tasks = Runs()

        func move(_ program: LoadProgram, _ mode: String, _ options: [String] = []) throws -> LoadProgram.Figures {
            let figures = try program.run(.init(mode: mode, count: count, options: options), uri: uri)
            if mode == "confirm" { try broker.purge(LoadProgram.queue) }
            return figures
        }
        func publishAndConsume() throws {
            publish.ours.add(try move(ours, "publish"))
            consume.theirs.add(try move(theirs, "consume", Self.acknowledging))
            try broker.purge(LoadProgram.queue)
            publish.theirs.add(try move(theirs, "publish"))
            consume.ours.add(try move(ours, "consume", Self.acknowledging))
            try broker.purge(LoadProgram.queue)
        }
        Main.say("Moving \(Main.grouped(count)) messages at a time in \(options.loadRounds) rounds …")
        _ = try move(ours, "confirm", Self.windowed)  // The broker's first are slow.
        for round in 0..<options.loadRounds {
            try publishAndConsume()
            // In turn, and each is the first as often as the other.
            for isOurs in round.isMultiple(of: 2) ? [true, false] : [false, true] {
                let figures = try move(isOurs ? ours : theirs, "confirm", Self.windowed)
                if isOurs { confirm.ours.add(figures) } else { confirm.theirs.add(figures) }
            }
            tasks.add(try move(ours, "confirm", ["--tasks", String(Self.tasks)]))
        }

        var table = ComparisonTable(
            """
            On RabbitMQ \(try broker.version), one connection, transient messages of 100 bytes, \(Main.grouped(count)) a \
            run; medians of \(options.loadRounds) rounds. Limits of CPU are 2.5, 3.5, 8 and 3 us where rabbitmq-c takes \
            1.5, 3.3 and 1.3, and grow as its own figures do.
            """)
        func add(
            _ name: String, _ runs: Runs, _ other: Runs, ratio: Double, cpu: Double, whereTheirsTakes reference: Double
        ) {
            table.add(name, "messages/s", runs.rate, other.rate, target: .ratio(ratio))
            table.add("", "CPU us each", runs.cpu, other.cpu, target: .atMost(cpu, reference: reference))
        }
        add("publish", publish.ours, publish.theirs, ratio: 1, cpu: 2.5, whereTheirsTakes: 1.5)
        add("confirm, window of 1,000", confirm.ours, confirm.theirs, ratio: 1, cpu: 3.5, whereTheirsTakes: 3.3)
        add(
            "confirm, \(Main.grouped(Self.tasks)) tasks awaiting theirs", tasks, confirm.theirs, ratio: 0.85, cpu: 8,
            whereTheirsTakes: 3.3)
        add(
            "consume, prefetch 1,000, ack of 100", consume.ours, consume.theirs, ratio: 1, cpu: 3, whereTheirsTakes: 1.3
        )
        return table
    }

    // MARK: With the counting peer

    private func withPeer() throws -> ComparisonTable {
        let peer = try CountingPeer(options)
        defer { peer.end() }
        let largePeer = try CountingPeer(options, size: Self.large)
        defer { largePeer.end() }
        let count = options.messages * 5
        let largeCount = max(100, options.messages / 200)
        let loads: [(peer: CountingPeer, load: LoadProgram.Load)] = [
            (peer, .init(mode: "publish", count: count)),
            (peer, .init(mode: "confirm", count: count, options: Self.windowed)),
            (peer, .init(mode: "consume", count: count, options: Self.acknowledging)),
            (largePeer, .init(mode: "publish", count: largeCount, size: Self.large)),
            (
                largePeer,
                .init(
                    mode: "consume", count: largeCount, size: Self.large,
                    options: ["--prefetch", "20", "--ack-every", "5"])
            ),
        ]
        var all = loads.map { _ in (ours: Runs(), theirs: Runs()) }
        Main.say("Moving \(Main.grouped(count)) messages at a time with a peer that only counts …")
        for round in 0..<options.loadRounds {
            for (index, (peer, load)) in loads.enumerated() {
                for isOurs in round.isMultiple(of: 2) ? [true, false] : [false, true] {
                    let figures = try peer.run(isOurs ? ours : theirs, load)
                    if isOurs { all[index].ours.add(figures) } else { all[index].theirs.add(figures) }
                }
            }
        }

        var table = ComparisonTable(
            """
            With a peer that only counts, one connection, 100 bytes, \(Main.grouped(count)) a run; medians of \
            \(options.loadRounds) rounds.
            """)
        for (index, name) in ["publish", "confirm, window of 1,000", "consume, prefetch 1,000, ack of 100"].enumerated()
        {
            let (ours, theirs) = all[index]
            table.add(name, "messages/s", ours.rate, theirs.rate, target: index < 2 ? .ratio(1.5) : nil)
            table.add("", "CPU us each", ours.cpu, theirs.cpu)
        }
        for (index, name) in [(3, "publish bodies of 1 MiB"), (4, "consume bodies of 1 MiB")] {
            let (ours, theirs) = all[index]
            table.add(
                name, "MB/s", ours.throughput(size: Self.large), theirs.throughput(size: Self.large),
                target: .atLeast(500))
        }
        return table
    }

    // MARK: Allocations

    private func allocations() throws -> ComparisonTable {
        let peer = try CountingPeer(options)
        defer { peer.end() }
        let counter = AllocationCounter(options)
        let few = options.messages / 4
        let loads: [(name: String, mode: String, options: [String], hasOther: Bool)] = [
            ("publish", "publish", [], true),
            ("confirm, window of 1,000", "confirm", Self.windowed, true),
            ("confirm, 1,000 tasks awaiting theirs", "confirm", ["--tasks", String(Self.tasks)], false),
            ("consume, prefetch 1,000, ack of 100", "consume", Self.acknowledging, true),
        ]
        Main.say("Counting allocations …")
        var table = ComparisonTable(
            "Allocations a message, of 100 bytes, with a peer that only counts: runs of \(Main.grouped(few)) and "
                + "\(Main.grouped(3 * few)), and what the longer takes more.")
        for (name, mode, options, hasOther) in loads {
            func perMessage(_ program: LoadProgram) throws -> AllocationCounter.Counts {
                var totals: [AllocationCounter.Counts] = []
                for count in [few, 3 * few] {
                    totals.append(
                        try counter.count { environment in
                            _ = try peer.run(
                                program, .init(mode: mode, count: count, options: options), environment: environment)
                        })
                }
                return (totals[1] - totals[0]) / Double(2 * few)
            }
            let own = try perMessage(ours)
            let other = hasOther ? try perMessage(theirs) : nil
            table.add(name, "allocations", Samples([own.allocations]), other.map { Samples([$0.allocations]) })
            table.add("", "bytes", Samples([own.bytes]), other.map { Samples([$0.bytes]) })
        }
        return table
    }
}
