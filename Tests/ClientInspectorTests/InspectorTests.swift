import ClientInspector
import Foundation
import Logging
import RabbitMQClient
import ServiceLifecycle
import Synchronization
import Testing

@Suite("The inspector on real sockets") struct InspectorTests {
    private let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    private func mode(_ path: String) throws -> Int {
        try #require(try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int)
    }

    @Test("Health, report and metrics over a Unix socket, which its owner alone can open and which goes at the end")
    func unix() async throws {
        try await withFolder { folder in
            let path = "\(folder)/client.sock"
            let registry = ClientRegistry()
            try await ClientInspector.withInspector(at: .unix(path: path), registry: registry, logger: quiet) {
                address in
                #expect(address == .unix(path: path))
                #expect(try mode(path) == 0o600)
                let health = try await Answer(address, "/health")
                #expect(health.status == 503)
                #expect(health.headers.first(name: "content-type") == "application/json")
                let broker = try #require(try health.json["broker"] as? [String: Any])
                #expect(broker["why"] as? String == "there is no connection")
                let report = try await Answer(address, "/report")
                #expect(report.status == 200)
                let decoded = try JSONDecoder().decode(ClientReport.self, from: Data(report.body.utf8))
                #expect(decoded.connections.isEmpty && decoded.madeAt > 1_700_000_000)
                let metrics = try await Answer(address, "/metrics")
                #expect(metrics.status == 200)
                #expect(metrics.headers.first(name: "content-type") == "text/plain; version=0.0.4; charset=utf-8")
                #expect(metrics.body.contains("rabbitmq_client_healthy 0\n"))
            }
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == [], "nothing is left")
        }
    }

    @Test("Nothing but GET and HEAD, nothing but its paths")
    func requests() async throws {
        try await ClientInspector.withInspector(
            at: .loopback(port: 0), registry: ClientRegistry(), health: HealthRules(allowsNone: true), logger: quiet
        ) { address in
            #expect(try await Answer(address, "/health").status == 200)
            let post = try await Answer(address, "/report", .POST)
            #expect(post.status == 405 && post.headers.first(name: "allow") == "GET, HEAD")
            let head = try await Answer(address, "/report", .HEAD)
            #expect(head.status == 200 && head.body.isEmpty)
            #expect((head.headers.first(name: "content-length").flatMap { Int($0) } ?? 0) > 0)
            #expect(try await Answer(address, "/nowhere").status == 404)
            #expect(try await Answer(address, "/").body.contains("/metrics"))
            // A website that has its name resolve to this machine.
            #expect(try await Answer(address, "/report", headers: ["Host": "evil.example:80"]).status == 421)
            #expect(try await Answer(address, "/report", headers: ["Host": "localhost:1"]).status == 200)
        }
    }

    @Test(
        "An address that is not the loopback interface is refused", arguments: ["0.0.0.0", "::", "192.0.2.1", "rabbit"])
    func foreign(_ host: String) async throws {
        let error = await inspectorError {
            try await ClientInspector(at: .loopback(host: host, port: 0), registry: ClientRegistry(), logger: quiet)
                .run()
        }
        #expect(error?.code == .notLoopback)
        #expect(error?.description.contains("'\(host)'") == true)
    }

    @Test("A port that is taken is said")
    func takenPort() async throws {
        let registry = ClientRegistry()
        try await ClientInspector.withInspector(at: .loopback(port: 0), registry: registry, logger: quiet) { address in
            let error = await inspectorError {
                try await ClientInspector.withInspector(at: address, registry: registry, logger: quiet) { _ in }
            }
            #expect(error?.code == .addressInUse)
        }
    }

    @Test("A socket that somebody listens on is left alone, one that a dead process left is replaced")
    func leftovers() async throws {
        try await withFolder { folder in
            let path = "\(folder)/client.sock"
            let registry = ClientRegistry()
            try await ClientInspector.withInspector(at: .unix(path: path), registry: registry, logger: quiet) {
                address in
                let error = await inspectorError {
                    try await ClientInspector(at: address, registry: registry, logger: quiet).run()
                }
                #expect(error?.code == .addressInUse)
                #expect(try await Answer(address, "/report").status == 200, "the first one still answers")
                // Its file survives what it was bound by, as that of a process that was killed does.
                try FileManager.default.linkItem(atPath: path, toPath: "\(folder)/left.sock")
            }
            let left = "\(folder)/left.sock"
            #expect(FileManager.default.fileExists(atPath: left))
            try await ClientInspector.withInspector(at: .unix(path: left), registry: registry, logger: quiet) {
                address in
                let answer = try await Answer(address, "/report")
                #expect(answer.status == 200)
            }
            #expect(!FileManager.default.fileExists(atPath: left))
        }
    }

    @Test("A file that is no socket is left alone")
    func notASocket() async throws {
        try await withFolder { folder in
            let path = "\(folder)/notes"
            try "dear diary".write(toFile: path, atomically: false, encoding: .utf8)
            let error = await inspectorError {
                try await ClientInspector(at: .unix(path: path), registry: ClientRegistry(), logger: quiet).run()
            }
            #expect(error?.code == .notASocket)
            #expect(try String(contentsOfFile: path, encoding: .utf8) == "dear diary")
        }
    }

    @Test("A path that cannot be is said")
    func badPaths() async throws {
        let long = await inspectorError {
            let path = "/tmp/" + String(repeating: "x", count: 200)
            try await ClientInspector(at: .unix(path: path), registry: ClientRegistry(), logger: quiet).run()
        }
        #expect(long?.code == .pathTooLong)
        let missing = await inspectorError {
            try await ClientInspector(
                at: .unix(path: "/nonexistent/client.sock"), registry: ClientRegistry(), logger: quiet
            ).run()
        }
        #expect(missing?.code == .cannotListen)
    }

    @Test("Another file that took the socket's place meanwhile is not removed")
    func replaced() async throws {
        try await withFolder { folder in
            let path = "\(folder)/client.sock"
            try await ClientInspector.withInspector(
                at: .unix(path: path), registry: ClientRegistry(), logger: quiet
            ) { _ in
                try FileManager.default.removeItem(atPath: path)
                try "mine".write(toFile: path, atomically: false, encoding: .utf8)
            }
            #expect(try String(contentsOfFile: path, encoding: .utf8) == "mine")
        }
    }

    @Test("Several at once, of one registry and of several")
    func several() async throws {
        try await withFolder { folder in
            let registry = ClientRegistry()
            let quiet = quiet
            func status(_ address: InspectorAddress) async throws -> Int { try await Answer(address, "/health").status }
            let statuses = try await ClientInspector.withInspector(
                at: .unix(path: "\(folder)/a"), registry: registry, logger: quiet
            ) { first in
                try await ClientInspector.withInspector(
                    at: .loopback(port: 0), registry: registry, logger: quiet
                ) { second in
                    try await ClientInspector.withInspector(
                        at: .unix(path: "\(folder)/b"), registry: ClientRegistry(),
                        health: HealthRules(allowsNone: true), logger: quiet
                    ) { third in
                        [try await status(first), try await status(second), try await status(third)]
                    }
                }
            }
            #expect(statuses == [503, 503, 200])
        }
    }

    @Test("As a service it ends with its group, and takes its socket with it", .timeLimit(.minutes(1)))
    func service() async throws {
        try await withFolder { folder in
            let path = "\(folder)/client.sock"
            let inspector = ClientInspector(at: .unix(path: path), registry: ClientRegistry(), logger: quiet)
            let group = ServiceGroup(configuration: .init(services: [.init(service: inspector)], logger: quiet))
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                tasks.addTask { try await group.run() }
                while !FileManager.default.fileExists(atPath: path) { try await Task.sleep(for: .milliseconds(5)) }
                #expect(try await Answer(.unix(path: path), "/report").status == 200)
                await group.triggerGracefulShutdown()
                try await tasks.waitForAll()
            }
            #expect(!FileManager.default.fileExists(atPath: path))
        }
    }

    @Test(
        "A cancelled inspector ends without an error, also while somebody keeps a connection open",
        .timeLimit(.minutes(1)))
    func cancellation() async throws {
        try await withFolder { folder in
            let path = "\(folder)/client.sock"
            let inspector = ClientInspector(at: .unix(path: path), registry: ClientRegistry(), logger: quiet)
            let task = Task { try await inspector.run() }
            while !FileManager.default.fileExists(atPath: path) { try await Task.sleep(for: .milliseconds(5)) }
            let idle = try IdleConnection(path: path)
            #expect(try await Answer(.unix(path: path), "/report").status == 200)
            task.cancel()
            try await task.value
            idle.close()
            #expect(!FileManager.default.fileExists(atPath: path))
        }
    }

    @Test("The application's own checks stand apart, run beside each other, and one that hangs is told in time")
    func checks() async throws {
        let runs = Mutex(0)
        let release = AsyncStream.makeStream(of: Void.self)
        let checks: [String: ClientInspector.Check] = [
            "database": { "connection refused" },
            "disk": { nil },
            "hung": {
                runs.withLock { $0 += 1 }
                // Heeds no cancellation and no deadline.
                await Task.detached { for await _ in release.stream {} }.value
                return nil
            },
        ]
        try await ClientInspector.withInspector(
            at: .loopback(port: 0), registry: ClientRegistry(), checks: checks, checkTimeout: .milliseconds(200),
            health: HealthRules(allowsNone: true), logger: quiet
        ) { address in
            for _ in 1...2 {
                let health = try await Answer(address, "/health")
                #expect(health.status == 503)
                let broker = try health.json["broker"] as? [String: Any]
                #expect(broker?["status"] as? String == "ok")
                let checks = try #require(try health.json["checks"] as? [String: [String: Any]])
                #expect(checks["database"]?["why"] as? String == "connection refused")
                #expect(checks["disk"]?["status"] as? String == "ok")
                #expect((checks["hung"]?["why"] as? String)?.hasPrefix("no answer in 0.2") == true)
            }
            #expect(runs.withLock { $0 } == 1, "what hangs is not started again")
            release.continuation.finish()
            var why: String? = "not asked yet"
            while why != nil {
                let checks = try await Answer(address, "/health").json["checks"] as? [String: [String: Any]]
                why = checks?["hung"]?["why"] as? String
            }
        }
    }
}
