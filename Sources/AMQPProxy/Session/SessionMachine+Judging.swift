import AMQPWire
import Faults
import NIOCore

// Interprets each frame, and decides whether it passes.
extension SessionMachine {
    /// The number of channels that are followed before the login is answered; a client need not wait for the answer.
    private static let mostEarlyChannels = 64

    enum Verdict: Equatable {
        case pass
        /// The frame passes, after these bytes.
        case passBehind(ByteBuffer)
        case drop
        /// The frame and what follows wait for the other side.
        case stall

        var passes: Bool {
            switch self {
            case .pass, .passBehind: true
            case .drop, .stall: false
            }
        }
    }

    mutating func judge(
        _ frame: FrameScanner.Slice, _ scanner: FrameScanner, from side: Side, isLarge: Bool, _ output: inout Output
    ) -> Verdict {
        if case .closing(let awaited) = phase {
            closingReceived(scanner.method(of: frame), frame, from: side, awaited, &output)
            return .drop
        }
        guard let type = FrameType(rawValue: frame.type) else { return .pass }
        if frame.channel == 0 {
            if !faults.isEmpty, let verdict = spoil(frame, scanner, from: side, isLarge: isLarge, &output) {
                return verdict
            }
            if type == .method { observeConnection(frame, scanner, from: side, &output) }
            return .pass
        }
        if side == .client, !isEnding, channels[frame.channel]?.closers == [.client],
            scanner.method(of: frame) == .channelOpen
        {
            // The next channel of this number waits until the broker has answered the close of this one.
            return .stall
        }
        if side == .client, owedCloseOks.contains(frame.channel), channels[frame.channel]?.cut == nil,
            scanner.method(of: frame) == MethodID.channelCloseOk,
            channels[frame.channel]?.closers.contains(.broker) != true
        {
            // The broker did not request this close-ok.
            return .drop
        }
        if channels[frame.channel]?.cut != nil {
            return judgeCut(frame, scanner, from: side, &output)
        }
        if side == .broker, scanner.method(of: frame) == .basicDeliver, takeBack(frame, scanner, &output) {
            return .drop
        }
        if side == .broker, channels[frame.channel]?.taken != nil, type == .header || type == .body {
            let verdict = letGo(frame, scanner, isLarge: isLarge, &output)
            content(frame, scanner, type, from: side)
            if let verdict {
                closePending(frame.channel, &output)
                return verdict
            }
            takeMore(frame, scanner, isLarge: isLarge, &output)
            closePending(frame.channel, &output)
            return .drop
        }
        if !faults.isEmpty, let verdict = spoil(frame, scanner, from: side, isLarge: isLarge, &output) {
            return verdict
        }
        switch type {
        case .method:
            if side == .broker, channels[frame.channel]?.sentNowhere.isEmpty == false,
                scanner.method(of: frame) == .basicReturn, let verdict = comesBack(frame, scanner, &output)
            {
                return verdict
            }
            observeMethod(frame, scanner, from: side, &output)
        case .header, .body:
            content(frame, scanner, type, from: side)
            closePending(frame.channel, &output)
        case .heartbeat: break
        }
        return .pass
    }

    private mutating func content(
        _ frame: FrameScanner.Slice, _ scanner: FrameScanner, _ type: FrameType, from side: Side
    ) {
        guard let content = channels[frame.channel]?[contentOf: side] else { return }
        var left: UInt64 = 0
        switch (type, content) {
        case (.header, .header): left = scanner.integer(of: frame, at: 4) ?? 0
        case (.body, .body(let before)): left = before - min(before, UInt64(frame.size))
        default: break
        }
        channels[frame.channel]?[contentOf: side] = left == 0 ? .none : .body(left: left)
    }

    // MARK: Connections

