import TopCore

/// The columns of a table that are shown, with their positions and widths. It depends on the available width and on how
/// wide the names of all rows are, so that nothing moves when figures change or rows scroll.
struct ColumnLayout: Equatable {
    struct PlacedColumn: Equatable {
        /// The index among the view's columns.
        var column: Int
        var x: Int
        var width: Int
    }

    /// The layout requirements of a column.
    struct Demand: Equatable {
        var width: Int
        var maximumWidth: Int
        var priority: Int
        /// The position among the columns that identify a row, which are always shown; `nil` for one that scrolls.
        var pin: Int?
        /// Whether the column is useless below its width.
        var isRigid = false
        /// The width of the widest text of a column that is measured; `nil` where it does not matter.
        var need: Int?

        /// Returns the width that makes a text readable in this room: a quarter of it for the name, more for sentences.
        func comfortable(isName: Bool, room: Int) -> Int {
            guard maximumWidth > width else { return width }
            let share = maximumWidth >= 90 ? room * 2 / 5 : isName ? room / 4 : width + width / 2
            return min(maximumWidth, max(width, share))
        }
    }

    var places: [PlacedColumn]
    let gap: Int
    /// The number of columns scrolled out to the left, and of those that do not fit at the right.
    var hiddenLeft: Int
    var hiddenRight: Int
    /// The number of columns that scroll; `offset` counts these.
    private(set) var scrolling = 0

    /// Creates a layout.
    ///
    /// - Parameters:
    ///   - demands: The requirements of all columns.
    ///   - x: The left edge.
    ///   - room: The available width in columns of the screen, from `x` on.
    ///   - offset: The number of columns scrolled out to the left; those that identify a row stay.
    init(_ demands: [Demand], x: Int, room: Int, offset: Int) {
        let gap = room >= 140 ? 2 : 1
        self.gap = gap
        let byImportance = demands.indices.sorted { (demands[$0].priority, $0) < (demands[$1].priority, $1) }
        let pins = Self.pins(demands, room: room, gap: gap)
        guard let name = pins.first?.column else {
            (places, hiddenLeft, hiddenRight) = ([], 0, 0)
            return
        }
        let pinned = Set(pins.map(\.column))
        var least = demands.map(\.width)
        for pin in pins { least[pin.column] = pin.width }
        var demands = demands.enumerated().map { index, demand in
            var demand = demand
            demand.width =
                pinned.contains(index) ? least[index] : demand.comfortable(isName: false, room: room)
            return demand
        }
        var chosen = pins.map(\.column)
        var used = pins.reduce(-gap) { $0 + $1.width + gap }
        // The name gets the width that makes it readable, when the other fixed columns leave it.
        let comfort = demands[name].comfortable(isName: true, room: room)
        if comfort > demands[name].width, used + comfort - demands[name].width <= Self.share(of: room) {
            used += comfort - demands[name].width
            demands[name].width = comfort
        }
        // On wide screens the other fixed columns, too.
        for index in chosen.dropFirst() where room >= 100 && !demands[index].isRigid {
            let comfort = demands[index].comfortable(isName: false, room: room)
            guard used + comfort - demands[index].width <= Self.share(of: room) else { continue }
            used += comfort - demands[index].width
            demands[index].width = comfort
        }
        scrolling = demands.count - pinned.count
        let whole = demands.reduce(-gap) { $0 + $1.width + gap }
        hiddenLeft = 0
        if whole <= room || offset == 0 {
            for index in byImportance where !pinned.contains(index) {
                if used + gap + demands[index].width > room { demands[index].width = least[index] }
                guard used + gap + demands[index].width <= room else {
                    // A less important column must not be shown when a more important one did not fit.
                    if demands[index].priority > 3 { break }
                    continue
                }
                chosen.append(index)
                used += gap + demands[index].width
            }
            chosen.sort()
            hiddenRight = demands.count - chosen.count
        } else {
            let others = demands.indices.filter { !pinned.contains($0) }
            hiddenLeft = min(offset, max(0, others.count - 1))
            for index in others.dropFirst(hiddenLeft) {
                guard used + gap + demands[index].width <= room else { break }
                chosen.append(index)
                used += gap + demands[index].width
            }
            // Fixed columns come before the others.
            chosen.replaceSubrange(..<pins.count, with: chosen[..<pins.count].sorted())
            hiddenRight = others.count - hiddenLeft - (chosen.count - pins.count)
        }
        var spare = max(0, room - used)
        // No name is cut while others have room to spare.
        for index in pins.map(\.column) {
            var missing = min(demands[index].need ?? 0, demands[index].maximumWidth) - demands[index].width
            guard missing > 0 else { continue }
            let fromSpare = min(spare, missing)
            spare -= fromSpare
            missing -= fromSpare
            demands[index].width += fromSpare
            for other in chosen where missing > 0 && !pinned.contains(other) {
                let comfort = min(missing, max(0, demands[other].width - least[other]))
                demands[other].width -= comfort
                demands[index].width += comfort
                missing -= comfort
            }
        }
        // Another column that is measured gets what it needs before a name gets more than it needs.
        for index in chosen where !pinned.contains(index) {
            var missing = min(demands[index].need ?? 0, demands[index].maximumWidth) - demands[index].width
            guard missing > 0 else { continue }
            let fromSpare = min(spare, missing)
            spare -= fromSpare
            missing -= fromSpare
            demands[index].width += fromSpare
            for other in pins.map(\.column) where missing > 0 {
                let enough = max(least[other], demands[other].need ?? demands[other].width)
                let given = min(missing, max(0, demands[other].width - enough))
                demands[other].width -= given
                demands[index].width += given
                missing -= given
            }
        }
        let widths = Self.widths(of: chosen.map { demands[$0] }, spare: spare)
        var left = x
        places = zip(chosen, widths).map { column, width in
            defer { left += width + gap }
            // The last column may be narrower than requested.
            return PlacedColumn(column: column, x: left, width: min(width, max(0, x + room - left)))
        }
    }

