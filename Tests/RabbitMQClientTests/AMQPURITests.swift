import RabbitMQClient
import SeededSupport
import Testing

@Suite struct AMQPURITests {
    struct Parts: Sendable, Equatable, CustomStringConvertible {
        var uri: String
        var username: String?
        var password: String?
        var host: String?
        var port: Int?
        var vhost: String?

        init(
            _ uri: String, user: String? = nil, password: String? = nil, host: String? = nil, port: Int? = nil,
            vhost: String? = nil
        ) {
            (self.uri, self.username, self.password, self.host) = (uri, user, password, host)
            (self.port, self.vhost) = (port, vhost)
        }

        var description: String { uri }
    }

    /// Appendix A of RabbitMQ's URI specification, row by row, and what lies between its rows.
    static let table: [Parts] = [
        Parts(
            "amqp://user:pass@host:10000/vhost", user: "user", password: "pass", host: "host", port: 10_000,
            vhost: "vhost"),
        Parts(
            "amqp://user%61:%61pass@ho%61st:10000/v%2fhost", user: "usera", password: "apass", host: "hoast",
            port: 10_000, vhost: "v/host"),
        Parts("amqp://"),
        Parts("amqp://:@/", user: "", password: "", vhost: ""),
        Parts("amqp://user@", user: "user"),
        Parts("amqp://user:pass@", user: "user", password: "pass"),
        Parts("amqp://host", host: "host"),
        Parts("amqp://:10000", port: 10_000),
        Parts("amqp:///vhost", vhost: "vhost"),
        Parts("amqp://host/", host: "host", vhost: ""),
        Parts("amqp://host/%2f", host: "host", vhost: "/"),
        Parts("amqp://[::1]", host: "::1"),
        // Beyond the appendix.
        Parts("AMQP://Host", host: "Host"),
        Parts("amqp://@host", user: "", host: "host"),
        Parts("amqp://user:@host", user: "user", password: "", host: "host"),
        Parts("amqp://u:a:b:c@host", user: "u", password: "a:b:c", host: "host"),
        Parts("amqp://u:p%40ss%2Fw%3Ard%25@host", user: "u", password: "p@ss/w:rd%", host: "host"),
        Parts("amqp://u:a+b@host/a+b", user: "u", password: "a+b", host: "host", vhost: "a+b"),
        Parts("amqp://u:p%C3%A4ss@host/%E2%82%AC", user: "u", password: "päss", host: "host", vhost: "€"),
        Parts("amqp://u:päss@host/€", user: "u", password: "päss", host: "host", vhost: "€"),
        // A combining accent behind a delimiter is not part of it.
        Parts("amqp://host/\u{301}a", host: "host", vhost: "\u{301}a"),
        Parts("amqp://10.0.0.7:5673/a%20b", host: "10.0.0.7", port: 5673, vhost: "a b"),
        Parts("amqp://u:p@[2001:db8::7]:5673/x", user: "u", password: "p", host: "2001:db8::7", port: 5673, vhost: "x"),
        Parts("amqp://rabbit_1.my-net.example:", host: "rabbit_1.my-net.example"),
        Parts("amqp://host/v@h", host: "host", vhost: "v@h"),
        Parts("amqp://host/v:h;=,", host: "host", vhost: "v:h;=,"),
        Parts("amqp://host?", host: "host"),
        Parts("amqp://host/?heartbeat=5", host: "host", vhost: ""),
        Parts("amqp://host:65535", host: "host", port: 65_535),
        Parts("amqp://host:05672", host: "host", port: 5672),
        Parts("amqp://u%3A1:p@host", user: "u:1", password: "p", host: "host"),
    ]

    @Test(arguments: table) func takesAURIApart(expected: Parts) throws {
        let uri = try AMQPURI(expected.uri)
        let parts = Parts(
            expected.uri, user: uri.username, password: uri.password, host: uri.host, port: uri.port,
            vhost: uri.virtualHost)
        #expect(parts == expected)
        #expect(!uri.usesTLS)
        let secure = try AMQPURI("amqps" + expected.uri.dropFirst(4))
        #expect(secure.usesTLS)
        #expect((secure.username, secure.virtualHost) == (uri.username, uri.virtualHost))
    }

