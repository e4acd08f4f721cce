/// The address that an inspector listens on: a Unix socket that only its owner can open, or a port of the loopback
/// interface.
public enum InspectorAddress: Sendable, Hashable {
    /// A socket file with mode 0600. A file left behind by a process that has ended is replaced; a socket on which a
    /// process listens is not.
    case unix(path: String)
    /// Plain HTTP on `localhost`, an address of 127.0.0.0/8, or `::1`; other hosts are not accepted. Port 0 uses a free
    /// port.
    ///
    /// Every user of the machine can read it: prefer a Unix socket on machines with several users.
    case loopback(host: String = "127.0.0.1", port: Int)
}

extension InspectorAddress: CustomStringConvertible {
    /// The address as `rabbittop --attach` accepts it: `unix:/run/shop/client.sock`, `http://127.0.0.1:9911`.
    public var description: String {
        switch self {
        case .unix(let path): "unix:\(path)"
        case .loopback(let host, let port): "http://\(host.contains(":") ? "[\(host)]" : host):\(port)"
        }
    }
}

/// Recognizes hosts of the loopback interface.
enum Loopback {
    /// Returns the address to listen on; nil for a host that is not the loopback interface. Names are not resolved:
    /// only an address is certain.
    static func address(_ host: String) -> String? {
        switch host.lowercased() {
        case "localhost": "127.0.0.1"
        case "::1", "[::1]": "::1"
        default: isIPv4(host) ? host : nil
        }
    }

    /// Returns whether a request's `Host` names the loopback interface. Otherwise a web page whose name resolves to
    /// 127.0.0.1 could read the report.
    static func isMeant(by authority: String) -> Bool {
        var host = Substring(authority)
        if host.hasPrefix("[") {
            guard let end = host.firstIndex(of: "]") else { return false }
            host = host[host.index(after: host.startIndex)..<end]
        } else if let colon = host.lastIndex(of: ":") {
            host = host[..<colon]
        }
        return address(String(host)) != nil
    }

    private static func isIPv4(_ host: String) -> Bool {
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127"
            && parts.allSatisfy { (1...3).contains($0.utf8.count) && $0.allSatisfy(\.isASCII) && UInt8($0) != nil }
    }
}