    /// The part of the room that the fixed columns may use, so that some is left for the others.
    private static func share(of room: Int) -> Int { room * 7 / 10 }

    /// Returns the fixed columns, the name first: all of them if they fit, narrowed if necessary; otherwise the first
    /// ones.
    private static func pins(_ demands: [Demand], room: Int, gap: Int) -> [(column: Int, width: Int)] {
        var pins = demands.indices.filter { demands[$0].pin != nil }.sorted {
            (demands[$0].pin ?? 0, $0) < (demands[$1].pin ?? 0, $1)
        }
        if pins.isEmpty {
            pins = Array(
                demands.indices.sorted { (demands[$0].priority, $0) < (demands[$1].priority, $1) }.prefix(1))
        }
        func fitting(_ width: (Demand) -> Int) -> [(column: Int, width: Int)] {
            var result: [(column: Int, width: Int)] = []
            var used = -gap
            for index in pins {
                let width = width(demands[index])
                guard result.isEmpty || used + gap + width <= share(of: room) else { break }
                used += gap + width
                result.append((index, width))
            }
            return result
        }
        let usual = fitting { $0.width }
        guard usual.count < pins.count else { return usual }
        let narrow = fitting { demand in
            demand.maximumWidth > demand.width && !demand.isRigid ? max(5, demand.width * 2 / 3) : demand.width
        }
        return narrow.count > usual.count ? narrow : usual
    }

    /// Returns the largest useful column offset: the one at which the last column becomes visible.
    static func lastOffset(_ demands: [Demand], room: Int) -> Int {
        var offset = 0
        while true {
            let layout = ColumnLayout(demands, x: 0, room: room, offset: offset)
            if layout.hiddenRight == 0 || offset >= layout.scrolling - 1 { return offset }
            offset += 1
        }
    }

    /// Distributes spare width to the columns that can grow, in proportion to how much they can grow, the most
    /// important one first.
    private static func widths(of demands: [Demand], spare: Int) -> [Int] {
        var widths = demands.map(\.width)
        var spare = max(0, spare)
        // The name gets a third of what it can use before the others get any.
        if let name = demands.indices.filter({ demands[$0].maximumWidth > demands[$0].width })
            .min(by: { (demands[$0].priority, $0) < (demands[$1].priority, $1) })
        {
            let gain = min(spare, (demands[name].maximumWidth - widths[name]) / 3)
            widths[name] += gain
            spare -= gain
        }
        let wanted = zip(demands, widths).map { max(0, $0.maximumWidth - $1) }
        let total = wanted.reduce(0, +)
        guard total > 0 else { return widths }
        let share = min(spare, total)
        var given = 0
        var sum = 0
        for (index, want) in wanted.enumerated() {
            sum += want
            let upTo = share * sum / total
            widths[index] += upTo - given
            given = upTo
        }
        return widths
    }
}
