/// The configuration of a ``ManagementClient``: address, credentials and limits.
public struct ManagementConfiguration: Sendable {
    /// The certificates used with `https`.
    public struct TLS: Sendable, Hashable {
        /// A PEM file with the trusted certificate authorities; nil uses those of the system.
        public var certificateAuthorityFile: String?
        /// A PEM file with the client's certificate chain; nil presents none.
        public var certificateFile: String?
        /// A PEM file with the private key of `certificateFile`.
        public var privateKeyFile: String?
        /// Whether any certificate with any name is accepted. Use it only for tests on the own machine.
        public var isInsecure: Bool

        /// Creates TLS settings.
        public init(
            certificateAuthorityFile: String? = nil, certificateFile: String? = nil, privateKeyFile: String? = nil,
            isInsecure: Bool = false
        ) {
            self.certificateAuthorityFile = certificateAuthorityFile
            self.certificateFile = certificateFile
            self.privateKeyFile = privateKeyFile
            self.isInsecure = isInsecure
        }
    }

    /// The address of the management API.
    public var address: ManagementAddress
    /// The user name.
    public var username: String
    /// The password. Never part of a description or an error.
    public var password: String
    /// The TLS settings for `https`.
    public var tls: TLS
    /// The deadline of a request, from sending it to the last byte of the response.
    public var timeout: Duration
    /// Whether every request that changes something is refused before it is sent.
    public var isReadOnly: Bool
    /// The Prometheus endpoints, one for each node, because each reports only the queues of its own node.
    public var prometheusAddresses: [ManagementAddress]
    /// Whether user name and password are also sent to the Prometheus endpoints (`prometheus.authentication.enabled`).
    public var authenticatesToPrometheus: Bool
    /// The maximum size of a response, decompressed, in bytes. For JSON it is at most 32 MiB.
    public var maximumAnswerSize: Int
    /// Remembers a refused password; shared by all that log in as the same user. Nil for none.
    public var gate: CredentialsGate?

    /// Creates a configuration.
    public init(
        address: ManagementAddress = ManagementAddress(), username: String = "guest", password: String = "guest",
        tls: TLS = TLS(), timeout: Duration = .seconds(10), isReadOnly: Bool = false,
        prometheusAddresses: [ManagementAddress] = [], authenticatesToPrometheus: Bool = false,
        maximumAnswerSize: Int = 64 << 20
    ) {
        self.address = address
        self.username = username
        self.password = password
        self.tls = tls
        self.timeout = timeout
        self.isReadOnly = isReadOnly
        self.prometheusAddresses = prometheusAddresses
        self.authenticatesToPrometheus = authenticatesToPrometheus
        self.maximumAnswerSize = maximumAnswerSize
    }
}

extension ManagementConfiguration {
    /// The credentials that the gate checks.
    var credentials: CredentialsGate.Credentials { .init(username: username, password: password) }
}

extension ManagementConfiguration: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The user name and the address, without the password.
    public var description: String { "\(username) at \(address)\(isReadOnly ? ", read-only" : "")" }
    /// The same text as `description`.
    public var debugDescription: String { description }
    /// A mirror without the password, which `dump` and a failed expectation would show.
    public var customMirror: Mirror { Mirror(self, children: ["address": address, "username": username]) }
}
