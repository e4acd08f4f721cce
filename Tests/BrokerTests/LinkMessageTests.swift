import AMQPWire
import BrokerSupport
import Foundation
import Names
import RabbitMQClient
import Testing
import TopCore

/// What the browser of messages does, on a real broker.
struct LinkMessageTests {
    private func withQueue(
        arguments: FieldTable = [:],
        _ body: (LinkUnderTest, EntityID, RabbitMQClient.Channel, TestBroker) async throws -> Void
    ) async throws {
        let broker = try await TestBroker.shared()
        let id = EntityID(vhost: "/", name: uniqueName("messages"))
        try await withLinkPeer(broker) { peer in
            let channel = try await peer.openChannel()
            _ = try await channel.declareQueue(id.name.text, durable: true, arguments: arguments)
            try await LinkUnderTest.with(broker) { try await body($0, id, channel, broker) }
            _ = try? await peer.openChannel().deleteQueue(id.name.text)
        }
    }

    private func depth(_ name: Name, _ channel: RabbitMQClient.Channel) async throws -> Int {
        Int(try await channel.declareQueuePassive(name.text).messageCount)
    }

    // MARK: Looking

    @Test("A look takes nothing, and shows every byte: it is saved as it was")
    func looksWithoutTaking() async throws {
        try await withQueue { test, id, channel, _ in
            let bytes: [UInt8] = [0, 0xFF, 0x1B, 0x80]
            try await channel.publish(
                bytes, routingKey: id.name.text,
                properties: BasicProperties(
                    contentType: "x/y", headers: ["n": 7, "at": .timestamp(1_767_225_600)], messageID: "m1"))
            let page = try await test.browse(id, count: 5)
            let message = try #require(page.messages.first)
            #expect(page.messages.count == 1 && page.isEnd && page.ready == 1)
            #expect(message.body == bytes && message.bodySize == 4)
            #expect(message.headers.contains(HeaderLine(depth: 0, name: "at", value: "2026-01-01T00:00:00Z")))
            #expect(message.properties.contains(DetailField("message_id", "m1")))
            #expect(try await depth(id.name, channel) == 1)
            let path = FileManager.default.temporaryDirectory.appendingPathComponent(uniqueName("saved")).path
            defer { try? FileManager.default.removeItem(atPath: path) }
            _ = try await test.carryOut(
                .write(WriteRequest(path: path, content: .messages([message], queue: id.name))))
            let line = try String(contentsOfFile: path, encoding: .utf8)
            #expect(line.contains(#""timestamp":1767225600"#) && line.contains(#""body_base64":"AP8bgA==""#))
            let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
            #expect(mode == 0o600)
        }
    }

    @Test("No look loses a message to a delivery limit")
    func deliveryLimit() async throws {
        try await withQueue(arguments: ["x-queue-type": "quorum", "x-delivery-limit": 2]) { test, id, channel, _ in
            for number in 0..<3 { try await channel.publish("\(number)".utf8, routingKey: id.name.text) }
            for _ in 0..<6 { _ = try await test.browse(id, count: 10) }
            var bodies: Set<String> = []
            while let got = try await channel.get(id.name.text, noAck: true) {
                bodies.insert(String(decoding: got.delivery.body.readableBytesView, as: UTF8.self))
            }
            #expect(bodies == ["0", "1", "2"])
        }
    }

    @Test("A stream is read from its first, its last, or any message")
    func streams() async throws {
        try await withQueue(arguments: ["x-queue-type": "stream"]) { test, id, channel, _ in
            for number in 0..<20 { try await channel.publish("\(number)".utf8, routingKey: id.name.text) }
            let first = try await test.browse(id, count: 3)
            #expect(first.isStream && !first.isEnd)
            #expect(first.messages.map { String(decoding: $0.body, as: UTF8.self) } == ["0", "1", "2"])
            let offset = try #require(first.messages.last?.streamOffset)
            let next = try await test.browse(id, count: 2, start: "\(offset + 1)")
            #expect(next.messages.map { String(decoding: $0.body, as: UTF8.self) } == ["3", "4"])
            let last = try await test.browse(id, count: 30, start: "last")
            #expect(last.messages.last?.body == Array("19".utf8))
            let wrong = try await test.carryOut(
                .messages(.browse(BrowseRequest(queue: id, count: 1, start: "nowhere"))))
            guard case .failed(let what, _, _) = wrong else {
                Issue.record("\(wrong)")
                return
            }
            #expect(what.contains("no place in a stream"))
        }
    }

