extension Int {
    /// The sum, or the largest or smallest number there is where it does not fit: counts from outside may be anything.
    static func sum(_ numbers: some Sequence<Int>) -> Int {
        numbers.reduce(0) { $0.saturatingAdding($1) }
    }

    func saturatingAdding(_ other: Int) -> Int {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? (other < 0 ? .min : .max) : sum
    }
}
