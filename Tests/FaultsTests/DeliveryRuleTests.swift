import Faults
import Foundation
import Names
import Testing

@Suite struct DeliveryRuleTests {
    // MARK: Consumer timeout

    @Test func aDeliveryThatWaitsForHalfOfTheLimitIsFoundBeforeTheBrokerEndsIt() throws {
        var watch = Watch()
        watch.see { facts, _ in
            facts.consumers = .init([consumerFacts(3)])
            facts.channels = .init([
                channelFacts(3) {
                    $0.unacked = 2
                    $0.idleSince = watchStart - 1_000
                }
            ])
        }
        let finding = try #require(watch.findings(.consumerTimeout).first)
        #expect(finding.severity == .warning)
        #expect(finding.since == watchStart - 1_000)
        #expect(
            finding.what
                == "has settled none of 2 messages of queue 'orders' for 16 min; at RabbitMQ's default of 30 min the "
                + "broker ends it: in 13 min")
        #expect(Set(finding.subjects).isSuperset(of: [.channel(key(3)), .queue(ordersKey), .application("shop")]))
        let over = watch.see { facts, _ in facts.channels = .init([channelFacts(3) { $0.unacked = 0 }]) }
        #expect(over.cleared.map(\.rule) == [.consumerTimeout])
    }

    @Test func withoutATimeOfTheBrokerTheSamplesTell() {
        func found(_ times: Int, _ change: (inout DiagnosisFacts.ChannelFacts, Int) -> Void) -> Bool {
            var watch = Watch()
            watch.see(times, every: 60) { facts, step in
                facts.consumers = .init([consumerFacts(3) { $0.prefetch = 0 }])
                facts.channels = .init([
                    channelFacts(3) {
                        $0.unacked = 5
                        change(&$0, step)
                    }
                ])
            }
            return !watch.findings(.consumerTimeout).isEmpty
        }
        #expect(found(17) { _, _ in })
        #expect(!found(15) { _, _ in })
        #expect(!found(40) { channel, _ in channel.ackRate = 1 }, "it acks others")
        #expect(!found(40) { channel, step in channel.unacked = step % 10 }, "it settles some now and then")
        #expect(!found(40) { channel, _ in channel.deliverRate = 2 }, "it rejects, and gets others")
        #expect(!found(40) { channel, _ in channel.unacked = nil }, "unknown is not held")
    }

    @Test func aQueuesOwnLimitCounts() {
        func found(_ consumer: Double?, _ queue: Double?) -> Finding? {
            var watch = Watch()
            watch.see(3) { facts, _ in
                facts.queueDetails = .init([queueDetails { $0.consumerTimeout = queue }], isComplete: false)
                facts.consumers = .init([consumerFacts(3) { $0.timeout = consumer }])
                facts.channels = .init([
                    channelFacts(3) {
                        $0.unacked = 1
                        $0.idleSince = watchStart - 50
                    }
                ])
            }
            return watch.findings(.consumerTimeout).first
        }
        #expect(found(nil, nil) == nil)
        #expect(found(80, nil)?.severity == .warning)
        #expect(found(nil, 80)?.severity == .warning)
        #expect(found(nil, 30)?.severity == .critical, "it is over the limit")
        #expect(found(3_600, 80) == nil, "what the broker tells of the consumer is what holds")
    }

    // MARK: One consumer takes everything

    private func shares(
        _ first: (unacked: Int, rate: Double?), _ second: (unacked: Int, rate: Double?),
        prefetch: Int = 0, _ change: @escaping (inout DiagnosisFacts) -> Void = { _ in }
    ) -> [Finding] {
        var watch = Watch()
        watch.see(5) { facts, _ in
            facts.consumers = .init([
                consumerFacts(1) { $0.prefetch = prefetch }, consumerFacts(2) { $0.prefetch = prefetch },
            ])
            facts.channels = .init(
                [(1, first), (2, second)].map { number, share in
                    channelFacts(number) {
                        $0.unacked = share.unacked
                        $0.deliverRate = share.rate
                    }
                })
            change(&facts)
        }
        return watch.findings(.greedyConsumer)
    }

    @Test func aConsumerThatTakesEverythingIsFoundWithItsPrefetch() throws {
        let finding = try #require(shares((5_000, 0), (0, nil)).first)
        #expect(finding.what == "holds 5000 messages of queue 'orders', while another consumer gets nothing")
        #expect(finding.where.hasSuffix("channel 1"))
        #expect(finding.advice.contains("unlimited"))
        #expect(shares((40, 20), (0, 0), prefetch: 500).first?.advice.contains("(500)") == true)
    }

    @Test func consumersThatShareOrCannotShareAreNotFound() {
        #expect(shares((5_000, 0), (300, 0)).isEmpty, "both have some")
        #expect(shares((0, 20), (0, 19)).isEmpty)
        #expect(shares((3, 0), (0, 0)).isEmpty, "the few that are in work")
        func held(_ change: @escaping (inout DiagnosisFacts) -> Void) -> [Finding] {
            shares((5_000, 0), (0, 0), change)
        }
        let singleActive = held { $0.consumers?.rows[1].isActive = false }
        #expect(singleActive.isEmpty)
        let priorities = held { $0.consumers?.rows[0].priority = 5 }
        #expect(priorities.isEmpty)
        let ofTwoQueues = held { $0.consumers?.rows.append(consumerFacts(1, queue: .init(vhost: "/", name: "other"))) }
        #expect(ofTwoQueues.isEmpty, "its channel's figures are of two queues")
        let unknown = held { $0.channels?.rows[1].unacked = nil }
        #expect(unknown.isEmpty, "unknown is not nothing")
        let told = held {
            $0.queueDetails = .init([queueDetails { $0.hasSingleActiveConsumer = true }], isComplete: false)
        }
        #expect(told.isEmpty)
    }

    // MARK: Redelivery loops

    @Test func deliveriesThatComeAgainAndAgainAreFound() throws {
        func found(_ deliver: Double?, _ redeliver: Double?, _ ack: Double?, times: Int = 3) -> [Finding] {
            var watch = Watch()
            watch.see(times) { facts, _ in
                facts.consumers = .init([consumerFacts(4)])
                facts.channels = .init([
                    channelFacts(4) {
                        $0.deliverRate = deliver
                        $0.redeliverRate = redeliver
                        $0.ackRate = ack
                    }
                ])
            }
            return watch.findings(.redeliveryLoop)
        }
        let finding = try #require(found(200, 190, nil).first)
        #expect(finding.what.hasPrefix("190 messages a second are delivered again"))
        #expect(finding.subjects.contains(.queue(ordersKey)))
        #expect(found(200, 190, nil, times: 2).isEmpty, "it has to last")
        #expect(found(200, 190, 150).isEmpty, "they are acknowledged at last")
        #expect(found(200, 20, nil).isEmpty)
        #expect(found(0.5, 0.5, nil).isEmpty)
        #expect(found(200, nil, nil).isEmpty)
    }

    @Test func aLoopWithoutKnownConsumersIsFoundOnItsQueue() {
        var watch = Watch()
        watch.see(3) { facts, _ in
            facts.queueDetails = .init(
                [
                    queueDetails {
                        $0.deliverRate = 50
                        $0.redeliverRate = 50
                    }
                ], isComplete: false)
        }
        #expect(watch.findings(.redeliveryLoop).map(\.where) == ["queue 'orders'"])
    }

    // MARK: Messages that reach no queue

    @Test func publishesThatReachNoQueueAreFoundWithTheirChannel() throws {
        var watch = Watch()
        let first = watch.see { facts, _ in
            facts.channels = .init([
                channelFacts(7) {
                    $0.consumers = 0
                    $0.droppedRate = 12.34
                    $0.returnedRate = 0
                    $0.exchanges = [.init(vhost: "/", name: "events")]
                }
            ])
        }
        let finding = try #require(first.appeared.first)
        #expect(finding.rule == .unroutable)
        #expect(
            finding.what
                == "publishes messages that reach no queue (it publishes to exchange 'events'): 12.3 a second dropped")
        #expect(finding.where == "shop at 10.0.0.4:50640, channel 7")
        #expect(finding.subjects.contains(.exchange(.init(vhost: "/", name: "events"))))
        // It ends half a minute after the last one, and not at each pause between two messages.
        #expect(watch.see(6) { facts, _ in facts.channels = .init([channelFacts(7)]) }.cleared.isEmpty)
        #expect(watch.see(2) { facts, _ in facts.channels = .init([channelFacts(7)]) }.cleared.count == 1)
    }

    @Test func aReturnedMessageTellsItsExchangeAndKeyAtOnce() throws {
        var watch = Watch()
        let changes = watch.see { facts, _ in
            facts.returns = [
                .init(
                    at: facts.at, channel: key(2), clientName: "shop",
                    text: "exchange 'orders', routing key 'new'")
            ]
        }
        #expect(
            changes.appeared.map(\.what)
                == ["publishes messages that reach no queue (exchange 'orders', routing key 'new')"])
    }

    @Test func theTotalOfTheClusterTellsWhereNoChannelDoes() {
        var watch = Watch()
        watch.see(2) { facts, _ in facts.unroutableRate = 3 }
        #expect(watch.findings(.unroutable).isEmpty, "the channels may still tell who")
        watch.see { facts, _ in facts.unroutableRate = 3 }
        #expect(watch.findings(.unroutable).map(\.where) == ["cluster"])
        let changes = watch.see { facts, _ in
            facts.unroutableRate = 3
            facts.channels = .init([channelFacts(7) { $0.droppedRate = 3 }])
        }
        #expect(changes.cleared.map(\.where) == ["cluster"])
        #expect(watch.findings(.unroutable).count == 1)
        var quiet = Watch()
        quiet.see(5) { facts, _ in facts.unroutableRate = 0 }
        #expect(quiet.diagnosis.findings.isEmpty)
    }

    @Test func theExchangesAreThoseOfTheChannelOrOfAllOfThem() {
        let orders = DiagnosisFacts.ExchangeKey(vhost: "/", name: "orders")
        func words(_ channels: Int, _ known: [DiagnosisFacts.ExchangeKey] = []) -> [String] {
            var watch = Watch()
            watch.see { facts, _ in
                facts.unroutableExchanges = [orders, .init(vhost: "/", name: "")]
                facts.channels = .init(
                    (0..<channels).map { number in
                        channelFacts(number + 1) {
                            $0.droppedRate = 3
                            $0.exchanges = known
                        }
                    })
            }
            return watch.findings(.unroutable).map(\.what)
        }
        let text = "publishes messages that reach no queue"
        #expect(words(1) == ["\(text) (they go to exchange 'orders', the default exchange): 3 a second dropped"])
        let unsure = "\(text) (of all channels they go to exchange 'orders', the default exchange): 3 a second dropped"
        #expect(words(2) == [unsure, unsure])
        let told = "\(text) (it publishes to exchange 'orders'): 3 a second dropped"
        #expect(words(2, [orders, .init(vhost: "/", name: "other")]) == [told, told])
    }
}
