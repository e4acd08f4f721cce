import BrokerSupport
import Faults
import Foundation
import LocalBroker
import Names
import RabbitMQManagement
import Testing

@testable import BrokerMonitor
@testable import BrokerOperations

/// What a crash left is found and undone by the next start.
@Suite(.timeLimit(.minutes(10))) struct BrokerFaultJournalTests {
    /// A process that is gone.
    private static func gone() async throws -> JournalEntry.Owner {
        let child = try await ChildCommand(
            executable: "/bin/sh", arguments: ["-c", "echo $$; cut -d' ' -f22 /proc/$$/stat"], environment: [:]
        ).run(deadline: .seconds(30))
        let numbers = child.standardOutput.split(separator: "\n")
        let identity = #"{"id":\#(numbers[0]),"started":\#(numbers[1])}"#
        let process = try JSONDecoder().decode(ProcessIdentity.self, from: Data(identity.utf8))
        #expect(process.state == .gone)
        var owner = try #require(JournalEntry.Owner.current)
        owner.process = process
        return owner
    }

    @Test func whatACrashLeftIsUndone() async throws {
        // The bench of this run belongs to a process that is gone, and is never asked to undo anything.
        try await BrokerFaultFixture.run(owner: try await Self.gone()) { test in
            try await test.withUser { user, vhost in
                try await test.withQueue("left") { _, queue in
                    try await test.management.setLimit(.maxConnections, ofVhost: vhost, to: 40)
                    let permission = try await test.management.permission(user: user, vhost: vhost)
                    for fault in [
                        Fault("vhost-limit", on: FaultSelector(virtualHost: vhost)),
                        Fault("user-limit", on: FaultSelector(user: user)),
                        Fault("revoke-permission", on: FaultSelector(user: user, virtualHost: vhost)),
                        Fault("policy-reject-publish", on: FaultSelector(queue: queue)),
                    ] { _ = try await test.registry.inject(fault) }
                    #expect(!test.journalText.contains("guest") && !test.journalText.contains("secret"))

                    let left = try await test.journal.left(on: test.management).filter(\.isInJournal)
                    #expect(
                        Set(left.map(\.fault)) == [
                            "vhost-limit", "user-limit", "revoke-permission", "policy-reject-publish",
                        ])
                    #expect(left.contains { $0.words.contains("before 40") })
                    // Nothing is changed on top of what was left.
                    let error = await faultError {
                        _ = try await test.registry.inject(Fault("vhost-limit", on: FaultSelector(virtualHost: vhost)))
                    }
                    #expect(error != nil)
                    for fault in left { _ = try await test.journal.undo(fault, on: test.management) }
                    #expect(try await test.management.limits(ofVhost: vhost) == ["max-connections": 40])
                    #expect(try await test.management.limits(ofUser: user).isEmpty)
                    #expect(try await test.management.permission(user: user, vhost: vhost) == permission)
                    #expect(
                        await eventually {
                            (try? await test.policy(of: queue)) == ""
                        })
                    #expect(try await test.journal.left(on: test.management).filter(\.isInJournal).isEmpty)
                    #expect(test.journalText.isEmpty)
                }
            }
        }
    }

    @Test func whatALivingOneHasInForceIsItsOwn() async throws {
        try await BrokerFaultFixture.run { test in
            try await test.withUser { _, vhost in
                let record = try await test.registry.inject(Fault("vhost-limit", on: FaultSelector(virtualHost: vhost)))
                #expect(test.journalText.contains("vhost-limit"))
                #expect(try await test.journal.left(on: test.management).filter(\.isInJournal).isEmpty)
                _ = try await test.registry.undo(record.id)
                #expect(test.journalText.isEmpty)
            }
        }
    }

    @Test func aPolicyThatNoJournalKnowsIsFoundByItsName() async throws {
        try await BrokerFaultFixture.run { test in
            let vhost = try await test.broker.makeVhost()
            try await test.management.setPolicy(
                PolicyInfo(
                    vhost: vhost, name: "rabbittop-fault-ttl-0badcafe", pattern: "^x$",
                    definition: ["message-ttl": .integer(1)]))
            let found = try #require(
                try await test.journal.left(on: test.management).first { $0.words.contains(vhost) })
            #expect(!found.isInJournal)
            _ = try await test.journal.undo(found, on: test.management)
            #expect(try await test.management.policies(vhost: Name(vhost)).items.isEmpty)
            // Another was quicker.
            #expect(try await test.journal.undo(found, on: test.management).contains("gone already"))
            try await test.broker.deleteVhost(vhost)
        }
    }
}
