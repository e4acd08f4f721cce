import AMQPWire
import Faults
import NIOCore
import Names

// Closes channels and connections from the proxy. To each side it looks as if the other had closed; afterwards the
// proxy answers for the other (AMQP 0-9-1, section 1.5.2.5: the sender of close discards everything but close and
// close-ok).
extension SessionMachine {
    /// Injects a close into a channel.
    ///
    /// - Returns: false if there is no such open channel.
    mutating func closeChannel(_ number: UInt16, _ request: ChannelCloseRequest, _ output: inout Output) -> Bool {
        guard case .framed = phase, !isEnding, let track = channels[number], track.cut == nil, !track.isClosing,
            track.pendingClose == nil, !request.towards.isEmpty,
            // A client without a close would wait for its open-ok forever.
            track.isOpened || request.towards.contains(.client)
        else { return false }
        channels[number]?.pendingClose = request
        closePending(number, &output)
        deliverWaiting(&output)
        return true
    }

    /// Sends the pending close now unless a message is partly transmitted on the channel.
    mutating func closePending(_ number: UInt16, _ output: inout Output) {
        guard let track = channels[number], let request = track.pendingClose else { return }
        // The side without a close may use the channel's number again, so no partial message may precede that.
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

    /// Handles a frame on a channel whose two sides are independent after an injected close.
    mutating func judgeCut(
        _ frame: FrameScanner.Slice, _ scanner: FrameScanner, from side: Side, _ output: inout Output
    ) -> Verdict {
        let number = frame.channel
        guard let cut = channels[number]?.cut else { return .pass }
        let method = scanner.method(of: frame)
        let isClose = method == MethodID.channelClose
        switch cut[side] {
        case .open where isClose:
            // This side closes what the other side lost, so the proxy answers.
            put(.channelCloseOk, channel: number, to: side)
            channels[number]?.cut?[side] = .closed
        case .open: break
        case .closing where isClose:
            put(.channelCloseOk, channel: number, to: side)
        case .closing where method == MethodID.channelCloseOk:
            channels[number]?.cut?[side] = .closed
        case .closing where side == .client && method == .channelOpen && !isEnding:
            // The client treats the channel as closed without having answered; it may have closed it itself. When
            // examined again, this frame opens the next channel.
            owedCloseOks.insert(number)
            channels[number]?.cut?.client = .closed
            if channels[number]?.cut?.broker == .closed {
                channels[number] = nil
                return judge(frame, scanner, from: side, isLarge: false, &output)
            }
            return judgeCut(frame, scanner, from: side, &output)
        case .closing: break
        case .closed where side == .client && method == .channelOpen && !isEnding:
            // The next channel of this number waits until the broker's side of this one is closed.
            if cut.broker == .open {
                close(number, ChannelCloseRequest(code: 200, text: "opened again by the client"), towards: .broker)
            }
            return .stall
        case .closed: break
        }
        if let cut = channels[number]?.cut, cut.client == .closed, cut.broker == .closed { channels[number] = nil }
        return .drop
    }

    /// Ends the whole session. If the connection is open, both sides receive a close, and end when they have answered.
    mutating func closeConnection(code: UInt16, text: String, fault: FaultCause? = nil, _ output: inout Output) {
        switch phase {
        case .closing: return
        // One side has sent a close already, and the other answers it.
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
        // A waiting frame may be the close-ok.
        resumeBoth(&output)
    }
}
