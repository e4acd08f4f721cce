import AMQPWire
import BrokerSupport
import Faults
import Names
import RabbitMQClient
import RabbitMQManagement
import Testing

@testable import BrokerMonitor
@testable import BrokerOperations

/// Each fault on a broker bites as the catalogue says, and is put back.
@Suite(.timeLimit(.minutes(10))) struct BrokerFaultTests {
    // MARK: Policies

    @Test func aFullQueueRejectsPublishesUntilItIsUndone() async throws {
        try await BrokerFaultFixture.run { test in
            // Names that as an expression would match the other.
            try await test.withQueue("rejects.a+b") { channel, queue in
                let twin = queue.replacing(".a+b", with: "Xaab")
                _ = try await channel.declareQueue(twin, exclusive: true)
                try await channel.publish(Array("before".utf8), routingKey: queue)
                let record = try await test.registry.inject(
                    Fault("policy-reject-publish", on: FaultSelector(virtualHost: "/", queue: queue)))
                #expect(record.state == .inForce && record.until != nil)
                #expect(
                    await eventually {
                        await clientError { try await channel.publish([1], routingKey: queue) }?.code == .nacked
                    })
                try await channel.publish([1], routingKey: twin)
                #expect(try await test.policy(of: twin) == "")
                _ = try await test.registry.undo(record.id)
                #expect(
                    await eventually {
                        await clientError { try await channel.publish([1], routingKey: queue) } == nil
                    })
                #expect(try await test.management.policies(vhost: "/").items.allSatisfy { !$0.pattern.contains(queue) })
            }
        }
    }

    @Test(arguments: ["classic", "quorum"])
    func aFullQueueKeepsItsMessagesWhileItRejectsAndTakesNewOnesAfterwards(_ type: String) async throws {
        try await BrokerFaultFixture.run { test in
            let queue = uniqueName("keeps-\(type)")
            try await test.broker.withConnection { connection in
                let channel = try await connection.openChannel()
                _ = try await channel.declareQueue(queue, durable: true, arguments: ["x-queue-type": .string(type)])
                for number in 0..<20 { try await channel.publish([UInt8(number)], routingKey: queue) }
                let record = try await test.registry.inject(
                    Fault("policy-reject-publish", on: FaultSelector(queue: queue)))
                #expect(
                    await eventually {
                        await clientError { try await channel.publish([1], routingKey: queue) }?.code == .nacked
                    })
                let during = try await channel.declareQueuePassive(queue).messageCount
                #expect(during >= 20)
                _ = try await test.registry.undo(record.id)
                // The same channel is served again: a quorum queue tells it so only when the limit is lifted.
                #expect(
                    await eventually {
                        await clientError { try await channel.publish([1], routingKey: queue) } == nil
                    })
                #expect(try await channel.declareQueuePassive(queue).messageCount > during)
                _ = try await connection.openChannel().deleteQueue(queue)
            }
        }
    }

    /// The broker's clear refusal of the second step says nothing of the first.
    @Test func aFirstStepIsUndoneWhenTheSecondIsRefused() async throws {
        try await BrokerFaultFixture.run { test in
            let queue = Name(uniqueName("half-done"))
            let policy = PolicyInfo(
                vhost: "/", name: "\(BrokerRepair.policyPrefix)half-\(queue)", pattern: "^\(queue)$",
                appliesTo: "queues", priority: 1, definition: ["max-length": .integer(BrokerRepair.unreachedLength)])
            let faults = BrokerFaults(management: test.management, journal: test.journal)
            let order = try FaultCatalogue.order(
                Fault("policy-reject-publish", on: FaultSelector(queue: queue.text)))
            await #expect(throws: FaultError.self) {
                _ = try await faults.reversible(
                    order, .policy(vhost: "/", queue: queue, name: policy.name), note: "",
                    before: { () async throws(ManagementError) -> Bool in
                        try await test.management.setPolicy(policy)
                        return true
                    }
                ) { () throws(ManagementError) in
                    throw ManagementError(.notPermitted, request: "PUT", address: "here")
                }
            }
            #expect(try await test.management.policies(vhost: "/").items.allSatisfy { $0.name != policy.name })
        }
    }

    @Test func aQueueWhoseArgumentsSayThatItDropsItsHeadIsNotMadeToReject() async throws {
        try await BrokerFaultFixture.run { test in
            let queue = uniqueName("drops")
            try await test.broker.withConnection { connection in
                let channel = try await connection.openChannel()
                _ = try await channel.declareQueue(queue, exclusive: true, arguments: ["x-overflow": "drop-head"])
                for number in 0..<5 { try await channel.publish([UInt8(number)], routingKey: queue) }
                let error = await faultError {
                    _ = try await test.registry.inject(Fault("policy-reject-publish", on: FaultSelector(queue: queue)))
                }
                #expect(error?.problem.contains("x-overflow is drop-head") == true)
                #expect(try await channel.declareQueuePassive(queue).messageCount == 5)
                #expect(test.journalText.isEmpty)
            }
        }
    }

    @Test func messagesExpire() async throws {
        try await BrokerFaultFixture.run { test in
            try await test.withQueue("expires") { channel, queue in
                let record = try await test.registry.inject(
                    Fault("policy-ttl", ["ttl_ms": 300], on: FaultSelector(queue: queue)))
                #expect(
                    await eventually {
                        // What came before the queue goes by its policy stays, and holds up what comes behind it.
                        _ = try? await channel.purgeQueue(queue)
                        try? await channel.publish([1], routingKey: queue)
                        try? await Task.sleep(for: .milliseconds(600))
                        return (try? await channel.declareQueuePassive(queue).messageCount) == 0
                    })
                _ = try await test.registry.undo(record.id)
                #expect(
                    await eventually { (try? await test.policy(of: queue)) == "" }
                )
            }
        }
    }

    @Test func aShortQueueDropsItsOldestAndKeepsTheRestOfItsPolicy() async throws {
        try await BrokerFaultFixture.run { test in
            try await test.withQueue("short") { channel, queue in
                let standing = PolicyInfo(
                    vhost: "/", name: uniqueName("standing"), pattern: "^\(queue)$", appliesTo: "queues", priority: 7,
                    definition: ["max-length-bytes": .integer(123_456), "max-length": .integer(50)])
                try await test.management.setPolicy(standing)
                for number in 0..<5 { try await channel.publish([UInt8(number)], routingKey: queue) }
                let record = try await test.registry.inject(
                    Fault("policy-max-length", ["max_length": 2], on: FaultSelector(queue: queue)))
                #expect(
                    await eventually { (try? await channel.declareQueuePassive(queue).messageCount) == 2 })
                let name = try await test.policy(of: queue)
                let policy = try await test.management.policy(vhost: "/", name: name)
                #expect(name.hasPrefix("rabbittop-fault-"))
                #expect(policy.definition["max-length-bytes"] == .integer(123_456))
                #expect(policy.definition["max-length"] == .integer(2))
                let error = await faultError {
                    _ = try await test.registry.inject(Fault("policy-ttl", on: FaultSelector(queue: queue)))
                }
                #expect(error?.advice == "Undo that first.")
                #expect(try await test.registry.undo(record.id).note?.contains(name) == true)
                #expect(
                    await eventually {
                        (try? await test.policy(of: queue)) == standing.name.text
                    })
                try await test.management.deletePolicy(vhost: "/", name: standing.name)
            }
        }
    }

    @Test func aQueueThatIsNotThereIsRefused() async throws {
        try await BrokerFaultFixture.run { test in
            for fault in ["policy-ttl", "purge", "delete-queue"] {
                let error = await faultError {
                    _ = try await test.registry.inject(Fault(fault, on: FaultSelector(queue: uniqueName("nobody"))))
                }
                #expect(error?.problem.contains(/no such object|There is no queue/) == true)
                #expect(
                    await faultError { _ = try await test.registry.inject(Fault(fault)) }?.problem.contains(
                        "needs a queue")
                        == true)
            }
            #expect(await test.registry.inForce.isEmpty)
            #expect(test.journalText.isEmpty)
        }
    }

    // MARK: Limits

    @Test func aVhostTakesNoMoreConnections() async throws {
        try await BrokerFaultFixture.run { test in
            try await test.withUser { user, vhost in
                let open = try await test.connect(user, vhost)
                let record = try await test.registry.inject(
                    Fault("vhost-limit", on: FaultSelector(virtualHost: vhost)))
                #expect(record.note == "max-connections of vhost \(vhost) is 0, before none")
                let error = await clientError { _ = try await test.connect(user, vhost) }
                #expect(error?.closeReason?.code == 530)
                #expect(error?.closeReason?.text.contains("limit") == true)
                #expect(open.isOpen)
                _ = try await test.registry.undo(record.id)
                #expect(try await test.management.limits(ofVhost: vhost).isEmpty)
                try await test.connect(user, vhost).close()
                await open.close()
            }
        }
    }

    @Test func aVhostTakesNoMoreQueuesAndItsOwnLimitComesBack() async throws {
        try await BrokerFaultFixture.run { test in
            try await test.withUser { user, vhost in
                try await test.management.setLimit(.maxQueues, ofVhost: vhost, to: 77)
                let record = try await test.registry.inject(
                    Fault("vhost-limit", ["limit": "max-queues"], on: FaultSelector(virtualHost: vhost)))
                let connection = try await test.connect(user, vhost)
                let error = await clientError { _ = try await connection.openChannel().declareQueue("q") }
                #expect(error?.closeReason?.code == 406)
                _ = try await test.registry.undo(record.id)
                #expect(try await test.management.limits(ofVhost: vhost) == ["max-queues": 77])
                _ = try await connection.openChannel().declareQueue("q")
                await connection.close()
            }
        }
    }

    @Test func whatSomebodyElseSetMeanwhileStays() async throws {
        try await BrokerFaultFixture.run { test in
            try await test.withUser { _, vhost in
                let record = try await test.registry.inject(
                    Fault("vhost-limit", on: FaultSelector(virtualHost: vhost)))
                try await test.management.setLimit(.maxConnections, ofVhost: vhost, to: 9)
                let undone = try await test.registry.undo(record.id)
                #expect(undone.note?.contains("somebody else") == true)
                #expect(try await test.management.limits(ofVhost: vhost) == ["max-connections": 9])
            }
        }
    }

    @Test func aUserOpensNoMoreChannels() async throws {
        try await BrokerFaultFixture.run { test in
            try await test.withUser { user, vhost in
                let connection = try await test.connect(user, vhost)
                _ = try await connection.openChannel()
                let record = try await test.registry.inject(
                    Fault("user-limit", ["limit": "max-channels", "value": 1], on: FaultSelector(user: user)))
                #expect(await clientError { _ = try await connection.openChannel() } != nil)
                #expect(await connection.closed().code == 530)
                _ = try await test.registry.undo(record.id)
                #expect(try await test.management.limits(ofUser: user).isEmpty)
                let second = try await test.connect(user, vhost)
                _ = try await second.openChannel()
                _ = try await second.openChannel()
                await second.close()
            }
        }
    }

    @Test func aUserConnectsNoMore() async throws {
        try await BrokerFaultFixture.run { test in
            try await test.withUser { user, vhost in
                try await test.management.setLimit(.maxConnections, ofUser: user, to: 5)
                let record = try await test.registry.inject(Fault("user-limit", on: FaultSelector(user: user)))
                #expect(await clientError { _ = try await test.connect(user, vhost) }?.closeReason?.code == 530)
                _ = try await test.registry.undo(record.id)
                #expect(try await test.management.limits(ofUser: user) == ["max-connections": 5])
            }
        }
    }

    // MARK: Permissions

    @Test func aRevokedPermissionBitesOnANewChannelAndComesBackExactly() async throws {
        try await BrokerFaultFixture.run { test in
            try await test.withUser { user, vhost in
                try await test.broker.grant(user, vhost: vhost, configure: "^a", write: ".*", read: "^$")
                let before = try await test.management.permission(user: user, vhost: vhost)
                let connection = try await test.connect(user, vhost)
                let record = try await test.registry.inject(
                    Fault("revoke-permission", ["what": "write"], on: FaultSelector(user: user, virtualHost: vhost)))
                let error = await clientError {
                    try await connection.openChannel().publish([1], exchange: "amq.direct", routingKey: "x")
                }
                #expect(error?.closeReason?.code == 403)
                #expect(connection.isOpen)
                let during = try await test.management.permission(user: user, vhost: vhost)
                #expect(during.configure == "^a" && during.read == "^$")
                _ = try await test.registry.undo(record.id)
                #expect(try await test.management.permission(user: user, vhost: vhost) == before)
                try await connection.openChannel().publish([1], exchange: "amq.direct", routingKey: "x")
                await connection.close()
            }
        }
    }

    @Test func revokedWithReconnectItBitesAtOnce() async throws {
        try await BrokerFaultFixture.run { test in
            try await test.withUser { user, vhost in
                let before = try await test.management.permission(user: user, vhost: vhost)
                let connection = try await test.connect(user, vhost)
                _ = try await test.tracked(user, count: 1)
                let record = try await test.registry.inject(
                    Fault(
                        "revoke-permission", ["reconnect": true], on: FaultSelector(user: user, virtualHost: vhost)))
                #expect(record.note?.contains("closed connection") == true)
                #expect(await connection.closed().code == 320)
                #expect(await clientError { _ = try await test.connect(user, vhost) }?.code == .virtualHostRefused)
                _ = try await test.registry.undo(record.id)
                #expect(try await test.management.permission(user: user, vhost: vhost) == before)
                try await test.connect(user, vhost).close()
            }
        }
    }

    // MARK: In general

    @Test func twoFaultsOnTheSameAreRefused() async throws {
        try await BrokerFaultFixture.run { test in
            try await test.withUser { _, vhost in
                let fault = Fault("vhost-limit", on: FaultSelector(virtualHost: vhost))
                let record = try await test.registry.inject(fault)
                let error = await faultError { _ = try await test.registry.inject(fault) }
                #expect(error?.advice == "Undo that first.")
                _ = try await test.registry.undo(record.id)
                _ = try await test.registry.undo(try await test.registry.inject(fault).id)
                #expect(try await test.management.limits(ofVhost: vhost).isEmpty)
            }
        }
    }

    @Test func aReadOnlyClientRefusesAll() async throws {
        try await BrokerFaultFixture.run(readOnly: true) { test in
            for description in FaultCatalogue.all where description.injectionPoint == .broker {
                let error = await faultError {
                    _ = try await test.registry.inject(
                        Fault(
                            description.name,
                            on: FaultSelector(
                                connection: description.selects.contains(.connection) ? "x" : nil,
                                user: description.selects.contains(.user) ? "x" : nil)))
                }
                #expect(error?.problem.contains("read-only") == true, "\(description.name)")
            }
            #expect(test.journalText.isEmpty)
        }
    }
}

/// The fault's error that `body` throws; nil when it throws none.
func faultError(_ body: () async throws -> Void) async -> FaultError? {
    do {
        try await body()
        return nil
    } catch {
        return error as? FaultError
    }
}
