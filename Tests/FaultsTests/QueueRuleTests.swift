import Faults
import Foundation
import Names
import Testing

@Suite struct QueueRuleTests {
    private func found(
        _ rule: DiagnosisRule, _ details: (inout DiagnosisFacts.QueueDetailFacts) -> Void
    ) -> [Finding] {
        var watch = Watch()
        watch.see { facts, _ in facts.queueDetails = .init([queueDetails(ordersKey, details)], isComplete: false) }
        return watch.findings(rule)
    }

    // MARK: Limits

    @Test(arguments: [
        (DiagnosisFacts.Overflow.dropHead, Finding.Severity.warning, "drops its oldest"),
        (.rejectPublish, .critical, "refuses new messages"),
        (.rejectPublishDeadLetter, .critical, "refuses new messages and dead-letters them"),
    ])
    func aFullQueueTellsWhatBecomesOfNewMessages(
        _ overflow: DiagnosisFacts.Overflow, _ severity: Finding.Severity, _ words: String
    ) {
        let full = found(.queueLimit) {
            ($0.ready, $0.maxLength, $0.overflow) = (1_000, 1_000, overflow)
        }
        #expect(full.map(\.severity) == [severity])
        #expect(full.first?.what.contains(words) == true)
        let near = found(.queueLimit) { ($0.ready, $0.maxLength, $0.overflow) = (900, 1_000, overflow) }
        #expect(near.map(\.severity) == [.warning])
        #expect(near.first?.what.hasPrefix("has 900 of at most 1000 messages") == true)
    }

    @Test func aQueueFarFromItsLimitOrWithoutOneIsNotFound() {
        #expect(found(.queueLimit) { ($0.ready, $0.maxLength) = (899, 1_000) }.isEmpty)
        #expect(found(.queueLimit) { $0.ready = 1_000_000 }.isEmpty)
        #expect(found(.queueLimit) { $0.maxLength = 10 }.isEmpty, "an unknown depth is not a full queue")
        #expect(found(.queueLimit) { ($0.messageBytes, $0.maxLengthBytes, $0.type) = (100, 100, .stream) }.isEmpty)
        #expect(found(.queueLimit) { ($0.messageBytes, $0.maxLengthBytes) = (95, 100) }.count == 1)
        #expect(found(.queueLimit) { ($0.ready, $0.maxLength) = (.max, .max) }.count == 1, "no overflow")
    }

    @Test func theLimitIsJudgedByTheNewestDepth() {
        var watch = Watch()
        watch.see { facts, _ in
            facts.queueDetails = .init(
                [queueDetails { ($0.ready, $0.maxLength) = (10, 100) }], isComplete: false)
        }
        watch.see { facts, _ in facts.queues = .init([queueFacts(95)]) }
        #expect(watch.findings(.queueLimit).count == 1)
        #expect(watch.see { facts, _ in facts.queues = .init([queueFacts(20)]) }.cleared.count == 1)
    }

    // MARK: Trend

    /// A queue that changes by so many messages each ten seconds.
    private func trend(_ steps: Int, from first: Int, by change: Int, limit: Int?, consumers: Int? = 1) -> Watch {
        var watch = Watch()
        watch.see(steps, every: 10) { facts, step in
            facts.queueDetails = .init([queueDetails { $0.maxLength = limit }], isComplete: false)
            facts.queues = .init([queueFacts(max(0, first + change * step), consumers: consumers)])
        }
        return watch
    }

