import Testing
import TopCore

@testable import BrokerMonitor

@Suite struct PollPlanTests {
    private typealias Want = PollPlan.Want

    @Test func asksAtOnceThenAfterItsInterval() {
        var plan = PollPlan()
        plan.want([.cluster: Want(every: 5)], at: 0)
        #expect(plan.due(at: 0) == [.cluster])
        #expect(plan.due(at: 10).isEmpty, "one is in flight")
        plan.ended(.cluster, .answered, at: 0.01, jitter: 0)
        #expect(plan.due(at: 4.9).isEmpty)
        #expect(plan.nextDue == 5)
        #expect(plan.due(at: 5) == [.cluster])
    }

    @Test func whatIsExpensiveIsAskedRarely() {
        var plan = PollPlan()
        plan.want([.connections: Want(every: 5)], at: 0)
        _ = plan.due(at: 0)
        plan.ended(.connections, .answered, at: 0.65, jitter: 0)
        #expect(plan.nextDue == 13)
        _ = plan.due(at: 13)
        plan.ended(.connections, .answered, at: 13.01, jitter: 1)
        #expect(plan.nextDue == 18.5)
        _ = plan.due(at: 18.5)
        plan.ended(.connections, .answered, at: 18.51, jitter: -1)
        #expect(plan.nextDue == 23)
    }

    @Test func whatIsAskedOverAMQPKeepsItsPace() {
        var plan = PollPlan()
        plan.want([.live(vhost: "/"): Want(every: 0.2)], at: 0)
        _ = plan.due(at: 0)
        plan.ended(.live(vhost: "/"), .answered, at: 0.3, jitter: 0)
        #expect(plan.nextDue == 0.6)
        _ = plan.due(at: 0.6)
        plan.ended(.live(vhost: "/"), .answered, at: 0.602, jitter: 0)
        #expect(abs((plan.nextDue ?? 0) - 0.8) < 0.000_1)
    }

    @Test func aDeadBrokerIsProbedEverySecondByOneRequest() {
        var plan = PollPlan()
        let wants: [Ask: Want] = [
            .pulse: Want(every: 1), .cluster: Want(every: 5), .connections: Want(every: 5),
            .bulk(node: "a"): Want(every: 5),
            .live(vhost: "/"): Want(every: 1),
        ]
        plan.want(wants, at: 0)
        // One request tells whether the management API answers, and to whom.
        #expect(Set(plan.due(at: 0)) == [.pulse, .bulk(node: "a"), .live(vhost: "/")])
        plan.ended(.pulse, .answered, at: 0, jitter: 0)
        #expect(Set(plan.due(at: 0)) == [.cluster, .connections])
        for ask in wants.keys { plan.ended(ask, .answered, at: 0.01, jitter: 0) }
        #expect(Set(plan.due(at: 1.02)) == [.pulse, .live(vhost: "/")])
        plan.ended(.live(vhost: "/"), .answered, at: 1.03, jitter: 0)
        let died = plan.ended(.pulse, .dead, at: 3.02, jitter: 0)
        #expect(died && plan.isDead(.management))
        // It took two seconds, so the next probe is due; the other sources are probed at once, the other requests to the management API wait.
        let next = Set(plan.due(at: 3.03))
        #expect(next == [.pulse, .bulk(node: "a"), .live(vhost: "/")])
        plan.ended(.pulse, .dead, at: 3.04, jitter: 0)
        plan.ended(.bulk(node: "a"), .dead, at: 3.04, jitter: 0)
        plan.ended(.live(vhost: "/"), .dead, at: 3.04, jitter: 0)
        #expect(plan.due(at: 3.9).isEmpty)
        #expect(Set(plan.due(at: 4.1)) == [.pulse, .bulk(node: "a"), .live(vhost: "/")])
        // Back: everything is due.
        let cameBack = plan.ended(.pulse, .answered, at: 4.2, jitter: 0)
        #expect(cameBack)
        #expect(Set(plan.due(at: 4.2)).isSuperset(of: [.cluster, .connections]))
    }

