import ClientInspector
import Foundation
import Logging
import NIOPosix
import PeerSupport
import RabbitMQClient
import Testing

@testable import BrokerMonitor

@Suite struct AttachedClientTests {
    private let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    @Test(arguments: [
        ("unix:/run/shop/client.sock", AttachAddress.unix(path: "/run/shop/client.sock")),
        ("unix:client.sock", .unix(path: "client.sock")),
        ("unix:///run/shop/client.sock", .unix(path: "/run/shop/client.sock")),
        ("http://127.0.0.1:9911", .http(origin: "http://127.0.0.1:9911")),
        ("http://127.0.0.1:9911/", .http(origin: "http://127.0.0.1:9911")),
        ("http://localhost:9911/report", .http(origin: "http://localhost:9911")),
        ("HTTPS://shop.example", .http(origin: "https://shop.example")),
        ("http://[::1]:9911", .http(origin: "http://[::1]:9911")),
    ])
    func addresses(_ text: String, _ address: AttachAddress) {
        #expect(AttachAddress(text) == address)
    }

    @Test(arguments: ["", "unix:", "/run/shop/client.sock", "shop:9911", "ftp://shop", "http://", "http://shop/other"])
    func noAddresses(_ text: String) {
        #expect(AttachAddress(text) == nil)
    }

    @Test(
        "What is wrong is said without the password; a wrong port is named",
        arguments: [
            ("http://127.0.0.1:99999", "has the port 99999"), ("http://127.0.0.1:0/report", "has the port 0"),
            ("http://[::1]:99999999999999999999", "has the port 99999999999999999999"),
            ("http://ops:s3cret@shop:9911", "holds a user or a password"), ("ops:s3cret@shop:9911", "does not begin"),
            ("htp://ops:s3cret@shop:9911", "does not begin"), ("http://ops:s3#cret@shop", "holds a #"),
            ("http://shop/s3cret", "has a path"), ("unix:", "has no path"),
        ])
    func flaws(_ text: String, _ what: String) {
        let flaw = #expect(throws: AttachAddress.Flaw.self) { try AttachAddress(parsing: text) }
        #expect(flaw?.what.contains(what) == true, "\(String(describing: flaw))")
        #expect(!"\(String(describing: flaw))".contains("s3cret") && flaw?.advice.isEmpty == false)
        #expect(AttachAddress(text) == nil)
    }

    private func ask(_ address: AttachAddress) async -> AttachedClient.Answer {
        let client = AttachedClient(address, on: MultiThreadedEventLoopGroup.singleton, logger: quiet)
        let answer = await client.report()
        await client.shutdown()
        return answer
    }

    private func trouble(_ address: AttachAddress) async throws -> SourceHealth.Trouble {
        guard case .trouble(let trouble) = await ask(address) else { throw NoTrouble() }
        return trouble
    }

    private struct NoTrouble: Error {}

    private func withFolder(_ body: (String) async throws -> Void) async throws {
        let folder = "/tmp/attached-\(UUID().uuidString.prefix(8))"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try await body(folder)
    }

    @Test func aReportComesOverASocketWithAnyPathAndOverHTTP() async throws {
        try await withFolder { folder in
            let path = "\(folder)/a b%2F+ü?.sock"
            for address in [InspectorAddress.unix(path: path), .loopback(port: 0)] {
                try await ClientInspector.withInspector(at: address, registry: ClientRegistry(), logger: quiet) {
                    address in
                    let attach = try #require(AttachAddress(address.description))
                    guard case .report(let report) = await ask(attach) else { throw NoTrouble() }
                    #expect(report.connections.isEmpty)
                    #expect(report.process == .current)
                }
            }
        }
    }

    @Test func whatIsNotThereIsSaid() async throws {
        try await withFolder { folder in
            let path = "\(folder)/client.sock"
            let missing = try await trouble(.unix(path: path))
            #expect(missing.state == .unreachable)
            #expect(missing.problem == "there is no socket unix:\(path)")
            #expect(missing.advice?.contains("--attach") == true)
            try await ClientInspector.withInspector(
                at: .unix(path: "\(folder)/a"), registry: ClientRegistry(), logger: quiet
            ) { _ in
                try FileManager.default.linkItem(atPath: "\(folder)/a", toPath: path)
            }
            let left = try await trouble(.unix(path: path))
            #expect(left.state == .unreachable)
            #expect(left.problem == "nobody listens at unix:\(path)")
        }
    }

    @Test func whatIsNoInspectorIsSaid() async throws {
        for (answer, words) in [
            ("HTTP/1.1 404 Not Found\r\nContent-Length: 5\r\n\r\nnope\n", "answered 404: nope"),
            ("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", "not with a client's report"),
            ("HTTP/1.1 200 OK\r\nContent-Length: 40000000\r\n\r\n", "larger than 8 MiB"),
        ] {
            try await withLoopbackServer {
                FixedAnswer(text: answer)
            } _: { port in
                let trouble = try await trouble(.http(origin: "http://127.0.0.1:\(port)"))
                #expect(trouble.problem.contains(words), "\(trouble.problem)")
                #expect(!trouble.problem.contains("\n"))
                #expect(trouble.state == .notEnabled)
            }
        }
    }

    @Test func aProcessThatDoesNotAnswerIsSaidInTime() async throws {
        let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .bind(host: "127.0.0.1", port: 0).get()
        let port = try #require(server.localAddress?.port)
        let trouble = try await trouble(.http(origin: "http://127.0.0.1:\(port)"))
        #expect(trouble.problem == "no answer from http://127.0.0.1:\(port)")
        try await server.close().get()
    }
}
