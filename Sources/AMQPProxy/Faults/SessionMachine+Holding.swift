import AMQPWire
import NIOCore

// Messages and acknowledgements that come later than they were sent, twice, or not at all.
extension SessionMachine {
    /// While more bytes than this wait, the broker is not read.
    private static let mostHeld = 8 << 20

    var holdsTooMuch: Bool { heldBytes > Self.mostHeld }

    /// Takes a delivery out; its header and body follow it.
    mutating func take(
        _ fate: TakenMessage.Fate, _ frame: FrameScanner.Frame, _ scanner: FrameScanner, _ output: inout Output
    ) {
        observeMethod(frame, scanner, from: .broker, &output)
        channels[frame.channel]?.taken = TakenMessage(fate: fate, bytes: [scanner.bytes(of: frame, isLarge: false)])
    }

    /// One more frame of a delivery that is taken out.
    mutating func takeMore(
        _ frame: FrameScanner.Frame, _ scanner: FrameScanner, isLarge: Bool, _ output: inout Output
    ) {
        channels[frame.channel]?.taken?.bytes.append(scanner.bytes(of: frame, isLarge: isLarge))
        guard !isLarge else { return }
        if channels[frame.channel]?.contentOfBroker == ChannelTrack.Content.none { finishTaken(frame.channel) }
    }

    mutating func takePart(_ bytes: ByteBuffer, isLast: Bool, of channel: UInt16) {
        channels[channel]?.taken?.bytes.append(bytes)
        if isLast, channels[channel]?.contentOfBroker == ChannelTrack.Content.none { finishTaken(channel) }
    }

    private mutating func finishTaken(_ channel: UInt16) {
        guard let taken = channels[channel]?.taken else { return }
        channels[channel]?.taken = nil
        switch taken.fate {
        case .dropped: break
        case .twice:
            for _ in 0..<2 { for bytes in taken.bytes { put(bytes, to: .client) } }
        case .later(let due): hold(taken.bytes, for: channel, to: .client, until: due)
        }
    }

    /// For a channel as it is now, behind whatever message is in mid-flight there.
    mutating func hold(_ bytes: [ByteBuffer], for channel: UInt16, to side: Side, until due: NIODeadline) {
        guard let life = channels[channel]?.life else { return }
        let item = HeldBytes(due: due, side: side, channel: channel, life: life, bytes: bytes)
        heldBytes += item.count
        // What is held as long as the one before comes behind it.
        let place = held.lastIndex { $0.due <= due }.map { $0 + 1 } ?? 0
        held.insert(item, at: place)
    }

    var nextDue: NIODeadline? { held.first?.due }

    /// Lets out what is due.
    mutating func release(now: NIODeadline, _ output: inout Output) {
        guard let first = held.first, first.due <= now else { return }
        var waits: [HeldBytes] = []
        var busy: Set<UInt16> = []
        while let item = held.first, item.due <= now {
            held.removeFirst()
            guard let track = channels[item.channel], track.life == item.life, track.cut == nil, !track.isClosing else {
                heldBytes -= item.count
                continue
            }
            // Inside a message nothing else may be on its channel.
            guard !busy.contains(item.channel), track[contentOf: item.side.other] == .none else {
                busy.insert(item.channel)
                waits.append(item)
                continue
            }
            heldBytes -= item.count
            for bytes in item.bytes { put(bytes, to: item.side) }
        }
        held.insert(contentsOf: waits, at: 0)
        deliverWaiting(&output)
    }

    /// What waits is let out at once.
    mutating func releaseAll() {
        for index in held.indices { held[index].due = .uptimeNanoseconds(0) }
    }

    // MARK: What a broker says of itself

    /// `connection.blocked` for whoever asked to hear of it, or `connection.unblocked`.
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

    /// Ends a channel's consumers that are meant, as the broker does whose queue is deleted; what is sent waits for `release`.
    mutating func cancelConsumers(of number: UInt16, _ aim: FaultAim, towardsBroker: Bool) -> [(
        tag: String, queue: String
    )] {
        guard let track = channels[number] else { return [] }
        var cancelled: [(tag: String, queue: String)] = []
        for (tag, consumer) in track.consumers.sorted(by: { $0.key < $1.key })
        where aim.meets(channel: number, queues: [consumer.queue], exchange: track.lastExchange) {
            cancelled.append((tag, consumer.queue))
            channels[number]?.consumers[tag] = nil
            let cancel = Method.basicCancel(BasicCancel(consumerTag: tag, noWait: true))
            for side in towardsBroker ? Side.allCases : [.client] {
                var bytes = ByteBuffer()
                guard (try? bytes.writeFrame(channel: number, cancel)) != nil else { continue }
                hold([bytes], for: number, to: side, until: .uptimeNanoseconds(0))
            }
        }
        return cancelled
    }
}