    @Test func aDeniedUserIsNotProbedEverySecond() {
        var plan = PollPlan()
        plan.want([.pulse: Want(every: 1), .cluster: Want(every: 5)], at: 0)
        _ = plan.due(at: 0)
        plan.ended(.pulse, .denied, at: 0.1, jitter: 0)
        plan.ended(.cluster, .denied, at: 0.1, jitter: 0)
        #expect(plan.due(at: 14.9).isEmpty)
        #expect(plan.due(at: 15) == [.pulse])
        // Then after half a minute, and once a minute from then on.
        var now = 15.0
        for pause in [30.0, 60, 60] {
            plan.ended(.pulse, .denied, at: now + 0.1, jitter: 0)
            #expect(plan.due(at: now + pause - 0.1).isEmpty)
            now += pause
            #expect(plan.due(at: now) == [.pulse])
        }
        plan.ended(.pulse, .answered, at: now + 0.1, jitter: 0)
        #expect(plan.due(at: now + 0.1) == [.cluster])
    }

    @Test func aBrokerThatStartsIsAskedEverySecondForWhatIsMissing() {
        #expect(PollPlan.wants(Interest(), BrokerFacts(isStarting: true))[.cluster]?.interval == 1)
        #expect(PollPlan.wants(Interest(), BrokerFacts())[.cluster]?.interval == 5)
        var facts = BrokerFacts(prometheusNodes: ["a"], isBulkIncomplete: true)
        #expect(PollPlan.wants(Interest(), facts)[.bulk(node: "a")]?.interval == 1)
        facts.isBulkIncomplete = false
        #expect(PollPlan.wants(Interest(), facts)[.bulk(node: "a")]?.interval == 5)
    }

    /// Each refused login is a line in the broker's log: scrolling, or another source's return, must not make more of them.
    @Test func aFeedThatRefusesTheUserIsLeftAloneWhateverIsOnTheScreen() {
        var plan = PollPlan()
        let live = Ask.live(vhost: "/")
        plan.want([live: Want(every: 1, subject: 1)], at: 0)
        _ = plan.due(at: 0)
        plan.ended(live, .denied, at: 0.1, jitter: 0)
        plan.want([live: Want(every: 0.2, subject: 2)], at: 1)
        plan.hurry(at: 1) { _ in true }
        #expect(plan.due(at: 14.9).isEmpty)
        plan.want([:], at: 2)
        plan.want([live: Want(every: 1, subject: 3)], at: 3)
        #expect(plan.due(at: 14.9).isEmpty)
        #expect(plan.due(at: 15) == [live])
        plan.ended(live, .answered, at: 15.1, jitter: 0)
        plan.want([live: Want(every: 1, subject: 4)], at: 15.3)
        #expect(plan.due(at: 15.3) == [live])
    }

    /// Maintenance mode: kept-alive connections answer, new ones are refused.
    @Test func aFeedThatComesAndGoesIsBelievedWhenItHoldsAndHurriesNobody() {
        var plan = PollPlan()
        let wants: [Ask: Want] = [
            .pulse: Want(every: 1), .cluster: Want(every: 5), .vhosts: Want(every: 15), .connections: Want(every: 5),
            .bulk(node: "a"): Want(every: 5), .live(vhost: "/"): Want(every: 1),
        ]
        plan.want(wants, at: 0)
        var asked: [Ask: Int] = [:]
        var changes = 0
        var isUp = true
        var now = 0.0
        while now < 60 {
            // Every second answer of the management API comes, and the other not.
            for ask in plan.due(at: now) {
                asked[ask, default: 0] += 1
                if ask == .pulse { isUp.toggle() }
                let result: AskResult = ask.source == .management ? (isUp ? .answered : .dead) : .answered
                if plan.ended(ask, result, at: now + 0.01, jitter: 0) { changes += 1 }
            }
            now += 0.05
        }
        #expect(changes <= 12, "it is told to have changed \(changes) times")
        let requests = wants.keys.filter { $0.source == .management }.reduce(0) { $0 + (asked[$1] ?? 0) }
        #expect(requests < 90, "\(requests) requests in a minute")
        #expect((asked[.bulk(node: "a")] ?? 0) < 18)
        #expect((asked[.live(vhost: "/")] ?? 0) < 75)
    }

