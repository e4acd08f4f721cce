import AMQPWire
import Foundation
import Testing

@testable import RabbitMQClient

@Suite struct TypedNamesTests {
    @Test(arguments: [
        (Duration.milliseconds(1500), "1500"), (.zero, "0"), (.seconds(-3), "0"), (.nanoseconds(-1), "0"),
        (.nanoseconds(1), "1"), (.microseconds(1001), "2"), (.microseconds(1000), "1"),
        (.seconds(315_360_000), "315360000000"),
        (.seconds(315_360_000) + .nanoseconds(1), "315360000000"),
        (.seconds(Int64.max), "315360000000"), (.seconds(Int64.min), "0"),
    ])
    func timesToLiveAreWholeMillisecondsRoundedUp(time: Duration, text: String) {
        var properties = BasicProperties()
        properties.timeToLive = time
        #expect(properties.expiration == Name(text))
        #expect(BasicProperties(mode: .transient, timeToLive: time).expiration == Name(text))
        #expect(QueueArguments(messageTTL: time).table["x-message-ttl"]?.intValue == Int(text))
    }

    @Test func aTimeToLiveIsReadBack() {
        #expect(BasicProperties(expiration: "2500").timeToLive == .milliseconds(2500))
        for text in ["", "-1", "2.5", "soon", "9223372036854775808"] {
            #expect(BasicProperties(expiration: text).timeToLive == nil, "\(text)")
        }
        var properties = BasicProperties(expiration: "1")
        properties.timeToLive = nil
        #expect(properties.expiration == nil)
    }

    @Test func propertiesByTypeAreThoseOfTheProtocol() {
        let date = Date(timeIntervalSince1970: 1_700_000_000.9)
        let properties = BasicProperties(
            mode: .persistent,
            media: .json,
            headers: ["a": 1],
            priority: 4,
            messageID: "m",
            correlationID: "c",
            replyTo: "r",
            sentAt: date,
            type: "t"
        )
        #expect(
            properties
                == BasicProperties(
                    contentType: "application/json",
                    headers: ["a": 1],
                    deliveryMode: 2,
                    priority: 4,
                    correlationID: "c",
                    replyTo: "r",
                    messageID: "m",
                    timestamp: 1_700_000_000,
                    type: "t"
                )
        )
        #expect(properties.mode == .persistent && properties.media == .json)
        #expect(properties.sentAt == Date(timeIntervalSince1970: 1_700_000_000))
        #expect(BasicProperties(deliveryMode: 9).mode == nil)
        #expect(BasicProperties().mode == nil && BasicProperties().sentAt == nil && BasicProperties().media == nil)
    }

    @Test func datesThatAMQPCannotCarryAreCut() {
        var properties = BasicProperties()
        properties.sentAt = Date(timeIntervalSince1970: -5)
        #expect(properties.timestamp == 0)
        properties.sentAt = Date(timeIntervalSince1970: .nan)
        #expect(properties.timestamp == 0)
        properties.sentAt = Date(timeIntervalSince1970: 1e30)
        #expect(properties.timestamp == .max)
    }

    @Test func queueArgumentsByTheirNames() {
        #expect(QueueArguments().table.isEmpty)
        let all = QueueArguments(
            type: .quorum,
            messageTTL: .seconds(60),
            expires: .seconds(1800),
            maxLength: 1000,
            maxLengthBytes: 1 << 20,
            overflow: .rejectPublish,
            deadLetterExchange: "dlx",
            deadLetterRoutingKey: "dead",
            deadLetterStrategy: .atLeastOnce,
            maxPriority: 10,
            deliveryLimit: 5,
            singleActiveConsumer: true,
            leaderLocator: .balanced,
            initialMembers: 3,
            maxAge: .seconds(3600),
            maxSegmentBytes: 500,
            mode: .lazy,
            version: 2,
            consumerTimeout: .seconds(1),
            others: ["x-own": "value", "x-max-length": 7]
        )
        let expected: FieldTable = [
            "x-queue-type": "quorum", "x-message-ttl": 60000, "x-expires": 1_800_000, "x-max-length": 7,
            "x-max-length-bytes": 1_048_576, "x-overflow": "reject-publish", "x-dead-letter-exchange": "dlx",
            "x-dead-letter-routing-key": "dead", "x-dead-letter-strategy": "at-least-once", "x-max-priority": 10,
            "x-delivery-limit": 5, "x-single-active-consumer": true, "x-queue-leader-locator": "balanced",
            "x-quorum-initial-group-size": 3, "x-max-age": "3600s", "x-stream-max-segment-size-bytes": 500,
            "x-queue-mode": "lazy", "x-queue-version": 2, "x-consumer-timeout": 1000, "x-own": "value",
        ]
        #expect(all.table == expected)
        #expect(QueueArguments(type: .stream, initialMembers: 3).table["x-initial-cluster-size"] == 3)
        #expect(QueueArguments(maxAge: .milliseconds(1)).table["x-max-age"] == "1s")
        #expect(QueueArguments(maxAge: .milliseconds(1001)).table["x-max-age"] == "2s")
    }

    @Test func consumerArgumentsByTheirNames() {
        #expect(ConsumerArguments().table.isEmpty)
        #expect(
            ConsumerArguments(priority: -2, cancelsOnFailover: true, others: ["x-own": 1]).table
                == ["x-priority": .int32(-2), "x-cancel-on-ha-failover": true, "x-own": 1]
        )
        let offsets: [(StreamOffset, FieldValue)] = [
            (.first, "first"), (.last, "last"), (.next, "next"), (.offset(42), 42),
            (.timestamp(Date(timeIntervalSince1970: 1_700_000_000.5)), .timestamp(1_700_000_000)),
            (.interval(.seconds(90)), "90s"), (.age("1h"), "1h"),
        ]
        for (offset, value) in offsets {
            #expect(ConsumerArguments(streamOffset: offset).table["x-stream-offset"] == value)
        }
    }

    @Test func exchangesAndBindings() {
        #expect(
            [ExchangeType.direct, .fanout, .topic, .headers, .custom("x-random")].map(\.name)
                == ["direct", "fanout", "topic", "headers", "x-random"])
        #expect(ExchangeArguments(alternateExchange: "rest").table == ["alternate-exchange": "rest"])
        #expect(HeadersMatch(.anyWithX, ["a": 1]).table == ["a": 1, "x-match": "any-with-x"])
    }
}
