import AMQPProxy
import BrokerSupport
import Faults
import Foundation
import Testing

/// What happens once on a connection of our own, on a real broker: the code and the text that it answers.
@Suite struct OwnFaultTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var name: String
        var parameters: [String: FaultValue] = [:]
        /// What the broker says, and where.
        var answer: String
        var place: String

        init(_ name: String, _ answer: String, on place: String) {
            self.init(name, nil, answer, on: place)
        }

        init(_ name: String, _ how: String?, _ answer: String, on place: String) {
            self.name = name
            if let how { parameters["how"] = .text(how) }
            self.answer = answer
            self.place = place
        }

        var testDescription: String { "\(name) \(parameters.values.map(\.description).joined())" }
    }

    static let onChannels: [Case] = [
        Case(
            "access-refused", "403 ACCESS_REFUSED - exchange name 'amq.rabbittop' contains reserved prefix 'amq.*'",
            on: "channel 1"),
        Case(
            "access-refused", "publish",
            "403 ACCESS_REFUSED - cannot publish to internal exchange 'amq.rabbitmq.trace' in vhost", on: "channel 1"),
        Case("not-found", "404 NOT_FOUND - no queue 'rabbittop.missing' in vhost", on: "channel 1"),
        Case("not-found", "consume", "404 NOT_FOUND - no queue 'rabbittop.missing' in vhost", on: "channel 1"),
        Case("not-found", "publish", "404 NOT_FOUND - no exchange 'rabbittop.missing' in vhost", on: "channel 1"),
        Case(
            "resource-locked", "405 RESOURCE_LOCKED - cannot obtain exclusive access to locked queue 'amq.gen-",
            on: "channel 1"),
        Case("precondition-failed", "406 PRECONDITION_FAILED - unknown delivery tag 987654321", on: "channel 1"),
        Case(
            "precondition-failed", "redeclare",
            "406 PRECONDITION_FAILED - inequivalent arg 'auto_delete' for queue 'rabbittop.fault.", on: "channel 1"),
        Case(
            "precondition-failed", "confirm-in-transaction",
            "406 PRECONDITION_FAILED - cannot switch from tx to confirm mode", on: "channel 1"),
        Case(
            "precondition-failed", "message-too-large",
            "406 PRECONDITION_FAILED - message size 134217729 is larger than configured max size", on: "channel 1"),
    ]

    static let onConnections: [Case] = [
        Case(
            "access-refused", "login", "403 ACCESS_REFUSED - Login was refused using authentication mechanism PLAIN",
            on: "the connection"),
        Case("frame-error", "501 FRAME_ERROR - cannot decode <<0,0,200,97,98,99>>", on: "the connection"),
        Case(
            "frame-error", "end", "501 FRAME_ERROR - type 8, all octets = <<>>: {invalid_frame_end_marker,207}",
            on: "the connection"),
        Case(
            "frame-error", "size", "501 FRAME_ERROR - type 3, all octets = <<>>: {frame_too_large,2147483647,",
            on: "the connection"),
        Case(
            "frame-error", "type", "501 FRAME_ERROR - type 7, all octets = <<\"rabbittop\">>: unknown_frame",
            on: "the connection"),
        Case("command-invalid", "503 COMMAND_INVALID - unimplemented method", on: "the connection"),
        Case("channel-error", "504 CHANNEL_ERROR - expected 'channel.open'", on: "the connection"),
        Case("channel-error", "closed", "504 CHANNEL_ERROR - expected 'channel.open'", on: "the connection"),
        Case("channel-error", "second-open", "504 CHANNEL_ERROR - second 'channel.open' seen", on: "the connection"),
        Case(
            "channel-error", "channel-zero", "504 CHANNEL_ERROR - unexpected method in connection state running",
            on: "the connection"),
        Case(
            "unexpected-frame",
            "505 UNEXPECTED_FRAME - expected content header for class 60, got non content header frame instead",
            on: "the connection"),
        Case(
            "unexpected-frame", "header", "505 UNEXPECTED_FRAME - expected method frame, got non method frame instead",
            on: "the connection"),
        Case(
            "unexpected-frame", "body", "505 UNEXPECTED_FRAME - expected method frame, got non method frame instead",
            on: "the connection"),
        Case("not-allowed", "530 NOT_ALLOWED - vhost rabbittop.missing not found", on: "the connection"),
        Case(
            "not-allowed", "consumer-tag", "530 NOT_ALLOWED - attempt to reuse consumer tag 'rabbittop'",
            on: "the connection"),
        Case("not-implemented", "540 NOT_IMPLEMENTED - immediate=true", on: "the connection"),
        Case(
            "not-implemented", "prefetch-size", "540 NOT_IMPLEMENTED - prefetch_size!=0 (65536)", on: "the connection"),
        Case("not-implemented", "recover", "540 NOT_IMPLEMENTED - requeue=false", on: "the connection"),
        Case("internal-error", "541 INTERNAL_ERROR", on: "the connection"),
    ]

    @Test(.timeLimit(.minutes(4))) func eachMisuseOfAChannelGetsItsCodeAndNothingIsLeft() async throws {
        try await Self.check(Self.onChannels)
    }

    @Test(.timeLimit(.minutes(4))) func eachMisuseOfAConnectionGetsItsCodeAndNothingIsLeft() async throws {
        try await Self.check(Self.onConnections)
    }

    private static func check(_ cases: [Case]) async throws {
        try await OwnFaultFixture.with { fixture in
            let before = try await fixture.exchanges()
            for fault in cases {
                let injection = try await fixture.inject(fault.name, fault.parameters)
                #expect(injection.note.hasPrefix(fault.answer), "\(injection.note)")
                let name = "rabbittop fault \(fault.name) #1 in \(fixture.vhost)"
                #expect(injection.note.hasSuffix("on \(fault.place) of \(name)"), "\(injection.note)")
                #expect(injection.undo == nil)
            }
            let areGone = try await eventually { try await fixture.queues().isEmpty }
            #expect(areGone)
            #expect(try await fixture.exchanges() == before)
        }
    }

    @Test(.timeLimit(.minutes(2))) func anUnknownExchangeTypeGets503UpToRabbitMQ3AndLaterReleasesAreQuoted()
        async throws
    {
        try await OwnFaultFixture.with { fixture in
            let overview = try await fixture.broker.management("GET", "overview").json as? [String: Any]
            let release = try #require(overview?["rabbitmq_version"] as? String)
            if release.hasPrefix("3.") {
                let injection = try await fixture.inject("command-invalid", ["how": "exchange-type"])
                #expect(injection.note.hasPrefix("503 COMMAND_INVALID - unknown exchange type 'rabbittop'"))
            } else {
                let error = try await fixture.refusal("command-invalid", ["how": "exchange-type"])
                #expect(error?.problem.contains("406 PRECONDITION_FAILED - unknown exchange type") == true)
            }
        }
    }

    @Test(.timeLimit(.minutes(2))) func anotherAnswerThanTheExpectedIsAnErrorThatQuotesIt() async throws {
        try await OwnFaultFixture.with { fixture in
            try await fixture.withQueue { queue, channel in
                // It is there: the broker has nothing to object.
                let impatient = OwnFaults(
                    address: RawPeerAddress(host: fixture.broker.host, port: fixture.broker.amqpPort),
                    username: "guest",
                    password: "guest", patience: .seconds(2), closeConnection: nil)
                let order = try fixture.order("not-found", ["name": .text(queue)])
                let silent = await #expect(throws: FaultError.self) { try await impatient.inject(order) }
                #expect(silent?.problem.contains("did not answer 404 NOT_FOUND") == true, "\(silent?.problem ?? "")")
                // Another connection's: 405 in place of 404.
                let locked = try await channel.declareQueue(exclusive: true).name.text
                let error = try await fixture.refusal("not-found", ["name": .text(locked)])
                #expect(error?.problem.contains("405 RESOURCE_LOCKED") == true, "\(error?.problem ?? "")")
            }
            let missing = try await fixture.refusal("tcp-reset", ["vhost": "rabbittop.missing"])
            #expect(missing?.problem.contains("530 NOT_ALLOWED - vhost rabbittop.missing not found") == true)
        }
    }

    @Test(.timeLimit(.minutes(2))) func aMandatoryPublishComesBackAndTheChannelLives() async throws {
        try await OwnFaultFixture.with { fixture in
            let note = try await fixture.inject("no-route").note
            #expect(note.hasPrefix("312 NO_ROUTE: a message for 'rabbittop.missing."), "\(note)")
        }
    }

    @Test(.timeLimit(.minutes(2))) func anOperatorClosesAConnectionOfOurs() async throws {
        try await OwnFaultFixture.with { fixture in
            let note = try await fixture.inject("connection-forced", ["reason": "for the record"]).note
            #expect(note.hasPrefix("320 CONNECTION_FORCED - for the record on the connection of "), "\(note)")
            let faults = OwnFaults(
                address: RawPeerAddress(host: fixture.broker.host, port: fixture.broker.amqpPort), username: "guest",
                password: "guest", closeConnection: nil)
            let order = try fixture.order("connection-forced")
            let error = await #expect(throws: FaultError.self) { try await faults.inject(order) }
            #expect(error?.problem == "'connection-forced' needs the management API.")
        }
    }

    @Test(.timeLimit(.minutes(2))) func aPoliteCloseIsAnsweredAndAResetIsLogged() async throws {
        try await OwnFaultFixture.with { fixture in
            #expect(try await fixture.inject("polite-close").note.hasPrefix("200 REPLY_SUCCESS"))
            let name = "rabbittop fault tcp-reset #1 in \(fixture.vhost)"
            #expect(try await fixture.inject("tcp-reset").note.contains(name))
            let isLogged = try await eventually {
                let log = try String(contentsOf: fixture.broker.node.logFile, encoding: .utf8)
                let lines = log.split(separator: "\n", omittingEmptySubsequences: false)
                return lines.enumerated().contains { number, line in
                    line.contains(name) && line.contains("closing AMQP connection")
                        && lines[number...].prefix(2).joined().contains("client unexpectedly closed TCP connection")
                }
            }
            #expect(isLogged)
        }
    }

    @Test(.timeLimit(.minutes(1))) func aBrokerThatIsNotThereIsAnErrorThatSaysSo() async throws {
        let order = try FaultCatalogue.order(Fault("polite-close"))
        let faults = OwnFaults(
            address: RawPeerAddress(host: "127.0.0.1", port: 1), username: "guest", password: "guest",
            closeConnection: nil)
        let error = await #expect(throws: FaultError.self) { try await faults.inject(order) }
        #expect(error?.problem == "The broker at 127.0.0.1:1 cannot be reached: Connection refused.")
    }

    @Test(.timeLimit(.minutes(2))) func faultsOfAnotherRoomAreRefused() async throws {
        let faults = OwnFaults(
            address: RawPeerAddress(host: "127.0.0.1", port: 1), username: "guest", password: "guest",
            closeConnection: nil)
        let order = try FaultCatalogue.order(Fault("latency"))
        await #expect(throws: FaultError.self) { try await faults.inject(order) }
    }

    @Test(.timeLimit(.minutes(2)), arguments: ["json", "utf8", "empty", "gzip", "nested", "headers", "pickle"])
    func aPoisonMessageReachesItsQueueAndFailsItsDecoder(kind: String) async throws {
        try await OwnFaultFixture.with { fixture in
            try await fixture.withQueue { queue, channel in
                let note = try await fixture.inject(
                    "poison-message", ["queue": .text(queue), "kind": .text(kind), "count": 2]
                ).note
                #expect(note.hasPrefix("2 messages of kind \(kind) in '\(queue)', confirmed"), "\(note)")
                let got = try #require(try await channel.get(queue, noAck: true))
                #expect(got.messageCount == 1)
                let properties = got.delivery.properties
                let body = Data(got.delivery.body.readableBytesView)
                #expect(properties.messageID.map { note.hasSuffix($0.text) } == true)
                #expect(properties.isPersistent && properties.appID == "rabbittop")
                switch kind {
                case "json", "empty":
                    #expect(properties.contentType == "application/json")
                    #expect(throws: (any Error).self) { try JSONSerialization.jsonObject(with: body) }
                case "utf8": #expect(String(data: body, encoding: .utf8) == nil)
                case "gzip": #expect(properties.contentEncoding == "gzip" && body.first != 0x1F)
                case "nested": #expect(body.count == 100_000)
                case "headers": #expect(properties.headers?.count == 19)
                default: #expect(properties.contentType == "application/x-python-serialize")
                }
            }
            let error = try await fixture.refusal("poison-message", ["queue": "rabbittop.missing"])
            #expect(error?.problem == "There is no queue 'rabbittop.missing': 312 NO_ROUTE.")
        }
    }
}

extension OwnFaultFixture {
    func queues() async throws -> [String] { try await names("queues") }
    func exchanges() async throws -> [String] { try await names("exchanges") }

    private func names(_ what: String) async throws -> [String] {
        let rows = try await broker.management("GET", "\(what)/\(TestBroker.encoded(vhost))").json as? [[String: Any]]
        return try #require(rows).compactMap { $0["name"] as? String }.sorted()
    }
}
