import AMQPProxy
import BrokerSupport
import Faults
import Foundation
import NIOCore
import RabbitMQClient
import Testing

/// Faults of our own that last until they are undone: what they hold goes back.
@Suite struct OwnFaultLastingTests {
    @Test(.timeLimit(.minutes(2))) func aHoarderHoldsItsPrefetchUntilItIsUndone() async throws {
        try await OwnFaultFixture.with { fixture in
            try await fixture.withQueue(20) { queue, channel in
                let injection = try await fixture.inject("hoard-unacked", ["queue": .text(queue), "prefetch": 7])
                let holds = try await channel.has(13, readyIn: queue)
                #expect(holds)
                #expect(await eventually { injection.hits?() == 7 })
                #expect(try await fixture.peers().count == 1)
                #expect(try await injection.undone() == "the 7 unacked messages went back to '\(queue)'")
                let areBack = try await channel.has(20, readyIn: queue)
                #expect(areBack)
                #expect(try await channel.get(queue)?.delivery.redelivered == true)
                // A second undo has nothing to do, and says the same.
                #expect(try await injection.undone().hasPrefix("the 7 unacked"))
            }
        }
    }

    @Test(.timeLimit(.minutes(2))) func aHoarderWithoutALimitHoldsAll() async throws {
        try await OwnFaultFixture.with { fixture in
            try await fixture.withQueue(3_000) { queue, channel in
                let injection = try await fixture.inject("hoard-unacked", ["queue": .text(queue), "prefetch": 0])
                #expect(await eventually { injection.hits?() == 3_000 })
                _ = try await injection.undone()
                let areBack = try await channel.has(3_000, readyIn: queue)
                #expect(areBack)
            }
        }
    }