    @Test(arguments: table) func writesItAgainWithoutThePassword(expected: Parts) throws {
        let uri = try AMQPURI(expected.uri)
        let again = try AMQPURI(uri.description)
        #expect(again.password == nil)
        #expect(again.username == uri.username && again.host == uri.host && again.port == uri.port)
        #expect(again.virtualHost == uri.virtualHost)
        #expect(again.description == uri.description)
    }

    @Test(
        arguments: [
            // A scheme of another protocol, or none.
            ("", "amqp://"), ("rabbit.example", "amqp://"), ("http://host", "amqp://"), ("amqp:/host", "amqp://"),
            ("amqp+tls://host", "amqp://"), ("localhost:5672", "amqp://"),
            // Ports.
            ("amqp://host:0", "1 to 65535"), ("amqp://host:65536", "1 to 65535"), ("amqp://host:-1", "1 to 65535"),
            ("amqp://host:+5672", "1 to 65535"), ("amqp://host:amqp", "1 to 65535"), ("amqp://[::1]:x", "1 to 65535"),
            ("amqp://host:99999999999999999999", "1 to 65535"),
            // Hosts.
            ("amqp://::1", "[::1]"), ("amqp://[::1", "[::1]"), ("amqp://[::g]", "[::1]"),
            ("amqp://[10.0.0.1]", "[::1]"),
            ("amqp://[::1]5672", "[::1]"), ("amqp://[]", "[::1]"), ("amqp://a,b", "one URI for each host"),
            ("amqp://h%20st", "host"), ("amqp://h%00st", "host"), ("amqp://ho%2Fst", "host"), ("amqp://hösт", "host"),
            // Virtual hosts.
            ("amqp://host//", "%2F"), ("amqp://host/a/b", "%2F"), ("amqp://host/%zz", "%25"), ("amqp://host/%2", "%25"),
            ("amqp://host/%", "%25"), ("amqp://host/%FF", "UTF-8"), ("amqp://host/%C3", "UTF-8"),
            // What is to be encoded.
            ("amqp://u:p@ss@host", "%40"), ("amqp://host/a b", "%20"), ("amqp://host\n", "line break"),
            ("amqp://host/\u{7}", "control"), ("amqp://host/v#x", "%23"), ("amqp://u:100%@host", "%25"),
        ] as [(String, String)])
    func refusesWhatIsNone(uri: String, mention: String) throws {
        let error = #expect(throws: ClientError.self) { try AMQPURI(uri) }
        #expect(error?.code == .invalidArgument)
        let told = "\(error?.message ?? "") \(error?.advice ?? "")"
        #expect(told.contains(mention))
    }

    /// The password has every character that somebody forgets to encode; in no error is there a piece of it, whatever
    /// else is wrong with the URI.
    @Test(
        arguments: [
            "geheim:99999", "geheim@geheim", "geheim/geheim", "gehe?geheim", "gehe#geheim", "geheim%", "geheim%zz",
            "geheim%FF", "geheim ", "99?geheim", "99/geheim/geheim", "geheim?geheim=geheim&heartbeat=geheim",
            "geheim?auth_mechanism=geheim", "[geheim", "[geheim]", "1@2?geheim&geheim", "5672?geheim",
        ])
    func noErrorQuotesThePassword(password: String) throws {
        for uri in [
            "amqp://user:\(password)@host:x/vhost", "amqps://user:\(password)@host/vhost?verify=none",
            "amqp://user:\(password)@ho st", "amqp://user:\(password)@host?unknown=1",
            "amqp:/user:\(password)@host", "amqp://user:\(password)@host/a/b",
        ] {
            guard let error = #expect(throws: ClientError.self, performing: { try ConnectionConfiguration(uri: uri) })
            else { continue }
            let told = "\(error) \(error.message) \(error.advice)"
            #expect(!told.contains("gehe"), "\(uri)")
            var dumped = ""
            dump(error, to: &dumped)
            #expect(!dumped.contains("gehe"), "\(uri)")
        }
    }

