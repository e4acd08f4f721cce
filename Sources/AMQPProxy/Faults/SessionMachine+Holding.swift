import AMQPWire
import DequeModule
import Faults
import NIOCore
import Names

// Messages and acknowledgements that pass on later than they were sent, twice, or not at all.
extension SessionMachine {
    /// While more bytes than this are held, the side that sends them is not read. What is received anyway, because a
    /// message has to be completed, is held up to the limit.
    private static let mostHeld: UInt64 = 6 << 20

    /// Whether a side must not be read. It is read while bytes that are due wait for a message to be completed.
    func holdsTooMuch(from side: Side) -> Bool { heldFor[side.other] > Self.mostHeld && !isMessageAwaited }

    /// The limit of the bytes that faults hold in one session.
    static let heldBytesLimit = 16 << 20

    /// The bytes that faults hold in this session, with the overhead.
    var heldBytes: Int {
        Int(clamping: heldFor[.client] + heldFor[.broker])
            + keeping.reduce(0) { $0 + (channels[$1]?.keptBytes ?? 0) }
    }

    /// Whether the limits of this session and of all sessions allow more bytes to be held.
    func hasRoom(for count: Int) -> Bool {
        let held = heldBytes
        return count <= heldBytesLimit - held
            && count <= counters.heldBytesLimit - (counters.heldBytes - countedBytes + held)
    }

    /// Runs a step with what all sessions share.
    mutating func step<Value>(
        sharing shared: inout FaultCounters, _ body: (inout SessionMachine, inout Output) -> Value
    ) -> (Value, Output) {
        swap(&counters, &shared)
        defer { swap(&counters, &shared) }
        var output = Output()
        let value = body(&self, &output)
        if !keeping.isEmpty { keeping = keeping.filter { channels[$0]?.keptBytes ?? 0 > 0 } }
        let held = heldBytes
        counters.heldBytes += held - countedBytes
        countedBytes = held
        return (value, output)
    }

    /// Whether a step depends on what all sessions share.
    var sharesCounters: Bool { !faults.isEmpty || countedBytes > 0 || cancelsConsumers }

    /// Removes a delivery from the stream; its header and body follow it.
    ///
    /// - Returns: false if the limit does not allow it; then the delivery passes.
    mutating func take(
        _ fate: RemovedDelivery.Fate, _ frame: FrameScanner.Slice, _ scanner: FrameScanner, _ output: inout Output
    ) -> Bool {
        var taken = RemovedDelivery(fate: fate)
        guard !taken.isKept || hasRoom(for: RemovedDelivery.size(of: frame)) else { return false }
        taken.reserve(frame)
        observeMethod(frame, scanner, from: .broker, &output)
        taken.add(scanner.bytes(of: frame, isLarge: false))
        channels[frame.channel]?.taken = taken
        keeping.insert(frame.channel)
        return true
    }

    /// Stops removing a delivery that has become too large to be held: the held part passes on, and the rest after it.
    mutating func letGo(
        _ frame: FrameScanner.Slice, _ scanner: FrameScanner, isLarge: Bool, _ output: inout Output
    ) -> Verdict? {
        guard let taken = channels[frame.channel]?.taken, taken.isKept else { return nil }
        var isTooLarge = !hasRoom(for: RemovedDelivery.size(of: frame))
        if frame.type == FrameType.header.rawValue {
            // A header that is too large to be read does not show the size of the body.
            let body: UInt64 = isLarge ? .max : scanner.integer(of: frame, at: 4) ?? 0
            isTooLarge = isTooLarge || body > UInt64(heldBytesLimit) || !hasRoom(for: Int(body) + frame.size)
        }
        guard isTooLarge else {
            channels[frame.channel]?.taken?.reserve(frame)
            return nil
        }
        channels[frame.channel]?.taken = nil
        switch taken.fate {
        case .later(_, let cause), .twice(let cause): sayFull(cause, &output)
        case .dropped, .returned: break
        }
        return .passBehind(taken.bytes)
    }

    /// Reports once that what the fault should hold passes on instead.
    mutating func sayFull(_ cause: FaultCause, _ output: inout Output) {
        guard let index = faults.firstIndex(where: { $0.fault.cause == cause }), !faults[index].saidFull else { return }
        faults[index].saidFull = true
        output.events.append(.passedUnheld(cause))
    }

    /// Discards everything held, at the end of the session.
    mutating func dropHeld() {
        held.removeAll()
        heldFor = BytesPassed()
        for number in keeping {
            channels[number]?.taken = nil
            channels[number]?.sentNowhere = RedirectedPublishes()
        }
        keeping = []
    }

