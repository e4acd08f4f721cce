import Faults
import Foundation
import Testing

@Suite struct DiagnosisTests {
    private let start = Date(timeIntervalSince1970: 1_700_000_000)
    private let channel = DiagnosisFacts.ChannelKey(connection: "10.0.0.4:50640 -> 10.0.0.9:5672", number: 3)
    private let orders = DiagnosisFacts.QueueKey(vhost: "/", name: "orders")

    private func facts(_ seconds: Double, _ change: (inout DiagnosisFacts) -> Void) -> DiagnosisFacts {
        var facts = DiagnosisFacts(at: start + seconds)
        change(&facts)
        return facts
    }

    private func channelFacts(
        unacked: Int, ackRate: Double? = nil, deliverRate: Double? = nil, prefetch: Int? = 10
    ) -> DiagnosisFacts.ChannelFacts {
        var facts = DiagnosisFacts.ChannelFacts(channel)
        facts.clientName = "shop"
        facts.unacked = unacked
        facts.ackRate = ackRate
        facts.deliverRate = deliverRate
        facts.prefetch = prefetch
        facts.consumers = 1
        return facts
    }

    private func consumer(
        prefetch: Int = 10, isActive: Bool? = true, priority: Int? = nil, tag: String = "c1",
        channel: DiagnosisFacts.ChannelKey? = nil
    ) -> DiagnosisFacts.ConsumerFacts {
        var facts = DiagnosisFacts.ConsumerFacts(tag: tag, channel: channel ?? self.channel, queue: orders)
        facts.prefetch = prefetch
        facts.isActive = isActive
        facts.ackRequired = true
        facts.priority = priority
        return facts
    }

    private func queue(_ ready: Int, consumers: Int? = 0) -> DiagnosisFacts.QueueFacts {
        DiagnosisFacts.QueueFacts(orders, ready: ready, consumers: consumers)
    }

    /// What is found when the same is seen every five seconds.
    private func findings(
        _ times: Int = 5, _ change: (Int, inout DiagnosisFacts) -> Void
    ) -> [Finding] {
        var diagnosis = Diagnosis()
        for time in 0..<times { diagnosis.examine(facts(Double(time) * 5) { change(time, &$0) }) }
        return diagnosis.findings
    }

    // MARK: A consumer that holds its prefetch

    @Test func aConsumerThatHoldsItsPrefetchIsFoundOnceItDidSoForAWhile() throws {
        var diagnosis = Diagnosis()
        func look(_ seconds: Double) -> Diagnosis.Changes {
            diagnosis.examine(
                facts(seconds) {
                    $0.channels = .init([channelFacts(unacked: 10)])
                    $0.consumers = .init([consumer()])
                })
        }
        #expect(look(0).appeared.isEmpty)
        #expect(look(5).appeared.isEmpty)
        let finding = try #require(look(10).appeared.first)
        #expect(finding.rule == .fullPrefetch)
        #expect(finding.severity == .warning)
        #expect(finding.where == "shop at 10.0.0.4:50640, channel 3")
        #expect(finding.what == "holds its whole prefetch, 10 messages of queue 'orders', and acks nothing")
        #expect(finding.since == start)
        #expect(look(15).appeared.isEmpty, "it is said once")
        let after = diagnosis.examine(
            facts(20) { $0.channels = .init([channelFacts(unacked: 9, ackRate: 3, deliverRate: 3)]) })
        #expect(after.cleared.map(\.rule) == [.fullPrefetch])
        #expect(diagnosis.findings.isEmpty)
    }

