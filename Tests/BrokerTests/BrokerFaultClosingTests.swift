import BrokerSupport
import Faults
import Names
import RabbitMQClient
import RabbitMQManagement
import Synchronization
import Testing

@testable import BrokerMonitor
@testable import BrokerOperations

/// Faults on a broker that happen once.
@Suite(.timeLimit(.minutes(10))) struct BrokerFaultClosingTests {
    @Test func closesAConnectionByItsWholeName() async throws {
        try await BrokerFaultFixture.run { test in
            try await test.withUser { user, vhost in
                let connection = try await test.connect(user, vhost)
                let name = try #require(try await test.tracked(user, count: 1).first)
                #expect(await eventually { (try? await test.management.connection(name)) != nil })
                let record = try await test.registry.inject(
                    Fault(
                        "force-close-connection", ["reason": "the lab is open"], on: FaultSelector(connection: name)))
                #expect(record.state == .done)
                let reason = await connection.closed()
                #expect(reason.code == 320 && reason.text.contains("the lab is open"))
                // A busy broker knows a connection for a moment after it has closed it.
                #expect(
                    await eventually {
                        await faultError {
                            _ = try await test.registry.inject(
                                Fault("force-close-connection", on: FaultSelector(connection: name)))
                        }?.problem.contains("No connection was closed") == true
                    })
            }
        }
    }

    @Test func closesAllConnectionsOfAnApplication() async throws {
        try await BrokerFaultFixture.run { test in
            let stem = uniqueName("orders")
            func connect(_ name: String) async throws -> Connection {
                try await Connection.connect(test.broker.configuration { $0.connectionName = name })
            }
            let (one, two, other) = (
                try await connect(stem + "-1"), try await connect(stem + "-2"), try await connect(uniqueName("other"))
            )
            let fault = Fault("force-close-connection", on: FaultSelector(connection: stem + "-*"))
            // The broker lists new connections some seconds late, and many more where it is busy.
            for _ in 0..<2 {
                _ = await eventually {
                    let names = try? await test.management.connections().items.compactMap(\.clientName)
                    return names?.count { $0.hasPrefix(Name(stem)) } == 2
                }
            }
            var closed = 0
            #expect(
                await eventually {
                    if (try? await test.registry.inject(fault)) != nil { closed += 1 }
                    return !one.isOpen && !two.isOpen
                })
            #expect(closed > 0)
            #expect(one.closeReason?.code == 320 && two.closeReason?.code == 320)
            #expect(other.isOpen)
            await other.close()
            #expect(
                await faultError {
                    _ = try await test.registry.inject(Fault("force-close-connection"))
                }?.problem.contains("every connection") == true)
        }
    }

    @Test func closesAllOfAUserAndSparesItsOwn() async throws {
        let own = Mutex<Set<String>>([])
        try await BrokerFaultFixture.run(ownConnections: { own.withLock { $0 } }) { test in
            try await test.withUser { user, vhost in
                let ours = try await test.connect(user, vhost)
                let names = try await test.tracked(user, count: 1)
                own.withLock { $0 = Set(names) }
                let (one, two) = (try await test.connect(user, vhost), try await test.connect(user, vhost))
                _ = try await test.tracked(user, count: 3)
                let record = try await test.registry.inject(Fault("close-user", on: FaultSelector(user: user)))
                #expect(record.note?.contains("2 connections") == true)
                #expect(record.note?.contains("spared 1") == true)
                #expect(await one.closed().code == 320)
                #expect(await two.closed().code == 320)
                #expect(ours.isOpen)
                await ours.close()
            }
        }
    }

    @Test(arguments: [("406", UInt16(406), "PRECONDITION_FAILED"), ("404", 404, "NOT_FOUND")])
    func raisesAnErrorOnOneChannel(_ code: String, _ number: UInt16, _ name: String) async throws {
        try await BrokerFaultFixture.run { test in
            try await test.withUser { user, vhost in
                let connection = try await test.connect(user, vhost)
                let sibling = try await connection.openChannel()
                let victim = try await connection.openChannel()
                let connectionName = try #require(try await test.tracked(user, count: 1).first)
                let record = try await test.registry.inject(
                    Fault(
                        "raise-channel-error", ["code": .text(code)],
                        on: FaultSelector(connection: connectionName, channel: Int(victim.number))))
                #expect(record.note?.contains("\(code) \(name)") == true)
                let reason = await victim.closed()
                #expect(reason.code == number && reason.scope == .channel)
                #expect(sibling.isOpen && connection.isOpen)
                let error = await faultError {
                    _ = try await test.registry.inject(
                        Fault(
                            "raise-channel-error",
                            on: FaultSelector(connection: connectionName, channel: 999)))
                }
                #expect(error?.problem.contains("no such channel") == true)
                await connection.close()
            }
        }
    }

    @Test func purgesAndDeletes() async throws {
        try await BrokerFaultFixture.run { test in
            try await test.withQueue("doomed") { channel, queue in
                try await channel.publish([1], routingKey: queue)
                #expect(
                    try await test.registry.inject(Fault("purge", on: FaultSelector(queue: queue))).state == .done)
                #expect(try await channel.declareQueuePassive(queue).messageCount == 0)
                let consumer = try await channel.consume(queue)
                _ = try await test.registry.inject(Fault("delete-queue", on: FaultSelector(queue: queue)))
                let error = await clientError { for try await _ in consumer {} }
                #expect(error?.code == .consumerCancelled)
                #expect(
                    await clientError { _ = try await channel.declareQueuePassive(queue) }?.closeReason?.code == 404)
            }
        }
    }

    @Test func deletesAnExchangeInUse() async throws {
        try await BrokerFaultFixture.run { test in
            try await test.withQueue("bound") { channel, queue in
                let exchange = uniqueName("doomed")
                try await channel.declareExchange(exchange, type: "fanout")
                try await channel.bindQueue(queue, exchange: exchange, routingKey: "")
                try await channel.publish([1], exchange: exchange, routingKey: "")
                _ = try await test.registry.inject(Fault("delete-exchange", on: FaultSelector(exchange: exchange)))
                let error = await clientError {
                    try await channel.publish([1], exchange: exchange, routingKey: "")
                }
                #expect(error?.closeReason?.code == 404)
                for refused in ["amq.direct", ""] {
                    #expect(
                        await faultError {
                            _ = try await test.registry.inject(
                                Fault("delete-exchange", on: FaultSelector(exchange: refused)))
                        } != nil)
                }
            }
        }
    }
}
