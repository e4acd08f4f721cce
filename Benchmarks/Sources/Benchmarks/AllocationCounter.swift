import Foundation

/// Counts what a program allocates from its start to its end.
struct AllocationCounter {
    struct Counts: Decodable {
        var allocations: Double
        var bytes: Double

        /// What there is more of, if anything: memory that is used again is mostly as much in every run.
        static func - (a: Counts, b: Counts) -> Counts {
            Counts(allocations: max(0, a.allocations - b.allocations), bytes: max(0, a.bytes - b.bytes))
        }

        static func / (a: Counts, divisor: Double) -> Counts {
            Counts(allocations: a.allocations / divisor, bytes: a.bytes / divisor)
        }
    }

    private let library: String

    init(_ options: Options) {
        library = options.program("allocation-count.so")
    }

    /// - Parameter run: runs the program, with these variables in its environment.
    func count(_ run: (_ environment: [String: String]) throws -> Void) throws -> Counts {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("allocations-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: file) }
        try run(["LD_PRELOAD": library, "ALLOCATION_COUNT": file.path])
        guard let data = FileManager.default.contents(atPath: file.path) else {
            throw BenchmarkFailure("nothing was counted: \(library) was not loaded")
        }
        return try JSONDecoder().decode(Counts.self, from: data)
    }
}
