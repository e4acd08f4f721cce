/// The address of an HTTP endpoint of the broker: scheme, host, port and, with `management.path_prefix`, a path prefix.
public struct ManagementAddress: Sendable, Hashable, CustomStringConvertible {
    /// Whether the scheme is `https`.
    public var isTLS: Bool
    /// A host name or an IP address, without brackets.
    public var host: String
    /// The port.
    public var port: Int
    /// The path prefix: empty, or with a slash at the start and none at the end.
    public let pathPrefix: String

    /// Creates an address.
    public init(host: String = "127.0.0.1", port: Int = 15672, isTLS: Bool = false, pathPrefix: String = "") {
        self.host = host
        self.port = port
        self.isTLS = isTLS
        let parts = pathPrefix.split(separator: "/")
        self.pathPrefix = parts.isEmpty ? "" : "/" + parts.joined(separator: "/")
    }

    /// Parses `http://host:15672/prefix`, `https://[::1]`, `host:15672` or `host`; nil for anything else. The default
    /// port is 15672, or 15671 for `https`. An address with user name and password is refused.
    public init?(_ text: String, defaultPort: Int? = nil) {
        let url = text.contains("://") ? text : "http://" + text
        guard let address = try? HTTPAddress(url), address.username == nil else { return nil }
        self.init(
            host: address.host, port: address.port ?? defaultPort ?? (address.isTLS ? 15671 : 15672),
            isTLS: address.isTLS, pathPrefix: address.path)
    }

    /// The address as a URL.
    public var description: String { origin + pathPrefix }

    /// The address without the path prefix.
    var origin: String { "\(isTLS ? "https" : "http")://\(HTTPAddress.written(host)):\(port)" }

    /// The `Host` header if it must differ from the URL's host: a zone has no meaning on other machines (RFC 6874).
    var hostHeader: String? {
        guard let sign = host.utf8.firstIndex(of: UInt8(ascii: "%")) else { return nil }
        return "[\(host[..<sign])]:\(port)"
    }

    /// Why no request can be sent to the address; nil if one can.
    var flaw: String? {
        if host.isEmpty { return "the address has no host" }
        return (1...65_535).contains(port) ? nil : "there is no port \(port); ports are numbers from 1 to 65535"
    }
}
