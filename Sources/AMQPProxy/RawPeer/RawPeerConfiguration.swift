import AMQPWire
import NIOSSL

/// The address of a broker's listener.
public struct RawPeerAddress: Sendable {
    /// The host name or IP address.
    public var host: String
    /// The TCP port.
    public var port: Int
    /// The TLS context for a TLS listener; its certificate must be valid for `host`.
    public var tls: NIOSSLContext?

    /// Creates an address.
    public init(host: String, port: Int, tls: NIOSSLContext? = nil) {
        self.host = host
        self.port = port
        self.tls = tls
    }
}

/// The address and credentials of a raw peer's connection.
public struct RawPeerConfiguration: Sendable {
    /// The broker's listener.
    public var address: RawPeerAddress
    /// The user.
    public var username: String
    /// The user's password.
    public var password: String
    /// The virtual host that is opened.
    public var virtualHost = "/"
    /// The `connection_name` among its client properties, shown in logs and lists.
    public var name: String
    /// The requested heartbeat interval in seconds; 0: none, even if the broker proposes one.
    public var heartbeat: UInt16 = 0
    /// Whether it sends the negotiated heartbeats.
    public var sendsHeartbeats = true
    /// The size of the socket's receive buffer in bytes; nil: the system's default.
    public var receiveBuffer: Int?
    /// How long any answer may take.
    public var patience = Duration.seconds(10)

    /// Creates a configuration without heartbeats, for the virtual host `/`.
    public init(address: RawPeerAddress, username: String, password: String, name: String) {
        self.address = address
        self.username = username
        self.password = password
        self.name = name
    }
}

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
