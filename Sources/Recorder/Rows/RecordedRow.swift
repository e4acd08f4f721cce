import Foundation
import Names
import TopCore

/// A row that is recorded: an identity, figures, and the rest, which is written only where it changes.
protocol RecordedRow: Sendable {
    /// The row without its identity and figures. Many objects have the same.
    associatedtype Rest: Codable & Equatable & Sendable

    static var kind: ObjectKind { get }
    /// The figures, in the order of the table's columns.
    static var figures: [Figure<Self>] { get }
    /// A rest of which everything is unknown: what older recordings lack is taken from it.
    static var emptyRest: Rest { get }

    var identity: ObjectIdentity { get }
    var rest: Rest { get }

    /// Creates the row without figures; `nil` for an identity that is not of this kind.
    ///
    /// - Parameter at: When the row's list was last polled.
    init?(_ identity: ObjectIdentity, rest: Rest, at: Date)
}

extension RecordedRow {
    /// The stored figures, with `unknownFigure` for those that are not known.
    var storedFigures: [Int64] {
        Self.figures.map { $0.get(self) ?? unknownFigure }
    }

    /// Returns the row with all figures unknown.
    var withoutFigures: Self {
        var row = self
        for figure in Self.figures { figure.set(&row, nil) }
        return row
    }
}

/// Stands for an unknown figure in memory; in the file it is NULL.
let unknownFigure = Int64.min
