import BrokerSupport
import Foundation
import LocalBroker
import TerminalSupport
import Testing

extension EndToEnd {
    @Suite("rabbittop publish")
    struct Publish {
        @Test("Messages are confirmed, with the body, headers and properties that were given")
        func messages() async throws {
            let broker = try await TestBroker.shared()
            let vhost = try await broker.makeVhost()
            try await broker.declare("orders", vhost: vhost)
            let options = ["publish"] + broker.options + ["-V", vhost, "--routing-key", "orders"]
            let some = try await Rabbittop.run(options + ["--count", "2500", "--size", "10"])
            #expect(some.status == 0)
            #expect(some.standardOutput == "2,500 confirmed\n")
            #expect(some.standardError.isEmpty)
            #expect(try await broker.depth("orders", vhost: vhost) == 2500)
            _ = try await broker.management("DELETE", "queues/\(vhost)/orders/contents")

            let file = FileManager.default.temporaryDirectory.appendingPathComponent(uniqueName("body"))
            try Data("aus der Datei".utf8).write(to: file)
            defer { try? FileManager.default.removeItem(at: file) }
            let text = try await Rabbittop.run(
                options + ["--body", "Käse", "--persistent", "--expiration", "60000", "--header", "shop=north"])
            #expect(text.status == 0)
            #expect(try await Rabbittop.run(options + ["--body-file", file.path]).status == 0)
            let script = """
                import pika, sys, json
                channel = pika.BlockingConnection(pika.URLParameters(sys.argv[1])).channel()
                for _ in range(2):
                    _, p, body = channel.basic_get('orders', auto_ack=True)
                    print(body.decode(), p.delivery_mode, p.expiration, (p.headers or {}).get('shop'))
                """
            let read = try await Python.run(script, arguments: [broker.uri(vhost)])
            #expect(read.standardOutput == "Käse 2 60000 north\naus der Datei 1 None None\n")
            try await broker.deleteVhost(vhost)
        }

        @Test("What was returned, refused or never sent ends with its exit code and the reason")
        func failures() async throws {
            let broker = try await TestBroker.shared()
            let vhost = try await broker.makeVhost()
            let options = ["publish"] + broker.options + ["-V", vhost]
            let returned = try await Rabbittop.run(
                options + ["--routing-key", "nowhere", "--mandatory", "--count", "3"])
            #expect(returned.status == 1)
            #expect(returned.standardError.contains("3 returned (NO_ROUTE)"))

            let missing = try await Rabbittop.run(options + ["--exchange", "nowhere"])
            #expect(missing.status == 1)
            #expect(missing.standardError.contains("404 NOT_FOUND - no exchange 'nowhere' in vhost '\(vhost)'"))
            #expect(missing.standardError.contains("nothing was stored"))
            #expect(!missing.standardError.contains("duplicate"))

            // What answers there speaks HTTP: nothing was sent to anybody.
            let web = try await Rabbittop.run(
                options + ["--routing-key", "orders", "--amqp-port", "\(broker.node.ports.management)"])
            #expect(web.status == 69, "\(web.standardError)")
            #expect(web.standardError.contains("nothing was published"))

            let port = try closedPort()
            for address in [["-P", "\(port)"], broker.options + ["--amqp-port", "\(port)"]] {
                let unreachable = try await Rabbittop.run(["publish"] + address + ["--routing-key", "orders"])
                #expect(unreachable.status == 69, "\(unreachable.standardError)")
                #expect(unreachable.standardError.contains("localhost:\(port)"))
            }
            for address in [broker.options, broker.options + ["--amqp-port", "\(broker.amqpPort)"]] {
                let denied = try await Rabbittop.run(
                    ["publish"] + address + ["-p", "wrong", "--routing-key", "orders"])
                #expect(denied.status == 77, "\(denied.standardError)")
                #expect(!denied.standardError.contains("wrong"), "a password is never shown")
            }
            let user = try await broker.makeUser(password: "secret", tags: "monitoring")
            let stranger = try await Rabbittop.run(options + ["-u", user, "-p", "secret", "--routing-key", "orders"])
            #expect(stranger.status == 77, "\(stranger.standardError)")
            #expect(stranger.standardError.contains(vhost))
            _ = try await broker.management("DELETE", "users/\(user)")

            // The tag management is enough to publish, where the port is known; the broker does not tell it.
            let clerk = try await broker.makeUser("clerk", password: "secret", tags: "management")
            try await broker.grant(clerk, vhost: vhost)
            let asClerk = options + ["-u", clerk, "-p", "secret", "--routing-key", "nowhere"]
            let untold = try await Rabbittop.run(asClerk)
            #expect(untold.status == 69 && untold.standardError.contains("--amqp-port"), "\(untold.standardError)")
            let told = try await Rabbittop.run(asClerk + ["--amqp-port", "\(broker.amqpPort)"])
            #expect(told.status == 0 && told.standardOutput == "1 confirmed\n", "\(told.standardError)")
            try await broker.grant(clerk, vhost: vhost, write: "^$")
            let forbidden = try await Rabbittop.run(
                asClerk + ["--exchange", "amq.direct", "--amqp-port", "\(broker.amqpPort)"])
            #expect(forbidden.status == 77 && forbidden.standardError.contains("403"), "\(forbidden.standardError)")
            #expect(forbidden.standardError.contains("nothing was stored"))
            _ = try await broker.management("DELETE", "users/\(clerk)")

            for usage in [["--count", "0"], ["--size", "1", "--body", "x"], ["--header", "nonsense"]] {
                #expect(try await Rabbittop.run(options + usage).status == 2, "\(usage)")
            }
            let readOnly = try await Rabbittop.run(options + ["--routing-key", "orders", "--read-only"])
            #expect(readOnly.status != 0)
            #expect(readOnly.standardError.contains("read-only"))
            try await broker.deleteVhost(vhost)
        }

        @Test("An AMQP URI brings its query parameters; the options for TLS hold where it is silent")
        func uriParameters() async throws {
            try await TestBroker.withRestartable(TestBroker.tls) { broker in
                let authority = try #require(broker.node.tlsFiles?.authority.path)
                try await broker.declare("orders", vhost: "/")
                func publish(_ query: String, _ options: String...) async throws -> CommandOutput {
                    let uri = "amqps://guest:guest@localhost:\(broker.node.ports.amqps)/%2F\(query)"
                    return try await Rabbittop.run(
                        ["publish", "--routing-key", "orders", "--amqp-uri", uri] + broker.options + options)
                }
                for taken in [
                    try await publish("?cacertfile=\(authority)&auth_mechanism=amqplain&heartbeat=5&name=uri"),
                    try await publish("?verify=verify_none"),
                    try await publish("", "--tls-ca-cert-file", authority),
                    try await publish("?heartbeat=5", "--insecure"),
                ] {
                    #expect(taken.status == 0, "\(taken.standardError)")
                }
                #expect(try await broker.depth("orders", vhost: "/") == 4)
                for refused in [
                    try await publish(""), try await publish("?verify=verify_peer", "--insecure"),
                ] {
                    #expect(refused.status == 69 || refused.status == 1, "\(refused.standardError)")
                    #expect(refused.standardError.contains("certificate"), "\(refused.standardError)")
                }
                let unknown = try await publish("?heartbaet=5")
                #expect(unknown.status == 2)
                #expect(unknown.standardError.hasPrefix("rabbittop: --amqp-uri: "))
                #expect(unknown.standardError.contains("heartbaet") && !unknown.standardError.contains("guest"))
            }
        }
    }
}
