import AMQPWire
import NIOCore
import Names

/// The SASL mechanisms that the client accepts, in order of preference (RabbitMQ documentation: access control,
/// authentication mechanisms). The client uses the first one that the broker offers.
///
/// `[.external, .plain]` uses EXTERNAL if there is a client certificate and the broker offers EXTERNAL, otherwise
/// PLAIN.
public struct Authentication: Sendable, Hashable {
    /// A SASL mechanism. The raw value is the name that the broker uses.
    public enum Mechanism: String, Sendable, Hashable, Codable, CaseIterable {
        /// Sends user name and password in clear text (RFC 4616).
        case plain = "PLAIN"
        /// Sends user name and password as an AMQP field table (AMQP 0-9-1, `connection.start-ok`; RabbitMQ: AMQPLAIN).
        case amqplain = "AMQPLAIN"
        /// Identifies the client by its TLS certificate; the broker needs the plugin `rabbitmq_auth_mechanism_ssl`.
        /// User name and password are not sent.
        case external = "EXTERNAL"
    }

    /// The mechanisms in order of preference. At least one.
    public var mechanisms: [Mechanism]

    /// Creates a list of mechanisms in order of preference.
    public init(_ mechanisms: [Mechanism]) {
        self.mechanisms = mechanisms
    }

    /// PLAIN only.
    public static let plain = Authentication([.plain])
    /// AMQPLAIN only.
    public static let amqplain = Authentication([.amqplain])
    /// EXTERNAL only.
    public static let external = Authentication([.external])
}

extension Authentication: ExpressibleByArrayLiteral {
    /// Creates a list of mechanisms in order of preference.
    public init(arrayLiteral elements: Mechanism...) {
        self.init(elements)
    }
}

extension Authentication: CustomStringConvertible {
    /// The names of the mechanisms, separated by commas.
    public var description: String { mechanisms.map(\.rawValue).joined(separator: ", ") }
}

extension Authentication {
    /// Returns the mechanism to use with a broker that offers these, separated by blanks. Throws
    /// `.mechanismNotOffered`.
    func chosen(from offer: String) throws(ClientError) -> Mechanism {
        let offered = offer.parts(separatedBy: " ").map(String.init)
        if let mechanism = mechanisms.first(where: { offered.contains($0.rawValue) }) { return mechanism }
        let usable = Mechanism.allCases.map(\.rawValue).filter(offered.contains)
        var advice = "Allow \(mechanisms.first?.rawValue ?? "PLAIN") in the broker's auth_mechanisms"
        if mechanisms.contains(.external) {
            advice =
                "Enable the broker's plugin rabbitmq_auth_mechanism_ssl, allow EXTERNAL in its auth_mechanisms, "
                + "and come by TLS with a client certificate"
        }
        advice +=
            usable.isEmpty ? "." : "; or set authentication to what is offered: \(usable.joined(separator: ", "))."
        throw ClientError(
            .mechanismNotOffered, "The broker offers '\(offer)', and not \(self).", advice: advice)
    }
}

extension Authentication.Mechanism {
    /// The response field of `connection.start-ok`.
    func response(username: String, password: String) -> [UInt8] {
        switch self {
        case .plain:
            return [0] + Array(username.utf8) + [0] + Array(password.utf8)
        case .amqplain:
            // A field table without its length prefix.
            var table = ByteBuffer()
            for (key, value) in [("LOGIN", username), ("PASSWORD", password)] {
                table.writeInteger(UInt8(key.utf8.count))
                table.writeString(key)
                table.writeInteger(UInt8(ascii: "S"))
                table.writeInteger(UInt32(clamping: value.utf8.count))
                table.writeString(value)
            }
            return Array(table.readableBytesView)
        case .external:
            return []
        }
    }
}

extension ConnectionConfiguration {
    /// The mechanisms that the configuration allows: EXTERNAL needs a certificate.
    var usableAuthentication: Authentication {
        guard tls?.clientCertificateFile == nil else { return authentication }
        return Authentication(authentication.mechanisms.filter { $0 != .external })
    }

    /// Returns `connection.start-ok` with the client's properties, its capabilities and the credentials.
    func startOk(_ mechanism: Authentication.Mechanism) -> Method {
        var properties: FieldTable = [
            "product": "rabbittop RabbitMQClient",
            "platform": "Swift",
        ]
        if let connectionName { properties["connection_name"] = .string(connectionName) }
        for entry in clientProperties { properties[entry.key] = entry.value }
        // Without these capabilities the broker does not send the methods that the client relies on.
        properties["capabilities"] = [
            "publisher_confirms": true,
            "exchange_exchange_bindings": true,
            "basic.nack": true,
            "consumer_cancel_notify": true,
            "connection.blocked": true,
            "consumer_priorities": true,
            "authentication_failure_close": true,
            "per_consumer_qos": true,
            "direct_reply_to": true,
        ]
        return .connectionStartOk(
            ConnectionStartOk(
                clientProperties: properties,
                mechanism: mechanism.rawValue,
                response: mechanism.response(username: username, password: password)
            )
        )
    }

    /// Checks what can be found wrong without a connection. Throws `.invalidArgument`.
    func validate() throws(ClientError) {
        if virtualHost.utf8.count > 255 {
            throw ClientError(.invalidArgument, "The virtual host's name has more than 255 bytes.")
        }
        if endpoints.isEmpty {
            throw ClientError(.invalidArgument, "There is no endpoint.", advice: "Give one host and port at least.")
        }
        for endpoint in endpoints {
            if endpoint.host.isEmpty {
                throw ClientError(.invalidArgument, "An endpoint has no host (port \(endpoint.port)).")
            }
            if !(1...65_535).contains(endpoint.port) {
                throw ClientError(.invalidArgument, "Port \(endpoint.port) of \(endpoint.host) does not exist.")
            }
        }
        try validateAuthentication()
        for mechanism in usableAuthentication.mechanisms {
            var probe = ByteBuffer()
            do throws(WireError) {
                try probe.writeFrame(channel: 0, startOk(mechanism))
            } catch {
                throw ClientError(.invalidArgument, "The client properties do not fit AMQP: \(error).")
            }
        }
    }

    private func validateAuthentication() throws(ClientError) {
        if authentication.mechanisms.isEmpty {
            throw ClientError(
                .invalidArgument, "No authentication mechanism is allowed.", advice: "Allow one at least: .plain.")
        }
        if usableAuthentication.mechanisms.isEmpty {
            throw ClientError(
                .invalidArgument, "EXTERNAL authentication needs a client certificate.",
                advice: "Set tls with clientCertificateFile and clientKeyFile.")
        }
        if usableAuthentication.mechanisms.contains(.plain), (username + password).utf8.contains(0) {
            throw ClientError(
                .invalidArgument, "User or password hold a NUL, which PLAIN cannot carry.",
                advice: "Use .amqplain, or change them.")
        }
    }
}
