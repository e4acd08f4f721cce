import AMQPWire
import Names
import Testing
import TopCore

@testable import BrokerOperations

@Suite struct MessageRulesTests {
    private let rules = MessageRules(user: "guest")

    private func death(
        _ queue: String, _ reason: String, exchange: String = "", keys: [String] = ["k"], count: Int64 = 1,
        expiration: String? = nil
    ) -> FieldValue {
        var table: FieldTable = [
            "count": .int64(count), "reason": .string(reason), "queue": .string(queue),
            "time": .timestamp(1_700_000_000),
            "exchange": .string(exchange), "routing-keys": .array(keys.map { .string($0) }),
        ]
        if let expiration { table["original-expiration"] = .string(expiration) }
        return .table(table)
    }

    private func message(_ headers: FieldTable?, _ change: (inout BasicProperties) -> Void = { _ in }) -> TakenMessage {
        var properties = BasicProperties(contentType: "text/plain", headers: headers, deliveryMode: 2, priority: 3)
        change(&properties)
        return TakenMessage(exchange: "dlx", routingKey: "dead", properties: properties)
    }

    // MARK: Deaths

    @Test func theFirstDeathIsTheOneThatTheHeadersName() throws {
        let headers: FieldTable = [
            "x-death": .array([death("orders", "rejected", count: 2), death("retry", "expired")]),
            "x-first-death-queue": "orders", "x-first-death-reason": "rejected",
        ]
        let history = try #require(DeathHistory(headers))
        #expect(history.first.queue == "orders" && history.latest.queue == "orders")
        #expect(history.first.count == 2)
        // Without these headers it is the oldest entry.
        let bare = try #require(DeathHistory(["x-death": headers["x-death"] ?? .void]))
        #expect(bare.first.queue == "retry")
    }

    @Test func aMessageWithoutUsableDeathsIsNoDeadLetter() {
        #expect(DeathHistory(nil) == nil)
        #expect(DeathHistory(["x-death": .array([])]) == nil)
        #expect(DeathHistory(["x-death": "forged"]) == nil)
        #expect(DeathHistory(["x-death": .array(["forged", .table([:])])]) == nil)
        #expect(throws: MessageRefusal.self) { try rules.outgoing(message(nil), to: .origin(OriginRule())) }
    }

    @Test func aDeadLetterGoesBackIntoItsQueueWithoutItsDeaths() throws {
        let headers: FieldTable = [
            "mine": .int8(-1), "x-death": .array([death("orders", "rejected", exchange: "ex", keys: ["a", "b"])]),
            "x-first-death-exchange": "ex", "x-first-death-queue": "orders", "x-first-death-reason": "rejected",
            "x-last-death-queue": "orders", "x-delivery-count": .int64(2),
        ]
        let copy = try rules.outgoing(message(headers), to: .origin(OriginRule()))
        #expect(copy.exchange == "" && copy.routingKey == "orders")
        #expect(copy.group == TransferGroup(exchange: "", routingKey: "orders", queue: "orders", reason: "rejected"))
        #expect(copy.properties.headers == ["mine": .int8(-1)])
        #expect(copy.properties.priority == 3 && copy.properties.deliveryMode == 2)
        var keeping = rules
        keeping.keepsDeaths = true
        let kept = try keeping.outgoing(message(headers), to: .origin(OriginRule()))
        #expect(kept.properties.headers?["x-death"] != nil && kept.properties.headers?["x-delivery-count"] == nil)
    }

    @Test func theWayThroughTheExchangeHasTheKeysOfThen() throws {
        let headers: FieldTable = [
            "x-death": .array([
                death("retry", "expired", exchange: "dlx", keys: ["dead"]),
                death("orders", "rejected", exchange: "ex", keys: ["a", "b"]),
            ])
        ]
        let first = try rules.outgoing(message(headers), to: .origin(OriginRule(.first, by: .exchange)))
        #expect(first.exchange == "ex" && first.routingKey == "a")
        #expect(first.properties.headers == ["CC": ["b"]])
        let latest = try rules.outgoing(message(headers), to: .origin(OriginRule(.latest, by: .exchange)))
        #expect(latest.exchange == "dlx" && latest.routingKey == "dead" && latest.properties.headers == nil)
    }

    @Test func namesThatAMethodCannotCarryAreRefused() {
        let long = String(repeating: "q", count: 256)
        let headers: FieldTable = ["x-death": .array([death(long, "rejected", exchange: long, keys: [])])]
        for way in OriginRule.Way.allCases {
            #expect(throws: MessageRefusal.self) {
                try rules.outgoing(message(headers), to: .origin(OriginRule(.first, by: way)))
            }
        }
    }

    // MARK: What is kept and what is not

    @Test func aMovedMessageStaysAsItIsByteForByte() throws {
        let headers: FieldTable = [
            "b": .bytes([0, 255]), "n": .table(["t": .timestamp(1), "f": .float(1.5)]),
            "raw": .string(Name(bytes: [0xFF, 0xFE])), "x-death": .array([death("orders", "rejected")]),
        ]
        let given = message(headers) {
            $0.expiration = "5000"
            $0.messageID = "m"
        }
        let copy = try rules.outgoing(given, to: .queue("other"))
        #expect(copy.properties == given.properties)
        #expect(copy.exchange == "" && copy.routingKey == "other")
    }

    @Test func routingHeadersStayOnlyWithTheMessagesOwnKey() throws {
        let given = message(["CC": ["other"], "BCC": ["third"], "mine": true])
        #expect(try rules.outgoing(given, to: .queue("q")).properties.headers == ["mine": true])
        #expect(try rules.outgoing(given, to: .exchange("e", routingKey: "k")).properties.headers == ["mine": true])
        let own = try rules.outgoing(given, to: .exchange("e", routingKey: nil))
        #expect(own.properties == given.properties && own.routingKey == "dead" && own.group.routingKey == nil)
    }

    @Test func expirationIsKeptDroppedOrRestored() throws {
        let headers: FieldTable = ["x-death": .array([death("orders", "expired", expiration: "60000")])]
        let dead = message(headers)
        var rules = rules
        #expect(try rules.outgoing(dead, to: .origin(OriginRule())).properties.expiration == nil)
        rules.expiration = .restore
        #expect(try rules.outgoing(dead, to: .origin(OriginRule())).properties.expiration == "60000")
        rules.expiration = .drop
        let timed = message(nil) { $0.expiration = "1" }
        #expect(try rules.outgoing(timed, to: .queue("q")).properties.expiration == nil)
    }

    @Test func anotherUsersMessageIsRefusedDroppedOrKept() throws {
        let given = message(nil) { $0.userID = "app" }
        var rules = rules
        #expect(throws: MessageRefusal.self) { try rules.outgoing(given, to: .queue("q")) }
        rules.userID = .drop
        #expect(try rules.outgoing(given, to: .queue("q")).properties.userID == nil)
        rules.userID = .keep
        #expect(try rules.outgoing(given, to: .queue("q")).properties.userID == "app")
        rules.userID = .refuse
        let own = message(nil) { $0.userID = "guest" }
        #expect(try rules.outgoing(own, to: .queue("q")).properties.userID == "guest")
    }
}
