import Foundation

/// A measurement that could not be made, in words for the terminal.
struct BenchmarkFailure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }

    /// A system call that failed, by what it was to do.
    static func system(_ what: String, _ code: Int32 = errno) -> BenchmarkFailure {
        BenchmarkFailure("\(what): \(String(cString: strerror(code)))")
    }
}
