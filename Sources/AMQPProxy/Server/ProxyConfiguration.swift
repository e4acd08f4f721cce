public import Faults
import NIOSSL

/// Where a proxy listens, and where it leads.
public struct ProxyConfiguration: Sendable {
    /// What a client meets while the broker cannot be reached.
    public enum WhenAway: String, Sendable, CaseIterable {
        /// Nobody listens: its connect is refused, as the broker's own port would.
        case refuse
        /// It is let in as far as its login, and told `connection.close` with 320 CONNECTION_FORCED.
        case close
    }

    /// Where clients connect.
    public var listen: (host: String, port: Int)
    /// The broker's AMQP listener.
    public var upstream: (host: String, port: Int)
    /// For clients that speak TLS: the proxy's certificate.
    public var listenTLS: NIOSSLContext?
    /// For a broker that speaks TLS; its name is that of `upstream`.
    public var upstreamTLS: NIOSSLContext?
    public var whenAway = WhenAway.refuse
    /// Why a broker whose cluster has this name is not to be struck by faults; nil when it may be.
    public var refusal: @Sendable (_ cluster: String?) -> FaultError? = { _ in nil }
    /// How long a connect to the broker may take.
    public var connectTimeout = Duration.seconds(5)

    /// Port 0 listens on a free one.
    public init(listen: (host: String, port: Int), upstream: (host: String, port: Int)) {
        self.listen = listen
        self.upstream = upstream
    }
}

/// The proxy could not start.
public struct ProxyFailure: Error, CustomStringConvertible {
    public var description: String

    public init(_ description: String) { self.description = description }
}
