import AMQPProxy
import AsyncHTTPClient
import BrokerSupport
import Faults
import Foundation
import NIOCore
import NIOHTTP1
import RabbitMQClient
import Testing

/// The proxy's control API, as a test suite in another language would use it.
@Suite struct ControlAPITests {
    private struct API: Sendable {
        let port: Int
        var token: String?

        func ask(
            _ method: String, _ path: String, _ body: String? = nil, host: String? = nil
        ) async throws -> (status: Int, json: Any) {
            var request = HTTPClientRequest(url: "http://127.0.0.1:\(port)\(path)")
            request.method = HTTPMethod(rawValue: method)
            if let body { request.body = .bytes(ByteBuffer(string: body)) }
            if let token { request.headers.add(name: "Authorization", value: "Bearer \(token)") }
            if let host { request.headers.add(name: "Host", value: host) }
            let response = try await HTTPClient.shared.execute(request, timeout: .seconds(20))
            let data = Data(buffer: try await response.body.collect(upTo: 1 << 22))
            let json = (try? JSONSerialization.jsonObject(with: data)) ?? String(decoding: data, as: UTF8.self)
            return (Int(response.status.code), json)
        }

        func object(_ method: String, _ path: String, _ body: String? = nil) async throws -> [String: Any] {
            try #require(try await ask(method, path, body).json as? [String: Any])
        }
    }

    private func with(token: String? = nil, _ body: (ProxyFixture, ProxyController, API) async throws -> Void)
        async throws
    {
        let broker = try await TestBroker.shared()
        let fixture = try await ProxyFixture(broker)
        let controller = ProxyController(fixture.proxy)
        let ledger = Task { await controller.run() }
        let (ports, continuation) = AsyncStream.makeStream(of: Int.self)
        let api = try ControlAPI(controller, host: "127.0.0.1", port: 0, token: token)
        let serving = Task { try await api.run { continuation.yield($0) } }
        var port = 0
        for await found in ports {
            port = found
            break
        }
        do {
            try await body(fixture, controller, API(port: port, token: token))
        } catch {
            await controller.close()
            serving.cancel()
            throw error
        }
        await controller.close()
        serving.cancel()
        _ = try? await serving.value
        await ledger.value
    }

    @Test(.timeLimit(.minutes(2))) func aFaultIsInjectedSeenAndExplained() async throws {
        try await with { fixture, controller, api in
            let name = uniqueName("shop")
            try await Connection.withConnection(
                fixture.configuration {
                    $0.connectionName = name
                    $0.recovery = .off
                }
            ) { connection in
                let channel = try await connection.openChannel()
                let rows = try #require(try await api.ask("GET", "/sessions").json as? [[String: Any]])
                let session = try #require(rows.first { $0["client_name"] as? String == name })
                let id = try #require(session["id"] as? Int)
                #expect((session["channels"] as? [[String: Any]])?.count == 1)

                let record = try await api.object(
                    "POST", "/faults",
                    #"{"fault": "close-channel", "parameters": {"code": 404, "text": "gone"}, "selector": {"connection": "\#(name)"}}"#
                )
                #expect(record["state"] as? String == "done" && record["hits"] as? Int == 1)
                #expect(await channel.closed().code == 404)

                let fault = try #require(record["id"] as? Int)
                var effects: [[String: Any]] = []
                let isTold = try await eventually {
                    effects = try await api.object("GET", "/faults/\(fault)")["effects"] as? [[String: Any]] ?? []
                    return !effects.isEmpty
                }
                #expect(isTold)
                #expect(effects.first?["code"] as? Int == 404 && effects.first?["client_name"] as? String == name)

                let closing = try await api.ask("DELETE", "/sessions/\(id)?code=541&text=enough").status
                #expect(closing == 201)
            }
            let entries = try #require(try await api.ask("GET", "/ledger").json as? [[String: Any]])
            #expect(entries.contains { $0["code"] as? Int == 541 && $0["fault"] as? String == "close-connection #2" })
        }
    }