    /// A wrong port is named where it can be nothing else; else it may be the password of a user whose host was forgotten.
    @Test(
        arguments: [
            ("ops@h", true), ("ops:geheim@h", true), ("localhost", true), ("10.0.0.1", true), ("[::1]", true),
            ("ops", false), ("ops.example", false), ("", false),
        ])
    func aPortIsQuotedWhereItIsOne(place: String, isQuoted: Bool) {
        for end in ["", "/", "/v"] {
            let error = #expect(throws: ClientError.self) { try AMQPURI("amqp://\(place):73914286\(end)") }
            let told = "\(error?.message ?? "") \(error?.advice ?? "")"
            #expect(told.contains("73914286") == isQuoted, "\(told)")
            #expect(told.contains("1 to 65535") && !told.contains("geheim"))
        }
    }

    /// Whatever stands there: it is taken or refused, and what is taken is written so that it is taken again as the same.
    @Test func rubbishIsTakenOrRefused() throws {
        let seeds =
            Self.table.map(\.uri) + [
                "amqps://u:p@h:5671/v?heartbeat=5&connection_timeout=10&channel_max=3&frame_max=9000&name=x",
                "amqps://h?cacertfile=/a&certfile=/b&keyfile=/c&password=d&verify=verify_none",
                "amqps://h?auth_mechanism=plain&auth_mechanism=external&server_name_indication=disable",
            ]
        let pieces = [
            "%", "%4", "%40", "@", "/", "?", "#", ":", "[", "]", "&", "=", ",", " ", "\r\n", "\u{301}", "é", "0",
        ]
        var random = SeededRandom(seed: 7)
        var taken = 0
        for round in 0..<20_000 {
            var text = Array(seeds[round % seeds.count])
            for _ in 0...Int.random(in: 0...2, using: &random) {
                let place = Int.random(in: 0...text.count, using: &random)
                let end = min(text.count, place + Int.random(in: 0...2, using: &random))
                let piece = pieces[Int.random(in: 0..<pieces.count, using: &random)]
                text.replaceSubrange(place..<end, with: Bool.random(using: &random) ? Array(piece) : [])
            }
            guard var uri = try? AMQPURI(String(text)) else { continue }
            taken += 1
            let again = try AMQPURI(uri.description)
            uri.password = nil
            uri.parameters.clientKeyPassword = nil
            #expect(again == uri, "\(String(text))")
        }
        #expect(taken > 1000 && taken < 20_000)
    }

    @Test func noDescriptionHasAPassword() throws {
        let uri = try AMQPURI("amqps://user:geheim@host/v?certfile=/c.pem&password=geheim2")
        let configuration = ConnectionConfiguration(uri)
        #expect(uri.password == "geheim" && configuration.password == "geheim")
        #expect(configuration.tls?.clientKeyPassword == "geheim2")
        var dumped = ""
        dump((uri, uri.parameters, configuration, configuration.tls), to: &dumped)
        let shown = [
            "\(uri)", String(reflecting: uri), "\(uri.parameters)", "\(configuration)",
            String(reflecting: configuration), configuration.uri, "\(String(describing: configuration.tls))",
            String(reflecting: configuration.tls), dumped,
        ]
        for text in shown {
            #expect(!text.contains("geheim"))
        }
    }
}

@Suite struct AMQPURIParametersTests {
    @Test func readsAll() throws {
        let parameters = try AMQPURI(
            """
            amqps://host?heartbeat=7&connection_timeout=2500&channel_max=12&frame_max=65536&name=my%20app\
            &auth_mechanism=external&auth_mechanism=PLAIN&cacertfile=/etc/ssl/ca.pem&certfile=/c%2B.pem&keyfile=k.pem\
            &password=p%26w&verify=verify_none&server_name_indication=rabbit.example
            """
        ).parameters
        #expect(parameters.heartbeat == .seconds(7))
        #expect(parameters.connectionTimeout == .milliseconds(2500))
        #expect(parameters.channelMax == 12)
        #expect(parameters.frameMax == 65_536)
        #expect(parameters.connectionName == "my app")
        #expect(parameters.authentication == [.external, .plain])
        #expect(parameters.certificateAuthorityFile == "/etc/ssl/ca.pem")
        #expect(parameters.clientCertificateFile == "/c+.pem")
        #expect(parameters.clientKeyFile == "k.pem")
        #expect(parameters.clientKeyPassword == "p&w")
        #expect(parameters.verifiesPeer == false)
        #expect(parameters.serverName == "rabbit.example")
        #expect(parameters.checksServerName == nil)
    }

