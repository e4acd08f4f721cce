/// Where an HTTP endpoint of the broker is: scheme, host, port and, with `management.path_prefix`, a path before everything.
public struct ManagementAddress: Sendable, Hashable, CustomStringConvertible {
    public var isTLS: Bool
    /// A name or an address, without brackets.
    public var host: String
    public var port: Int
    /// `""`, or a path with a slash in front and none behind.
    public let pathPrefix: String

    public init(host: String = "127.0.0.1", port: Int = 15672, isTLS: Bool = false, pathPrefix: String = "") {
        self.host = host
        self.port = port
        self.isTLS = isTLS
        let parts = pathPrefix.split(separator: "/")
        self.pathPrefix = parts.isEmpty ? "" : "/" + parts.joined(separator: "/")
    }

    /// Reads `http://host:15672/prefix`, `https://[::1]`, `host:15672` or `host`; nil when it is none of these. Without a
    /// port it is 15672, or 15671 for `https`. An address with a user and password inside is refused.
    public init?(_ text: String, defaultPort: Int? = nil) {
        let url = text.contains("://") ? text : "http://" + text
        guard let address = try? HTTPAddress(url), address.username == nil else { return nil }
        self.init(
            host: address.host, port: address.port ?? defaultPort ?? (address.isTLS ? 15671 : 15672),
            isTLS: address.isTLS, pathPrefix: address.path)
    }

    /// The address as a URL.
    public var description: String { origin + pathPrefix }

    /// The address without the path.
    var origin: String { "\(isTLS ? "https" : "http")://\(HTTPAddress.written(host)):\(port)" }

    /// What a request's `Host` says where the URL's own host will not do: a zone is of no meaning elsewhere (RFC 6874).
    var hostHeader: String? {
        guard let sign = host.utf8.firstIndex(of: UInt8(ascii: "%")) else { return nil }
        return "[\(host[..<sign])]:\(port)"
    }

    /// Why no request can go there; nil when one can.
    var flaw: String? {
        if host.isEmpty { return "the address has no host" }
        return (1...65_535).contains(port) ? nil : "there is no port \(port); ports are numbers from 1 to 65535"
    }
}
