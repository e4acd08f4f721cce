import Names
import Testing

@testable import RabbitMQManagement

@Suite("Requests as they leave")
struct RequestTests {
    /// Runs requests against a server that knows every path, and gives what it was asked.
    private func asked(
        _ reply: String = "[]", configure: (inout ManagementConfiguration) -> Void = { _ in },
        _ body: (ManagementClient) async throws -> Void
    ) async throws -> [TestServer.Request] {
        try await TestServer.answering { _ in
            .json(reply)
        } configure: {
            configure(&$0)
        } _: { client, server in
            try await body(client)
            return server.requests
        }
    }

    @Test("Each request carries user, password and the encodings it takes")
    func headers() async throws {
        let request = try await asked { _ = try await $0.nodes() }.only()
        #expect(request.headers["Authorization"] == ["Basic d2F0Y2hlcjpzM2NyZXQ="])
        #expect(request.headers["Accept-Encoding"] == ["gzip"])
        #expect(request.headers["Accept"] == ["application/json, */*;q=0.1"])
        #expect(request.method == .GET)
    }

    @Test(
        "Names are percent-encoded whole",
        arguments: [
            ("/", "%2F"), ("a b", "a%20b"), ("50%", "50%25"), ("a/b?c#d", "a%2Fb%3Fc%23d"), ("...", "..."),
            ("v.1-x_y~z", "v.1-x_y~z"), ("注文", "%E6%B3%A8%E6%96%87"), ("+&=", "%2B%26%3D"), ("%2F", "%252F"),
            ("\u{E9}\n", "%C3%A9%0A"), ("cafe\u{301}", "cafe%CC%81"),
        ])
    func encoding(_ name: String, _ encoded: String) async throws {
        let request = try await asked(#"{"name":"n","vhost":"v"}"#) {
            _ = try await $0.queue(vhost: Name(name), name: Name(name))
        }.only()
        #expect(request.target == "/api/queues/\(encoded)/\(encoded)")
    }

