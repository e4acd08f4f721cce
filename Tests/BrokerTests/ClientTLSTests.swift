import BrokerSupport
import Foundation
import RabbitMQClient
import Testing

@Suite struct ClientTLSTests {
    @Test func aTrustedAuthorityAndTheRightNameConnect() async throws {
        let broker = try await TLSBroker.open()
        try await roundTrip(broker.configuration())
    }

    @Test(arguments: [nil, "other.test", "rabbit.test.evil.example", "test"])
    func aCertificateForAnotherNameIsRefused(name: String?) async throws {
        let broker = try await TLSBroker.open()
        let error = await refusal(broker.configuration { $0.tls?.serverName = name })
        #expect(error?.code == .tlsFailed && error?.isPermanent == true)
        #expect(error?.message.contains("certificate is not for \(name ?? "the address")") == true)
        #expect(error?.message.hasSuffix("but for rabbit.test.") == true)
    }

    @Test func anAuthorityThatIsNotTrustedIsRefused() async throws {
        let broker = try await TLSBroker.open()
        for authority in [nil, broker.certificates.stranger.certificate] {
            for checksServerName in [true, false] {
                let error = await refusal(
                    broker.configuration {
                        $0.tls?.certificateAuthorityFile = authority
                        $0.tls?.checksServerName = checksServerName
                    })
                #expect(error?.code == .tlsFailed && error?.isPermanent == true)
                #expect(error?.message.contains("certificate verify failed") == true)
            }
        }
    }

    @Test func theNameIsNotCheckedWhereThatIsAskedFor() async throws {
        let broker = try await TLSBroker.open()
        try await roundTrip(
            broker.configuration {
                $0.tls?.serverName = nil
                $0.tls?.checksServerName = false
            })
    }

    @Test func withoutVerificationAnybodyIsTheBroker() async throws {
        let broker = try await TLSBroker.open()
        try await roundTrip(broker.configuration { $0.tls = TLSSettings(verifiesPeer: false) })
    }

    @Test func aURISaysAllOfIt() async throws {
        let broker = try await TLSBroker.open()
        let authority = broker.certificates.authority.certificate
        let name = uniqueName("from a uri")
        let uri = """
            amqps://guest:guest@127.0.0.1:\(broker.port)/%2F?cacertfile=\(authority)&verify=verify_peer\
            &server_name_indication=rabbit.test&heartbeat=9&channel_max=7&frame_max=16384&connection_timeout=20000\
            &auth_mechanism=external&auth_mechanism=amqplain&name=\(name.replacing(" ", with: "%20"))
            """
        let connection = try await Connection.connect(ConnectionConfiguration(uri: uri))
        #expect(connection.heartbeat == 9 && connection.channelMax == 7 && connection.frameMax == 16_384)
        #expect(connection.report.clientName == name)
        let listed = try await broker.listed("auth_mechanism", "ssl", "client_properties")
        let row = listed.first { $0.last?.contains(name) == true }
        #expect(row?.prefix(2) == ["AMQPLAIN", "true"])
        await connection.close()

        for wrong in ["server_name_indication=other.test", "cacertfile=\(broker.certificates.stranger.certificate)"] {
            let known = wrong.hasPrefix("cacertfile") ? "server_name_indication=rabbit.test" : "cacertfile=\(authority)"
            let uri = "amqps://127.0.0.1:\(broker.port)?\(known)&\(wrong)"
            #expect(await refusal(try ConnectionConfiguration(uri: uri))?.code == .tlsFailed)
        }
        let open = "amqps://127.0.0.1:\(broker.port)?verify=verify_none"
        try await roundTrip(try ConnectionConfiguration(uri: open))
        let unnamed = "amqps://127.0.0.1:\(broker.port)?cacertfile=\(authority)&server_name_indication=disable"
        try await roundTrip(try ConnectionConfiguration(uri: unnamed))
    }
}

