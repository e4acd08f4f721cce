import AMQPWire

/// What a raw peer met in place of what it waited for. A close by the broker is one; it has been answered.
public enum RawPeerError: Error, Hashable, Sendable {
    /// No connection came about: why.
    case unreachable(String)
    case connectionClosed(ConnectionClose)
    case channelClosed(UInt16, ChannelClose)
    /// The socket has ended without `connection.close`: how.
    case ended(String)
    /// It did not come in time: what.
    case silent(String)
    /// The broker sent bytes that are not AMQP 0-9-1.
    case wire(WireError)
}

extension RawPeerError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .unreachable(let why): "it cannot be reached: \(why)"
        case .connectionClosed(let close): "\(Self.words(close.replyCode, close.replyText)) on the connection"
        case .channelClosed(let number, let close):
            "\(Self.words(close.replyCode, close.replyText)) on channel \(number)"
        case .ended(let how): how
        case .silent(let what): "\(what) did not come in time"
        case .wire(let error): "it sent what is not AMQP 0-9-1: \(error)"
        }
    }

    /// `404 NOT_FOUND - no queue 'orders' in vhost '/'`; RabbitMQ's own text begins with the name most of the time.
    static func words(_ code: ReplyCode, _ text: String) -> String {
        if text.hasPrefix(code.name) { return "\(code.rawValue) \(text)" }
        return text.isEmpty ? "\(code)" : "\(code) - \(text)"
    }
}