    @Test func lists() async throws {
        let targets = try await asked {
            let query = ListQuery(
                page: 3, pageSize: 9000, sort: "message_stats.publish_details.rate", isDescending: true, name: "a b",
                columns: ["name", "vhost"])
            _ = try await $0.queues(query, vhost: "/")
            _ = try await $0.queues(.all, mode: .totals)
            _ = try await $0.queues(ListQuery(page: nil, name: "^x$", isRegularExpression: true), mode: .basic)
            _ = try await $0.exchanges(ListQuery(page: 0, pageSize: 0))
            _ = try await $0.channels(.all)
            _ = try await $0.consumers()
            _ = try await $0.consumers(vhost: "v")
            _ = try await $0.policies()
            _ = try await $0.operatorPolicies(vhost: "v")
            _ = try await $0.channels(ofConnection: "127.0.0.1:1 -> [::1]:5672")
            _ = try await $0.permissions(user: "me")
        }.map(\.target)
        #expect(
            targets == [
                "/api/queues/%2F?page=3&page_size=500&name=a%20b&use_regex=false"
                    + "&sort=message_stats.publish_details.rate&sort_reverse=true&columns=name%2Cvhost",
                "/api/queues?disable_stats=true&enable_queue_totals=true",
                "/api/queues?page=1&page_size=100&name=%5Ex%24&use_regex=true&disable_stats=true",
                "/api/exchanges?page=1&page_size=1",
                "/api/channels",
                "/api/consumers",
                "/api/consumers/v",
                "/api/policies",
                "/api/operator-policies/v",
                "/api/connections/127.0.0.1%3A1%20-%3E%20%5B%3A%3A1%5D%3A5672/channels",
                "/api/users/me/permissions",
            ])
    }

    @Test func bindings() async throws {
        let targets = try await asked {
            _ = try await $0.bindings()
            _ = try await $0.bindings(vhost: "/")
            _ = try await $0.bindings(vhost: "/", queue: "q")
            _ = try await $0.bindings(vhost: "/", sourceExchange: "")
            _ = try await $0.bindings(vhost: "/", destinationExchange: "x")
        }.map(\.target)
        #expect(
            targets == [
                "/api/bindings", "/api/bindings/%2F", "/api/queues/%2F/q/bindings",
                "/api/exchanges/%2F/amq.default/bindings/source", "/api/exchanges/%2F/x/bindings/destination",
            ])
    }

    @Test("History is asked for in at most 500 samples")
    func history() async throws {
        let request = try await asked(#"{"name":"n","vhost":"v"}"#) {
            _ = try await $0.queue(vhost: "v", name: "n", history: HistoryRange(age: 3600, increment: 1))
        }.only()
        #expect(
            request.target
                == "/api/queues/v/n?lengths_age=3600&lengths_incr=8&msg_rates_age=3600&msg_rates_incr=8")
        #expect(HistoryRange(age: -5, increment: 0) == HistoryRange(age: 1, increment: 1))
    }

    @Test func changes() async throws {
        let requests = try await asked {
            try await $0.closeConnection("a -> b", reason: "tidy\r\nX-Evil: 1 注")
            try await $0.closeConnection("c", reason: "")
            try await $0.purge(vhost: "/", queue: "q/1")
            try await $0.deleteQueue(vhost: "/", name: "q", ifUnused: true, ifEmpty: true)
            try await $0.deleteQueue(vhost: "/", name: "q")
            try await $0.deleteExchange(vhost: "/", name: "x", ifUnused: true)
            _ = try await $0.getMessages(vhost: "/", queue: "q", count: 0, ackMode: .rejectAndRequeue, truncate: 10)
        }
        #expect(
            requests.map { "\($0.method.rawValue) \($0.target)" } == [
                "DELETE /api/connections/a%20-%3E%20b",
                "DELETE /api/connections/c",
                "DELETE /api/queues/%2F/q%2F1/contents",
                "DELETE /api/queues/%2F/q?if-unused=true&if-empty=true",
                "DELETE /api/queues/%2F/q",
                "DELETE /api/exchanges/%2F/x?if-unused=true",
                "POST /api/queues/%2F/q/get",
            ])
        #expect(requests[0].headers["X-Reason"] == ["tidyX-Evil: 1 注"])
        #expect(requests[0].headers["X-Evil"].isEmpty)
        #expect(requests[1].headers["X-Reason"].isEmpty)
        #expect(
            requests[6].body == #"{"ackmode":"reject_requeue_true","count":1,"encoding":"auto","truncate":10}"#)
        #expect(requests[6].headers["Content-Type"] == ["application/json"])
    }

    @Test("A read-only client lets nothing leave that changes something")
    func readOnly() async throws {
        let requests = try await asked {
            $0.isReadOnly = true
        } _: { client in
            let attempts: [() async throws -> Void] = [
                { try await client.closeConnection("c", reason: "r") },
                { try await client.purge(vhost: "/", queue: "q") },
                { try await client.deleteQueue(vhost: "/", name: "q") },
                { try await client.deleteExchange(vhost: "/", name: "x") },
                { _ = try await client.getMessages(vhost: "/", queue: "q", count: 1, ackMode: .requeue) },
                { try await client.setPolicy(PolicyInfo(vhost: "/", name: "p", pattern: "", definition: [:])) },
                { try await client.deletePolicy(vhost: "/", name: "p") },
                { try await client.setLimit(.maxQueues, ofVhost: "/", to: 1) },
                { try await client.clearLimit(.maxQueues, ofVhost: "/") },
                { try await client.setLimit(.maxChannels, ofUser: "u", to: 1) },
                { try await client.clearLimit(.maxChannels, ofUser: "u") },
                {
                    try await client.setPermission(
                        PermissionInfo(user: "u", vhost: "/", configure: "", write: "", read: ""))
                },
                { try await client.deletePermission(user: "u", vhost: "/") },
            ]
            for attempt in attempts {
                let error = await #expect(throws: ManagementError.self) { try await attempt() }
                #expect(error?.code == .readOnly)
            }
            _ = try await client.nodes()
        }
        #expect(requests.map(\.target) == ["/api/nodes"])
    }

    @Test func messages() async throws {
        let reply = """
            [{"payload_bytes":5,"redelivered":true,"exchange":"x","routing_key":"k","message_count":2,
              "properties":{"delivery_mode":2,"headers":{"x-delivery-count":3,"a":[1,{"b":null}]}},
              "payload":"hällo","payload_encoding":"string"},
             {"payload_bytes":900,"redelivered":false,"exchange":"","routing_key":"q","message_count":1,
              "properties":[],"payload":"AP+A","payload_encoding":"base64"},
             {"payload":"!","payload_encoding":"base64"}]
            """
        try await TestServer.answering { _ in
            .json(reply)
        } _: { client, _ in
            let list = try await client.getMessages(vhost: "/", queue: "q", count: 3, ackMode: .requeue)
            #expect(list.undecodable == 1)
            let (first, second) = (list.items[0], list.items[1])
            #expect(String(decoding: first.payload, as: UTF8.self) == "hällo")
            #expect(first.isText)
            #expect(first.isRedelivered == true)
            #expect(first.deliveryCount == 3)
            #expect(first.remaining == 2)
            #expect(first.properties == ["delivery_mode": .integer(2)])
            #expect(first.headers["a"] == .array([.integer(1), .object(["b": .null])]))
            #expect(!first.isTruncated)
            #expect(second.payload == [0x00, 0xFF, 0x80])
            #expect(!second.isText)
            #expect(second.isTruncated)
            #expect(second.properties.isEmpty)
        }
    }

    @Test("Connections are kept alive, at most four of them, and costs are counted")
    func keepAlive() async throws {
        try await TestServer.answering { _ in
            .json("[ ]")
        } _: { client, server in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<40 { group.addTask { _ = try await client.nodes() } }
                try await group.waitForAll()
            }
            #expect(server.requests.count == 40)
            #expect((1...4).contains(server.connections))
            #expect(client.cost.requests == 40)
            #expect(client.cost.failures == 0)
            #expect(client.cost.bytes == 120)
            #expect(client.cost.time > .zero)
        }
    }

    @Test func compressed() async throws {
        let bytes = try #require(
            Base64.decode("H4sIAAAAAAACA6tWykvMTVWyUkovTS0uUdJRKklML1ayilZKTMnNzMssLilKLMkvUoqtBQCOieJLKQAAAA=="))
        try await TestServer.answering { _ in
            .content(bytes, type: "application/json", headers: [("content-encoding", "gzip")])
        } _: { client, _ in
            let user = try await client.whoAmI()
            #expect(user.isAdministrator)
        }
    }

    @Test func chunked() async throws {
        try await TestServer.answering { _ in
            .bytesAndSilence(
                "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"
                    + "9\r\n{\"name\":\"\r\n7\r\nguest\"}\r\n0\r\n\r\n")
        } _: { client, _ in
            let user = try await client.whoAmI()
            #expect(user.name == "guest")
        }
    }

    @Test("Alarms are an answer, not an error")
    func alarms() async throws {
        let failed = """
            {"status":"failed","reason":"There are alarms in effect in the cluster",
            "alarms":[{"node":"rabbit@a","resource":"memory"},{"node":"rabbit@b","resource":"disk"}]}
            """
        try await TestServer.answering { _ in
            .json(failed, status: 503)
        } _: { client, _ in
            let check = try await client.alarms()
            #expect(!check.isOK)
            #expect(check.reason == "There are alarms in effect in the cluster")
            #expect(check.alarms.map(\.resource) == ["memory", "disk"])
        }
        try await TestServer.answering { _ in
            .json(#"{"status":"ok"}"#)
        } _: { client, _ in
            let check = try await client.alarms()
            #expect(check == AlarmCheck(isOK: true, reason: nil, alarms: []))
        }
        try await TestServer.answering { _ in
            .content(Array("<html>".utf8), type: "text/html", status: 503)
        } _: { client, _ in
            let error = await #expect(throws: ManagementError.self) { try await client.alarms() }
            #expect(error?.code == .unavailable(reason: "no reason given"))
        }
    }
}
