import Foundation
import Screen

extension Table {
    /// The most rows that are measured: of more, the first ones stand for all.
    private static var mostMeasured: Int { 2_000 }

    /// Measures the texts that identify rows, and those of other columns that rows want whole, so that the screen cuts
    /// none of them while it has room. It measures all rows and not those on the screen, so that nothing moves while
    /// they scroll.
    mutating func measureIdentity(now: Date) {
        for key in Row.identity + Row.measured {
            let column = Row.column(key)
            guard column.maximumWidth > column.width else { continue }
            var widest = 0
            for row in rows.prefix(Self.mostMeasured) {
                switch column.value(row, now) {
                case .text(let text): widest = max(widest, TextWidth.columns(of: text))
                case .list(let texts): widest = max(widest, TextWidth.columns(of: texts.joined(separator: ", ")))
                case .none, .integer, .number, .flag, .time: continue
                }
                if widest >= column.maximumWidth { break }
            }
            identityWidths[key] = widest
        }
    }
}