    @Test("A queue that is gone, and a body of ten megabytes")
    func badDays() async throws {
        try await withQueue { test, id, channel, _ in
            let large = [UInt8](repeating: 7, count: 10 << 20)
            try await channel.publish(large, routingKey: id.name.text)
            let page = try await test.browse(id, count: 5)
            #expect(page.messages.first?.body == large && page.messages.first?.isWhole == true)
            try await channel.deleteQueue(id.name.text)
            let report = try await test.carryOut(.messages(.browse(BrowseRequest(queue: id, count: 1))))
            guard case .failed(let what, _, _) = report else {
                Issue.record("\(report)")
                return
            }
            #expect(what.contains("404"))
        }
    }

    // MARK: Acting

    @Test("Chosen messages move, and no others; their target has them with their properties")
    func moveChosen() async throws {
        try await withQueue { test, id, channel, _ in
            let target = uniqueName("parked")
            _ = try await channel.declareQueue(target, durable: true)
            for number in 0..<10 {
                try await channel.publish(
                    "\(number)".utf8, routingKey: id.name.text, properties: BasicProperties(headers: ["n": 7]))
            }
            let page = try await test.browse(id, count: 10)
            let chosen = [page.messages[2], page.messages[7]]
            let action = MessageAction(
                .move(.queue(Name(target))), .these(Self.counts(chosen), deepest: 8), of: id)
            let (summary, _, end) = try await test.act(action)
            #expect(summary == "2 messages moved" && end == .finished)
            #expect(try await depth(id.name, channel) == 8)
            for body in ["2", "7"] {
                let got = try #require(try await channel.get(target, noAck: true))
                #expect(String(decoding: got.delivery.body.readableBytesView, as: UTF8.self) == body)
                #expect(got.delivery.properties.headers?["n"] == 7)
            }
            let again = try await test.act(action)
            #expect(again.summary == "0 messages moved")
            #expect(again.lines.contains { $0.contains("2 messages not found any more") })
            try await channel.deleteQueue(target)
        }
    }

    private static func counts(_ messages: [BrowsedMessage]) -> [MessageFingerprint: Int] {
        messages.reduce(into: [:]) { $0[$1.fingerprint, default: 0] += 1 }
    }

    @Test("What a full target refuses stays, with the reason; a missing target takes nothing")
    func refusingTargets() async throws {
        try await withQueue { test, id, channel, _ in
            let full = uniqueName("full")
            _ = try await channel.declareQueue(
                full, durable: true, arguments: ["x-max-length": 1, "x-overflow": "reject-publish"])
            for number in 0..<5 { try await channel.publish("\(number)".utf8, routingKey: id.name.text) }
            let (summary, lines, _) = try await test.act(MessageAction(.move(.queue(Name(full))), .all, of: id))
            #expect(summary.contains("failed"))
            #expect(lines.contains { $0.contains("the queue is full") })
            let left = try await depth(id.name, channel)
            let arrived = try await depth(Name(full), channel)
            #expect(left + arrived == 5 && left >= 3)
            let missing = try await test.act(MessageAction(.move(.queue("no-such-queue")), .all, of: id))
            guard case .failed(let what, _) = missing.end else {
                Issue.record("\(missing)")
                return
            }
            #expect(what.contains("404"))
            #expect(try await depth(id.name, channel) == left)
            try await channel.deleteQueue(full)
        }
    }