    @Test(
        arguments: [
            ("amqp://h?", nil), ("amqp://h?&", nil), ("amqp://h?heartbeat=0", "heartbeat=0"),
            ("amqp://h?&heartbeat=65535&", "heartbeat=65535"), ("amqp://h?channel_max=0", "channel_max=0"),
            ("amqp://h?connection_timeout=1", "connection_timeout=1"), ("amqp://h?name=a%3Db", "name=a%3Db"),
            ("amqp://h?name=a=b", "name=a%3Db"), ("amqp://h?n%61me=x", "name=x"), ("amqp://h?name=a+b", "name=a%2Bb"),
            ("amqp://h?name=a/b:c", "name=a/b:c"), ("amqp://h?name=me@home", "name=me%40home"),
            ("amqp://h?auth_mechanism=plain&auth_mechanism=AmqPlain", "auth_mechanism=plain&auth_mechanism=amqplain"),
            ("amqps://h?verify=verify_peer", "verify=verify_peer"),
            ("amqps://h?server_name_indication=disable", "server_name_indication=disable"),
            ("amqps://h?fail_if_no_peer_cert=true", nil), ("amqps://h?fail_if_no_peer_cert=false", nil),
            ("amqps://h?customize_hostname_check=https", nil), ("amqps://h?certfile=c&password=s", "certfile=c"),
        ] as [(String, String?)])
    func writesThemAgain(text: String, query: String?) throws {
        let uri = try AMQPURI(text)
        let written = uri.description.split(separator: "?", maxSplits: 1).dropFirst().first.map(String.init)
        #expect(written == query)
        var expected = uri
        expected.parameters.clientKeyPassword = nil
        #expect(try AMQPURI(uri.description) == expected)
    }

    @Test(
        arguments: [
            ("amqp://h?heartbaet=5", "heartbaet", "heartbeat, connection_timeout"),
            ("amqp://h?depth=2", "depth", "heartbeat"), ("amqp://h?Heartbeat=5", "Heartbeat", "heartbeat"),
            ("amqp://h?=5", "parameter", "heartbeat"), ("amqp://h?heartbeat", "heartbeat", "heartbeat=VALUE"),
            ("amqp://h?heartbeat=", "heartbeat", "heartbeat=VALUE"), ("amqp://h?name=", "name", "name=VALUE"),
            ("amqp://h?heartbeat=-1", "heartbeat", "0 to 65535"), ("amqp://h?heartbeat=65536", "heartbeat", "seconds"),
            ("amqp://h?heartbeat=5.5", "heartbeat", "whole number"), ("amqp://h?heartbeat=5s", "heartbeat", "seconds"),
            ("amqp://h?heartbeat=5&heartbeat=5", "heartbeat", "once"), ("amqp://h?name=a&name=b", "name", "once"),
            ("amqp://h?connection_timeout=0", "connection_timeout", "milliseconds"),
            ("amqp://h?connection_timeout=infinity", "connection_timeout", "milliseconds"),
            ("amqp://h?channel_max=65536", "channel_max", "65535"),
            ("amqp://h?frame_max=4294967296", "frame_max", "bytes"),
            ("amqp://h?heartbeat=99999999999999999999", "heartbeat", "65535"),
            ("amqp://h?auth_mechanism=cram-md5", "auth_mechanism", "plain, amqplain, external"),
            ("amqps://h?verify=none", "verify", "verify_peer or verify_none"),
            ("amqps://h?verify=true", "verify", "verify_peer or verify_none"),
            ("amqps://h?fail_if_no_peer_cert=1", "fail_if_no_peer_cert", "true or false"),
            ("amqps://h?customize_hostname_check=none", "customize_hostname_check", "https"),
            ("amqp://h?verify=verify_peer", "verify", "amqps://"), ("amqp://h?cacertfile=/c", "cacertfile", "amqps://"),
            ("amqp://h?server_name_indication=x", "server_name_indication", "amqps://"),
            ("amqps://h?keyfile=/k", "client key", "certfile"), ("amqps://h?password=x", "client key", "certfile"),
            ("amqp://h?name=%zz", "name", "%25"), ("amqp://h?name=%FF", "name", "UTF-8"),
            ("amqp://h?heartbeat=5;channel_max=7", "heartbeat", "whole number"),
        ] as [(String, String, String)])
    func refusesWhatWillNotDo(uri: String, name: String, advice: String) throws {
        let error = #expect(throws: ClientError.self) { try AMQPURI(uri) }
        #expect(error?.code == .invalidArgument)
        #expect(error?.message.contains(name) == true)
        let told = "\(error?.message ?? "") \(error?.advice ?? "")"
        #expect(told.contains(advice))
    }
}

