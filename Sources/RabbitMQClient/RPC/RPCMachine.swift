import Names

/// Calls that await their reply. Knows no channels and no waiters: calls are numbers.
struct RPCMachine: Equatable {
    typealias CallID = UInt64

    private enum Call: Equatable {
        /// Not sent yet, or not known to be.
        case sending
        /// Sent on this channel, in this of its lives: the address for its reply dies with it.
        case sent(channel: UInt64, epoch: UInt32)
    }

    /// Tells this client's calls from those of another with the same reply queue, and from those of before.
    let prefix: String
    private var calls: [CallID: Call] = [:]
    private var nextCall: CallID = 0
    private(set) var lateReplies: UInt64 = 0

    init(prefix: String) {
        self.prefix = prefix
    }

    var count: Int { calls.count }

    /// A call begins.
    mutating func called() -> CallID {
        nextCall += 1
        calls[nextCall] = .sending
        return nextCall
    }

    func correlationID(_ id: CallID) -> Name { "\(prefix)-\(id)" }

    /// Its request left.
    mutating func sent(_ id: CallID, channel: UInt64, epoch: UInt32) {
        if calls[id] != nil { calls[id] = .sent(channel: channel, epoch: epoch) }
    }

    /// A reply came: for this call, or nil when nobody awaits it any more.
    mutating func replyReceived(_ correlationID: Name?) -> CallID? {
        guard let correlationID, let number = correlationID.text.parts(separatedBy: "-").last,
            let id = CallID(number), self.correlationID(id) == correlationID, calls.removeValue(forKey: id) != nil
        else {
            lateReplies += 1
            return nil
        }
        return id
    }

    /// It ends without a reply. False when it has ended.
    mutating func ended(_ id: CallID) -> Bool { calls.removeValue(forKey: id) != nil }

    /// The connection was lost and a life of the channel with it: the calls whose reply can no longer come.
    mutating func lost(_ channel: UInt64, before epoch: UInt32) -> [CallID] {
        take { $0 == channel && $1 < epoch }
    }

    /// The channel is closed: the calls that were sent on it.
    mutating func closed(_ channel: UInt64) -> [CallID] {
        take { its, _ in its == channel }
    }

    private mutating func take(_ isGone: (UInt64, UInt32) -> Bool) -> [CallID] {
        let gone = calls.filter { call in
            if case .sent(let channel, let epoch) = call.value { isGone(channel, epoch) } else { false }
        }
        for id in gone.keys { calls[id] = nil }
        return gone.keys.sorted()
    }
}
