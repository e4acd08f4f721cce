import Foundation
import Screen

extension Table {
    /// The most rows that are measured: of more, the first ones stand for all.
    private static var mostMeasured: Int { 2_000 }

    /// Measures the texts that identify rows, so that the screen cuts none of them while it has room. It measures all
    /// rows and not those on the screen, so that nothing moves while they scroll.
    mutating func measureIdentity(now: Date) {
        for key in Row.identity {
            let column = Row.column(key)
            guard column.maximumWidth > column.width else { continue }
            var widest = 0
            for row in rows.prefix(Self.mostMeasured) {
                guard case .text(let text) = column.value(row, now) else { continue }
                widest = max(widest, TextWidth.columns(of: text))
                if widest >= column.maximumWidth { break }
            }
            identityWidths[key] = widest
        }
    }
}
