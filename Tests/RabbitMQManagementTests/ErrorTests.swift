import NIOCore
import NIOPosix
import Testing

@testable import RabbitMQManagement

@Suite("Errors")
struct ErrorTests {
    private func error(
        _ reply: TestServer.Reply, configure: @escaping (inout ManagementConfiguration) -> Void = { _ in }
    ) async throws -> ManagementError {
        try await TestServer.answering { _ in
            reply
        } configure: {
            configure(&$0)
        } _: { client, _ in
            let thrown = await #expect(throws: ManagementError.self) { try await client.nodes() }
            let error = try #require(thrown)
            #expect(error.address == client.configuration.address.description)
            #expect(error.request == "GET /api/nodes")
            for text in [error.whatHappened, error.whatToDo, error.description] {
                #expect(text.count > 10)
                #expect(!text.contains("s3cret"))
            }
            return error
        }
    }

    @Test func refusals() async throws {
        #expect(try await error(.content([], type: "", status: 401)) { $0.username = "" }.code == .noCredentials)
        #expect(try await error(.content([], type: "", status: 401)).code == .badCredentials)
        let bad = try await error(.json(#"{"error":"not_authorized","reason":"Login failed"}"#, status: 401))
        #expect(bad.code == .badCredentials)
        #expect(bad.brokerReply == "Login failed")
        #expect(bad.description.hasSuffix("The broker said: Login failed"))
        #expect(
            try await error(.json(#"{"error":"not_authorised","reason":"Not monitor user"}"#, status: 401)).code
                == .notPermitted)
        #expect(
            try await error(.json(#"{"error":"not_authorized","reason":"Not management user"}"#, status: 401)).code
                == .notPermitted)
        #expect(try await error(.json(#"{"error":"Object Not Found"}"#, status: 404)).code == .notFound)
        #expect(try await error(.content([], type: "", status: 404)).code == .notFound)
        let method = try await error(.content([], type: "", status: 405, headers: [("Allow", "HEAD, GET, options")]))
        #expect(method.code == .methodNotAllowed(allowed: ["HEAD", "GET", "OPTIONS"]))
        #expect(try await error(.content([], type: "", status: 500)).code == .serverError(status: 500))
        let down = try await error(.json(#"{"error":"x","reason":["a","b"]}"#, status: 503))
        #expect(down.code == .unavailable(reason: "a; b"))
        #expect(down.isTransient)
        #expect(
            try await error(
                .json(#"{"error":"page_out_of_range","reason":"Page out of range, page: 99"}"#, status: 400)
            )
            .code == .pageOutOfRange)
        #expect(
            try await error(.json(#"{"error":"bad_request","reason":"invalid_page"}"#, status: 400)).code
                == .badRequest(reason: "invalid_page"))
        #expect(try await error(.content([], type: "", status: 304)).code == .unexpectedStatus(304))
    }

    @Test("Something else on that port is told from RabbitMQ")
    func foreign() async throws {
        let page = Array("<html><body>It works!</body></html>".utf8)
        #expect(try await error(.content(page, type: "text/html")).code == .notJSON(contentType: "text/html"))
        #expect(
            try await error(.content(page, type: "text/html", status: 404)).code == .notJSON(contentType: "text/html"))
        #expect(try await error(.bytesAndClose("AMQP\u{0}\u{0}\u{9}\u{1}")).code == .notJSON(contentType: "no HTTP"))
        #expect(try await error(.json(#""hello""#)).code == .unexpectedAnswer(reason: "no list"))
        #expect(try await error(.content([], type: "")).code == .unexpectedAnswer(reason: "it is empty"))
    }

    @Test("An answer that stops half way is told from one that is none")
    func truncated() async throws {
        #expect(
            try await error(.bytesAndClose("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n[{\"name\":")).code
                == .truncated)
        #expect(
            try await error(.bytesAndClose("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\n[{\"n\r\n")).code
                == .truncated)
        // Without a length, only the JSON shows it.
        #expect(try await error(.bytesAndClose("HTTP/1.1 200 OK\r\n\r\n[{\"name\":\"a\"},{")).code == .truncated)
        #expect(try await error(.json(#"[{"name":tru"#)).code == .truncated)
        if case .unreachable = try await error(.bytesAndClose("")).code {} else { Issue.record("no answer at all") }
    }

    @Test func slow() async throws {
        let timeout = Duration.milliseconds(150)
        #expect(try await error(.bytesAndSilence("")) { $0.timeout = timeout }.code == .timedOut(after: timeout))
        let halfway = "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n[1"
        let slow = try await error(.bytesAndSilence(halfway)) { $0.timeout = timeout }
        #expect(slow.code == .timedOut(after: timeout))
        #expect(slow.whatHappened.contains("0.15 s"))
    }

    @Test func tooLarge() async throws {
        let long = "[" + String(repeating: " ", count: 5000) + "]"
        #expect(try await error(.json(long)) { $0.maximumAnswerSize = 1000 }.code == .tooLarge(limit: 1000))
        let bomb = try #require(
            Base64.decode(
                "H4sIAAAAAAACA+3BQREAAAwCoCrr5a1/DTP4B3IA" + String(repeating: "A", count: 256)
                    + "wOwLb3FLE0INAwA="))
        #expect(
            try await error(.content(bomb, type: "application/json", headers: [("content-encoding", "gzip")])) {
                $0.maximumAnswerSize = 50_000
            }.code == .tooLarge(limit: 50_000))
    }

    @Test func unreachable() async throws {
        // A port that was free a moment ago.
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .bind(host: "127.0.0.1", port: 0).get()
        let port = channel.localAddress?.port ?? 1
        try await channel.close()
        let client = try ManagementClient(configuration: .init(address: ManagementAddress(port: port)))
        let error = await #expect(throws: ManagementError.self) { try await client.overview() }
        #expect(error?.code == .unreachable(reason: "connection refused"))
        #expect(error?.isTransient == true)
        #expect(client.cost.requests == 1)
        #expect(client.cost.failures == 1)
        await client.shutdown()
        let late = await #expect(throws: ManagementError.self) { try await client.overview() }
        #expect(late?.code == .shutDown)
        await client.shutdown()
    }

    @Test("A port without TLS, asked with TLS")
    func notTLS() async throws {
        let code = try await error(.json("[]")) {
            $0.address.isTLS = true; $0.timeout = .seconds(3)
        }.code
        switch code {
        case .tlsFailed, .unreachable, .timedOut: break
        default: Issue.record("\(code)")
        }
    }

    @Test func missingCertificateFile() throws {
        let error = #expect(throws: ManagementError.self) {
            try ManagementClient(
                configuration: .init(
                    address: ManagementAddress(isTLS: true), tls: .init(certificateAuthorityFile: "/nowhere/ca.pem")))
        }
        guard case .badSettings(let reason, _) = error?.code else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(reason.contains("/nowhere/ca.pem"))
    }

    @Test("A port that does not exist is refused before anything is sent", arguments: [0, -1, 65_536, Int.max])
    func noPort(_ port: Int) async throws {
        let error = #expect(throws: ManagementError.self) {
            try ManagementClient(configuration: .init(address: ManagementAddress(port: port)))
        }
        #expect(error?.whatHappened.contains("there is no port \(port)") == true)
        // The broker's own list of listeners may say so, too.
        let client = try ManagementClient(configuration: .init())
        let prometheus = await #expect(throws: ManagementError.self) {
            try await client.queueGauges(at: ManagementAddress(port: port))
        }
        #expect(prometheus?.whatHappened.contains("there is no port \(port)") == true)
        await client.shutdown()
    }

    @Test(
        "A redirect is not followed: where it leads is said without user and password, and what to give instead",
        arguments: [
            ("https://rabbit.example/mq/api/nodes", "https://rabbit.example/mq/api/nodes", "https://rabbit.example/mq"),
            (
                "//rabbit.example:15671/api/nodes", "http://rabbit.example:15671/api/nodes",
                "http://rabbit.example:15671"
            ),
            ("https://ops:s3cret@sso.example/login?from=s3cret#s3cret", "https://sso.example/login", nil),
            ("mailto:s3cret", nil, nil), ("https://ops:s3/cret@sso.example/login", nil, nil),
        ] as [(String, String?, String?)])
    func redirect(_ location: String, url: String?, base: String?) async throws {
        for status in [301, 302, 303, 307, 308] {
            let error = try await error(.content([], type: "", status: status, headers: [("location", location)]))
            guard case .redirected(let target) = error.code else {
                Issue.record("\(error)")
                return
            }
            #expect(target?.url == url && target?.base == base)
            #expect(!"\(error)\(error.whatToDo)".contains("s3cret"))
            #expect(error.whatHappened.contains("redirects this request") && error.whatToDo.contains("base URI"))
            #expect(!error.isTransient)
        }
    }

    @Test("A redirect to a path is meant on the same host")
    func redirectToPath() async throws {
        try await TestServer.answering { _ in
            .content([], type: "", status: 302, headers: [("location", "/rabbit/api/overview")])
        } _: { client, server in
            let error = await #expect(throws: ManagementError.self) { try await client.overview() }
            #expect(error?.whatToDo.contains("\(server.address)/rabbit.") == true, "\(String(describing: error))")
        }
    }

    @Test func cancelled() async throws {
        try await TestServer.answering { _ in
            .bytesAndSilence("")
        } _: { client, server in
            let task = Task { try await client.overview() }
            while server.requests.isEmpty { await Task.yield() }
            task.cancel()
            let result = await task.result
            #expect(throws: ManagementError(.cancelled, request: "GET /api/overview", address: "\(server.address)")) {
                try result.get()
            }
        }
    }

    @Test("The password is nowhere to be printed")
    func secrecy() {
        let configuration = ManagementConfiguration(username: "u", password: "s3cret")
        var dumped = ""
        dump(configuration, to: &dumped)
        for text in ["\(configuration)", String(reflecting: configuration), dumped] {
            #expect(!text.contains("s3cret"))
            #expect(text.contains("u"))
        }
    }

    @Test func harmlessText() {
        #expect(BrokerText.harmless("a\u{1B}[31mb\u{7}\u{9B}c\u{202E}d") == "a[31mbcd")
        #expect(BrokerText.harmless("  a \r\n\t b  ") == "a b")
        #expect(BrokerText.harmless("\u{0} \n") == nil)
        #expect(BrokerText.harmless("a & b &unknown; &#39;") == "a & b &unknown; '")
        #expect(BrokerText.harmless(String(repeating: "x", count: 700))?.count == 601)
    }
}
