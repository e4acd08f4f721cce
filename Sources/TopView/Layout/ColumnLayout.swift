import TopCore

/// Which columns of a table are shown, where, and how wide: from the room there is alone, never from the rows, so that
/// nothing moves when figures change or rows scroll.
struct ColumnLayout: Equatable {
    struct Place: Equatable {
        /// Index among the view's columns.
        var column: Int
        var x: Int
        var width: Int
    }

    /// What the layout needs to know of a column.
    struct Demand: Equatable {
        var width: Int
        var maximumWidth: Int
        var priority: Int

        /// What a text needs to be read at all in this room: the name a quarter of it, sentences more.
        func comfortable(isName: Bool, room: Int) -> Int {
            guard maximumWidth > width else { return width }
            let share = maximumWidth >= 90 ? room * 2 / 5 : isName ? room / 4 : width + width / 2
            return min(maximumWidth, max(width, share))
        }
    }

    var places: [Place]
    let gap: Int
    /// Columns that are scrolled out to the left, and those that have no room at the right.
    var hiddenLeft: Int
    var hiddenRight: Int

    /// - Parameters:
    ///   - room: columns of the screen, from `x` on.
    ///   - offset: how many columns are scrolled away; the most important one always stays.
    init(_ demands: [Demand], x: Int, room: Int, offset: Int) {
        let gap = room >= 140 ? 2 : 1
        self.gap = gap
        let byImportance = demands.indices.sorted { (demands[$0].priority, $0) < (demands[$1].priority, $1) }
        guard let pinned = byImportance.first else {
            (places, hiddenLeft, hiddenRight) = ([], 0, 0)
            return
        }
        let least = demands.map(\.width)
        var demands = demands.enumerated().map { index, demand in
            let width = demand.comfortable(isName: index == pinned, room: room)
            return Demand(width: width, maximumWidth: demand.maximumWidth, priority: demand.priority)
        }
        let whole = demands.reduce(-gap) { $0 + $1.width + gap }
        var chosen: [Int] = [pinned]
        var used = demands[pinned].width
        hiddenLeft = 0
        if whole <= room || offset == 0 {
            for index in byImportance.dropFirst() {
                if used + gap + demands[index].width > room { demands[index].width = least[index] }
                guard used + gap + demands[index].width <= room else {
                    // A less important one must not push in where a more important one had no room.
                    if demands[index].priority > 3 { break }
                    continue
                }
                chosen.append(index)
                used += gap + demands[index].width
            }
            chosen.sort()
            hiddenRight = demands.count - chosen.count
        } else {
            let others = demands.indices.filter { $0 != pinned }
            hiddenLeft = min(offset, max(0, others.count - 1))
            for index in others.dropFirst(hiddenLeft) {
                guard used + gap + demands[index].width <= room else { break }
                chosen.append(index)
                used += gap + demands[index].width
            }
            // The one that stays keeps its place before the others.
            hiddenRight = others.count - hiddenLeft - (chosen.count - 1)
        }
        let widths = Self.widths(of: chosen.map { demands[$0] }, spare: room - used)
        var left = x
        places = zip(chosen, widths).map { column, width in
            defer { left += width + gap }
            // The last one may be narrower than it would like.
            return Place(column: column, x: left, width: min(width, max(0, x + room - left)))
        }
    }

    /// Spare room goes to the columns that can grow, to each by how much it could, the most important one first.
    private static func widths(of demands: [Demand], spare: Int) -> [Int] {
        var widths = demands.map(\.width)
        var spare = max(0, spare)
        // The name gets half of what it could use before the others get any.
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