@Suite struct ConnectionConfigurationURITests {
    @Test func whatAURILeavesOutHasDefaults() throws {
        let plain = try ConnectionConfiguration(uri: "amqp://")
        #expect(plain.endpoints == [Endpoint(host: "localhost", port: 5672)])
        #expect(plain.username == "guest" && plain.password == "guest" && plain.virtualHost == "/")
        #expect(plain.tls == nil && plain.connectionName == nil && plain.authentication == .plain)
        let usual = ConnectionConfiguration()
        #expect(plain.heartbeat == usual.heartbeat && plain.connectTimeout == usual.connectTimeout)
        #expect(plain.channelMax == usual.channelMax && plain.frameMax == usual.frameMax)
        let secure = try ConnectionConfiguration(uri: "amqps://rabbit.example")
        #expect(secure.port == 5671)
        #expect(secure.tls == TLSSettings())
        #expect(secure.tls?.verifiesPeer == true && secure.tls?.checksServerName == true)
    }

    @Test func aUserWithoutPasswordIsNotGuest() throws {
        #expect(try ConnectionConfiguration(uri: "amqp://ops@h").password == "")
        #expect(try ConnectionConfiguration(uri: "amqp://guest@h").password == "guest")
        #expect(try ConnectionConfiguration(uri: "amqp://guest:@h").password == "")
    }

    @Test func theVirtualHostIsTheSpecifications() throws {
        #expect(try ConnectionConfiguration(uri: "amqp://h").virtualHost == "/")
        #expect(try ConnectionConfiguration(uri: "amqp://h/").virtualHost == "")
        #expect(try ConnectionConfiguration(uri: "amqp://h/%2F").virtualHost == "/")
        #expect(try ConnectionConfiguration(uri: "amqp://h/%2Fa").virtualHost == "/a")
    }