    /// Removes what the broker had sent to a consumer before the proxy cancelled it on both sides, and returns it to
    /// the queue.
    mutating func takeBack(_ frame: FrameScanner.Slice, _ scanner: FrameScanner, _ output: inout Output) -> Bool {
        guard let track = channels[frame.channel], !track.cutConsumers.isEmpty,
            case .basicDeliver(let deliver)? = try? Method(payload: scanner.payload(of: frame)),
            let consumer = track.cutConsumers[deliver.consumerTag]
        else { return false }
        _ = take(consumer.noAck ? .dropped : .returned(deliver.deliveryTag), frame, scanner, &output)
        _ = channels[frame.channel]?.unacked.settle(deliver.deliveryTag, multiple: false)
        return true
    }

    /// Adds another frame to a removed delivery.
    mutating func takeMore(
        _ frame: FrameScanner.Slice, _ scanner: FrameScanner, isLarge: Bool, _ output: inout Output
    ) {
        channels[frame.channel]?.taken?.add(scanner.bytes(of: frame, isLarge: isLarge))
        guard !isLarge else { return }
        if channels[frame.channel]?.contentOfBroker == ChannelTrack.Content.none { finishTaken(frame.channel) }
    }

    mutating func takePart(_ bytes: ByteBuffer, isLast: Bool, of channel: UInt16) {
        channels[channel]?.taken?.add(bytes)
        if isLast, channels[channel]?.contentOfBroker == ChannelTrack.Content.none { finishTaken(channel) }
    }

    private mutating func finishTaken(_ channel: UInt16) {
        guard let taken = channels[channel]?.taken else { return }
        channels[channel]?.taken = nil
        switch taken.fate {
        case .dropped: break
        case .returned(let tag):
            let reject = Method.basicReject(BasicReject(deliveryTag: tag, requeue: true))
            var bytes = ByteBuffer()
            guard (try? bytes.writeFrame(channel: channel, reject)) != nil else { return }
            // Sent after the message that the client is currently publishing there. If the limit does not allow it, the
            // delivery stays unacknowledged until the channel ends.
            _ = hold(bytes, for: channel, to: .broker, until: .uptimeNanoseconds(0), by: nil)
        case .twice:
            for _ in 0..<2 { put(taken.bytes, to: .client) }
        case .later(let due, let cause):
            keep(taken.bytes, for: channel, to: .client, until: due, by: cause)
        }
    }

    /// Holds bytes for a channel in its current life; they are sent between messages.
    ///
    /// - Returns: false if the limit does not allow it.
    mutating func hold(
        _ bytes: ByteBuffer, for channel: UInt16, to side: Side, until due: NIODeadline, by cause: FaultCause?
    ) -> Bool {
        guard hasRoom(for: bytes.readableBytes + HeldBytes.overhead) else { return false }
        // A copy, because a frame is often a small part of the memory that it was received in.
        keep(ByteBuffer(bytes: bytes.readableBytesView), for: channel, to: side, until: due, by: cause)
        return true
    }

    private mutating func keep(
        _ bytes: ByteBuffer, for channel: UInt16, to side: Side, until due: NIODeadline, by cause: FaultCause?
    ) {
        guard let life = channels[channel]?.life else { return }
        let item = HeldBytes(due: due, cause: cause, side: side, channel: channel, life: life, bytes: bytes)
        heldFor[side] += item.count
        // Bytes with the same due time keep their order.
        let place = held.lastIndex { $0.due <= due }.map { $0 + 1 } ?? 0
        held.insert(item, at: place)
    }

    var nextDue: NIODeadline? { held.first?.due }

    /// Returns when the next held bytes are due. Bytes that are due already and wait for the end of a message are sent
    /// when it has passed.
    func nextDue(after now: NIODeadline) -> NIODeadline? { held.first { $0.due > now }?.due }

    /// Sends the held bytes that are due.
    mutating func release(now: NIODeadline, _ output: inout Output) {
        isMessageAwaited = false
        guard let first = held.first, first.due <= now else { return }
        var waits: [HeldBytes] = []
        var busy: Set<UInt16> = []
        var looked = 0
        while looked < held.count, held[looked].due <= now {
            let item = held[looked]
            looked += 1
            guard let track = channels[item.channel], track.life == item.life, track.cut == nil, !track.isClosing else {
                heldFor[item.side] -= item.count
                continue
            }
            // Inside a message no other frame may be sent on its channel; of a removed message nothing has been sent.
            let isInside = track[contentOf: item.side.other] != .none && (item.side == .broker || track.taken == nil)
            guard !busy.contains(item.channel), !isInside else {
                busy.insert(item.channel)
                waits.append(item)
                continue
            }
            heldFor[item.side] -= item.count
            put(item.bytes, to: item.side)
        }
        held.removeFirst(looked)
        held.insert(contentsOf: waits, at: 0)
        isMessageAwaited = !waits.isEmpty
        deliverWaiting(&output)
    }

