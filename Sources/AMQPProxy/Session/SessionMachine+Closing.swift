import AMQPWire
import NIOCore
import Names

// Closing channels and connections from the middle. What a side is told looks as if the other had closed: afterwards the
// proxy answers for the other (AMQP 0-9-1, section 1.5.2.5: who has sent close discards all but close and close-ok).
extension SessionMachine {
    /// - Returns: false when there is no such open channel.
    mutating func closeChannel(_ number: UInt16, _ request: ChannelCloseRequest, _ output: inout Output) -> Bool {
        guard case .framed = phase, !isEnding, let track = channels[number], track.cut == nil, !track.isClosing,
            track.pendingClose == nil, !request.towards.isEmpty,
            // A client that is not told would wait for its open-ok for ever.
            track.isOpened || request.towards.contains(.client)
        else { return false }
        channels[number]?.pendingClose = request
        closePending(number, &output)
        deliverWaiting(&output)
        return true
    }

    /// Closes now where no message is in mid-flight to a side that is to be told.
    mutating func closePending(_ number: UInt16, _ output: inout Output) {
        guard let track = channels[number], let request = track.pendingClose else { return }
        // Who is not told may use the channel's number again: half a message must not stand before that.
        for side in Side.allCases where track[contentOf: side] != .none { return }
        guard !track.isClosing, !isEnding else {
            channels[number]?.pendingClose = nil
            return
        }
        channels[number]?.pendingClose = nil
        channels[number]?.cut = ChannelTrack.Cut()
        for side in request.towards { close(number, request, towards: side) }
        lastErrors[number] = Closing(code: request.code, text: request.text, classID: 0, methodID: 0)
        output.events.append(.channelCut(number, request))
    }

    private mutating func close(_ number: UInt16, _ request: ChannelCloseRequest, towards side: Side) {
        let close = ChannelClose(
            replyCode: ReplyCode(rawValue: request.code), replyText: request.text.prefix(ofBytes: 255))
        put(.channelClose(close), channel: number, to: side)
        channels[number]?.cut?[side] = .closing
    }

    /// A frame on a channel whose two ends go their own ways.
    mutating func judgeCut(
        _ frame: FrameScanner.Slice, _ scanner: FrameScanner, from side: Side, _ output: inout Output
    ) -> Verdict {
        let number = frame.channel
        guard let cut = channels[number]?.cut else { return .pass }
        let method = scanner.method(of: frame)
        let isClose = method == MethodID.channelClose
        switch cut[side] {
        case .open where isClose:
            // It closes what the other side lost: the proxy answers.
            put(.channelCloseOk, channel: number, to: side)
            channels[number]?.cut?[side] = .closed
        case .open: break
        case .closing where isClose:
            put(.channelCloseOk, channel: number, to: side)
        case .closing where method == MethodID.channelCloseOk:
            channels[number]?.cut?[side] = .closed
        case .closing where side == .client && method == .channelOpen && !isEnding:
            // It takes the channel for closed without having answered: it may have closed it itself. Looked at again, this opens
            // the next.
            owedCloseOks.insert(number)
            channels[number]?.cut?.client = .closed
            if channels[number]?.cut?.broker == .closed {
                channels[number] = nil
                return judge(frame, scanner, from: side, isLarge: false, &output)
            }
            return judgeCut(frame, scanner, from: side, &output)
        case .closing: break
        case .closed where side == .client && method == .channelOpen && !isEnding:
            // Its next life waits until the broker's end of this one is closed.
            if cut.broker == .open {
                close(number, ChannelCloseRequest(code: 200, text: "opened again by the client"), towards: .broker)
            }
            return .stall
        case .closed: break
        }
        if let cut = channels[number]?.cut, cut.client == .closed, cut.broker == .closed { channels[number] = nil }
        return .drop
    }

    /// Ends the whole session: both sides are told, if the connection is open, and end when they have answered.
    mutating func closeConnection(code: UInt16, text: String, fault: String? = nil, _ output: inout Output) {
        switch phase {
        case .closing: return
        // One side has said the same already, and the other answers it.
        case .framed where isEnding: return
        case .framed where isOpen: break
        case .greeting, .framed, .opaque:
            phase = .closing([])
            output.ends = Set(Side.allCases)
            return
        }
        phase = .closing(Set(Side.allCases))
        for side in Side.allCases {
            let close = ConnectionClose(
                replyCode: ReplyCode(rawValue: code), replyText: text.prefix(ofBytes: 255), classID: 0, methodID: 0)
            put(.connectionClose(close), channel: 0, to: side)
        }
        output.events.append(.connectionCut(code: code, text: text, fault: fault))
        deliverWaiting(&output)
        // What is said behind something that waits is the close-ok, perhaps.
        resumeBoth(&output)
    }
}
