import AMQPWire
import NIOCore
import Testing

@testable import RabbitMQClient

@Suite struct AuthenticationTests {
    @Test(
        arguments: [
            (Authentication.plain, "AMQPLAIN PLAIN", Authentication.Mechanism.plain),
            (.amqplain, "PLAIN AMQPLAIN", .amqplain), (.external, "EXTERNAL", .external),
            ([.external, .plain], "PLAIN EXTERNAL", .external), ([.external, .plain], "PLAIN", .plain),
            ([.amqplain, .plain], "PLAIN AMQPLAIN RABBIT-CR-DEMO", .amqplain),
        ] as [(Authentication, String, Authentication.Mechanism)])
    func theMostWantedThatIsOfferedIsTaken(
        authentication: Authentication, offer: String, expected: Authentication.Mechanism
    ) throws {
        #expect(try authentication.chosen(from: offer) == expected)
    }

    @Test func whatIsNotOfferedIsToldWithWhatIs() throws {
        let error = #expect(throws: ClientError.self) {
            try Authentication.plain.chosen(from: "AMQPLAIN RABBIT-CR-DEMO")
        }
        #expect(error?.code == .mechanismNotOffered && error?.isPermanent == true)
        #expect(error?.message == "The broker offers 'AMQPLAIN RABBIT-CR-DEMO', and not PLAIN.")
        #expect(error?.advice.contains("PLAIN in the broker's auth_mechanisms") == true)
        #expect(error?.advice.hasSuffix("what is offered: AMQPLAIN.") == true)
        let external = #expect(throws: ClientError.self) { try Authentication.external.chosen(from: "PLAIN AMQPLAIN") }
        #expect(external?.advice.contains("rabbitmq_auth_mechanism_ssl") == true)
        #expect(external?.advice.contains("PLAIN, AMQPLAIN") == true)
        // Part of a name is not the name.
        #expect(throws: ClientError.self) { try Authentication.plain.chosen(from: "AMQPLAIN") }
        #expect(throws: ClientError.self) { try Authentication.plain.chosen(from: "") }
    }

    @Test func theResponsesAreTheMechanismsOwn() {
        func response(_ mechanism: Authentication.Mechanism) -> [UInt8] {
            mechanism.response(username: "üser", password: "pass")
        }
        #expect(response(.plain) == Array("\0üser\0pass".utf8))
        #expect(response(.external) == [])
        #expect(
            response(.amqplain) == [5] + Array("LOGINS\0\0\0\u{5}üser".utf8) + [8]
                + Array("PASSWORDS\0\0\0\u{4}pass".utf8)
        )
    }

    /// Any reader of field tables reads AMQPLAIN's response, once its length is put before it.
    @Test func amqplainIsAFieldTable() throws {
        let password = String(repeating: "x", count: 70_000)
        let response = Authentication.Mechanism.amqplain.response(username: "me", password: password)
        var payload = ByteBuffer(integer: UInt16(10))
        payload.writeInteger(UInt16(11))
        payload.writeInteger(UInt32(response.count))
        payload.writeBytes(response)
        payload.writeBytes([0, 0, 0, 0, 0, 0])
        guard case .connectionStartOk(let startOk) = try Method(payload: payload) else {
            Issue.record("not start-ok")
            return
        }
        #expect(startOk.clientProperties["LOGIN"] == "me")
        #expect(startOk.clientProperties["PASSWORD"]?.stringValue == password)
        #expect(startOk.clientProperties.count == 2)
    }

    @Test func externalNeedsACertificate() throws {
        var configuration = ConnectionConfiguration(authentication: .external)
        #expect(throws: ClientError.self) { try configuration.validate() }
        configuration.tls = TLSSettings()
        #expect(throws: ClientError.self) { try configuration.validate() }
        configuration.authentication = [.external, .plain]
        #expect(configuration.usableAuthentication == .plain)
        configuration.tls?.clientCertificateFile = "client.pem"
        #expect(configuration.usableAuthentication == [.external, .plain])
        try configuration.validate()
        configuration.authentication = []
        #expect(throws: ClientError.self) { try configuration.validate() }
    }

    @Test func plainCarriesNoNUL() throws {
        var configuration = ConnectionConfiguration(password: "a\0b")
        let error = #expect(throws: ClientError.self) { try configuration.validate() }
        #expect(error?.message.contains("a\0b") == false)
        configuration.authentication = .amqplain
        try configuration.validate()
    }

    @Test(
        arguments: [
            [], [Endpoint(host: "", port: 5672)], [Endpoint(host: "a", port: 1), Endpoint(host: "b", port: 0)],
            [Endpoint(host: "a", port: 65_536)],
        ])
    func everyEndpointIsChecked(endpoints: [Endpoint]) {
        var configuration = ConnectionConfiguration()
        configuration.endpoints = endpoints
        let error = #expect(throws: ClientError.self) { try configuration.validate() }
        #expect(error?.code == .invalidArgument)
    }

    /// What goes over the wire is what was chosen.
    @Test(arguments: [Authentication.plain, .amqplain, [.external, .amqplain, .plain]])
    func thePeerGetsTheMechanism(authentication: Authentication) async throws {
        let start = ConnectionStart(serverProperties: [:], mechanisms: "PLAIN AMQPLAIN EXTERNAL")
        try await ScriptedPeer.with(greeting: .bytes(.frame(0, .connectionStart(start)))) { peer in
            let connection = try await peer.connect { $0.authentication = authentication }
            await connection.close()
            let startOk = peer.methods.lazy.compactMap { method in
                if case .connectionStartOk(let startOk) = method { startOk } else { nil }
            }.first
            let expected: Authentication.Mechanism = authentication == .plain ? .plain : .amqplain
            #expect(startOk?.mechanism == expected.rawValue)
            #expect(startOk?.response == expected.response(username: "guest", password: "guest"))
        }
    }
}
