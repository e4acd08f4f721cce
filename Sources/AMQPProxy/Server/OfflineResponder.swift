import AMQPWire
import NIOCore

/// Answers a client while the broker is unreachable: completes the login, and closes with 320.
struct OfflineResponder {
    private let text: String
    private var header = ByteBuffer()
    /// The decoder for the time before the login, with its frame size limit.
    private var decoder = FrameDecoder(frameMax: UInt32(FrameScanner.largestKeptEarly))
    private var isGreeted = false

    init(text: String) { self.text = text }

    /// Handles bytes from the client.
    ///
    /// - Returns: the answer, and whether the connection ends after it; nil while there is no answer.
    mutating func received(_ bytes: ByteBuffer) -> (answer: ByteBuffer, ends: Bool)? {
        if isGreeted {
            decoder.append(bytes)
        } else {
            header.writeImmutableBuffer(bytes)
            do {
                guard let theirs = try ProtocolHeader.read(from: &header) else { return nil }
                isGreeted = true
                guard theirs == .amqp091 else { return (supported, true) }
            } catch {
                return (supported, true)
            }
            return (
                frame(
                    .connectionStart(
                        ConnectionStart(
                            serverProperties: ["product": "rabbittop proxy"], mechanisms: "PLAIN AMQPLAIN EXTERNAL"))
                ), false
            )
        }
        var answer = ByteBuffer()
        while true {
            let read: RawFrame?
            do { read = try decoder.next() } catch { return (answer, true) }
            guard let read else { break }
            guard let method = try? Method(payload: read.payload) else { return (answer, true) }
            switch method {
            case .connectionStartOk:
                let tune = ConnectionTune(channelMax: 2047, frameMax: 131_072, heartbeat: 60)
                answer.writeImmutableBuffer(frame(.connectionTune(tune)))
            case .connectionOpen:
                // At this point every client recognizes a close; earlier, some take it for a wrong password.
                let close = ConnectionClose(replyCode: .connectionForced, replyText: "CONNECTION_FORCED - \(text)")
                answer.writeImmutableBuffer(frame(.connectionClose(close)))
            case .connectionClose:
                answer.writeImmutableBuffer(frame(.connectionCloseOk))
                return (answer, true)
            case .connectionCloseOk: return (answer, true)
            default: break
            }
        }
        return (answer, false)
    }

    /// The answer of a server to another protocol header (AMQP 0-9-1, section 4.2.2).
    private var supported: ByteBuffer {
        var bytes = ByteBuffer()
        bytes.writeProtocolHeader()
        return bytes
    }

    private func frame(_ method: Method) -> ByteBuffer {
        var bytes = ByteBuffer()
        try? bytes.writeFrame(channel: 0, method)
        return bytes
    }
}
