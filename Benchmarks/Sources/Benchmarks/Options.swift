import Foundation

/// What the command line says.
struct Options {
    static let usage = """
        usage: Benchmarks --rabbittop PATH [--queues N] [--rounds N] [--keys N] [--window SECONDS] [--windows N]

        Measures a built rabbittop on a private broker: its start, its answer to keys, what it costs. Exit codes: 0 all
        targets met, 1 a target missed or a measurement failed, 2 usage.
        """

    var rabbittop = ""
    var queues = 10_000
    /// Starts that are timed.
    var rounds = 20
    var keys = 600
    /// For how long CPU time is counted at a time, in seconds.
    var window = 30
    var windows = 3

    init(_ arguments: [String]) throws(BenchmarkFailure) {
        var rest = arguments[...]
        while let name = rest.popFirst() {
            guard let value = rest.popFirst() else { throw BenchmarkFailure(Self.usage) }
            if name == "--rabbittop" {
                rabbittop = URL(fileURLWithPath: value).path
                continue
            }
            guard let number = Int(value), (1...1_000_000).contains(number) else { throw BenchmarkFailure(Self.usage) }
            switch name {
            case "--queues": queues = number
            case "--rounds": rounds = number
            case "--keys": keys = number
            case "--window": window = number
            case "--windows": windows = number
            default: throw BenchmarkFailure(Self.usage)
            }
        }
        guard access(rabbittop, X_OK) == 0 else { throw BenchmarkFailure(Self.usage) }
    }
}