    @Test func parametersReachTheConfiguration() throws {
        let configuration = try ConnectionConfiguration(
            uri: """
                amqps://h?heartbeat=7&connection_timeout=2500&channel_max=12&frame_max=65536&name=app\
                &auth_mechanism=external&cacertfile=ca&certfile=cert&keyfile=key&verify=verify_none\
                &server_name_indication=disable
                """)
        #expect(configuration.heartbeat == .seconds(7))
        #expect(configuration.connectTimeout == .milliseconds(2500))
        #expect(configuration.channelMax == 12 && configuration.frameMax == 65_536)
        #expect(configuration.connectionName == "app")
        #expect(configuration.authentication == .external)
        #expect(
            configuration.tls
                == TLSSettings(
                    certificateAuthorityFile: "ca", clientCertificateFile: "cert", clientKeyFile: "key",
                    verifiesPeer: false, checksServerName: false))
    }

    @Test func severalURIsAreEndpointsOfOneConnection() throws {
        let configuration = try ConnectionConfiguration(uris: [
            "amqp://u:p@a:1/v?heartbeat=5", "amqp://u:p@b/v?heartbeat=5", "amqp://u:p@[::1]:3/%76?heartbeat=05",
        ])
        #expect(configuration.endpoints.map(\.description) == ["a:1", "b:5672", "[::1]:3"])
        #expect(configuration.username == "u" && configuration.password == "p" && configuration.virtualHost == "v")
        #expect(configuration.heartbeat == .seconds(5))
        #expect(configuration.host == "a" && configuration.port == 1)
    }

    @Test(
        arguments: [
            ("amqps://u:p@b/v?heartbeat=5", "the scheme"), ("amqp://x:p@b/v?heartbeat=5", "the user"),
            ("amqp://b/v?heartbeat=5", "the user"), ("amqp://u:x@b/v?heartbeat=5", "the password"),
            ("amqp://u@b/v?heartbeat=5", "the password"), ("amqp://u:p@b/w?heartbeat=5", "the virtual host"),
            ("amqp://u:p@b?heartbeat=5", "the virtual host"), ("amqp://u:p@b/v", "the query parameters"),
            ("amqp://u:p@b/v?heartbeat=6", "the query parameters"),
        ])
    func severalURIsAgree(second: String, differs: String) throws {
        let error = #expect(throws: ClientError.self) {
            try ConnectionConfiguration(uris: ["amqp://u:p@a/v?heartbeat=5", second])
        }
        #expect(error?.code == .invalidArgument)
        #expect(error?.message.hasSuffix("disagree on \(differs).") == true)
    }

    @Test func noURIAtAllIsAnError() {
        #expect(throws: ClientError.self) { try ConnectionConfiguration(uris: []) }
    }

    @Test func aConfigurationIsWrittenAsAURI() throws {
        var configuration = ConnectionConfiguration(
            host: "::1", username: "me & you", password: "geheim", virtualHost: "/", connectionName: "my app",
            heartbeat: .milliseconds(2500), connectTimeout: .milliseconds(1500),
            authentication: [.amqplain, .plain])
        #expect(
            configuration.uri == """
                amqp://me%20%26%20you@[::1]:5672/%2F?heartbeat=2&connection_timeout=1500&auth_mechanism=amqplain\
                &auth_mechanism=plain&name=my%20app
                """)
        configuration.endpoints.append(Endpoint(host: "b.example", port: 5673))
        #expect(configuration.uris.count == 2)
        let again = try ConnectionConfiguration(uris: configuration.uris)
        #expect(again.uris == configuration.uris)
        #expect(again.endpoints == configuration.endpoints && again.authentication == configuration.authentication)
        #expect(ConnectionConfiguration().uri == "amqp://guest@127.0.0.1:5672/%2F")
    }

    @Test func tlsIsWrittenToo() throws {
        let uri =
            "amqps://guest@h:5671/%2F?cacertfile=/ca&certfile=/c&keyfile=/k&verify=verify_none&server_name_indication=disable"
        #expect(try ConnectionConfiguration(uri: uri).uri == uri)
    }

    @Test func lengthsBeyondAQueryAreCutToWhatItTakes() throws {
        let configuration = ConnectionConfiguration(
            heartbeat: .seconds(Int64.max), connectTimeout: .seconds(Int64.max))
        #expect(configuration.uri.hasSuffix("?heartbeat=65535&connection_timeout=86400000"))
        #expect(ConnectionConfiguration(connectTimeout: .seconds(-1)).uri.hasSuffix("connection_timeout=1"))
    }

    @Test func hostAndPortAreTheFirstEndpoints() {
        var configuration = ConnectionConfiguration(host: "a", port: 1)
        configuration.endpoints.append(Endpoint(host: "b", port: 2))
        configuration.host = "c"
        configuration.port = 3
        #expect(configuration.endpoints == [Endpoint(host: "c", port: 3), Endpoint(host: "b", port: 2)])
        configuration.endpoints = []
        #expect(configuration.host == "" && configuration.port == 0)
        configuration.host = "d"
        configuration.port = 4
        #expect(configuration.endpoints == [Endpoint(host: "d", port: 4)])
    }
}
