import DequeModule

/// The channels of one connection by number, and what remains of those that have closed.
struct ChannelTable {
    private var channels: [UInt16: ChannelCore] = [:]
    private var lastID: UInt64 = 0
    private var lowestFree: UInt16 = 1
    private var highestUsed: UInt16 = 0
    /// The reports of channels that closed recently.
    private(set) var closed: Deque<ChannelReport> = []
    /// The counts of all closed channels.
    private(set) var closedCounts = MessageCounts()

    /// In no order.
    var all: [ChannelCore] { Array(channels.values) }

    /// By number.
    var ordered: [ChannelCore] { channels.values.sorted { $0.number < $1.number } }

    subscript(_ number: UInt16) -> ChannelCore? { channels[number] }

    func wasUsed(_ number: UInt16) -> Bool { number <= highestUsed }

    /// Adds a channel with the lowest free number up to `limit`; nil if there is none.
    mutating func add(limit: UInt16, _ make: (_ id: UInt64, _ number: UInt16) -> ChannelCore) -> ChannelCore? {
        var number = lowestFree
        while channels[number] != nil, number < limit { number += 1 }
        guard number <= limit, channels[number] == nil else { return nil }
        lowestFree = number == .max ? number : number + 1
        highestUsed = max(highestUsed, number)
        lastID += 1
        let channel = make(lastID, number)
        channels[number] = channel
        return channel
    }

    /// Removes a channel that is closed on both sides. Returns false if it was removed before.
    /// - Parameter kept: how many reports of closed channels are kept.
    mutating func remove(_ channel: ChannelCore, last: ChannelReport, counts: MessageCounts, kept: Int) -> Bool {
        guard channels[channel.number] === channel else { return false }
        closedCounts.add(counts)
        channels[channel.number] = nil
        lowestFree = min(lowestFree, channel.number)
        guard !channel.isScratch else { return true }
        closed.append(last)
        while closed.count > kept { closed.removeFirst() }
        return true
    }

    /// Drops the reports of channels that closed before `time`, in seconds since 1970.
    mutating func dropClosed(before time: Double) {
        closed.removeAll { $0.closedAt.map { $0 < time } ?? false }
    }
}