    @Test(.timeLimit(.minutes(2))) func aQueueThatIsNotThereOrIsLockedIsQuoted() async throws {
        try await OwnFaultFixture.with { fixture in
            for name in ["hoard-unacked", "requeue-loop", "slow-consumer", "stop-reading", "flood"] {
                let error = try await fixture.refusal(name, ["queue": "rabbittop.missing"])
                #expect(
                    error?.problem.contains("404 NOT_FOUND - no queue 'rabbittop.missing'") == true,
                    "\(name): \(error?.problem ?? "no error")")
            }
        }
    }

    @Test(.timeLimit(.minutes(2))) func aQueueDeletedUnderAHoarderEndsItsFault() async throws {
        try await OwnFaultFixture.with { fixture in
            try await fixture.withQueue(5) { queue, channel in
                let injection = try await fixture.inject("hoard-unacked", ["queue": .text(queue)])
                #expect(await eventually { injection.hits?() == 5 })
                _ = try await channel.deleteQueue(queue)
                await injection.spent?()
                #expect(try await injection.undone().contains("the broker cancelled its consumer"))
            }
        }
    }

    @Test(.timeLimit(.minutes(2))) func aRequeueLoopGoesRoundAndRoundAndLosesNothing() async throws {
        try await OwnFaultFixture.with { fixture in
            try await fixture.withQueue(5) { queue, channel in
                let injection = try await fixture.inject(
                    "requeue-loop", ["queue": .text(queue), "rate": 2_000, "prefetch": 2])
                #expect(await eventually { (injection.hits?() ?? 0) > 100 })
                _ = try await injection.undone()
                let hits = injection.hits?()
                let areBack = try await channel.has(5, readyIn: queue)
                #expect(areBack)
                #expect(injection.hits?() == hits)
            }
        }
    }

    @Test(.timeLimit(.minutes(2))) func aRequeueLoopKeepsItsRate() async throws {
        try await OwnFaultFixture.with { fixture in
            try await fixture.withQueue(5) { queue, _ in
                let start = ContinuousClock.now
                let injection = try await fixture.inject("requeue-loop", ["queue": .text(queue), "rate": 20])
                #expect(await eventually { (injection.hits?() ?? 0) >= 21 })
                #expect(ContinuousClock.now - start > .milliseconds(400))
                _ = try await injection.undone()
            }
        }
    }

    @Test(.timeLimit(.minutes(2)), arguments: ["ack", "requeue"])
    func aSlowConsumerSettlesLate(settle: String) async throws {
        try await OwnFaultFixture.with { fixture in
            try await fixture.withQueue(4) { queue, channel in
                let start = ContinuousClock.now
                let injection = try await fixture.inject(
                    "slow-consumer", ["queue": .text(queue), "delay_ms": 100, "settle": .text(settle)])
                #expect(await eventually { injection.hits?() == 4 })
                #expect(ContinuousClock.now - start > .milliseconds(300))
                if settle == "ack" {
                    // Its last message is settled, too.
                    let isEmpty = try await eventually { try await fixture.messages(in: queue) == 0 }
                    #expect(isEmpty)
                }
                _ = try await injection.undone()
                let are = try await channel.has(settle == "ack" ? 0 : 4, readyIn: queue)
                #expect(are)
            }
        }
    }

    @Test(.timeLimit(.minutes(2))) func aFloodStopsWhenItIsUndone() async throws {
        try await OwnFaultFixture.with { fixture in
            try await fixture.withQueue { queue, channel in
                let injection = try await fixture.inject(
                    "flood", ["queue": .text(queue), "rate": 20_000, "size": 100, "limit": 10_000_000])
                #expect(await eventually { (injection.hits?() ?? 0) > 5_000 })
                let said = try await injection.undone()
                let hits = try #require(injection.hits?())
                #expect(said == "the flood has stopped; \(hits) messages that were published to '\(queue)' stay")
                let areThere = try await channel.has(Int(hits), readyIn: queue)
                #expect(areThere)
                #expect(try await fixture.peers().isEmpty)
            }
        }
    }

    @Test(.timeLimit(.minutes(2))) func aFloodEndsByItselfAtItsLimit() async throws {
        try await OwnFaultFixture.with { fixture in
            try await fixture.withQueue { queue, channel in
                let injection = try await fixture.inject(
                    "flood", ["queue": .text(queue), "rate": 1_000_000, "size": 0, "limit": 12_345, "persistent": true])
                await injection.spent?()
                #expect(injection.hits?() == 12_345)
                #expect(try await channel.declareQueuePassive(queue).messageCount == 12_345)
            }
        }
    }

    @Test(.timeLimit(.minutes(2))) func aFloodEndsWhenItsQueueGoes() async throws {
        try await OwnFaultFixture.with { fixture in
            try await fixture.withQueue { queue, channel in
                let injection = try await fixture.inject(
                    "flood", ["queue": .text(queue), "rate": 2_000, "limit": 10_000_000])
                #expect(await eventually { (injection.hits?() ?? 0) > 100 })
                _ = try await channel.deleteQueue(queue)
                await injection.spent?()
                #expect(try await injection.undone().contains("the queue '\(queue)' has gone"))
            }
        }
    }

    @Test(.timeLimit(.minutes(2))) func theBrokerGivesUpWhoSendsNoHeartbeatsAndWhatItHeldGoesBack() async throws {
        try await OwnFaultFixture.with { fixture in
            try await fixture.withQueue(6) { queue, channel in
                let injection = try await fixture.inject(
                    "stop-heartbeats", ["heartbeat": 1, "queue": .text(queue), "prefetch": 4])
                let holds = try await channel.has(2, readyIn: queue)
                #expect(holds)
                await injection.spent?()
                #expect(injection.hits?() == 1)
                #expect(try await injection.undone().hasPrefix("the broker gave it up: "))
                let areBack = try await channel.has(6, readyIn: queue)
                #expect(areBack)
            }
            let unnoticed = try await fixture.inject("stop-heartbeats", ["heartbeat": 600])
            #expect(try await fixture.peers().count == 1)
            #expect(try await unnoticed.undone() == "its connection is closed; the broker had not noticed yet")
        }
    }

    @Test(.timeLimit(.minutes(3))) func whoStopsReadingFillsTheBrokersBuffersUntilItIsUndone() async throws {
        try await OwnFaultFixture.with { fixture in
            try await fixture.withQueue(100, size: 200_000) { queue, channel in
                let injection = try await fixture.inject("stop-reading", ["queue": .text(queue)])
                let isStuck = try await eventually {
                    let pending = try await fixture.broker.node.evaluate(
                        """
                        [S || C <- rabbit_networking:connections(), \
                        [{client_properties, P}, {send_pend, S}] <- \
                        [catch rabbit_networking:connection_info(C, [client_properties, send_pend])], \
                        lists:member({<<"connection_name">>, longstr, \
                        <<"rabbittop fault stop-reading #1 in \(fixture.vhost)">>}, P), S > 0].
                        """)
                    return pending.contains { $0.isNumber }
                }
                #expect(isStuck)
                #expect(try await channel.declareQueuePassive(queue).messageCount < 100)
                #expect(try await injection.undone().hasPrefix("its socket is closed"))
                let areBack = try await channel.has(100, readyIn: queue)
                #expect(areBack)
            }
        }
    }
}
