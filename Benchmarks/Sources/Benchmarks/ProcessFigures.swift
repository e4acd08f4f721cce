import Foundation

/// What the kernel counts of a process; see proc(5).
enum ProcessFigures {
    /// CPU time of all its threads so far, in seconds, to a hundredth.
    static func cpu(of id: pid_t) throws(BenchmarkFailure) -> Double {
        let text = try read("/proc/\(id)/stat")
        // The name, in parentheses, may hold anything: the fields are counted from its end.
        let fields = text[(text.lastIndex(of: ")") ?? text.startIndex)...].split(separator: " ")
        guard fields.count > 13, let user = Double(fields[12]), let system = Double(fields[13]) else {
            throw BenchmarkFailure("/proc/\(id)/stat cannot be understood")
        }
        return (user + system) / Double(sysconf(Int32(_SC_CLK_TCK)))
    }

    /// Memory that is resident now, and the most that ever was, in megabytes.
    static func memory(of id: pid_t) throws(BenchmarkFailure) -> (now: Double, peak: Double) {
        let lines = try read("/proc/\(id)/status").split(separator: "\n")
        func megabytes(_ name: String) throws(BenchmarkFailure) -> Double {
            guard let line = lines.first(where: { $0.hasPrefix(name) }),
                let value = line.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap({ Double($0) })
            else { throw BenchmarkFailure("/proc/\(id)/status has no \(name)") }
            return value * 1_024 / 1e6
        }
        return (try megabytes("VmRSS:"), try megabytes("VmHWM:"))
    }

    /// The variables it was started with.
    static func environment(of id: pid_t) throws(BenchmarkFailure) -> [String: String] {
        let pairs = try read("/proc/\(id)/environ").split(separator: "\0").map {
            $0.split(separator: "=", maxSplits: 1)
        }
        return pairs.reduce(into: [:]) { variables, pair in
            if let name = pair.first { variables[String(name)] = pair.count > 1 ? String(pair[1]) : "" }
        }
    }

    /// The process whose command line holds these words in this order; nil when there is none.
    static func find(_ words: [String]) -> pid_t? {
        let folders = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        for id in folders.compactMap({ pid_t($0) }) {
            guard let text = try? read("/proc/\(id)/cmdline") else { continue }
            let line = text.split(separator: "\0").map(String.init)
            if line.count >= words.count, line.first?.hasSuffix("/sh") == false, line.suffix(words.count) == words[...]
            {
                return id
            }
        }
        return nil
    }

    /// Tasks that ran or wanted to, on average over the last minute.
    static var load: Double {
        (try? read("/proc/loadavg"))?.split(separator: " ").first.flatMap { Double($0) } ?? .nan
    }

    private static func read(_ path: String) throws(BenchmarkFailure) -> String {
        guard let data = FileManager.default.contents(atPath: path) else { throw .system("reading \(path)", ENOENT) }
        return String(decoding: data, as: UTF8.self)
    }
}
