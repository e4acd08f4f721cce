import Foundation

/// One figure of a row: how it is taken out for its column, and put back.
struct Figure<Row>: Sendable {
    var column: FigureColumn
    /// The stored integer; `nil` when the figure is unknown.
    var get: @Sendable (Row) -> Int64?
    /// Puts the stored integer back; `nil` makes the figure unknown.
    var set: @Sendable (inout Row, Int64?) -> Void

    init(
        _ column: FigureColumn, get: @escaping @Sendable (Row) -> Int64?,
        set: @escaping @Sendable (inout Row, Int64?) -> Void
    ) {
        self.column = column
        self.get = get
        self.set = set
    }

    static func count(_ column: FigureColumn, _ path: any WritableKeyPath<Row, Int?> & Sendable) -> Self {
        Self(column) {
            $0[keyPath: path].map { Int64($0) }
        } set: {
            $0[keyPath: path] = $1.map { Int(clamping: $0) }
        }
    }

    static func rate(_ column: FigureColumn, _ path: any WritableKeyPath<Row, Double?> & Sendable) -> Self {
        Self(column) {
            $0[keyPath: path].flatMap { Int64(thousandthsOf: $0) }
        } set: {
            $0[keyPath: path] = $1.map { Double($0) / 1_000 }
        }
    }

    static func time(_ column: FigureColumn, _ path: any WritableKeyPath<Row, Date?> & Sendable) -> Self {
        Self(column) {
            $0[keyPath: path].flatMap { $0.milliseconds }
        } set: {
            $0[keyPath: path] = $1.map { Date(milliseconds: $0) }
        }
    }
}

extension Int64 {
    /// Creates the number of thousandths; `nil` for a number that is not finite or too large.
    init?(thousandthsOf value: Double) {
        self.init(exactly: (value * 1_000).rounded())
    }
}

extension Date {
    /// The milliseconds of times that are stored: hundreds of thousands of years. Sums of a few do not overflow.
    static let storedRange: ClosedRange<Int64> = -9_000_000_000_000_000...9_000_000_000_000_000

    /// The milliseconds since 1970; `nil` for a time that is not finite or too far away.
    var milliseconds: Int64? {
        Int64(thousandthsOf: timeIntervalSince1970).flatMap { Self.storedRange.contains($0) ? $0 : nil }
    }

    /// Creates a time from milliseconds since 1970.
    init(milliseconds: Int64) {
        self.init(timeIntervalSince1970: Double(milliseconds) / 1_000)
    }
}
