import Foundation

/// What the command line says.
struct Options {
    static let usage = """
        usage: Benchmarks --rabbittop PATH --core PATH --programs FOLDER [--only PART,…] [--queues N] [--rounds N]
                          [--keys N] [--window SECONDS] [--windows N] [--hours N] [--messages N] [--load-rounds N]

        Measures a built rabbittop. Parts: dashboard, on a private broker: its start, its answer to keys, what it costs.
        recorder, on a private broker and with a recording of N hours (3): its cost, the reading of an earlier time, the
        rules. client, which is: broker, the client library beside rabbitmq-c on a private broker; peer, both of them with a
        peer that only counts; allocations, how many of them a message takes. proxy: rabbittop's proxy beside haproxy in
        TCP mode. All of them when --only does not say.
        Exit codes: 0 all targets met, 1 a target missed or a measurement failed, 2 usage.
        """

    enum Part: String, CaseIterable {
        case dashboard, recorder, broker, peer, allocations, proxy
    }

    var rabbittop = ""
    /// The program CoreBenchmark.
    var core = ""
    /// Where the programs in C are.
    var programs = ""
    var parts = Set(Part.allCases)
    var queues = 10_000
    /// Starts that are timed.
    var rounds = 20
    var keys = 600
    /// For how long CPU time is counted at a time, in seconds.
    var window = 30
    var windows = 3
    /// Hours of a recording that is made without a broker.
    var hours = 3
    /// Messages that one load run moves; with the counting peer five times as many.
    var messages = 200_000
    /// Runs of each load.
    var loadRounds = 5

    init(_ arguments: [String]) throws(BenchmarkFailure) {
        var rest = arguments[...]
        while let name = rest.popFirst() {
            guard let value = rest.popFirst() else { throw BenchmarkFailure(Self.usage) }
            switch name {
            case "--rabbittop": rabbittop = URL(fileURLWithPath: value).path
            case "--core": core = URL(fileURLWithPath: value).path
            case "--programs": programs = URL(fileURLWithPath: value).path
            case "--only": parts = try Self.parts(value)
            default: try set(name, value)
            }
        }
        guard access(rabbittop, X_OK) == 0, !parts.contains(.recorder) || access(core, X_OK) == 0 else {
            throw BenchmarkFailure(Self.usage)
        }
        guard parts.isSubset(of: [.dashboard, .recorder, .proxy]) || access(program("counting-peer"), X_OK) == 0 else {
            throw BenchmarkFailure(Self.usage)
        }
    }

    /// A program in C, by its name.
    func program(_ name: String) -> String { programs + "/" + name }

    private mutating func set(_ name: String, _ value: String) throws(BenchmarkFailure) {
        guard let number = Int(value), (1...100_000_000).contains(number) else { throw BenchmarkFailure(Self.usage) }
        switch name {
        case "--queues": queues = number
        case "--rounds": rounds = number
        case "--keys": keys = number
        case "--window": window = number
        case "--windows": windows = number
        case "--hours": hours = number
        case "--messages": messages = number
        case "--load-rounds": loadRounds = number
        default: throw BenchmarkFailure(Self.usage)
        }
    }

    private static func parts(_ text: String) throws(BenchmarkFailure) -> Set<Part> {
        var parts: Set<Part> = []
        for name in text.split(separator: ",") {
            if name == "client" {
                parts.formUnion([.broker, .peer, .allocations])
            } else if let part = Part(rawValue: String(name)) {
                parts.insert(part)
            } else {
                throw BenchmarkFailure(usage)
            }
        }
        guard !parts.isEmpty else { throw BenchmarkFailure(usage) }
        return parts
    }
}
