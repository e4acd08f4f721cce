/// The things with the largest weights, as many as are kept; the others are counted.
struct Largest<Element> {
    private let most: Int
    private var entries: [(element: Element, weight: Double, place: Int)] = []
    private(set) var count = 0
    /// How many were neither kept nor counted, because it is not known whether they belong here.
    private(set) var missed = 0

    init(_ most: Int) { self.most = most }

    mutating func add(_ element: Element, _ weight: Double) {
        entries.append((element, weight, count))
        count += 1
        if entries.count >= 4 * most { prune() }
    }

    mutating func miss() { missed += 1 }

    var kept: [Element] {
        var pruned = self
        pruned.prune()
        return pruned.entries.map(\.element)
    }

    private mutating func prune() {
        entries.sort { $0.weight == $1.weight ? $0.place < $1.place : $0.weight > $1.weight }
        if entries.count > most { entries.removeLast(entries.count - most) }
    }
}
