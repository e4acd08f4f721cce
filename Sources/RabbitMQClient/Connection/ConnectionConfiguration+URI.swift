import Names

extension ConnectionConfiguration {
    /// Creates a configuration from a URI of RabbitMQ's `amqp://` or `amqps://` scheme; see `AMQPURI` for its form and
    /// parameters.
    ///
    /// Defaults of what the URI omits: the host is `localhost`, the port 5672, or 5671 for `amqps`, the virtual host
    /// `/` (but `amqp://host/` names the virtual host with the empty name, by the specification), the user `guest` with
    /// its default password. A user without a password has the empty password, to be set later. Everything else is as
    /// in `init()`. TLS verifies the broker unless the URI has `verify=verify_none`.
    ///
    /// Throws `.invalidArgument`, without quoting user name or password.
    public init(uri: String) throws(ClientError) {
        self.init(try AMQPURI(uri))
    }

    /// Creates a configuration from several URIs, one for each endpoint, in this order. They describe one connection,
    /// so everything except host and port must be the same; otherwise `.invalidArgument` names what differs.
    public init(uris: [String]) throws(ClientError) {
        var endpoints: [Endpoint] = []
        var first: AMQPURI?
        for text in uris {
            let uri = try AMQPURI(text)
            if let first { try Self.check(uri, against: first) } else { first = uri }
            endpoints += Self(uri).endpoints
        }
        guard let first else {
            throw ClientError(.invalidArgument, "There is no AMQP URI.", advice: "Give one at least.")
        }
        self.init(first)
        self.endpoints = endpoints
    }

    /// Creates a configuration from the parts of a URI, with the same defaults as `init(uri:)`.
    public init(_ uri: AMQPURI) {
        let parameters = uri.parameters
        var tls: TLSSettings?
        if uri.usesTLS {
            tls = TLSSettings(
                certificateAuthorityFile: parameters.certificateAuthorityFile,
                clientCertificateFile: parameters.clientCertificateFile,
                clientKeyFile: parameters.clientKeyFile,
                clientKeyPassword: parameters.clientKeyPassword,
                verifiesPeer: parameters.verifiesPeer ?? true,
                serverName: parameters.serverName,
                checksServerName: parameters.checksServerName ?? true
            )
        }
        let username = uri.username ?? "guest"
        self.init(
            host: uri.host ?? "localhost",
            port: uri.port,
            tls: tls,
            username: username,
            password: uri.password ?? (username == "guest" ? "guest" : ""),
            virtualHost: uri.virtualHost ?? "/",
            connectionName: parameters.connectionName
        )
        if let heartbeat = parameters.heartbeat { self.heartbeat = heartbeat }
        if let timeout = parameters.connectionTimeout { connectTimeout = timeout }
        if let channelMax = parameters.channelMax { self.channelMax = channelMax }
        if let frameMax = parameters.frameMax { self.frameMax = frameMax }
        if let authentication = parameters.authentication { self.authentication = authentication }
    }

    private static func check(_ uri: AMQPURI, against first: AMQPURI) throws(ClientError) {
        let differs: String? =
            if uri.usesTLS != first.usesTLS {
                "the scheme"
            } else if Name(uri.username) != Name(first.username) {
                "the user"
            } else if Name(uri.password) != Name(first.password) {
                "the password"
            } else if Name(uri.virtualHost) != Name(first.virtualHost) {
                "the virtual host"
            } else if uri.parameters != first.parameters {
                "the query parameters"
            } else {
                nil
            }
        guard let differs else { return }
        throw ClientError(
            .invalidArgument, "The AMQP URIs disagree on \(differs).",
            advice: "They are endpoints of one connection: let them differ in host and port alone.")
    }

    /// The first endpoint as a URI without passwords, for display and for parsing. The query omits what is as in
    /// `init()`.
    public var uri: String { uris.first ?? "" }

    /// The endpoints as URIs, each in the form of `uri`.
    public var uris: [String] {
        var parameters = AMQPURI.Parameters()
        let usual = ConnectionConfiguration()
        if heartbeat != usual.heartbeat { parameters.heartbeat = heartbeat }
        if connectTimeout != usual.connectTimeout { parameters.connectionTimeout = connectTimeout }
        if channelMax != usual.channelMax { parameters.channelMax = channelMax }
        if frameMax != usual.frameMax { parameters.frameMax = frameMax }
        if authentication != usual.authentication { parameters.authentication = authentication }
        parameters.connectionName = connectionName
        if let tls {
            parameters.certificateAuthorityFile = tls.certificateAuthorityFile
            parameters.clientCertificateFile = tls.clientCertificateFile
            parameters.clientKeyFile = tls.clientKeyFile
            if !tls.verifiesPeer { parameters.verifiesPeer = false }
            parameters.serverName = tls.serverName
            if !tls.checksServerName { parameters.checksServerName = false }
        }
        return endpoints.map { endpoint in
            AMQPURI(
                usesTLS: tls != nil, username: username, host: endpoint.host, port: endpoint.port,
                virtualHost: virtualHost, parameters: parameters
            ).description
        }
    }
}
