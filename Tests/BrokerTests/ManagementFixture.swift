import BrokerSupport
import Foundation
import RabbitMQManagement

/// A client of the shared broker's management API.
struct ManagementFixture {
    let broker: TestBroker
    let client: ManagementClient
    let prometheus: ManagementAddress

    /// Runs the body with a client, which is shut down when this returns.
    static func run(
        configure: (inout ManagementConfiguration) -> Void = { _ in }, _ body: (ManagementFixture) async throws -> Void
    ) async throws {
        let broker = try await TestBroker.shared()
        var configuration = ManagementConfiguration(
            address: ManagementAddress(port: broker.node.ports.management), username: broker.user,
            password: broker.password, timeout: .seconds(30))
        configure(&configuration)
        let client = try ManagementClient(configuration: configuration)
        let fixture = ManagementFixture(
            broker: broker, client: client, prometheus: ManagementAddress(port: broker.node.ports.prometheus))
        do {
            try await body(fixture)
            await client.shutdown()
        } catch {
            await client.shutdown()
            throw error
        }
    }

    /// The default vhost's queue of a new name, deleted when the body returns.
    func withQueue(
        _ stem: String, arguments: String = "{}", _ body: (String) async throws -> Void
    ) async throws {
        let name = uniqueName(stem)
        let path = "queues/%2F/\(TestBroker.encoded(name))"
        let made = try await broker.management("PUT", path, json: #"{"durable":true,"arguments":\#(arguments)}"#)
        guard made.status == 201 else { throw ManagementFixtureFailure(description: "\(path): \(made.status)") }
        do {
            try await body(name)
        } catch {
            _ = try? await broker.management("DELETE", path)
            throw error
        }
        _ = try await broker.management("DELETE", path)
    }

    /// Publishes through the default exchange.
    func publish(_ payload: String, encoding: String = "string", to queue: String, properties: String = "{}")
        async throws
    {
        let name = JSONValue.string(queue).jsonText
        let body = JSONValue.string(payload).jsonText
        let answer = try await broker.management(
            "POST", "exchanges/%2F/amq.default/publish",
            json:
                #"{"properties":\#(properties),"routing_key":\#(name),"payload":\#(body),"payload_encoding":"\#(encoding)"}"#
        )
        guard answer.status == 200, (answer.json as? [String: Any])?["routed"] as? Bool == true else {
            throw ManagementFixtureFailure(description: "publish: \(answer.status)")
        }
    }

    /// Asks again until the answer is there; statistics are some seconds old.
    func eventually<Value>(_ what: String, _ body: () async throws -> Value?) async throws -> Value {
        let deadline = ContinuousClock.now + .seconds(30)
        while ContinuousClock.now < deadline {
            if let value = try await body() { return value }
            try await Task.sleep(for: .milliseconds(100))
        }
        throw ManagementFixtureFailure(description: "not within 30 s: \(what)")
    }
}

struct ManagementFixtureFailure: Error, CustomStringConvertible {
    var description: String
}
