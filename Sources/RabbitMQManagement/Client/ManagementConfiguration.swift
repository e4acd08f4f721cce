/// How a ``ManagementClient`` reaches the broker, and within which bounds.
public struct ManagementConfiguration: Sendable {
    /// What `https` trusts and shows.
    public struct TLS: Sendable, Hashable {
        /// A PEM file of certificates to trust instead of the system's.
        public var certificateAuthorityFile: String?
        /// A PEM file with our certificate chain.
        public var certificateFile: String?
        /// A PEM file with the key to it.
        public var privateKeyFile: String?
        /// Trust any certificate, of any name. For tests on one's own machine.
        public var isInsecure: Bool

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

    public var address: ManagementAddress
    public var username: String
    /// Never printed: neither by this value's description nor by an error.
    public var password: String
    public var tls: TLS
    /// The deadline of a request, from sending it to its last byte.
    public var timeout: Duration
    /// Refuse every request that changes something, before it leaves.
    public var isReadOnly: Bool
    /// The Prometheus endpoints, one for each node; each reports its own node's queues only.
    public var prometheusAddresses: [ManagementAddress]
    /// Send user and password to the Prometheus endpoints too (`prometheus.authentication.enabled`).
    public var authenticatesToPrometheus: Bool
    /// The longest answer that is read, in bytes, decompressed. Of JSON 32 MiB are read in any case at most.
    public var maximumAnswerSize: Int
    /// Whom a refused password is remembered by; shared by all that log in as the same user.
    public var gate: CredentialsGate?

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
    /// Who asks, as the gate knows them.
    var credentials: CredentialsGate.Credentials { .init(username: username, password: password) }
}

extension ManagementConfiguration: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public var description: String { "\(username) at \(address)\(isReadOnly ? ", read-only" : "")" }
    public var debugDescription: String { description }
    /// Without the password, which `dump` and a failed expectation would show.
    public var customMirror: Mirror { Mirror(self, children: ["address": address, "username": username]) }
}
