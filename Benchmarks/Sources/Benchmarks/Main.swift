import Foundation

@main
enum Main {
    static func main() {
        let options: Options
        do throws(BenchmarkFailure) {
            options = try Options(Array(CommandLine.arguments.dropFirst()))
        } catch {
            say(error.description)
            exit(2)
        }
        do {
            var misses = 0
            if options.parts.contains(.dashboard) { misses += try DashboardBenchmark.run(options).misses }
            if options.parts.contains(.recorder) { misses += try RecorderBenchmark.run(options).misses }
            let client = options.parts.subtracting([.dashboard, .recorder, .proxy])
            if !client.isEmpty { misses += try ClientBenchmark(options, parts: client).run() }
            if options.parts.contains(.proxy) { misses += try ProxyBenchmark(options).run() }
            exit(misses == 0 ? 0 : 1)
        } catch {
            say("rabbittop could not be measured: \(error)")
            exit(1)
        }
    }

    /// What is being done, beside the results.
    static func say(_ text: String) {
        FileHandle.standardError.write(Data((text + "\n").utf8))
    }

    static func decimal(_ value: Double) -> String { String(format: "%.1f", value) }

    static func grouped(_ value: Int) -> String {
        var digits = String(value)
        for place in stride(from: digits.count - 3, to: 0, by: -3) {
            digits.insert(",", at: digits.index(digits.startIndex, offsetBy: place))
        }
        return digits
    }
}
