extension AMQPURI.Parameters {
    /// The names of the supported query parameters, as they appear in a URI.
    enum Name: String, CaseIterable {
        case heartbeat
        case connectionTimeout = "connection_timeout"
        case channelMax = "channel_max"
        case frameMax = "frame_max"
        case authMechanism = "auth_mechanism"
        case name
        case cacertfile, certfile, keyfile, password, verify
        case serverNameIndication = "server_name_indication"
        /// Parameters of RabbitMQ's Erlang client that change nothing here: `fail_if_no_peer_cert` is a server setting,
        /// and `customize_hostname_check=https` (wildcards in certificates as in HTTPS) is always in effect.
        case failIfNoPeerCert = "fail_if_no_peer_cert"
        case customizeHostnameCheck = "customize_hostname_check"

        var isForTLS: Bool {
            switch self {
            case .heartbeat, .connectionTimeout, .channelMax, .frameMax, .authMechanism, .name: false
            case .cacertfile, .certfile, .keyfile, .password, .verify, .serverNameIndication, .failIfNoPeerCert,
                .customizeHostnameCheck:
                true
            }
        }
    }

    init(query: Substring, usesTLS: Bool) throws(AMQPURI.Flaw) {
        var seen: Set<Name> = []
        var mechanisms: [Authentication.Mechanism] = []
        for piece in query.split(separator: "&") {
            let parts = piece.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let name = try Self.known(parts[0])
            guard parts.count == 2, !parts[1].isEmpty else {
                throw AMQPURI.Flaw("gives \(name.rawValue) no value", "Write \(name.rawValue)=VALUE, or leave it out.")
            }
            if !seen.insert(name).inserted, name != .authMechanism {
                throw AMQPURI.Flaw("gives \(name.rawValue) twice", "Give it once.")
            }
            if name.isForTLS, !usesTLS {
                throw AMQPURI.Flaw(
                    "gives \(name.rawValue), and speaks no TLS", "Write amqps:// for TLS, or leave it out.")
            }
            let value = try AMQPURI.decoded(parts[1], "the value of \(name.rawValue)")
            if name == .authMechanism { mechanisms.append(try Self.mechanism(value)) } else { try set(name, value) }
        }
        if !mechanisms.isEmpty { authentication = Authentication(mechanisms) }
        if clientCertificateFile == nil, clientKeyFile != nil || clientKeyPassword != nil {
            throw AMQPURI.Flaw("gives a client key and no certificate", "Give certfile, too.")
        }
    }

    private mutating func set(_ name: Name, _ value: String) throws(AMQPURI.Flaw) {
        switch name {
        case .heartbeat:
            heartbeat = .seconds(try Self.number(name, value, 0...65_535, "a whole number of seconds"))
        case .connectionTimeout:
            connectionTimeout = .milliseconds(
                try Self.number(name, value, 1...86_400_000, "a whole number of milliseconds"))
        case .channelMax: channelMax = UInt16(clamping: try Self.number(name, value, 0...65_535, "a whole number"))
        case .frameMax:
            let most = Int(UInt32.max)
            frameMax = UInt32(clamping: try Self.number(name, value, 0...most, "a whole number of bytes"))
        case .name: connectionName = value
        case .cacertfile: certificateAuthorityFile = value
        case .certfile: clientCertificateFile = value
        case .keyfile: clientKeyFile = value
        case .password: clientKeyPassword = value
        case .verify: verifiesPeer = try Self.choice(name, value, ["verify_peer": true, "verify_none": false])
        case .serverNameIndication:
            if value == "disable" { checksServerName = false } else { serverName = value }
        case .failIfNoPeerCert: _ = try Self.choice(name, value, ["true": true, "false": false])
        case .customizeHostnameCheck: _ = try Self.choice(name, value, ["https": true])
        case .authMechanism: break
        }
    }

    private static func known(_ text: Substring) throws(AMQPURI.Flaw) -> Name {
        let name = try AMQPURI.decoded(text, "the name of a parameter")
        if let known = Name(rawValue: name) { return known }
        // Only text that looks like a name is quoted: anything else may be part of a password.
        let isPlain = name.count <= 40 && name.wholeMatch(of: /[A-Za-z_]+/) != nil
        let all = Name.allCases.map(\.rawValue).joined(separator: ", ")
        throw AMQPURI.Flaw(
            isPlain ? "has the parameter \(name), which is not known" : "has a parameter that is not known",
            "These are known: \(all).", isQuoting: isPlain)
    }

    private static func number(
        _ name: Name, _ text: String, _ range: ClosedRange<Int>, _ kind: String
    ) throws(AMQPURI.Flaw) -> Int {
        guard let number = AMQPURI.wholeNumber(text), range.contains(number) else {
            throw AMQPURI.Flaw(
                "gives \(name.rawValue) an invalid value",
                "\(name.rawValue) is \(kind) from \(range.lowerBound) to \(range.upperBound).")
        }
        return number
    }

    private static func choice(
        _ name: Name, _ text: String, _ choices: KeyValuePairs<String, Bool>
    ) throws(AMQPURI.Flaw) -> Bool {
        guard let choice = choices.first(where: { $0.key == text }) else {
            throw AMQPURI.Flaw(
                "gives \(name.rawValue) an invalid value",
                "\(name.rawValue) is \(choices.map(\.key).joined(separator: " or ")).")
        }
        return choice.value
    }

    private static func mechanism(_ text: String) throws(AMQPURI.Flaw) -> Authentication.Mechanism {
        guard let mechanism = Authentication.Mechanism(rawValue: text.uppercased()) else {
            throw AMQPURI.Flaw(
                "gives an auth_mechanism that is not known",
                "These are known: plain, amqplain, external; give auth_mechanism several times for several.")
        }
        return mechanism
    }
}