    /// Makes the bytes that these faults hold due immediately.
    mutating func release(of faults: Set<FaultCause>) {
        guard !faults.isEmpty else { return }
        var freed: [HeldBytes] = []
        held.removeAll { item in
            guard let cause = item.cause, faults.contains(cause) else { return false }
            freed.append(item)
            return true
        }
        for index in freed.indices { freed[index].due = .uptimeNanoseconds(0) }
        held.insert(contentsOf: freed, at: 0)
        for (number, track) in channels {
            guard case .later(_, let cause)? = track.taken?.fate, faults.contains(cause) else { continue }
            channels[number]?.taken?.fate = .later(.uptimeNanoseconds(0), cause)
        }
    }

    // MARK: What a broker says of itself

    /// Sends `connection.blocked` or `connection.unblocked` to a client that declared the capability.
    mutating func tellBlocked(reason: String?, _ output: inout Output) {
        guard case .framed = phase, identity.hearsBlocked else { return }
        blockedReason = reason
        if let reason {
            put(.connectionBlocked(ConnectionBlocked(reason: reason)), channel: 0, to: .client)
        } else {
            put(.connectionUnblocked, channel: 0, to: .client)
        }
        deliverWaiting(&output)
    }

    /// Cancels the selected consumers of a channel, as the broker does when their queue is deleted. The frames wait for
    /// `release`.
    mutating func cancelConsumers(of number: UInt16, _ aim: FaultAim, towardsBroker: Bool) -> [(
        tag: Name, queue: Name
    )] {
        guard !isEnding, let track = channels[number] else { return [] }
        cancelsConsumers = true
        var cancelled: [(tag: Name, queue: Name)] = []
        for (tag, consumer) in track.consumers.sorted(by: { $0.key < $1.key })
        where consumer.isEstablished
            && aim.meets(channel: number, queues: [consumer.queue], exchange: track.lastExchange)
        {
            var bytes = ByteBuffer()
            let cancel = Method.basicCancel(BasicCancel(consumerTag: tag, noWait: true))
            guard (try? bytes.writeFrame(channel: number, cancel)) != nil,
                hasRoom(for: 2 * (bytes.readableBytes + HeldBytes.overhead))
            else { continue }
            cancelled.append((tag, consumer.queue))
            channels[number]?.consumers[tag] = nil
            if towardsBroker { channels[number]?.cutConsumers[tag] = consumer }
            for side in towardsBroker ? Side.allCases : [.client] {
                _ = hold(bytes, for: number, to: side, until: .uptimeNanoseconds(0), by: nil)
            }
        }
        return cancelled
    }
}

/// Bytes for one channel that are held until they are due.
struct HeldBytes {
    /// The memory that each held piece needs in addition to its bytes.
    static let overhead = 160

    var due: NIODeadline
    /// The fault that holds them; nil if they are held for the end of a message alone.
    var cause: FaultCause?
    var side: Side
    var channel: UInt16
    /// The life of the channel that they belong to; a later channel with the same number must not receive them.
    var life: UInt64
    var bytes: ByteBuffer

    /// The size of its bytes with the overhead.
    var count: UInt64 { UInt64(bytes.readableBytes + Self.overhead) }
}

/// A message that is removed from the stream, frame by frame.
struct RemovedDelivery {
    enum Fate {
        case dropped
        /// The message goes back to the broker, under its delivery tag.
        case returned(UInt64)
        case twice(FaultCause)
        case later(NIODeadline, FaultCause)
    }

    var fate: Fate
    private(set) var bytes = ByteBuffer()
    /// The size of its bytes with the overhead of its frames.
    private(set) var keptBytes = 0

    init(fate: Fate) { self.fate = fate }

    /// Whether its bytes are kept; they are not if no side will receive them.
    var isKept: Bool {
        switch fate {
        case .dropped, .returned: false
        case .twice, .later: true
        }
    }

    /// Counts a frame before its bytes are added.
    mutating func reserve(_ frame: FrameScanner.Slice) {
        if isKept { keptBytes += Self.size(of: frame) }
    }

    static func size(of frame: FrameScanner.Slice) -> Int { frame.size + HeldBytes.overhead }

    mutating func add(_ more: ByteBuffer) {
        if isKept { bytes.writeImmutableBuffer(more) }
    }
}

/// The names in publishes that a fault redirected to a non-existent exchange, until the broker returns them.
struct RedirectedPublishes {
    struct Names {
        var exchange: Name
        var routingKey: Name

        var bytes: Int { exchange.count + routingKey.count + HeldBytes.overhead }
    }

    /// The highest number; beyond it messages pass unchanged.
    private static let capacity = 10_000

    private var names: Deque<Names> = []
    private(set) var bytes = 0

    var count: Int { names.count }
    var isEmpty: Bool { names.isEmpty }
    var isFull: Bool { names.count >= Self.capacity }

    mutating func append(_ more: Names) {
        names.append(more)
        bytes += more.bytes
    }

    mutating func popFirst() -> Names? {
        guard let first = names.popFirst() else { return nil }
        bytes -= first.bytes
        return first
    }
}