    @Test func aFeedThatWasLostOftenHasToAnswerForAWhile() {
        var health = PolledSourceHealth()
        func comes(at time: Double) -> Bool { health.answered(at: time) }
        #expect(health.died(at: -2).isNew && comes(at: -1), "what was never there was not lost")
        #expect(health.died(at: 1).isNew)
        #expect(comes(at: 2), "the first return is believed at once")
        #expect(health.died(at: 3).isNew)
        #expect(!comes(at: 4) && !comes(at: 5) && health.isReturning && health.state == .dead)
        #expect(comes(at: 6), "it has answered for two seconds")
        #expect(health.died(at: 7).isNew && !health.died(at: 8).isNew)
        #expect(!comes(at: 9) && !comes(at: 12.5))
        #expect(!health.died(at: 12.6).isNew, "it was not believed, so that is no news")
        #expect(!comes(at: 13) && !comes(at: 16))
        #expect(comes(at: 17))
        for time in 0..<20 {
            _ = health.died(at: 20 + Double(time))
            _ = health.answered(at: 20.5 + Double(time))
        }
        #expect(health.hold(at: 40) <= PolledSourceHealth.longestHold)
        #expect(health.hold(at: 200) == 0, "what was a minute ago is forgotten")
    }

    @Test func whatNamesAVhostWaitsUntilAccessIsKnown() {
        var plan = PollPlan()
        plan.want([.pulse: Want(every: 1), .vhosts: Want(every: 15), .detail: Want(every: 5)], at: 0)
        #expect(plan.due(at: 0) == [.pulse])
        plan.ended(.pulse, .answered, at: 0.1, jitter: 0)
        #expect(plan.due(at: 0.1) == [.vhosts])
        #expect(plan.due(at: 0.5).isEmpty)
        plan.ended(.vhosts, .answered, at: 0.6, jitter: 0)
        #expect(plan.due(at: 0.6) == [.detail])
    }

    @Test func onlyADeathAfterASteadyLifeHasTheOthersAsked() {
        var health = PolledSourceHealth()
        _ = health.answered(at: 90)
        #expect(health.died(at: 100).wasSteady)
        _ = health.answered(at: 101)
        #expect(!health.died(at: 105).wasSteady)
        _ = health.answered(at: 106)
        _ = health.answered(at: 109)
        #expect(health.died(at: 130).wasSteady)
    }

    @Test func aRefusedRequestKillsNobody() {
        var plan = PollPlan()
        plan.want([.pulse: Want(every: 1), .page: Want(every: 5), .cluster: Want(every: 5)], at: 0)
        #expect(plan.due(at: 0) == [.pulse])
        plan.ended(.pulse, .answered, at: 0, jitter: 0)
        #expect(Set(plan.due(at: 0)) == [.page, .cluster])
        plan.ended(.page, .refused, at: 0.1, jitter: 0)
        #expect(!plan.isDead(.management))
        #expect(plan.due(at: 1) == [.pulse])
        #expect(plan.nextDue == 5)
    }

    @Test func anAnswerMakesThePulseSuperfluous() {
        var plan = PollPlan()
        plan.want([.pulse: Want(every: 1), .rich: Want(every: 5)], at: 0)
        _ = plan.due(at: 0)
        plan.ended(.pulse, .answered, at: 0.1, jitter: 0)
        #expect(plan.due(at: 0.1) == [.rich])
        plan.ended(.rich, .answered, at: 0.9, jitter: 0)
        #expect(plan.nextDue == 1.9)
    }

    @Test func anotherSubjectIsDueAtOnceButNotInAStorm() {
        var plan = PollPlan()
        plan.want([.rich: Want(every: 5, subject: 1)], at: 0)
        _ = plan.due(at: 0)
        plan.want([.rich: Want(every: 5, subject: 2)], at: 0.01)
        #expect(plan.due(at: 0.05).isEmpty, "the first one is still in flight")
        plan.ended(.rich, .answered, at: 0.06, jitter: 0)
        #expect(plan.due(at: 0.1).isEmpty)
        #expect(plan.due(at: 0.2) == [.rich])
        plan.ended(.rich, .answered, at: 0.21, jitter: 0)
        plan.want([:], at: 1)
        #expect(plan.due(at: 100).isEmpty)
        #expect(plan.nextDue == nil)
    }

    @Test func anEndThatNobodyWaitsForIsIgnored() {
        var plan = PollPlan()
        let changed = plan.ended(.cluster, .dead, at: 0, jitter: 0)
        #expect(!changed)
        plan.want([.cluster: Want(every: 5)], at: 0)
        _ = plan.due(at: 0)
        plan.want([:], at: 1)
        plan.ended(.cluster, .answered, at: 2, jitter: 0)
        #expect(plan.nextDue == nil)
    }

    // MARK: What an interest needs

