import Names
import RabbitMQManagement

/// A host and a port as typed: `rabbit.example:5672`, `[::1]:5672`.
struct HostPort: CustomStringConvertible, Equatable {
    var host: String
    var port: Int

    init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    /// What is wrong with a text. Quotes nothing of it except an invalid port after what is certainly a host, because
    /// the rest may be a password.
    struct Flaw: Error, CustomStringConvertible {
        var description: String
    }

    /// Parses the address of a listener to connect to: any port from 1 to 65535.
    static func peer(_ text: String) throws -> HostPort { try HostPort(text, ports: 1...65_535) }

    /// Parses an address to listen on; port 0 takes a free one.
    static func listener(_ text: String) throws -> HostPort { try HostPort(text, ports: 0...65_535) }

    private init(_ text: String, ports: ClosedRange<Int>) throws(Flaw) {
        let form = "Write it as host:port, as in 127.0.0.1:5672 or [::1]:5672."
        if text.contains("://") || text.utf8.contains(UInt8(ascii: "@")) {
            throw Flaw(description: "it is more than a host and a port. \(form)")
        }
        guard let colon = text.utf8.lastIndex(of: UInt8(ascii: ":")) else {
            throw Flaw(description: "it has no port. \(form)")
        }
        let digits = text[text.utf8.index(after: colon)...]
        let name = text[..<colon]
        guard Quotable.isNumber(digits), let port = Int(digits), ports.contains(port) else {
            let isHost = name.hasPrefix("[") || HTTPAddress.isCertainlyHost(String(name))
            throw Flaw(
                description:
                    "\(isHost ? Quotable.number(digits) : "this") is not a port; ports are from \(ports.lowerBound) to \(ports.upperBound)."
            )
        }
        guard !name.utf8.contains(UInt8(ascii: ":")) || name.hasPrefix("[") else {
            throw Flaw(description: "an IPv6 address stands in brackets. \(form)")
        }
        do throws(HTTPAddress.Flaw) {
            self.init(host: try HTTPAddress.host(String(name)), port: port)
        } catch {
            throw Flaw(description: "it \(error.what). \(form)")
        }
    }

    var description: String { String(host: host, port: port) }
}
