import AMQPWire
import NIOCore
import Names

// Messages and acknowledgements that pass on later than they were sent, twice, or not at all.
extension SessionMachine {
    /// While more bytes than this are held, the side that sends them is not read. What is received anyway, because a
    /// message has to be completed, is held up to the limit.
    private static let mostHeld: UInt64 = 6 << 20

    /// Whether a side must not be read. It is read while bytes that are due wait for a message to be completed.
    func holdsTooMuch(from side: Side) -> Bool { heldFor[side.other] > Self.mostHeld && !isMessageAwaited }

    var heldBytes: UInt64 { heldFor[.client] + heldFor[.broker] }

    /// Removes a delivery from the stream; its header and body follow it.
    ///
    /// - Returns: false if the limit does not allow it; then the delivery passes.
    mutating func take(
        _ fate: TakenMessage.Fate, _ frame: FrameScanner.Slice, _ scanner: FrameScanner, _ output: inout Output
    ) -> Bool {
        var taken = TakenMessage(fate: fate, room.share())
        guard taken.reserve(frame) else { return false }
        observeMethod(frame, scanner, from: .broker, &output)
        taken.add(scanner.bytes(of: frame, isLarge: false))
        channels[frame.channel]?.taken = taken
        return true
    }

    /// Whether the limit allows a fault that holds frames to hold this one.
    func hasRoom(for fault: ProxyFault, _ frame: FrameScanner.Slice) -> Bool {
        switch fault.kind {
        case .delay, .duplicate(.deliveries), .returnMessage:
            room.hasRoom(for: frame.size + RawFrame.overhead + HeldRoom.overhead)
        default: true
        }
    }

    /// Stops removing a delivery that has become too large to be held: the held part passes on, and the rest after it.
    mutating func letGo(
        _ frame: FrameScanner.Slice, _ scanner: FrameScanner, isLarge: Bool, _ output: inout Output
    ) -> Verdict? {
        guard let taken = channels[frame.channel]?.taken, taken.isKept else { return nil }
        var isTooLarge = false
        if frame.type == FrameType.header.rawValue {
            // A header that is too large to be read does not show the size of the body.
            let body: UInt64 = isLarge ? .max : scanner.integer(of: frame, at: 4) ?? 0
            isTooLarge = body > UInt64(room.limit) || !room.hasRoom(for: Int(body) + frame.size)
        }
        guard isTooLarge || !taken.reserve(frame) else { return nil }
        channels[frame.channel]?.taken = nil
        switch taken.fate {
        case .later(_, let fault), .twice(let fault): sayFull(fault, &output)
        case .dropped, .returned: break
        }
        return .passBehind(taken.bytes)
    }

    /// Reports once that what the fault should hold passes on instead.
    mutating func sayFull(_ label: String, _ output: inout Output) {
        guard let index = faults.firstIndex(where: { $0.fault.label == label }), !faults[index].saidFull else { return }
        faults[index].saidFull = true
        output.events.append(.passedUnheld(fault: label))
    }

    /// Discards everything held, at the end of the session.
    mutating func dropHeld() {
        held.removeAll()
        heldFor = BytesPassed()
        for number in channels.keys {
            channels[number]?.taken = nil
            channels[number]?.sentNowhere.removeAll()
        }
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
            _ = hold(bytes, for: channel, to: .broker, until: .uptimeNanoseconds(0), by: "")
        case .twice:
            for _ in 0..<2 { put(taken.bytes, to: .client) }
        case .later(let due, let fault):
            hold(taken.bytes, taken.share, for: channel, to: .client, until: due, by: fault)
        }
    }

    /// Holds bytes for a channel in its current life; they are sent between messages.
    ///
    /// - Returns: false if the limit does not allow it.
    mutating func hold(
        _ bytes: ByteBuffer, for channel: UInt16, to side: Side, until due: NIODeadline, by fault: String
    ) -> Bool {
        let share = room.share()
        guard share.grow(by: bytes.readableBytes + HeldRoom.overhead) else { return false }
        // A copy, because a frame is often a small part of the memory that it was received in.
        hold(ByteBuffer(bytes: bytes.readableBytesView), share, for: channel, to: side, until: due, by: fault)
        return true
    }

    private mutating func hold(
        _ bytes: ByteBuffer, _ share: HeldRoom.Share, for channel: UInt16, to side: Side, until due: NIODeadline,
        by fault: String
    ) {
        guard let life = channels[channel]?.life else { return }
        let item = HeldBytes(
            due: due, fault: fault, side: side, channel: channel, life: life, bytes: bytes, share: share)
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
    mutating func release(of faults: Set<String>) {
        guard !faults.isEmpty else { return }
        var freed: [HeldBytes] = []
        held.removeAll { item in
            guard faults.contains(item.fault) else { return false }
            freed.append(item)
            return true
        }
        for index in freed.indices { freed[index].due = .uptimeNanoseconds(0) }
        held.insert(contentsOf: freed, at: 0)
        for (number, track) in channels {
            guard case .later(_, let fault)? = track.taken?.fate, faults.contains(fault) else { continue }
            channels[number]?.taken?.fate = .later(.uptimeNanoseconds(0), fault: fault)
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
        var cancelled: [(tag: Name, queue: Name)] = []
        for (tag, consumer) in track.consumers.sorted(by: { $0.key < $1.key })
        where consumer.isEstablished
            && aim.meets(channel: number, queues: [consumer.queue], exchange: track.lastExchange)
        {
            var bytes = ByteBuffer()
            let cancel = Method.basicCancel(BasicCancel(consumerTag: tag, noWait: true))
            guard (try? bytes.writeFrame(channel: number, cancel)) != nil,
                room.hasRoom(for: 2 * (bytes.readableBytes + HeldRoom.overhead))
            else { continue }
            cancelled.append((tag, consumer.queue))
            channels[number]?.consumers[tag] = nil
            if towardsBroker { channels[number]?.cutConsumers[tag] = consumer }
            for side in towardsBroker ? Side.allCases : [.client] {
                _ = hold(bytes, for: number, to: side, until: .uptimeNanoseconds(0), by: "")
            }
        }
        return cancelled
    }
}
