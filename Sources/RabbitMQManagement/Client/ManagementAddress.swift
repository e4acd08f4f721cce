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
        var rest = Substring(text)
        var isTLS = false
        if let separator = rest.firstRange(of: "://") {
            switch rest[..<separator.lowerBound].lowercased() {
            case "http": isTLS = false
            case "https": isTLS = true
            default: return nil
            }
            rest = rest[separator.upperBound...]
        }
        let slash = rest.firstIndex(of: "/") ?? rest.endIndex
        let authority = rest[..<slash]
        let path = rest[slash...]
        guard !path.contains("?"), !path.contains("#"), !authority.contains("@") else { return nil }
        var host: Substring
        var portText: Substring?
        if authority.first == "[" {
            guard let end = authority.firstIndex(of: "]") else { return nil }
            host = authority[authority.index(after: authority.startIndex)..<end]
            let behind = authority[authority.index(after: end)...]
            if behind.isEmpty {
                portText = nil
            } else {
                guard behind.first == ":" else { return nil }
                portText = behind.dropFirst()
            }
        } else if let colon = authority.lastIndex(of: ":") {
            host = authority[..<colon]
            guard !host.contains(":") else { return nil }
            portText = authority[authority.index(after: colon)...]
        } else {
            host = authority
        }
        let isWritable = host.utf8.allSatisfy { $0 > 0x20 && $0 != 0x7F && $0 != UInt8(ascii: "\\") }
        guard !host.isEmpty, isWritable else { return nil }
        var port = defaultPort ?? (isTLS ? 15671 : 15672)
        if let portText {
            guard let number = Int(portText), (1...65535).contains(number) else { return nil }
            port = number
        }
        self.init(host: String(host), port: port, isTLS: isTLS, pathPrefix: String(path))
    }

    /// The address as a URL.
    public var description: String { origin + pathPrefix }

    /// The address without the path.
    var origin: String {
        let host = self.host.contains(":") ? "[\(self.host)]" : self.host
        return "\(isTLS ? "https" : "http")://\(host):\(port)"
    }
}
