import Names

/// The calls that wait for their reply. It uses no channels and no waiters: calls are numbers.
struct RPCMachine: Equatable {
    typealias CallID = UInt64

    private enum Call: Equatable {
        /// Not sent, or not known to be sent.
        case sending
        /// Sent on this channel, in this epoch, after which its reply address is invalid.
        case sent(channel: UInt64, epoch: UInt32)
    }

    /// Distinguishes this client's calls from earlier ones, and from those of another client with the same reply queue.
    let prefix: String
    private var calls: [CallID: Call] = [:]
    private var nextCall: CallID = 0
    private(set) var lateReplies: UInt64 = 0

    init(prefix: String) {
        self.prefix = prefix
    }

    var count: Int { calls.count }

    /// Registers a new call and returns its number.
    mutating func called() -> CallID {
        nextCall += 1
        calls[nextCall] = .sending
        return nextCall
    }

    func correlationID(_ id: CallID) -> Name { "\(prefix)-\(id)" }

    /// The request of a call was sent.
    mutating func sent(_ id: CallID, channel: UInt64, epoch: UInt32) {
        if calls[id] != nil { calls[id] = .sent(channel: channel, epoch: epoch) }
    }

    /// A reply arrived. Returns its call, or nil if the call has ended.
    mutating func replyReceived(_ correlationID: Name?) -> CallID? {
        guard let correlationID, let number = correlationID.text.parts(separatedBy: "-").last,
            let id = CallID(number), self.correlationID(id) == correlationID, calls.removeValue(forKey: id) != nil
        else {
            lateReplies += 1
            return nil
        }
        return id
    }

    /// A call ends without a reply. Returns false if it has already ended.
    mutating func ended(_ id: CallID) -> Bool { calls.removeValue(forKey: id) != nil }

    /// The connection was lost. Returns the calls whose reply can no longer arrive.
    mutating func lost(_ channel: UInt64, before epoch: UInt32) -> [CallID] {
        take { $0 == channel && $1 < epoch }
    }

    /// The channel is closed. Returns the calls that were sent on it.
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
