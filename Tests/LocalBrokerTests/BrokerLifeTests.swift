import BrokerSupport
import Foundation
import Glibc
import LocalBroker
import Testing

/// One node's life, in the order of a life: a start takes seconds, so the tests share what they can.
@Suite struct BrokerLifeTests {
    @Test func aNodeIsReadyWhenItsStartReturnsAndGoneAfterItsRemoval() async throws {
        let broker = try await TestBroker.fresh()
        let node = broker.node
        #expect(await node.status == .running)
        #expect(try await broker.management("GET", "overview").status == 200)
        #expect(FileManager.default.fileExists(atPath: node.directory.path))

        let own = Traces(of: node).processes()
        #expect(own.contains { $0.name == "beam.smp" })
        #expect(own.contains { $0.name == "epmd" })
        #expect(!own.contains { $0.id == getpid() })

        await node.remove()
        #expect(await node.status == .stopped)
        #expect(Traces(of: node).all() == [])
    }

    @Test func aNodeListensOnTheLoopbackInterfaceOnly() async throws {
        let node = try await TestBroker.shared().node
        let own = Set(Traces(of: node).processes().map(\.id))
        let listening = ListeningSocket.all(of: own)
        let ports = Set(listening.map(\.port))
        #expect(
            ports.isSuperset(of: [
                node.ports.amqp, node.ports.management, node.ports.prometheus, node.ports.distribution,
                node.ports.epmd,
            ]))
        #expect(listening.filter { !$0.isLoopback } == [])
    }

    @Test func theLogExchangeAndTheEventExchangeAreThere() async throws {
        let broker = try await TestBroker.shared()
        try await broker.ensureLogExchange()
        #expect(try await broker.management("GET", "exchanges/%2F/amq.rabbitmq.log").status == 200)
        #expect(try await broker.management("GET", "exchanges/%2F/amq.rabbitmq.event").status == 200)
    }

    @Test func aKilledNodeStartsAgainOnTheSameDataAndPorts() async throws {
        try await TestBroker.withRestartable(.init()) { broker in
            let node = broker.node
            let vhost = try await broker.makeVhost()
            try await broker.syncDeclarations()
            let before = await node.processIdentifier
            try await node.kill()
            #expect(await node.status == .stopped)
            #expect(await node.processIdentifier == nil)
            await #expect(throws: BrokerNodeError.self) { try await node.kill() }

            try await node.start()
            #expect(await node.status == .running)
            #expect(await node.processIdentifier != before)
            #expect(try await broker.management("GET", "vhosts/\(vhost)").status == 200)
            await #expect(throws: BrokerNodeError.self) { try await node.start() }
        }
    }

    @Test func aFrozenNodeAnswersNothingUntilItIsThawed() async throws {
        try await TestBroker.withRestartable { broker in
            let node = broker.node
            #expect(node.managementURL == nil)
            try await node.freeze()
            #expect(await node.status == .frozen)
            let error = await #expect(throws: BrokerNodeError.self) {
                try await node.rabbitmqctl(["list_vhosts"], deadline: .seconds(2))
            }
            #expect(error?.code == .deadline)
            try await node.thaw()
            #expect(await node.status == .running)
            // Its listener is there a moment before the application counts as running: it may have been frozen in between.
            let limit = ContinuousClock.now + .seconds(60)
            var answer: String?
            while answer == nil, ContinuousClock.now < limit {
                answer = try? await node.rabbitmqctl(["list_vhosts", "--silent"]).standardOutput
            }
            #expect(answer?.contains("/") == true)
            // An orderly end works for a frozen node, too, and so does its removal.
            try await node.freeze()
            try await node.stop()
            #expect(await node.status == .stopped)
        }
    }

    @Test func aTLSListenerHasACertificateThatItsAuthorityVouchesFor() async throws {
        try await TestBroker.withBroker(
            .init {
                $0.tls = true
                $0.plugins = []
                $0.configuration = ["heartbeat = 7"]
                $0.advancedTerms = ["{rabbit, [{channel_max, 123}]}"]
            }
        ) { broker in
            let files = try #require(broker.node.tlsFiles)
            let script = """
                import ssl, socket, sys
                port, ca, cert, key = int(sys.argv[1]), *sys.argv[2:5]
                context = ssl.create_default_context(cafile=ca)
                context.load_cert_chain(cert, key)
                import pika
                options = pika.SSLOptions(context, "localhost")
                connection = pika.BlockingConnection(pika.ConnectionParameters("localhost", port, ssl_options=options))
                print("connected")
                connection.close()
                """
            let output = try await Python.run(
                script,
                arguments: [
                    String(broker.node.ports.amqps), files.authority.path, files.clientCertificate.path,
                    files.clientKey.path,
                ])
            #expect(output.standardOutput.contains("connected"))
            #expect(try await broker.node.eval("application:get_env(rabbit, heartbeat).") == "{ok,7}")
            #expect(try await broker.node.eval("application:get_env(rabbit, channel_max).") == "{ok,123}")
        }
    }
}
