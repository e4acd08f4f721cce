import RabbitMQClient

/// Where an inspector listens: a Unix socket that its owner alone can open, or a port of the loopback interface.
public enum InspectorAddress: Sendable, Hashable {
    /// A socket file, mode 0600. A file that a dead process left there is replaced; one that somebody listens on is not.
    case unix(path: String)
    /// Plain HTTP on `localhost`, an address of 127.0.0.0/8, or `::1`; nothing else is accepted. Port 0 takes a free one.
    ///
    /// Anybody who is logged in on the machine can read it: prefer a Unix socket where others are.
    case loopback(host: String = "127.0.0.1", port: Int)
}

extension InspectorAddress: CustomStringConvertible {
    /// As `rabbittop --attach` takes it: `unix:/run/shop/client.sock`, `http://127.0.0.1:9911`.
    public var description: String {
        switch self {
        case .unix(let path): "unix:\(path)"
        case .loopback(let host, let port): "http://\(Endpoint(host: host, port: port))"
        }
    }
}

/// What of a host name is the loopback interface.
enum Loopback {
    /// The address to listen on; nil when the host is another one. Names are not looked up: only an address is certain.
    static func address(_ host: String) -> String? {
        switch host.lowercased() {
        case "localhost": "127.0.0.1"
        case "::1", "[::1]": "::1"
        default: isIPv4(host) ? host : nil
        }
    }

    /// Whether a request's `Host` names the loopback interface. A page of some website that had its name resolve to
    /// 127.0.0.1 would read the report otherwise.
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

/// An error that keeps an inspector from serving.
public struct InspectorError: Error, Sendable, Hashable {
    /// The kind of failure.
    public enum Code: String, Sendable, Hashable {
        /// The address is not on the loopback interface: a report must not leave this machine.
        case notLoopback
        /// Another process already listens on the address.
        case addressInUse
        /// The file at the path is not a socket; it is not changed.
        case notASocket
        /// The path of a Unix socket is longer than the system allows.
        case pathTooLong
        /// The socket could not be created; `message` has the system's error text.
        case cannotListen
    }

    /// The kind of failure.
    public let code: Code
    /// What happened, as one sentence.
    public let message: String
    /// What to do about it, as one sentence.
    public let advice: String

    init(_ code: Code, _ message: String, advice: String) {
        self.code = code
        self.message = message
        self.advice = advice
    }
}

extension InspectorError: CustomStringConvertible {
    /// The code, the message and the advice.
    public var description: String { "\(code.rawValue): \(message) \(advice)" }
}
