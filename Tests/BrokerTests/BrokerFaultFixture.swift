import BrokerSupport
import Faults
import Foundation
import LocalBroker
import Names
import RabbitMQClient
import RabbitMQManagement

@testable import BrokerMonitor
@testable import BrokerOperations

/// A bench whose faults strike a real broker, with a journal of its own.
struct BrokerFaultFixture {
    let broker: TestBroker
    let management: ManagementClient
    let journalFile: String
    let registry: FaultRegistry

    var journal: FaultJournal { FaultJournal(path: journalFile) }

    static func run(
        readOnly: Bool = false, ownConnections: @escaping @Sendable () -> Set<String> = { [] },
        owner: JournalEntry.Owner? = .current, _ body: (BrokerFaultFixture) async throws -> Void
    ) async throws {
        let broker = try await TestBroker.shared()
        let folder = FileManager.default.temporaryDirectory.appending(path: uniqueName("rabbittop-journal"))
        defer { try? FileManager.default.removeItem(at: folder) }
        var configuration = ManagementConfiguration(
            address: ManagementAddress(port: broker.node.ports.management), username: broker.user,
            password: broker.password, timeout: .seconds(30))
        configuration.isReadOnly = readOnly
        let management = try ManagementClient(configuration: configuration)
        let journalFile = folder.appending(path: "rabbittop/faults.jsonl").path
        let node = broker.node
        let faults = BrokerFaults(
            management: management, journal: FaultJournal(path: journalFile, owner: owner),
            rabbitmqctl: { try await node.rabbitmqctl($0).standardOutput },
            ownConnections: { Set(ownConnections().map { Name($0) }) })
        let fixture = BrokerFaultFixture(
            broker: broker, management: management, journalFile: journalFile,
            registry: FaultRegistry(injectors: [.broker: faults]))
        do {
            try await body(fixture)
        } catch {
            _ = await fixture.registry.close()
            await management.shutdown()
            throw error
        }
        _ = await fixture.registry.close()
        await management.shutdown()
    }

    /// What stands in the journal now.
    var journalText: String { (try? String(contentsOfFile: journalFile, encoding: .utf8)) ?? "" }

    /// A queue of the default vhost, and a channel; both are gone when the body returns.
    func withQueue(_ stem: String, _ body: (Channel, String) async throws -> Void) async throws {
        let name = uniqueName(stem)
        try await broker.withConnection { connection in
            let channel = try await connection.openChannel()
            _ = try await channel.declareQueue(name, autoDelete: false)
            try await body(channel, name)
            _ = try? await connection.openChannel().deleteQueue(name)
        }
    }

    /// A vhost and a user of their own, with the password `secret`, and all permissions.
    func withUser(_ body: (_ user: String, _ vhost: String) async throws -> Void) async throws {
        let vhost = try await broker.makeVhost()
        let user = try await broker.makeUser(password: "secret")
        try await broker.grant(user, vhost: vhost)
        try await body(user, vhost)
        _ = try? await broker.management("DELETE", "users/\(user)")
        try await broker.deleteVhost(vhost)
    }

    func connect(_ user: String, _ vhost: String) async throws -> Connection {
        try await Connection.connect(
            broker.configuration {
                $0.username = user
                $0.password = "secret"
                $0.virtualHost = vhost
            })
    }

    /// The names of a user's connections, once the broker tracks so many: it does a moment after it let them in.
    func tracked(_ user: String, count: Int) async throws -> [String] {
        var names: [String] = []
        let isThere = await eventually {
            names = (try? await management.connections(ofUser: user).items.map(\.name.text)) ?? []
            return names.count == count
        }
        guard isThere else { throw ManagementFixtureFailure(description: "\(user) has \(names.count) connections") }
        return names
    }

    /// The policy that a queue of the default vhost has at this moment, empty when none; statistics would tell of an
    /// earlier one.
    func policy(of queue: String) async throws -> String {
        try await management.queues(.all, vhost: "/", mode: .basic).items.first { $0.name == queue }?.policy?.text ?? ""
    }
}
