import AMQPProxy
import BrokerSupport
import Faults
import Foundation
import FoundationNetworking
import NIOCore
import RabbitMQClient
import Testing

/// Faults on connections of our own, in a virtual host of the test's own.
struct OwnFaultFixture: Sendable {
    let broker: TestBroker
    let vhost: String
    let faults: OwnFaults

    /// Runs the body, and checks that no connection of a fault is left in the virtual host.
    static func with(_ body: (OwnFaultFixture) async throws -> Void) async throws {
        let broker = try await TestBroker.shared()
        let vhost = try await broker.makeVhost("faulty")
        let faults = OwnFaults(
            address: RawPeerAddress(host: broker.host, port: broker.amqpPort), username: broker.user,
            password: broker.password, patience: .seconds(60)
        ) { name, reason in
            let path = "connections/\(TestBroker.encoded(name))"
            let answer = try await broker.managementDelete(path, reason: reason)
            guard answer == 204 else { throw ManagementFixtureFailure(description: "DELETE \(path): \(answer)") }
        }
        let fixture = OwnFaultFixture(broker: broker, vhost: vhost, faults: faults)
        do {
            try await body(fixture)
            let isEmpty = try await eventually { try await fixture.peers().isEmpty }
            #expect(isEmpty, "connections are left")
            try await broker.deleteVhost(vhost)
        } catch {
            try? await broker.deleteVhost(vhost)
            throw error
        }
    }

    /// Injects it in this virtual host, under a name that no other has.
    func inject(_ name: String, _ parameters: [String: FaultValue] = [:]) async throws -> FaultInjection {
        try await faults.inject(order(name, parameters))
    }

    func order(_ name: String, _ parameters: [String: FaultValue] = [:]) throws -> FaultOrder {
        var order = try FaultCatalogue.order(
            Fault(name, parameters.merging(["vhost": .text(vhost)]) { given, _ in given }))
        order.label = "\(name) #1 in \(vhost)"
        return order
    }

    /// The error of an injection.
    func refusal(_ name: String, _ parameters: [String: FaultValue] = [:]) async throws -> FaultError? {
        do {
            _ = try await inject(name, parameters)
            return nil
        } catch {
            return error as? FaultError
        }
    }

    /// Messages of a queue, those that are not acknowledged among them.
    func messages(in queue: String) async throws -> Int? {
        let list = try await broker.node.rabbitmqctl(
            ["list_queues", "--quiet", "--no-table-headers", "--vhost", vhost, "name", "messages"])
        let lines = list.standardOutput.split(separator: "\n").map { $0.split(separator: "\t") }
        return lines.first { $0.first.map(String.init) == queue }?.last.flatMap { Int($0) }
    }

    /// Names of the faults' connections that the broker has.
    func peers() async throws -> [String] {
        let text = try await broker.node.evaluate(
            """
            [N || C <- rabbit_networking:connections(), \
            [{client_properties, P}] <- [catch rabbit_networking:connection_info(C, [client_properties])], \
            {<<"connection_name">>, longstr, N} <- P].
            """)
        return text.split(separator: "<<\"").map(String.init).filter { $0.contains("in \(vhost)") }
    }

    /// A durable queue with so many messages.
    func makeQueue(_ messages: Int, size: Int = 10, _ connection: Connection) async throws -> (String, ClientChannel) {
        let channel = try await connection.openChannel()
        let queue = try await channel.declareQueue(uniqueName("victim"), durable: true).name.text
        let body = ByteBuffer(repeating: 120, count: size)
        for _ in 0..<messages { try await channel.publishUnconfirmed(body, routingKey: queue) }
        let arePublished = try await channel.has(messages, readyIn: queue)
        #expect(arePublished)
        return (queue, channel)
    }

    /// Runs the body with a connection to the virtual host, and a queue of so many messages.
    func withQueue(
        _ messages: Int = 0, size: Int = 10, _ body: (String, ClientChannel) async throws -> Void
    ) async throws {
        let connection = try await Connection.connect(broker.configuration { $0.virtualHost = vhost })
        do {
            let (queue, channel) = try await makeQueue(messages, size: size, connection)
            try await body(queue, channel)
        } catch {
            await connection.close()
            throw error
        }
        await connection.close()
    }
}

typealias ClientChannel = RabbitMQClient.Channel

extension RabbitMQClient.Channel {
    /// Whether the queue comes to so many ready messages.
    func has(_ count: Int, readyIn queue: String) async throws -> Bool {
        try await eventually { try await declareQueuePassive(queue).messageCount == count }
    }
}

extension FaultInjection {
    func undone() async throws -> String {
        let undo = try #require(undo)
        return try await undo()
    }
}

extension TestBroker {
    /// Closes a connection as an operator does. - Returns: the status.
    func managementDelete(_ path: String, reason: String) async throws -> Int {
        guard let url = URL(string: "\(managementURL.absoluteString)/api/\(path)") else { return 0 }
        var request = URLRequest(url: url, timeoutInterval: 30)
        request.httpMethod = "DELETE"
        request.setValue(reason, forHTTPHeaderField: "X-Reason")
        let credentials = Data("\(user):\(password)".utf8).base64EncodedString()
        request.setValue("Basic \(credentials)", forHTTPHeaderField: "Authorization")
        let (_, response) = try await URLSession.shared.data(for: request)
        return (response as? HTTPURLResponse)?.statusCode ?? 0
    }
}
