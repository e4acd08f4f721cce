/// The parts of an `amqp://` or `amqps://` URI, by RabbitMQ's URI specification
/// (https://www.rabbitmq.com/docs/uri-spec) and its page on query parameters
/// (https://www.rabbitmq.com/docs/uri-query-parameters). A part that the URI omits is nil.
///
///     amqps://user:password@rabbit.example:5671/my%2Fvhost?heartbeat=10&cacertfile=/etc/ssl/ca.pem
///
/// The parts are percent-decoded, and `+` does not stand for a blank. The virtual host is one path segment: `/` in it
/// is written `%2F`. By the specification `amqp://host` omits the virtual host, and `amqp://host/` names the one whose
/// name is empty.
public struct AMQPURI: Sendable, Hashable {
    /// Whether the scheme is `amqps`.
    public var usesTLS: Bool
    /// The user name.
    public var username: String?
    /// The password. Never part of a description.
    public var password: String?
    /// A host name or an IP address. An IPv6 address is stored without brackets.
    public var host: String?
    /// The port, from 1 to 65535.
    public var port: Int?
    /// The name of the virtual host.
    public var virtualHost: String?
    /// The query parameters.
    public var parameters: Parameters

    /// The query parameters of an AMQP URI. An unknown parameter, a repeated one or an invalid value is an error.
    public struct Parameters: Sendable, Hashable {
        /// `heartbeat`, in whole seconds.
        public var heartbeat: Duration?
        /// `connection_timeout`, in milliseconds.
        public var connectionTimeout: Duration?
        /// `channel_max`; 0 leaves the limit to the broker.
        public var channelMax: UInt16?
        /// `frame_max`, in bytes; 0 leaves the limit to the broker.
        public var frameMax: UInt32?
        /// `auth_mechanism`, which may be given several times, in order of preference: `plain`, `amqplain`, `external`.
        public var authentication: Authentication?
        /// `name`: the connection name that the broker's listings show.
        public var connectionName: String?
        /// `cacertfile`. This parameter and those that follow require `amqps`.
        public var certificateAuthorityFile: String?
        /// `certfile`.
        public var clientCertificateFile: String?
        /// `keyfile`.
        public var clientKeyFile: String?
        /// `password`: the password of the client's key. Never part of a description.
        public var clientKeyPassword: String?
        /// `verify`: true for `verify_peer`, false for `verify_none`.
        public var verifiesPeer: Bool?
        /// `server_name_indication`, unless its value is `disable`.
        public var serverName: String?
        /// False when `server_name_indication` is `disable`: no name is sent and none is checked.
        public var checksServerName: Bool?

        /// Creates parameters that are all nil.
        public init() {}
    }

    /// Creates a URI from its parts, which are not percent-encoded.
    public init(
        usesTLS: Bool,
        username: String? = nil,
        password: String? = nil,
        host: String? = nil,
        port: Int? = nil,
        virtualHost: String? = nil,
        parameters: Parameters = Parameters()
    ) {
        self.usesTLS = usesTLS
        self.username = username
        self.password = password
        self.host = host
        self.port = port
        self.virtualHost = virtualHost
        self.parameters = parameters
    }
}

// MARK: Writing

extension AMQPURI: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The URI without its passwords.
    public var description: String {
        var text = usesTLS ? "amqps://" : "amqp://"
        if let username { text += Self.encoded(username) + "@" }
        if let host { text += host.contains(":") ? "[\(host)]" : host }
        if let port { text += ":\(port)" }
        if let virtualHost { text += "/" + Self.encoded(virtualHost) }
        let query = parameters.entries.map { "\($0.name)=\(Self.encoded($0.value, keeping: "/:"))" }
        return query.isEmpty ? text : text + "?" + query.joined(separator: "&")
    }

    /// The URI without its passwords.
    public var debugDescription: String { description }

    /// A mirror without the passwords, so that `dump` and string interpolation of an enclosing value do not show them.
    public var customMirror: Mirror { Mirror(self, children: ["uri": description]) }

    /// Percent-encodes everything except RFC 3986's unreserved characters and those in `kept`.
    private static func encoded(_ text: String, keeping kept: String = "") -> String {
        let plain = "-._~" + kept
        return text.utf8.reduce(into: "") { result, byte in
            let character = Character(Unicode.Scalar(byte))
            if byte < 0x80, character.isLetter || character.isNumber || plain.contains(character) {
                result.append(character)
            } else {
                result += encoded(byte)
            }
        }
    }

    static func encoded(_ byte: UInt8) -> String {
        let digits = String(byte, radix: 16, uppercase: true)
        return digits.utf8.count == 1 ? "%0\(digits)" : "%\(digits)"
    }
}

extension AMQPURI.Parameters: CustomStringConvertible, CustomReflectable {
    /// The query without the key's password.
    public var description: String { entries.map { "\($0.name)=\($0.value)" }.joined(separator: "&") }
    /// A mirror without the key's password.
    public var customMirror: Mirror { Mirror(self, children: ["query": description]) }

    /// The parameters that may be shown, as they appear in a query, not yet percent-encoded.
    fileprivate var entries: [(name: String, value: String)] {
        var entries: [(name: String, value: String)] = []
        func add(_ name: Name, _ value: String?) {
            if let value, !value.isEmpty { entries.append((name.rawValue, value)) }
        }
        add(.heartbeat, heartbeat.map { "\(min(max($0.components.seconds, 0), 65_535))" })
        add(.connectionTimeout, connectionTimeout.map { "\(Self.milliseconds($0))" })
        add(.channelMax, channelMax.map { "\($0)" })
        add(.frameMax, frameMax.map { "\($0)" })
        for mechanism in authentication?.mechanisms ?? [] { add(.authMechanism, mechanism.rawValue.lowercased()) }
        add(.name, connectionName)
        add(.cacertfile, certificateAuthorityFile)
        add(.certfile, clientCertificateFile)
        add(.keyfile, clientKeyFile)
        add(.verify, verifiesPeer.map { $0 ? "verify_peer" : "verify_none" })
        add(.serverNameIndication, checksServerName == false ? "disable" : serverName)
        return entries
    }

    /// Limits a duration to the range that a query accepts, in milliseconds.
    private static func milliseconds(_ duration: Duration) -> Int64 {
        let (seconds, attoseconds) = min(max(duration, .milliseconds(1)), .seconds(86_400)).components
        return seconds * 1000 + attoseconds / 1_000_000_000_000_000
    }
}
