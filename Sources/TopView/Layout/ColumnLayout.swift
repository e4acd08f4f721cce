import TopCore

/// Which columns of a table are shown, where, and how wide: from the room there is alone, never from the rows, so that
/// nothing moves when figures change or rows scroll.
struct ColumnLayout: Equatable {
    struct PlacedColumn: Equatable {
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
        /// Its place among the columns that tell a row from all others, and stay; `nil` for one that scrolls.
        var pin: Int?
        /// Whether it says nothing in less than its width.
        var isRigid = false

        /// What a text needs to be read at all in this room: the name a quarter of it, sentences more.
        func comfortable(isName: Bool, room: Int) -> Int {
            guard maximumWidth > width else { return width }
            let share = maximumWidth >= 90 ? room * 2 / 5 : isName ? room / 4 : width + width / 2
            return min(maximumWidth, max(width, share))
        }
    }

    var places: [PlacedColumn]
    let gap: Int
    /// Columns that are scrolled out to the left, and those that have no room at the right.
    var hiddenLeft: Int
    var hiddenRight: Int
    /// Columns that scroll; `offset` counts among these.
    private(set) var scrolling = 0

    /// - Parameters:
    ///   - room: columns of the screen, from `x` on.
    ///   - offset: how many columns are scrolled away; those that tell a row from all others stay.
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
        // The name has what it needs to be read, where the others that stay leave it.
        let comfort = demands[name].comfortable(isName: true, room: room)
        if comfort > demands[name].width, used + comfort - demands[name].width <= Self.share(of: room) {
            used += comfort - demands[name].width
            demands[name].width = comfort
        }
        // On wide screens the others that stay, too.
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
            let others = demands.indices.filter { !pinned.contains($0) }
            hiddenLeft = min(offset, max(0, others.count - 1))
            for index in others.dropFirst(hiddenLeft) {
                guard used + gap + demands[index].width <= room else { break }
                chosen.append(index)
                used += gap + demands[index].width
            }
            // Those that stay keep their places before the others.
            chosen.replaceSubrange(..<pins.count, with: chosen[..<pins.count].sorted())
            hiddenRight = others.count - hiddenLeft - (chosen.count - pins.count)
        }
        let widths = Self.widths(of: chosen.map { demands[$0] }, spare: room - used)
        var left = x
        places = zip(chosen, widths).map { column, width in
            defer { left += width + gap }
            // The last one may be narrower than it would like.
            return PlacedColumn(column: column, x: left, width: min(width, max(0, x + room - left)))
        }
    }

    /// What of the room those that stay may take, so that there is something left to tell of them.
    private static func share(of room: Int) -> Int { room * 7 / 10 }

    /// The columns that stay, the name first: all of them where they have room, if need be a little narrower; else the
    /// first ones.
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

    /// The most columns that are worth scrolling away: then the last one is in sight.
    static func lastOffset(_ demands: [Demand], room: Int) -> Int {
        var offset = 0
        while true {
            let layout = ColumnLayout(demands, x: 0, room: room, offset: offset)
            if layout.hiddenRight == 0 || offset >= layout.scrolling - 1 { return offset }
            offset += 1
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
