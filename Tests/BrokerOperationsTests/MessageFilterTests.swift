import AMQPWire
import Foundation
import NIOCore
import Names
import RabbitMQClient
import Testing
import TopCore

@testable import BrokerOperations

/// Which messages a filter means.
struct MessageFilterTests {
    private static func message() -> TakenMessage {
        var properties = BasicProperties()
        properties.contentType = "application/json"
        properties.timestamp = 1_767_225_600
        properties.headers = ["attempt": .int32(3)]
        return TakenMessage(
            exchange: "orders", routingKey: "created.eu", properties: properties,
            body: ByteBuffer(string: "{\"id\": \"order-17\"}"))
    }

    @Test(arguments: [
        ("ORDER-17", true), ("order-18", false), ("/created\\.(eu|us)/", true), ("/^eu/", false),
        ("size > 10 and size < 1k", true), ("size > 1k", false), ("exchange = orders", true),
        ("routing_key ~ ^created and not redelivered", true), ("body ~ order-17", true),
        ("headers ~ attempt=3", true), ("now - timestamp > 1h", true),
    ])
    func meantMessages(filter: String, isMeant: Bool) throws {
        #expect(try MessageFilter(filter).matches(Self.message(), at: Date()) == isMeant, "\(filter)")
    }

    @Test("What a message does not say is unknown: neither a condition nor its opposite holds")
    func unknownFields() throws {
        for filter in ["priority > 5", "not priority > 5", "reason = expired", "not reason = expired"] {
            #expect(try !MessageFilter(filter).matches(Self.message(), at: Date()), "\(filter)")
        }
    }

    @Test("A wrong condition says where it is wrong, and names what is near")
    func wrongConditions() {
        #expect { try MessageFilter("size > 10 and redelivred = yes") } throws: { error in
            let text = String(describing: error)
            return text.contains("column 15") && text.contains("redelivered")
        }
    }
}
