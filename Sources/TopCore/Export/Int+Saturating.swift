extension Int {
    /// Returns the sum, clamped to the range of `Int` on overflow: counts from outside may have any value.
    static func sum(_ numbers: some Sequence<Int>) -> Int {
        numbers.reduce(0) { $0.saturatingAdding($1) }
    }

    func saturatingAdding(_ other: Int) -> Int {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? (other < 0 ? .min : .max) : sum
    }
}