    @Test func withoutTheListOfConsumersTheChannelsPrefetchTells() {
        #expect(
            findings { _, facts in facts.channels = .init([channelFacts(unacked: 10)]) }.map(\.rule) == [.fullPrefetch])
    }

    @Test func aConsumerThatAcksOrHasRoomOrNoLimitIsNotFound() {
        #expect(findings { _, facts in facts.channels = .init([channelFacts(unacked: 10, ackRate: 2)]) }.isEmpty)
        #expect(findings { _, facts in facts.channels = .init([channelFacts(unacked: 9)]) }.isEmpty)
        #expect(findings { _, facts in facts.channels = .init([channelFacts(unacked: 900, prefetch: 0)]) }.isEmpty)
        #expect(
            findings { _, facts in
                facts.channels = .init([channelFacts(unacked: 900)])
                facts.consumers = .init([consumer(prefetch: 0)])
            }.isEmpty)
    }

    @Test func aConsumerThatIsFullOnlyNowAndThenIsNotFound() {
        let found = findings(9) { time, facts in
            facts.channels = .init([channelFacts(unacked: time.isMultiple(of: 2) ? 10 : 4)])
        }
        #expect(found.isEmpty)
    }

    // MARK: A consumer that went

    @Test func aConsumerThatGoesWhileItsChannelLivesIsFound() throws {
        let other = consumer().channel
        let found = findings(8) { time, facts in
            facts.channels = .init([channelFacts(unacked: 0)])
            facts.consumers = .init(time < 3 ? [consumer()] : [])
        }
        let finding = try #require(found.first { $0.rule == .lostConsumer })
        #expect(finding.what.contains("has no consumer of queue 'orders' any more"))
        #expect(finding.where.hasSuffix("channel \(other.number)"))
        #expect(finding.since == facts(15) { _ in }.at)
        // It went with its channel, or subscribed anew under another tag.
        #expect(
            !findings(8) { time, facts in
                facts.channels = .init(time < 3 ? [channelFacts(unacked: 0)] : [])
                facts.consumers = .init(time < 3 ? [consumer()] : [])
            }.contains { $0.rule == .lostConsumer })
        #expect(
            !findings(8) { time, facts in
                facts.channels = .init([channelFacts(unacked: 0)])
                var row = consumer()
                if time > 3 { row.tag = "other" }
                facts.consumers = .init(time == 3 ? [] : [row])
            }.contains { $0.rule == .lostConsumer })
    }

    @Test func aChannelThatLostSeveralConsumersNamesAllTheirQueues() throws {
        var second = consumer()
        second.queue = DiagnosisFacts.QueueKey(vhost: orders.vhost, name: "invoices")
        second.tag = "second"
        let found = findings(8) { time, facts in
            facts.channels = .init([channelFacts(unacked: 0)])
            facts.consumers = .init(time < 3 ? [consumer(), second] : [])
        }.filter { $0.rule == .lostConsumer }
        #expect(found.count == 1)
        #expect(found.first?.what.contains("queue 'invoices', queue 'orders'") == true)
    }

    // MARK: A consumer gone silent

    private func silent(
        ready: @escaping (Int) -> Int = { _ in 50 }, deliverRate: Double? = 0, isActive: Bool? = true,
        priority: Int? = nil, others: [DiagnosisFacts.ConsumerFacts] = []
    ) -> [Finding] {
        findings { time, facts in
            facts.channels = .init([channelFacts(unacked: 2, deliverRate: deliverRate)])
            facts.consumers = .init([consumer(isActive: isActive, priority: priority)] + others)
            facts.queues = .init([queue(ready(time), consumers: 1)])
        }
    }

    @Test func aConsumerThatGetsNothingOfAFullQueueIsFound() throws {
        let finding = try #require(silent().first)
        #expect(finding.rule == .silentConsumer)
        #expect(finding.what == "gets nothing, though queue 'orders' has 50 messages ready")
        #expect(finding.where.hasSuffix("channel 3, consumer c1"))
    }

    @Test func aConsumerThatGetsSomethingOrCannotOrNeedNotIsNotFound() {
        #expect(silent(deliverRate: 4).isEmpty, "it is delivered to")
        #expect(silent(ready: { _ in 0 }).isEmpty, "there is nothing to deliver")
        #expect(silent(ready: { 50 - $0 }).isEmpty, "the queue is drained")
        #expect(silent(isActive: false).isEmpty, "another one is the single active consumer")
        let other = DiagnosisFacts.ChannelKey(connection: "other", number: 1)
        #expect(silent(others: [consumer(priority: 5, tag: "c2", channel: other)]).isEmpty, "another goes first")
    }

    @Test func aConsumerThatHasJustComeIsGivenTime() {
        let found = findings(6) { time, facts in
            facts.queues = .init([queue(50, consumers: time < 4 ? 0 : 1)])
            guard time >= 4 else { return }
            facts.channels = .init([channelFacts(unacked: 0, deliverRate: 0)])
            facts.consumers = .init([consumer()])
        }
        #expect(found.isEmpty)
    }

    // MARK: A channel unknown to the broker

    @Test func aChannelThatTheBrokerDoesNotKnowIsFound() {
        func found(isOpen: Bool, known: Bool?) -> [DiagnosisRule] {
            findings { _, facts in
                facts.clients = .init([.init(channel, clientName: "shop", isOpen: isOpen, isKnownToBroker: known)])
            }.map(\.rule)
        }
        #expect(found(isOpen: true, known: false) == [.unknownChannel])
        #expect(found(isOpen: true, known: true).isEmpty)
        #expect(found(isOpen: true, known: nil).isEmpty)
        #expect(found(isOpen: false, known: false).isEmpty)
    }

    @Test func whatTheProxyKnowsAndWhatAClientSaysDoNotClearEachOther() {
        var diagnosis = Diagnosis()
        func look(_ seconds: Double, _ change: (inout DiagnosisFacts) -> Void) -> [DiagnosisRule] {
            diagnosis.examine(facts(seconds, change))
            return diagnosis.findings.map(\.rule)
        }
        let cut = DiagnosisFacts.ClientChannelFacts(channel, clientName: "shop", isOpen: true, isKnownToBroker: false)
        for second in 0..<5 { _ = look(Double(second)) { $0.proxied = .init([cut]) } }
        #expect(look(5) { $0.clients = .init([]) } == [.unknownChannel])
        #expect(look(6) { $0.proxied = .init([]) }.isEmpty)
    }

    @Test func aListThatIsToldAgainIsNoSecondLook() {
        let found = findings(6) { _, facts in
            facts.channels = .init([channelFacts(unacked: 10)], madeAt: start)
            facts.consumers = .init([consumer()])
        }
        #expect(found.isEmpty)
    }

    // MARK: A blocked publisher

    @Test func aBlockedPublisherIsFoundAtOnceAndItsSinceStays() {
        var diagnosis = Diagnosis()
        func look(_ seconds: Double, _ state: String) -> Diagnosis.Changes {
            diagnosis.examine(
                facts(seconds) {
                    var row = DiagnosisFacts.ConnectionFacts(name: "10.0.0.4:1 -> b")
                    row.clientName = "shop"
                    row.state = state
                    $0.connections = .init([row])
                })
        }
        #expect(look(0, "running").appeared.isEmpty)
        #expect(look(5, "blocking").appeared.isEmpty, "it has not published yet")
        #expect(look(10, "blocked").appeared.map(\.where) == ["shop at 10.0.0.4:1"])
        #expect(look(15, "blocked").appeared.isEmpty)
        #expect(diagnosis.findings.map(\.since) == [start + 10])
        #expect(look(20, "running").cleared.map(\.rule) == [.blockedPublisher])
    }

    // MARK: Churn

    @Test func churnIsFoundWhereItLasts() {
        func found(_ opened: Double, _ closed: Double, times: Int = 4) -> [DiagnosisRule] {
            findings(times) { _, facts in
                facts.churn = .init(
                    connectionsOpened: opened, connectionsClosed: closed, channelsOpened: opened * 10,
                    channelsClosed: closed * 10)
            }.map(\.rule)
        }
        #expect(Set(found(8, 8)) == [.connectionChurn, .channelChurn])
        #expect(found(8, 8, times: 2).isEmpty, "a deploy is no churn")
        #expect(found(50, 0).isEmpty, "what stays is growth")
        #expect(found(1, 1).isEmpty)
    }

    @Test func whoOpensTheMostConnectionsIsNamed() {
        let found = findings { time, facts in
            facts.connections = .init(
                (0..<6).map { number in
                    var row = DiagnosisFacts.ConnectionFacts(name: "c\(time)-\(number)")
                    row.clientName = "cron-job"
                    row.connectedAt = facts.at - 1
                    return row
                })
            facts.churn = .init(connectionsOpened: 9, connectionsClosed: 9, channelsOpened: 9, channelsClosed: 9)
        }
        #expect(found.map(\.what) == ["9.0 connections are opened and closed in a second, most by cron-job"])
    }

    // MARK: A queue that grows

    @Test func aQueueThatGrowsWithoutConsumersIsFound() throws {
        let found = findings { time, facts in facts.queues = .init([queue(100 + time * 10)]) }
        let finding = try #require(found.first)
        #expect(finding.rule == .growingQueue)
        #expect(finding.where == "queue 'orders'")
        #expect(finding.since == start)
        #expect(finding.what == "grows and has no consumer: 140 messages, 40 more since it was seen")
    }

    @Test func aQueueThatHasConsumersOrDoesNotGrowIsNotFound() {
        #expect(findings { time, facts in facts.queues = .init([queue(100 + time, consumers: 1)]) }.isEmpty)
        #expect(findings { time, facts in facts.queues = .init([queue(100 + time, consumers: nil)]) }.isEmpty)
        #expect(findings { _, facts in facts.queues = .init([queue(100)]) }.isEmpty)
        #expect(findings { time, facts in facts.queues = .init([queue(time.isMultiple(of: 2) ? 9 : 5)]) }.isEmpty)
        #expect(findings { time, facts in facts.queues = .init([queue(time < 2 ? 9 : 10)]) }.isEmpty, "one message")
    }

    @Test func aQueueThatStandsStillGrowsNoLonger() throws {
        var diagnosis = Diagnosis()
        for time in 0..<4 {
            diagnosis.examine(facts(Double(time) * 5) { $0.queues = .init([queue(100 + time)]) })
        }
        #expect(diagnosis.findings.map(\.rule) == [.growingQueue])
        let changes = diagnosis.examine(facts(50) { $0.queues = .init([queue(103)]) })
        #expect(changes.cleared.map(\.rule) == [.growingQueue])
        #expect(diagnosis.findings.isEmpty)
    }

    // MARK: Nodes, sources

    @Test func alarmsNodesDownAndPartitionsAreCritical() {
        var memory = DiagnosisFacts.NodeFacts(name: "a", isRunning: true)
        memory.memoryAlarm = true
        var disk = DiagnosisFacts.NodeFacts(name: "b", isRunning: true)
        disk.diskAlarm = true
        disk.partitions = ["c"]
        let down = DiagnosisFacts.NodeFacts(name: "c", isRunning: false)
        let found = findings(1) { _, facts in facts.nodes = .init([memory, disk, down]) }
        #expect(found.allSatisfy { $0.severity == .critical })
        #expect(
            Set(found.map(\.where)) == ["memory of node a", "disk of node b", "node b", "node c"])
        #expect(findings { _, facts in facts.nodes = .init([.init(name: "a", isRunning: true)]) }.isEmpty)
    }

    @Test func aSourceThatIsMissingIsFound() {
        let found = findings(1) { _, facts in
            facts.sources = .init([
                .init(name: "prometheus", isMissing: true, problem: "connection refused"),
                .init(name: "management", isMissing: true, isVital: true),
                .init(name: "log exchange", isMissing: false),
            ])
        }
        #expect(found.map(\.where) == ["source management", "source prometheus"], "the worst first")
        #expect(found.map(\.severity) == [.critical, .warning])
    }

    // MARK: Memory

    @Test func aListOfSomeRowsDoesNotClearWhatItDoesNotTellOf() {
        var diagnosis = Diagnosis()
        var blocked = DiagnosisFacts.ConnectionFacts(name: "a")
        blocked.state = "blocked"
        diagnosis.examine(facts(0) { $0.connections = .init([blocked]) })
        let other = DiagnosisFacts.ConnectionFacts(name: "b")
        #expect(diagnosis.examine(facts(5) { $0.connections = .init([other], isComplete: false) }).cleared.isEmpty)
        #expect(diagnosis.examine(facts(10) { $0.connections = .init([other]) }).cleared.count == 1)
    }

    /// Whether it is over nobody knows then.
    @Test func whatNobodyLooksAtAgainIsForgottenAndNotSaidToBeOver() {
        var diagnosis = Diagnosis()
        var blocked = DiagnosisFacts.ConnectionFacts(name: "a")
        blocked.state = "blocked"
        diagnosis.examine(facts(0) { $0.connections = .init([blocked]) })
        #expect(diagnosis.examine(facts(59) { _ in }).cleared.isEmpty)
        #expect(diagnosis.findings.count == 1)
        #expect(diagnosis.examine(facts(61) { _ in }).cleared.isEmpty)
        #expect(diagnosis.findings.isEmpty)
    }

    @Test func tenThousandQueuesAreOnePass() {
        var diagnosis = Diagnosis()
        let begun = ContinuousClock.now
        for time in 0..<3 {
            diagnosis.examine(
                facts(Double(time) * 5) {
                    $0.queues = .init(
                        (0..<10_000).map { number in
                            .init(.init(vhost: "/", name: "q\(number)"), ready: time * 3, consumers: 0)
                        })
                })
        }
        #expect(ContinuousClock.now - begun < .seconds(20))
    }

    // MARK: Since when

    @Test func whatTheBrokerTellsOfTheTimeCountsAndNotWhenSomebodyBeganToLook() throws {
        let longAgo = start - 3_600
        let held = findings { _, facts in
            var channel = channelFacts(unacked: 10)
            channel.idleSince = longAgo
            facts.channels = .init([channel])
            facts.consumers = .init([consumer()])
        }
        // Idle for an hour, it is beyond the consumer timeout as well.
        #expect(Set(held.map(\.rule)) == [.fullPrefetch, .consumerTimeout])
        #expect(held.allSatisfy { $0.since == longAgo })
        let silent = findings { _, facts in
            var channel = channelFacts(unacked: 0)
            channel.idleSince = longAgo
            var row = queue(5, consumers: 1)
            row.idleSince = longAgo + 60
            facts.channels = .init([channel])
            facts.consumers = .init([consumer()])
            facts.queues = .init([row])
        }
        #expect(silent.map(\.rule) == [.silentConsumer])
        #expect(silent.first?.since == longAgo + 60, "since the queue has its messages")
        let alarmed = findings(1) { _, facts in
            var node = DiagnosisFacts.NodeFacts(name: "a", isRunning: true)
            (node.memoryAlarm, node.memoryAlarmSince) = (true, longAgo)
            facts.nodes = .init([node])
            var connection = DiagnosisFacts.ConnectionFacts(name: "x -> y")
            (connection.state, connection.blockedSince) = ("blocked", longAgo + 1)
            facts.connections = .init([connection])
        }
        #expect(alarmed.map(\.since) == [longAgo, longAgo + 1])
    }

    @Test func aTimeThatTheBrokerTellsDoesNotShortenTheWait() {
        // The list of queues is newer than what it says of the idle time.
        let early = findings(2) { _, facts in
            var channel = channelFacts(unacked: 0)
            channel.idleSince = start - 3_600
            var row = queue(5, consumers: 1)
            row.idleSince = start - 3_600
            facts.channels = .init([channel])
            facts.consumers = .init([consumer()])
            facts.queues = .init([row])
        }
        #expect(early.isEmpty)
    }
}
