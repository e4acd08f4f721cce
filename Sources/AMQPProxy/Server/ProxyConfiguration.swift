public import Faults
import NIOSSL

/// Where a proxy listens, and where it connects to.
public struct ProxyConfiguration: Sendable {
    /// What happens to a client while the broker cannot be reached.
    public enum WhenAway: String, Sendable, CaseIterable {
        /// The proxy does not listen, so connections are refused as by the broker's own port.
        case refuse
        /// The client can log in, and then receives `connection.close` with 320 CONNECTION_FORCED.
        case close
    }

    /// The address that clients connect to.
    public var listen: (host: String, port: Int)
    /// The address of the broker's AMQP listener.
    public var upstream: (host: String, port: Int)
    /// The TLS context for clients, with the proxy's certificate; nil: without TLS.
    public var listenTLS: NIOSSLContext?
    /// The TLS context for the broker, whose name is the host of `upstream`; nil: without TLS.
    public var upstreamTLS: NIOSSLContext?
    /// What happens to a client while the broker cannot be reached.
    public var whenAway = WhenAway.refuse
    /// Returns why faults must not affect a broker whose cluster has this name; nil if they may.
    public var refusal: @Sendable (_ cluster: String?) -> FaultError? = { _ in nil }
    /// How long connecting to the broker may take.
    public var connectTimeout = Duration.seconds(5)

    /// Creates a configuration; port 0 listens on a free one.
    public init(listen: (host: String, port: Int), upstream: (host: String, port: Int)) {
        self.listen = listen
        self.upstream = upstream
    }
}

/// Why a proxy could not start.
public struct ProxyFailure: Error, CustomStringConvertible {
    /// The reason as text for the user.
    public var description: String

    /// Creates a failure with a description.
    public init(_ description: String) { self.description = description }
}
