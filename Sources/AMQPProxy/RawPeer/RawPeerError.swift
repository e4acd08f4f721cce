import AMQPWire

/// What a raw peer received instead of what it waited for. A close by the broker is such an error; it has been
/// answered.
public enum RawPeerError: Error, Hashable, Sendable {
    /// No connection was established, with the reason.
    case unreachable(String)
    /// The broker closed the connection.
    case connectionClosed(ConnectionClose)
    /// The broker closed a channel; with its number.
    case channelClosed(UInt16, ChannelClose)
    /// The socket has ended without `connection.close`, with a description.
    case ended(String)
    /// The named frame or method did not arrive in time.
    case silent(String)
    /// The broker sent bytes that are not AMQP 0-9-1.
    case wire(WireError)
}

extension RawPeerError: CustomStringConvertible {
    /// The error as text for the user.
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

    /// Returns `404 NOT_FOUND - no queue 'orders' in vhost '/'`; RabbitMQ's own text usually begins with the name
    /// already.
    static func words(_ code: ReplyCode, _ text: String) -> String {
        if text.hasPrefix(code.name) { return "\(code.rawValue) \(text)" }
        return text.isEmpty ? "\(code)" : "\(code) - \(text)"
    }
}