    @Test(.timeLimit(.minutes(2))) func whatLastsIsUndoneByItsNumberOrAllTogether() async throws {
        try await with { _, _, api in
            for _ in 0..<2 {
                let status = try await api.ask("POST", "/faults", #"{"fault": "latency", "duration_s": 60}"#).status
                #expect(status == 201)
            }
            let undone = try await api.object("DELETE", "/faults/1")
            #expect(undone["state"] as? String == "undone")
            let left = try await api.ask("DELETE", "/faults").json as? [Any]
            #expect(left?.isEmpty == true)
            let rows = try #require(try await api.ask("GET", "/faults").json as? [[String: Any]])
            #expect(rows.map { $0["state"] as? String } == ["undone", "undone"])
        }
    }

    @Test(.timeLimit(.minutes(2))) func eventsAreAStreamOfLines() async throws {
        try await with { _, controller, api in
            let response = try await HTTPClient.shared.execute(
                HTTPClientRequest(url: "http://127.0.0.1:\(api.port)/events"), timeout: .seconds(20))
            #expect(response.headers.first(name: "Content-Type") == "application/x-ndjson")
            // It follows from here on: the answer's head has come.
            try await controller.registry.inject(Fault("latency", for: 1))
            var text = ""
            for try await bytes in response.body {
                text += String(buffer: bytes)
                if text.contains("\n") { break }
            }
            let first = try #require(text.split(separator: "\n").first)
            let entry = try JSONSerialization.jsonObject(with: Data(first.utf8)) as? [String: Any]
            #expect(entry?["kind"] as? String == "fault" && entry?["fault"] as? String == "latency #1")
        }
    }

    @Test(.timeLimit(.minutes(2))) func badRequestsAreAnsweredWithWhatToDo() async throws {
        try await with { _, _, api in
            let cases: [(String, String, String?, Int)] = [
                ("POST", "/faults", "nonsense", 400), ("POST", "/faults", #"{"fault": "latency", "x": 1}"#, 400),
                ("POST", "/faults", #"{"fault": "no-such"}"#, 422),
                ("POST", "/faults", #"{"fault": "latency", "parameters": {"delay_ms": -1}}"#, 422),
                ("POST", "/faults", #"{"fault": "latency", "seed": 18446744073709551616}"#, 400),
                ("POST", "/faults", #"{"fault": "latency", "seed": -1}"#, 400),
                ("POST", "/faults", #"{"fault": "latency", "seed": 1e400}"#, 400),
                ("POST", "/faults", #"{"fault": "latency", "duration_s": 1e300}"#, 422),
                ("POST", "/faults", #"{"fault": "latency", "selector": {"times": 9223372036854775808}}"#, 400),
                ("POST", "/faults", #"{"fault": "latency", "parameters": {"delay_ms": 1e300}}"#, 422),
                ("POST", "/faults", #"{"fault": "purge"}"#, 422), ("GET", "/faults/99", nil, 404),
                ("GET", "/sessions/x", nil, 400), ("DELETE", "/sessions/99", nil, 404), ("GET", "/nothing", nil, 404),
            ]
            for (method, path, body, status) in cases {
                let answer = try await api.ask(method, path, body)
                let problem = answer.json as? [String: Any]
                let error = problem?["error"] as? String ?? ""
                let advice = problem?["advice"] as? String ?? ""
                #expect(answer.status == status, "\(method) \(path) \(body ?? "")")
                #expect(!error.isEmpty && !advice.isEmpty, "\(method) \(path)")
                #expect(error.contains("not JSON") == (body == "nonsense"), "\(error)")
            }
            let misdirected = try await api.ask("GET", "/faults", host: "evil.example").status
            #expect(misdirected == 421)
        }
    }

    @Test(.timeLimit(.minutes(2))) func aTokenIsAskedForWhereOneIsSet() async throws {
        try await with(token: "secret") { _, _, api in
            let welcome = try await api.ask("GET", "/faults").status
            #expect(welcome == 200)
            for wrong in [nil, "", "secre", "secret2"] {
                let refused = try await API(port: api.port, token: wrong).ask("GET", "/faults").status
                #expect(refused == 401)
            }
        }
        let broker = try await TestBroker.shared()
        try await ProxyFixture.with(broker) { fixture in
            #expect(throws: ProxyFailure.self) {
                try ControlAPI(ProxyController(fixture.proxy), host: "0.0.0.0", port: 0)
            }
        }
    }

    @Test(.timeLimit(.minutes(2))) func itsDescriptionNamesEveryRouteAndFault() async throws {
        try await with { _, _, api in
            let document = try await api.object("GET", "/openapi.json")
            #expect((document["openapi"] as? String)?.hasPrefix("3.1") == true)
            let paths = try #require(document["paths"] as? [String: [String: Any]])
            for path in ["/sessions", "/sessions/{session}/channels/{channel}", "/faults", "/ledger", "/events"] {
                #expect(paths[path]?.isEmpty == false, "\(path)")
            }
            let text = try #require(
                String(data: try JSONSerialization.data(withJSONObject: document), encoding: .utf8))
            for fault in FaultCatalogue.all { #expect(text.contains("\"\(fault.name)\"")) }
        }
    }
}
