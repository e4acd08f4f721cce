import AMQPWire
import ArgumentParser
import BrokerOperations
import Foundation
import NIOCore
import Names
import Testing
import TopCore

@testable import rabbittop

@Suite struct MessageCommandTests {
    private func parse<Command: ParsableCommand>(_ type: Command.Type, _ arguments: String...) throws -> Command {
        try #require(try Rabbittop.parseAsRoot(["messages"] + arguments) as? Command)
    }

    // MARK: Options

    @Test func aMoveHasOneTarget() throws {
        let move = try parse(MessagesMoveCommand.self, "move", "--queue", "q", "--to", "t", "--user-id", "drop")
        #expect(move.destination.destination == .queue("t"))
        #expect(move.target.rules(user: "me").userID == .drop && move.action.window == 1_000)
        let origin = try parse(MessagesCopyCommand.self, "copy", "--queue", "q", "--to-origin")
        #expect(origin.destination.destination == .origin(OriginRule()))
        let exchange = try parse(
            MessagesMoveCommand.self, "move", "--queue", "q", "--exchange", "", "--routing-key", "k")
        #expect(exchange.destination.destination == .exchange("", routingKey: "k"))
        let long = String(repeating: "q", count: 256)
        let bad: [[String]] = [
            ["move", "--queue", "q"], ["move", "--to", "t"], ["move", "--queue", "q", "--to", "t", "--to-origin"],
            ["move", "--queue", "q", "--to", "t", "--exchange", "e"], ["move", "--queue", "q", "--to", ""],
            ["move", "--queue", "q", "--to", "t", "--routing-key", "k"], ["move", "--queue", "q", "--to", long],
            ["move", "--queue", "", "--to", "t"], ["move", "--queue", "q", "--to", "t", "--count", "0"],
            ["move", "--queue", "q", "--to", "t", "--rate", "0"],
            ["move", "--queue", "q", "--to", "t", "--window", "0"],
            ["move", "--queue", "q", "--to", "t", "--filter", "/(/"],
            ["copy", "--queue", "q", "--to", "t", "--offset", "x"],
            ["requeue", "--queue", "q", "--by", "x"], ["get", "--queue", "q", "--raw", "--count", "2"],
            ["load", "f", "--to", "q", "--exchange", "e"], ["list", "--queue", "q", "--count", "0"],
        ]
        for arguments in bad {
            #expect(throws: (any Error).self) { try Rabbittop.parseAsRoot(["messages"] + arguments) }
        }
    }

    @Test func publishTakesSavedMessagesOrItsOwnProperties() throws {
        for arguments in [
            ["--from", "f"], ["--property", "priority=5", "--content-type", "text/plain"],
            ["--typed-header", "a:b:int=5", "--typed-header", "t:timestamp=2026-01-01T00:00:00Z"],
        ] {
            #expect(throws: Never.self) { try Rabbittop.parseAsRoot(["publish"] + arguments) }
        }
        for arguments in [
            ["--from", "f", "--persistent"], ["--from", "f", "--body", "x"], ["--from", "f", "--property", "type=a"],
            ["--property", "priority=256"], ["--property", "headers=x"], ["--property", "type"],
            ["--typed-header", "a=5"], ["--typed-header", "a:int=x"], ["--typed-header", ":int=5"],
        ] {
            #expect(throws: (any Error).self) { try Rabbittop.parseAsRoot(["publish"] + arguments) }
        }
    }

    // MARK: What is shown

    private let message = TakenMessage(
        exchange: "dlx", routingKey: "dead\u{1B}[2J",
        properties: BasicProperties(
            contentType: "application/json",
            headers: [
                "n": .int32(5), "when": .timestamp(1_700_000_000), "table": .table(["x": "y\nz"]),
                "x-death": .array([.table(["queue": "orders", "reason": "expired", "count": .int64(2)])]),
                "x-delivery-count": .int64(3),
            ], priority: 4, timestamp: 1_700_000_000),
        body: ByteBuffer(string: #"{"a":[1]}"#), redelivered: true)

    @Test func aMessageIsShownWithoutControlCharacters() {
        let lines = ReadMessage(message, position: 2, showsBody: true).lines
        #expect(lines.first?.hasPrefix("message 2: 9 bytes, exchange 'dlx', routing key 'dead") == true)
        #expect(lines.first?.hasSuffix("', redelivered") == true)
        #expect(lines.contains { $0.contains("timestamp") && $0.contains("2023-11-14T22:13:20Z") })
        #expect(lines.contains("    n = 5"))
        #expect(lines.contains { $0.hasPrefix("  body (json") })
        #expect(lines.contains("      \"a\": ["))
        #expect(lines.allSatisfy { line in line.unicodeScalars.allSatisfy { $0.value >= 0x20 } })
    }

    @Test func aMessageIsWrittenAsJSON() throws {
        let found = ReadMessages()
        _ = found.add(ReadMessage(message, position: 1, showsBody: true))
        let text = try found.json(queue: "q")
        let json = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
        let first = try #require((json["messages"] as? [[String: Any]])?.first)
        #expect(json["queue"] as? String == "q" && first["position"] as? Int == 1)
        #expect(first["size"] as? Int == 9 && first["payload_bytes"] as? Int == 9)
        #expect(first["delivery_count"] as? Int == 3 && first["redelivered"] as? Bool == true)
        let properties = try #require(first["properties"] as? [String: Any])
        #expect(properties["priority"] as? Int == 4 && properties["timestamp"] as? String == "2023-11-14T22:13:20Z")
        let headers = try #require(first["headers"] as? [String: Any])
        #expect(headers["n"] as? Int == 5 && (headers["table"] as? [String: String])?["x"] == "y\nz")
        let death = try #require((first["x_death"] as? [[String: Any]])?.first)
        #expect(death["queue"] as? String == "orders" && death["count"] as? Int == 2)
        #expect(death["exchange"] is NSNull)
        #expect((first["body"] as? [String: Any])?["content"] as? String == "json")
    }

    // MARK: Files

    @Test func savedMessagesAreReadAgain() throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "saved-\(UUID().uuidString)").path
        defer { unlink(path) }
        let file = try SavedMessagesFile(creating: path)
        let large = TakenMessage(routingKey: "k", body: ByteBuffer(repeating: 0xFF, count: 3 << 20))
        let all = [message, large, TakenMessage(routingKey: "")]
        for message in all { try file.write(SavedMessage(message)) }
        try file.close()
        let reader = try SavedMessagesReader(path)
        for message in all { #expect(try reader.next() == SavedMessage(message)) }
        #expect(try reader.next() == nil)
        // A file is never overwritten, and others cannot read it.
        #expect(throws: CommandError.self) { try SavedMessagesFile(creating: path) }
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        #expect(attributes[.posixPermissions] as? Int == 0o600)
    }

    @Test func aBrokenLineIsNamed() throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "saved-\(UUID().uuidString)").path
        defer { unlink(path) }
        let good = try SavedMessage(message).line()
        try Data("\(good)\n\n{\"exchange\":1}".utf8).write(to: URL(fileURLWithPath: path))
        let reader = try SavedMessagesReader(path)
        #expect(try reader.next() == SavedMessage(message))
        let error = #expect(throws: CommandError.self) { try reader.next() }
        #expect(error?.description.contains("line 3") == true)
    }
}
