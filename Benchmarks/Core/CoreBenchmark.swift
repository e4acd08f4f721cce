import Foundation

/// Measures parts of rabbittop that cannot be told apart from outside: the recorder without its polling, the reading of
/// an earlier time, and the rules.
///
/// `make bench` runs it. It prints one JSON object.
@main
enum CoreBenchmark {
    static let usage = """
        usage: CoreBenchmark FILE [--hours N] [--queues N] [--changed N] [--seeks N]

        Writes a recording of N hours (3) with N queues (10000) to FILE, at one sample each five seconds in which N queues
        (1000) have changed; reads N (300) times of it; and applies the rules to N queues, channels and consumers.
        """

    static func main() throws {
        var arguments = CommandLine.arguments.dropFirst()
        guard let file = arguments.popFirst(), !file.hasPrefix("-") else { fail(usage) }
        var numbers = ["--hours": 3, "--queues": 10_000, "--changed": 1_000, "--seeks": 300]
        while let name = arguments.popFirst() {
            guard numbers[name] != nil, let value = arguments.popFirst().flatMap(Int.init),
                (1...1_000_000).contains(value)
            else { fail(usage) }
            numbers[name] = value
        }
        let load = RecordedLoad(
            hours: numbers["--hours"] ?? 0, queues: numbers["--queues"] ?? 0, changed: numbers["--changed"] ?? 0)
        let recorder = try RecorderMeasurement(load, file: file, seeks: numbers["--seeks"] ?? 0)
        let result = CoreFigures(
            recorder: recorder.figures,
            rulesMilliseconds: RulesMeasurement.milliseconds(objects: load.queues, rounds: 50))
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        print(String(decoding: try encoder.encode(result), as: UTF8.self))
    }

    private static func fail(_ message: String) -> Never {
        FileHandle.standardError.write(Data((message + "\n").utf8))
        exit(2)
    }
}

/// What is printed.
private struct CoreFigures: Encodable {
    var recorder: RecorderMeasurement.Figures
    /// The time of each list that the rules were applied to.
    var rulesMilliseconds: [Double]
}