    @Test("Dead letters of three origins are counted by origin, and go back to them")
    func sendBack() async throws {
        try await withQueue { test, id, channel, _ in
            let origins = (0..<3).map { uniqueName("origin\($0)") }
            for origin in origins {
                _ = try await channel.declareQueue(
                    origin, durable: true,
                    arguments: [
                        "x-dead-letter-exchange": "", "x-dead-letter-routing-key": .string(id.name),
                    ])
                for number in 0..<4 { try await channel.publish("\(number)".utf8, routingKey: origin) }
                while let got = try await channel.get(origin) { _ = try got.delivery.nack(requeue: false) }
            }
            try await eventually("twelve dead letters") { try await depth(id.name, channel) == 12 }
            let action = MessageAction(.move(.origin(OriginRule())), .all, of: id)
            let preview = try await test.carryOut(.messages(.preview(action)))
            guard case .messages(.preview(_, let lines, let movable)) = preview else {
                Issue.record("\(preview)")
                return
            }
            #expect(movable == 12)
            for origin in origins { #expect(lines.contains("4 to queue \(origin) (rejected)")) }
            let page = try await test.browse(id, count: 12)
            #expect(Set(page.messages.compactMap(\.origin)) == Set(origins.map { Name($0) }))
            let (summary, _, end) = try await test.act(action)
            #expect(summary == "12 messages sent back" && end == .finished)
            for origin in origins {
                #expect(try await depth(Name(origin), channel) == 4)
                let got = try await channel.get(origin, noAck: true)
                #expect(got?.delivery.properties.headers?["x-death"] == nil)
                try await channel.deleteQueue(origin)
            }
        }
    }

    @Test("An edited message takes the place of the one it was made of; wrong JSON changes nothing")
    func republish() async throws {
        try await withQueue { test, id, channel, _ in
            try await channel.publish(
                "wrong".utf8, routingKey: id.name.text, properties: BasicProperties(headers: ["n": .int32(7)]))
            let message = try #require(try await test.browse(id, count: 1).messages.first)
            var edit = MessageEdit(
                exchange: "", routingKey: id.name, properties: #"{"content_type":"text/plain"}"#,
                headers: #"[{"key":"n","int3":8}]"#, body: Array("right".utf8), dropsDeaths: true)
            let chosen = MessageSelection.these([message.fingerprint: 1], deepest: 1)
            let refused = try await test.carryOut(
                .messages(.act(MessageAction(.republish(edit, removesOriginal: true), chosen, of: id))))
            guard case .failed(let what, _, _) = refused else {
                Issue.record("\(refused)")
                return
            }
            #expect(what.contains("headers"))
            edit.headers = #"[{"key":"n","int32":8}]"#
            let (summary, _, end) = try await test.act(
                MessageAction(.republish(edit, removesOriginal: true), chosen, of: id))
            #expect(summary == "1 message published anew" && end == .finished)
            #expect(try await depth(id.name, channel) == 1)
            let got = try #require(try await channel.get(id.name.text, noAck: true))
            #expect(String(decoding: got.delivery.body.readableBytesView, as: UTF8.self) == "right")
            #expect(got.delivery.properties.headers?["n"] == .int32(8))
            #expect(got.delivery.properties.contentType == "text/plain")
        }
    }

    @Test("A stop ends a copy between messages, and says how far it came")
    func stop() async throws {
        try await withQueue { test, id, channel, _ in
            let target = uniqueName("copies")
            _ = try await channel.declareQueue(target, durable: true)
            for number in 0..<200 { try await channel.publish("\(number)".utf8, routingKey: id.name.text) }
            var action = MessageAction(.copy(.queue(Name(target))), .all, of: id)
            action.rate = 20
            let operation = OperationID(4_711)
            test.perform(.start(operation, .messages(.act(action))))
            try await eventually("some copies") { try await depth(Name(target), channel) > 3 }
            test.perform(.cancel(operation))
            let report = try await test.eventually("its end", within: 10) { $0.ending(operation) }
            guard case .messages(.acted(_, let summary, _, let end)) = report else {
                Issue.record("\(report)")
                return
            }
            #expect(end == .stopped && summary.contains("copied"))
            let copies = try await depth(Name(target), channel)
            #expect(copies > 3 && copies < 200 && summary.hasPrefix("\(copies) "))
            try await eventually("all are back") { try await depth(id.name, channel) == 200 }
            try await channel.deleteQueue(target)
        }
    }

    private func eventually(_ what: String, _ condition: () async throws -> Bool) async throws {
        let deadline = Date().addingTimeInterval(20)
        while Date() < deadline {
            if try await condition() { return }
            try await Task.sleep(for: .milliseconds(20))
        }
        Issue.record("\(what) did not come")
    }
}

extension LinkUnderTest {
    /// Looks at messages.
    func browse(_ id: EntityID, count: Int, start: String = "first") async throws -> BrowsedPage {
        let report = try await carryOut(
            .messages(.browse(BrowseRequest(queue: id, count: count, start: start))), within: 20)
        guard case .messages(.browsed(let page)) = report else { throw UnexpectedReport(report: report) }
        return page
    }

    /// Does something with messages.
    func act(
        _ action: MessageAction
    ) async throws -> (summary: String, lines: [String], end: MessageReport.End) {
        let report = try await carryOut(.messages(.act(action)))
        if case .messages(.acted(_, let summary, let lines, let end)) = report { return (summary, lines, end) }
        throw UnexpectedReport(report: report)
    }
}

/// An operation ended in another way than it should.
struct UnexpectedReport: Error {
    var report: OperationReport
}
