import DequeModule

/// Increasing numbers that were assigned and not settled yet: delivery tags, or a publisher's sequence numbers.
struct OutstandingTags {
    private var tags: Deque<UInt64> = []

    var count: Int { tags.count }

    mutating func add(_ tag: UInt64) { tags.append(tag) }

    /// Settles a tag.
    ///
    /// - Returns: the number of settled tags.
    mutating func settle(_ tag: UInt64, multiple: Bool) -> Int {
        if multiple {
            if tag == 0 {
                defer { tags.removeAll() }
                return tags.count
            }
            let end = firstPlace { $0 > tag }
            tags.removeFirst(end)
            return end
        }
        if tags.first == tag {
            tags.removeFirst()
            return 1
        }
        let index = firstPlace { $0 >= tag }
        guard index < tags.count, tags[index] == tag else { return 0 }
        tags.remove(at: index)
        return 1
    }

    mutating func removeAll() { tags.removeAll() }

    private func firstPlace(where isBeyond: (UInt64) -> Bool) -> Int {
        var (low, high) = (0, tags.count)
        while low < high {
            let middle = (low + high) / 2
            if isBeyond(tags[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
