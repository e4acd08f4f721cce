import Testing

@testable import RabbitMQManagement

@Suite("Policies, limits and permissions")
struct RuleTests {
    @Test func changes() async throws {
        try await TestServer.answering { _ in
            .bytesAndClose("HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")
        } _: { client, server async throws in
            try await client.setPolicy(
                PolicyInfo(
                    vhost: "/", name: "p 1", pattern: "^a\\.b$", appliesTo: "queues", priority: 9,
                    definition: ["max-length": .integer(0)]))
            try await client.deletePolicy(vhost: "/", name: "p 1")
            try await client.setLimit(.maxConnections, ofVhost: "/", to: 0)
            try await client.clearLimit(.maxQueues, ofVhost: "v/1")
            try await client.setLimit(.maxChannels, ofUser: "u", to: -1)
            try await client.clearLimit(.maxConnections, ofUser: "u")
            try await client.setPermission(
                PermissionInfo(user: "u", vhost: "/", configure: "^$", write: ".*", read: ""))
            try await client.deletePermission(user: "u", vhost: "/")
            #expect(
                server.requests.map { "\($0.method.rawValue) \($0.target) \($0.body)" } == [
                    #"PUT /api/policies/%2F/p%201 {"apply-to":"queues","definition":{"max-length":0},"#
                        + #""pattern":"^a\\.b$","priority":9}"#,
                    "DELETE /api/policies/%2F/p%201 ",
                    #"PUT /api/vhost-limits/%2F/max-connections {"value":0}"#,
                    "DELETE /api/vhost-limits/v%2F1/max-queues ",
                    #"PUT /api/user-limits/u/max-channels {"value":-1}"#,
                    "DELETE /api/user-limits/u/max-connections ",
                    #"PUT /api/permissions/%2F/u {"configure":"^$","read":"","write":".*"}"#,
                    "DELETE /api/permissions/%2F/u ",
                ])
        }
    }

    @Test("Limits come as a list of one, or of none")
    func limits() async throws {
        try await TestServer.answering { request in
            .json(
                request.target.hasSuffix("%2F")
                    ? #"[{"vhost":"/","value":{"max-connections":5,"max-queues":"many"}}]"# : "[]")
        } _: { client, server async throws in
            #expect(try await client.limits(ofVhost: "/") == ["max-connections": 5])
            #expect(try await client.limits(ofUser: "u").isEmpty)
            #expect(server.targets == ["/api/vhost-limits/%2F", "/api/user-limits/u"])
        }
    }

    @Test("A permission, a policy and a user's connections are asked for by name")
    func reading() async throws {
        try await TestServer.answering { request in
            switch request.target {
            case "/api/permissions/%2F/u":
                .json(#"{"user":"u","vhost":"/","configure":"","write":"a","read":".*"}"#)
            case "/api/policies/%2F/p":
                .json(
                    #"{"vhost":"/","name":"p","pattern":"^q$","apply-to":"queues","definition":{"a":1},"priority":3}"#)
            default: .json(#"[{"name":"c","vhost":"/","user":"u","node":"n"}]"#)
            }
        } _: { client, server async throws in
            #expect(
                try await client.permission(user: "u", vhost: "/")
                    == PermissionInfo(user: "u", vhost: "/", configure: "", write: "a", read: ".*"))
            #expect(
                try await client.policy(vhost: "/", name: "p")
                    == PolicyInfo(
                        vhost: "/", name: "p", pattern: "^q$", appliesTo: "queues", priority: 3,
                        definition: ["a": .integer(1)]))
            #expect(try await client.connections(ofUser: "u").items.map(\.name) == ["c"])
            #expect(server.targets.last == "/api/connections/username/u")
        }
    }
}
