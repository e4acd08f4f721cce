import Foundation
import GRDB

/// Values of a row as a recording should have them. A damaged or foreign file may have anything: what is no such value
/// is `nil`, where GRDB's own conversions end the program.
extension Row {
    /// The integer of a column; `nil` for NULL, other values, and a column that the row does not have.
    func integer(_ name: String) -> Int64? { Self.integer(self[name]) }

    /// The integer of the column at an index.
    func integer(_ index: Int) -> Int64? { Self.integer(self[index]) }

    /// The number of a column.
    func number(_ name: String) -> Int? { integer(name).flatMap { Int(exactly: $0) } }

    /// The number of the column at an index.
    func number(_ index: Int) -> Int? { integer(index).flatMap { Int(exactly: $0) } }

    /// The time of a column, or a length of time, in milliseconds; `nil` as well where it is too far away to be one.
    func time(_ name: String) -> Int64? { Self.time(integer(name)) }

    /// The time of the column at an index.
    func time(_ index: Int) -> Int64? { Self.time(integer(index)) }

    /// The text of a column.
    func text(_ name: String) -> String? { Self.text(self[name]) }

    /// The text of the column at an index.
    func text(_ index: Int) -> String? { Self.text(self[index]) }

    private static func integer(_ value: DatabaseValue?) -> Int64? {
        switch value?.storage {
        case .int64(let value): value
        case .double(let value): Int64(exactly: value)
        case .string, .blob, .null, nil: nil
        }
    }

    private static func text(_ value: DatabaseValue?) -> String? {
        if case .string(let text) = value?.storage { text } else { nil }
    }

    /// Sums of a few of these do not overflow.
    private static func time(_ value: Int64?) -> Int64? {
        value.flatMap { Date.storedRange.contains($0) ? $0 : nil }
    }
}