    @Test func aQueueThatGrowsSteadilyTellsWhenItIsFull() throws {
        let watch = trend(16, from: 100, by: 100, limit: 6_000)
        let finding = try #require(watch.findings(.fillsUp).first)
        #expect(
            finding.what == "grows by 10 messages a second and is at its limit in about 7 min (1600 of 6000)")
        #expect(watch.diagnosis.forecast(of: ordersKey)?.words == "at its limit in about 7 min")
        #expect(trend(16, from: 100, by: 100, limit: 1_000_000).findings(.fillsUp).isEmpty, "too far away")
        #expect(trend(16, from: 100, by: 100, limit: nil).findings(.fillsUp).isEmpty)
        #expect(trend(6, from: 100, by: 100, limit: 6_000).findings(.fillsUp).isEmpty, "not known for long enough")
    }

    @Test func aQueueThatDrainsTellsWhenItIsEmpty() throws {
        let forecast = try #require(trend(16, from: 3_000, by: -100, limit: nil).diagnosis.forecast(of: ordersKey))
        #expect(forecast.words == "empty in about 2 min")
        #expect(forecast.perSecond == -10)
    }

    @Test func whatGoesUpAndDownHasNoForecast() {
        var watch = Watch()
        watch.see(30, every: 10) { facts, step in
            facts.queues = .init([queueFacts(1_000 + (step % 6) * 100, consumers: 1)])
        }
        #expect(watch.diagnosis.forecast(of: ordersKey) == nil)
    }

    @Test func aGrowingQueueSaysWhenItIsFull() {
        let words = trend(16, from: 100, by: 100, limit: 6_000, consumers: 0).findings(.growingQueue).first?.what
        #expect(words?.hasSuffix("at its limit in about 7 min") == true)
    }

    // MARK: Age

    @Test func anOldMessageIsFoundWhereThereAreConsumers() throws {
        let old = watchStart - 1_200
        let finding = try #require(
            found(.oldMessage) { ($0.headMessageAt, $0.ready, $0.consumers) = (old, 5, 2) }.first)
        #expect(finding.what == "its oldest message is 20 min old by its timestamp, with 2 consumers")
        #expect(finding.since == old + 600)
        #expect(found(.oldMessage) { ($0.headMessageAt, $0.ready, $0.consumers) = (old, 5, 0) }.isEmpty)
        #expect(found(.oldMessage) { ($0.headMessageAt, $0.ready, $0.consumers) = (old, 5, nil) }.isEmpty)
        #expect(
            found(.oldMessage) { ($0.headMessageAt, $0.ready, $0.consumers) = (watchStart - 60, 5, 2) }.isEmpty)
    }

    // MARK: States and members

    @Test(arguments: [
        ("down", Finding.Severity.critical), ("crashed", .critical), ("stopped", .critical), ("recovering", .warning),
        ("something new", .warning),
    ])
    func aQueueThatDoesNotRunIsFound(_ state: String, _ severity: Finding.Severity) {
        let findings = found(.queueState) { $0.state = state }
        #expect(findings.map(\.severity) == [severity])
        #expect(findings.first?.what == "is \(state)")
    }

    @Test(arguments: ["running", "idle", "flow", nil])
    func aQueueThatWorksIsNotFound(_ state: String?) {
        #expect(found(.queueState) { $0.state = state }.isEmpty)
    }

    @Test func aQuorumQueueWithoutMajorityIsCriticalAndOneThatLacksAMemberIsNot() throws {
        func members(_ online: [Name], _ all: [Name] = ["a", "b", "c"], state: String? = nil) -> [Finding] {
            found(.missingMember) { ($0.members, $0.onlineMembers, $0.state) = (all, online, state) }
        }
        let lost = try #require(members(["a"]).first)
        #expect(lost.severity == .critical)
        #expect(lost.what == "has no majority: 1 of 3 members are online; it takes and gives no messages")
        #expect(lost.advice == "Start b, c.")
        #expect(lost.subjects == [.queue(ordersKey), .node("b"), .node("c")])
        #expect(members(["a", "b"]).map(\.what) == ["lacks its member on c"])
        #expect(members(["a", "b"]).map(\.severity) == [.warning])
        #expect(members(["a", "b"], ["a", "b", "c", "d"]).map(\.severity) == [.critical], "half is no majority")
        #expect(members(["a", "b", "c"]).isEmpty)
        #expect(found(.missingMember) { $0.members = ["a", "b", "c"] }.isEmpty, "unknown is not offline")
        #expect(found(.missingMember) { $0.state = "minority" }.map(\.severity) == [.critical])
    }

    @Test func manyQueuesThatLackOneNodeAreOneFinding() throws {
        var watch = Watch()
        watch.see { facts, _ in
            facts.queueDetails = .init(
                (0..<500).map { number in
                    queueDetails(.init(vhost: "/", name: "q\(number)")) {
                        ($0.members, $0.onlineMembers) = (["a", "b", "c"], ["a", "b"])
                    }
                }, isComplete: false)
        }
        let finding = try #require(watch.findings(.missingMember).first)
        #expect(watch.findings(.missingMember).count == 1)
        #expect(finding.where == "node c")
        #expect(finding.what.hasPrefix("500 queues lack their member on c, such as queue 'q0'"))
        #expect(finding.subjects.count == Finding.mostSubjects)
    }

    // MARK: Who is behind

    @Test func aMemberThatIsBehindIsFoundSinceItFellBehind() throws {
        let since = watchStart - 40
        func lagging(_ online: [Name]?, _ all: [Name]? = ["a", "b", "c"]) -> [Finding] {
            found(.laggingMember) {
                ($0.members, $0.onlineMembers) = (all, online)
                $0.memberLags = [.init(node: "c", entries: 3_002, since: since)]
            }
        }
        let finding = try #require(lagging(["a", "b", "c"]).first)
        #expect(finding.what == "its member on c lacks 3002 entries of the log")
        #expect(finding.since == since)
        #expect(finding.subjects == [.queue(ordersKey), .node("c")])
        #expect(lagging(["a", "b"]).isEmpty, "that it is missing is told by another rule")
        #expect(lagging(["a", "b"], ["a", "b"]).isEmpty, "it is no member any more")
        #expect(lagging(nil, nil).count == 1)
        #expect(found(.laggingMember) { $0.memberLags = [] }.isEmpty)
        #expect(found(.laggingMember) { $0.memberLags = nil }.isEmpty)
    }

    @Test func twoMembersThatAreBehindAreTwoFindingsThatEndAlone() {
        var watch = Watch()
        func see(_ nodes: [Name]) -> Diagnosis.Changes {
            watch.see { facts, _ in
                facts.queueDetails = .init(
                    [
                        queueDetails {
                            $0.memberLags = nodes.map { .init(node: $0, entries: 5, since: watchStart) }
                        }
                    ], isComplete: false)
            }
        }
        #expect(see(["b", "c"]).appeared.count == 2)
        #expect(see(["c"]).cleared.map(\.what) == ["its member on b lacks 5 entries of the log"])
    }

    /// What is found while a stream's consumer is that many messages behind, every 10 s.
    private func lags(_ messages: [Int?]) -> Watch {
        var watch = Watch()
        watch.see(messages.count, every: 10) { facts, step in
            facts.queueDetails = .init(
                [
                    queueDetails {
                        $0.type = .stream
                        $0.consumerLag = messages[step].map {
                            .init(messages: $0, connection: "10.0.0.4:1 -> 10.0.0.9:5552", at: facts.at)
                        }
                    }
                ], isComplete: false)
        }
        return watch
    }

    @Test func aLagThatGrowsIsFoundSinceItGrows() throws {
        let finding = try #require(lags([500, 0, 40, 100, 200, 300, 400, 500, 600, 700]).findings(.growingLag).first)
        #expect(
            finding.what
                == "the consumer at 10.0.0.4:1 -> 10.0.0.9:5552 is 700 messages behind, and falls behind more and more")
        // It had caught up at the second report.
        #expect(finding.since == watchStart + 20)
        #expect(finding.subjects == [.queue(ordersKey), .connection("10.0.0.4:1 -> 10.0.0.9:5552")])
    }

    @Test(
        arguments: [
            [0, 500, 500, 500, 500, 500, 500, 500, 500, 500], [0, 10, 20, 30, 40, 50, 60, 70, 80, 90],
            [0, 900, 100, 900, 100, 900, 100, 900, 100, 900], [0, 200, 400, 600, 800, nil, nil, nil, nil, nil],
            [0, 200, 400, 600, 800, 1_000],
        ] as [[Int?]])
    func aLagThatDoesNotGrowSteadilyIsNotFound(_ messages: [Int?]) {
        #expect(lags(messages).findings(.growingLag).isEmpty)
    }

    @Test func aLagThatGrowsNoMoreIsOver() {
        let growing = [0, 200, 400, 600, 800, 1_000, 1_200, 1_400, 1_600]
        #expect(lags(growing).findings(.growingLag).count == 1)
        #expect(lags(growing + [1_600, 1_600, 1_600, 1_600]).findings(.growingLag).isEmpty)
        #expect(lags(growing + [300]).findings(.growingLag).isEmpty)
    }

    @Test func aStateEndsWithTheQueue() {
        var watch = Watch()
        watch.see { facts, _ in
            facts.queueDetails = .init([queueDetails { $0.state = "down" }], isComplete: false)
        }
        #expect(watch.see { facts, _ in facts.goneQueues = [ordersKey] }.cleared.map(\.rule) == [.queueState])
    }

    // MARK: Bounds

    @Test func ofManyProblemsOfARuleTheNumberOfTheRestIsTold() throws {
        var watch = Watch()
        watch.see(4) { facts, step in
            facts.queues = .init(
                (0..<3_000).map { queueFacts(1 + step, consumers: 0, .init(vhost: "/", name: "q\($0)")) })
        }
        #expect(watch.findings(.growingQueue).count == 101)
        #expect(watch.findings(.growingQueue).contains { $0.what == "2900 more of 'growing queue' are not listed" })
        let suspects = watch.diagnosis.suspects
        #expect(suspects.count == 20)
        watch.see { facts, step in
            facts.queues = .init(
                (0..<3_000).map {
                    queueFacts(1 + step + $0, consumers: 0, .init(vhost: "/", name: "q\($0)"))
                })
        }
        #expect(watch.diagnosis.suspects == suspects, "what is asked for does not change with each list")
    }
}