@Suite struct ClientCertificateTests {
    @Test func aBrokerThatAsksForACertificateRefusesWhoHasNone() async throws {
        let strict = try await TLSBroker.strict()
        let error = await refusal(strict.configuration { $0.authentication = .amqplain })
        #expect(error?.code == .tlsFailed && error?.isPermanent == true)
        #expect(error?.message.contains("asks for a client certificate") == true)
    }

    @Test func aCertificateOfAnotherAuthorityIsRefused() async throws {
        let strict = try await TLSBroker.strict()
        let pair = try await strict.certificates.client("guest", signedBy: strict.certificates.stranger)
        let error = await refusal(
            strict.configuration {
                $0.authentication = .amqplain
                $0.tls = $0.tls?.presenting(pair)
            })
        #expect(error?.code == .tlsFailed && error?.isPermanent == true)
    }

    @Test func aCertificateOfTheAuthorityConnects() async throws {
        let strict = try await TLSBroker.strict()
        var pair = try await strict.certificates.client("guest")
        var configuration = strict.configuration {
            $0.authentication = .amqplain
            $0.tls = $0.tls?.presenting(pair)
        }
        try await roundTrip(configuration)

        // The same with an encrypted key, and with certificate and key in one file.
        pair.key = try await strict.certificates.encrypted(pair.key, password: "geheim")
        configuration.tls?.clientKeyFile = pair.key
        let error = await refusal(configuration)
        #expect(error?.code == .tlsFailed && error?.message.contains(pair.key) == true)
        configuration.tls?.clientKeyPassword = "falsch"
        #expect(await refusal(configuration)?.code == .tlsFailed)
        configuration.tls?.clientKeyPassword = "geheim"
        try await roundTrip(configuration)
        let both = pair.certificate + ".both"
        try Data(
            (String(contentsOfFile: pair.certificate, encoding: .utf8)
                + String(contentsOfFile: pair.key, encoding: .utf8)).utf8
        ).write(to: URL(filePath: both))
        configuration.tls?.clientCertificateFile = both
        configuration.tls?.clientKeyFile = nil
        try await roundTrip(configuration)
    }

    @Test func aKeyOfAnotherCertificateIsToldBeforeAnythingIsSent() async throws {
        let strict = try await TLSBroker.strict()
        var pair = try await strict.certificates.client("guest")
        pair.key = try await strict.certificates.client("guest").key
        let error = await refusal(
            strict.configuration {
                $0.authentication = .amqplain
                $0.tls = $0.tls?.presenting(pair)
            })
        #expect(error?.code == .tlsFailed)
        #expect(error?.advice.contains("key belongs to its certificate") == true)
    }

    @Test func theCertificateIsTheUser() async throws {
        let strict = try await TLSBroker.strict()
        let user = uniqueName("station")
        let node = strict.broker.node
        try await node.rabbitmqctl(["add_user", user, "not asked for"])
        try await node.rabbitmqctl(["set_permissions", user, ".*", ".*", ".*"])
        let pair = try await strict.certificates.client(user)
        let uri = """
            amqps://127.0.0.1:\(strict.port)/%2F?auth_mechanism=external&server_name_indication=rabbit.test\
            &cacertfile=\(strict.certificates.authority.certificate)&certfile=\(pair.certificate)&keyfile=\(pair.key)
            """
        let connection = try await Connection.connect(ConnectionConfiguration(uri: uri))
        #expect(try await strict.listed("user", "auth_mechanism").contains([user, "EXTERNAL"]))
        await connection.close()

        // A certificate that is nobody's.
        let nobody = try await strict.certificates.client("nobody")
        let error = await refusal(
            strict.configuration {
                $0.authentication = .external
                $0.tls = $0.tls?.presenting(nobody)
            })
        #expect(error?.code == .accessRefused && error?.closeReason?.code == 403)
        #expect(error?.isPermanent == true)
    }
}

@Suite struct ClientAuthenticationTests {
    @Test func whatIsNotOfferedIsNotUsed() async throws {
        let strict = try await TLSBroker.strict()
        let error = await refusal(strict.broker.configuration())
        #expect(error?.code == .mechanismNotOffered && error?.isPermanent == true)
        #expect(error?.message.contains("AMQPLAIN") == true && error?.message.contains("not PLAIN") == true)
        #expect(error?.advice.contains("AMQPLAIN") == true)
    }