    private mutating func observeConnection(
        _ frame: FrameScanner.Slice, _ scanner: FrameScanner, from side: Side, _ output: inout Output
    ) {
        guard let method = try? Method(payload: scanner.payload(of: frame)) else { return }
        switch (method, side) {
        case (.connectionStart(let start), .broker):
            output.greeting = .init(cluster: start.serverProperties["cluster_name"]?.nameValue?.text)
        case (.connectionStartOk(let start), .client): identity.take(start)
        case (.connectionTuneOk(let tune), .client):
            identity.heartbeat = tune.heartbeat
            identity.channelMax = tune.channelMax
            identity.frameMax = tune.frameMax
        case (.connectionOpen(let open), .client): identity.virtualHost = open.virtualHost
        case (.connectionOpenOk, .broker):
            isOpen = true
            output.events.append(.opened(identity))
            output.isOpened = true
        case (.connectionClose(let close), _):
            isEnding = true
            output.events.append(
                .connectionClosed(
                    by: side,
                    Closing(
                        code: close.replyCode.rawValue, text: close.replyText, classID: close.classID,
                        methodID: close.methodID)))
        case (.connectionBlocked(let blocked), .broker):
            blockedReason = blocked.reason
            output.events.append(.blocked(reason: blocked.reason))
        case (.connectionUnblocked, .broker):
            blockedReason = nil
            output.events.append(.unblocked)
        default: break
        }
    }

    /// Handles a frame while the proxy ends the session: a close-ok ends its side, a close is answered, everything else
    /// is ignored.
    private mutating func closingReceived(
        _ method: MethodID?, _ frame: FrameScanner.Slice, from side: Side, _ awaited: Set<Side>, _ output: inout Output
    ) {
        guard frame.channel == 0, method?.classID == 10, awaited.contains(side) else { return }
        switch method?.methodID {
        case 50: put(.connectionCloseOk, channel: 0, to: side)
        case 51: break
        default: return
        }
        phase = .closing(awaited.subtracting([side]))
        output.ends.insert(side)
    }

    // MARK: Channels

    mutating func observeMethod(
        _ frame: FrameScanner.Slice, _ scanner: FrameScanner, from side: Side, _ output: inout Output
    ) {
        guard let id = scanner.method(of: frame) else { return }
        let number = frame.channel
        switch (id.classID, id.methodID) {
        case (60, 40):
            messages += 1
            channels[number]?.publish()
            if channels[number]?.saysPublished == true {
                channels[number]?.saysPublished = false
                if case .basicPublish(let publish)? = try? Method(payload: scanner.payload(of: frame)) {
                    noteNames(publish, on: number)
                }
                output.events.append(.published(number))
            }
        case (60, 60):
            messages += 1
            if channels[number]?.deliver(frame, scanner) == true { output.redelivered[number, default: 0] += 1 }
            if channels[number]?.saysConsumed == true {
                channels[number]?.saysConsumed = false
                output.events.append(.consumed(number))
            }
        case (60, 80), (60, 90), (60, 120):
            channels[number]?.settle(frame, scanner, id.methodID, from: side)
        default:
            guard let method = try? Method(payload: scanner.payload(of: frame)) else { return }
            observe(method, on: number, from: side, &output)
        }
    }

    mutating func observe(
        _ method: Method, on number: UInt16, from side: Side, _ output: inout Output
    ) {
        switch (method, side) {
        case (.channelOpen, .client):
            // The broker refuses more channels than this, and so ends the connection.
            guard number <= identity.channelLimit, isOpen || channels.count < Self.mostEarlyChannels else { return }
            channels[number] = newTrack()
            output.events.append(.channelOpened(number))
        case (.channelOpenOk, .broker): channels[number]?.isOpened = true
        case (.channelClose(let close), _):
            let closing = Closing(
                code: close.replyCode.rawValue, text: close.replyText, classID: close.classID, methodID: close.methodID)
            output.events.append(.channelClosed(number, by: side, closing))
            if close.replyCode != .success { lastErrors[number] = closing }
            channels[number]?.closers.insert(side)
        case (.channelCloseOk, _):
            // If both sides had closed it, each still owes an answer.
            channels[number]?.closers.remove(side.other)
            if channels[number]?.isClosing == false { channels[number] = nil }
        case (.basicReturn(let returned), .broker):
            channels[number]?.returned += 1
            channels[number]?.contentOfBroker = .header
            output.events.append(
                .returned(
                    number, code: returned.replyCode.rawValue, text: returned.replyText, exchange: returned.exchange,
                    routingKey: returned.routingKey))
        case (.basicCancel(let cancel), .broker):
            let consumer = channels[number]?.consumers.removeValue(forKey: cancel.consumerTag)
            output.events.append(.consumerCancelled(number, tag: cancel.consumerTag, queue: consumer?.queue))
        default: channels[number]?.observe(method, from: side)
        }
    }
}