    private func wanted(_ change: (inout Interest) -> Void, _ facts: BrokerFacts = BrokerFacts()) -> Set<Ask> {
        var interest = Interest()
        change(&interest)
        return Set(PollPlan.wants(interest, facts).keys)
    }

    @Test func onlyWhatIsOnTheScreenIsAsked() {
        let always: Set<Ask> = [.pulse, .cluster, .vhosts]
        #expect(wanted { $0.view = .nodes } == always)
        // What our own clients do is an event at once, and looking costs the broker nothing.
        #expect(wanted { $0.view = .events } == always.union([.client]))
        #expect(wanted { $0.view = .connections } == always.union([.connections, .channels]))
        #expect(wanted { $0.view = .exchanges } == always.union([.exchanges, .bindings]))
        #expect(
            wanted {
                $0.view = .queues
                $0.frozen = true
                $0.queues = [EntityID(vhost: "/", name: "a")]
            } == always)
        #expect(
            wanted {
                $0.view = .nodes
                $0.detail = .node("a")
            } == always.union([.detail]))
    }

    @Test func theOverviewLooksAtTheRowsOfASmallBrokerForItsDiagnosis() {
        let lists: Set<Ask> = [.connections, .channels, .consumers]
        #expect(wanted({ $0.view = .overview }, BrokerFacts(isSmall: true)).isSuperset(of: lists))
        #expect(wanted({ $0.view = .overview }, BrokerFacts(isSmall: false)).isDisjoint(with: lists))
        #expect(wanted({ $0.view = .nodes }, BrokerFacts(isSmall: true)).isDisjoint(with: lists))
    }

    @Test func whatWasLostIsAskedForUntilItIsBackWhateverIsOnTheScreen() {
        let facts = BrokerFacts(prometheusNodes: ["a"], missing: [.prometheus(node: "a"), .amqp(vhost: "v")])
        #expect(wanted({ $0.view = .nodes }, facts).isSuperset(of: [.bulk(node: "a"), .live(vhost: "v")]))
        #expect(wanted({ $0.view = .nodes }).isDisjoint(with: [.bulk(node: "a"), .live(vhost: "v")]))
    }

    @Test func aBrokerThatLogsEachRequestIsAskedLessOften() {
        func pulse(_ facts: BrokerFacts) -> Double? { PollPlan.wants(Interest(), facts)[.pulse]?.interval }
        #expect(pulse(BrokerFacts()) == 1)
        #expect(pulse(BrokerFacts(logsEveryRequest: true)) == 8)
        // Anything that answers makes the pulse superfluous there.
        var plan = PollPlan()
        plan.want([.pulse: Want(every: 8), .cluster: Want(every: 5)], at: 0)
        var pulses = 0
        var now = 0.0
        while now < 60 {
            for ask in plan.due(at: now) {
                if ask == .pulse { pulses += 1 }
                plan.ended(ask, .answered, at: now + 0.01, jitter: 0)
            }
            now += 0.05
        }
        #expect(pulses <= 2)
    }

    @Test func queuesWhoseNodeIsDownAreAskedForWhileANodeIsDown() {
        let facts = BrokerFacts(prometheusNodes: ["a"], hasNodeDown: true)
        #expect(wanted({ $0.view = .queues }, facts).contains(.downQueues))
        #expect(!wanted({ $0.view = .queues }, BrokerFacts(prometheusNodes: ["a"])).contains(.downQueues))
    }

    @Test func theQueueViewChoosesItsSources() {
        var facts = BrokerFacts(prometheusNodes: ["a", "b"], queueCount: 10_000, liveQueues: ["/": 1])
        func queues(_ sort: QueueColumn) -> Set<Ask> {
            wanted(
                {
                    $0.view = .queues
                    $0.queues = [EntityID(vhost: "/", name: "a")]
                    $0.order = RowOrder(by: QueueRow.column(sort), descending: true)
                }, facts)
        }
        let base: Set<Ask> = [.pulse, .cluster, .vhosts, .rich, .live(vhost: "/")]
        #expect(queues(.ready) == base.union([.bulk(node: "a"), .bulk(node: "b")]))
        #expect(queues(.memory) == base.union([.bulk(node: "a"), .bulk(node: "b"), .page]))
        facts.prometheusNodes = []
        facts.lacksBulk = true
        #expect(queues(.ready) == base, "the whole list of 10,000 queues is never asked for")
        facts.queueCount = 100
        #expect(queues(.ready) == base.union([.cheap]))
    }
}