    @Test func amqplainLogsIn() async throws {
        for broker in [try await TLSBroker.strict().broker, try await TestBroker.shared()] {
            try await roundTrip(broker.configuration { $0.authentication = .amqplain })
            try await roundTrip(broker.configuration { $0.authentication = [.external, .amqplain, .plain] })
            let error = await refusal(
                broker.configuration {
                    $0.authentication = .amqplain
                    $0.password = "wrong"
                })
            #expect(error?.code == .accessRefused && error?.closeReason?.code == 403)
        }
    }

    /// The broker that offers no PLAIN without TLS, or EXTERNAL, says what it offers.
    @Test func externalIsNotOfferedWithoutThePlugin() async throws {
        let broker = try await TLSBroker.open()
        let pair = try await broker.certificates.client("guest")
        let error = await refusal(
            broker.configuration {
                $0.authentication = .external
                $0.tls = $0.tls?.presenting(pair)
            })
        #expect(error?.code == .mechanismNotOffered)
        #expect(error?.advice.contains("rabbitmq_auth_mechanism_ssl") == true)
    }

    /// The internal database of users has secrets that never expire: the broker takes the new one and goes on with what it
    /// knows. (Backends such as OAuth 2 check the new token.)
    @Test func aSecretIsRenewed() async throws {
        let broker = try await TestBroker.shared()
        for authentication in [Authentication.plain, .amqplain] {
            try await broker.withConnection({ $0.authentication = authentication }) { connection in
                let channel = try await connection.openChannel()
                try await connection.updateSecret("another", reason: "renewed")
                try await connection.updateSecret("a third", reason: "renewed again")
                let queue = try await channel.declareQueue(exclusive: true).name
                try await channel.publish("x".utf8, routingKey: queue)
                #expect(connection.isOpen)
            }
        }
    }

    /// The secret that was renewed is the one that a lost connection comes back with.
    @Test func recoveryUsesTheRenewedSecret() async throws {
        let broker = try await TestBroker.shared()
        let user = try await broker.makeUser("renewed", password: "first")
        try await broker.grant(user, vhost: "/")
        let configuration = broker.configuration {
            $0.username = user
            $0.password = "first"
            $0.recovery = RecoveryPolicy(base: .milliseconds(100))
        }
        let renewed = try await Connection.connect(configuration)
        let stale = try await Connection.connect(configuration)
        let channel = try await renewed.openChannel()
        try await broker.changePassword(of: user, to: "second")
        try await renewed.updateSecret("second", reason: "renewed")
        try await broker.node.evaluate(
            """
            [rabbit_networking:close_connection(P, "have another look at them") || \
            P <- rabbit_networking:connections(), \
            [{user, <<"\(user)">>}] =:= rabbit_networking:connection_info(P, [user])].
            """)
        #expect(await eventually { renewed.recoveries > 0 && renewed.isOpen })
        _ = try await channel.declareQueue(exclusive: true)
        await renewed.close()
        // Who did not renew it is refused, and does not hammer the broker with a password that is over.
        let reason = await stale.closed()
        #expect(reason.code == 403 && stale.recoveries == 0)
        _ = try await broker.management("DELETE", "users/\(user)")
    }
}

/// Connects, moves a message, closes.
private func roundTrip(_ configuration: ConnectionConfiguration) async throws {
    let connection = try await Connection.connect(configuration)
    let channel = try await connection.openChannel()
    let queue = try await channel.declareQueue(exclusive: true).name
    try await channel.publish("over there".utf8, routingKey: queue)
    #expect(try await channel.get(queue)?.delivery.body.readableBytes == 10)
    await connection.close()
}

/// Why there is no connection; nil, and a failure of the test, when there is one.
private func refusal(_ configuration: ConnectionConfiguration) async -> ClientError? {
    let error = await clientError { await (try Connection.connect(configuration)).close() }
    #expect(error != nil, "connected")
    return error
}
