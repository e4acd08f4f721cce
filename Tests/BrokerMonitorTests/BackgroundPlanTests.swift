import Testing
import TopCore

@testable import BrokerMonitor

/// What is polled whatever is on the screen, and how much of the broker's time that takes.
@Suite struct BackgroundPlanTests {
    private typealias Want = PollPlan.Want

    private static func facts(_ count: Int = 100) -> BrokerFacts {
        BrokerFacts(
            prometheusNodes: ["a"], queueCount: count, connectionCount: count, channelCount: count,
            consumerCount: count, exchangeCount: 10)
    }

    private static func interest(_ view: ViewID, _ change: (inout Interest) -> Void = { _ in }) -> Interest {
        var interest = Interest()
        interest.view = view
        interest.watchesAll = true
        change(&interest)
        return interest
    }

    /// Runs a plan by durations that a test sets, and returns when each request started and how long it took.
    private func run(
        _ wants: [Ask: Want], for seconds: Double, step: Double = 0.05, took: (Ask, Double) -> Double,
        result: (Ask) -> AskResult = { _ in .answered }
    ) -> [(ask: Ask, at: Double, took: Double)] {
        var plan = PollPlan()
        plan.want(wants, at: 0)
        var flying: [(ask: Ask, end: Double)] = []
        var sent: [(ask: Ask, at: Double, took: Double)] = []
        var now = 0.0
        while now < seconds {
            for (ask, end) in flying where end <= now { plan.ended(ask, result(ask), at: end, jitter: 0) }
            flying.removeAll { $0.end <= now }
            for ask in plan.due(at: now) {
                let duration = took(ask, now)
                flying.append((ask, now + duration))
                sent.append((ask, now, duration))
            }
            now += step
        }
        return sent
    }

    private static let lists: Set<Ask> = Set(WatchedList.allCases.map(Ask.whole))

    // MARK: What is watched

    @Test func aListThatWasDearOnceIsAskedForAgainBeforeLong() {
        var track = PollPlan.Track(want: .background(every: 5), dueAt: 0)
        let budget = PollBudget(demands: [8, 8, 8, 8, 8], used: 0)
        let paces = (0..<5).map { _ in
            track.took(40)
            return track.pace(budget)
        }
        #expect(paces.prefix(3) == [600, 1_200, 2_400])
        let allowed = budget.pace(took: 40, interval: 5, demand: 8)
        #expect(allowed > 4_000)
        #expect(paces.suffix(2) == [allowed, allowed], "it is as dear as that, and the budget holds")
        track.took(0.01)
        #expect(track.pace(budget) == 5)
        track.took(40)
        #expect(track.pace(budget) == 600)
    }

    @Test func logsAreAskedForWhereThereIsSomethingToLearn() {
        func asks(_ change: (inout BrokerFacts) -> Void) -> Set<Ask> {
            var facts = Self.facts()
            change(&facts)
            let all: Set<Ask> = [.logs(node: "a"), .unroutable(node: "a"), .streamConsumers]
            return Set(PollPlan.wants(Self.interest(.events), facts).keys).intersection(all)
        }
        #expect(asks { _ in }.isEmpty)
        #expect(asks { $0.logFamilies = [.members] } == [.logs(node: "a")])
        #expect(asks { $0.hasUnroutable = true } == [.unroutable(node: "a")])
        #expect(asks { $0.hasStreamConsumers = true } == [.streamConsumers])
        // A node where that failed is left alone for a while.
        let resting = asks {
            $0.logFamilies = [.members]
            $0.hasUnroutable = true
            $0.restingLogs = ["a"]
        }
        #expect(resting.isEmpty)
    }

    @Test(arguments: ViewID.allCases) func everythingIsWatchedInEachView(_ view: ViewID) {
        let wants = PollPlan.wants(Self.interest(view), Self.facts())
        #expect(Set(wants.keys).isSuperset(of: Self.lists.union([.bulk(node: "a"), .configuration, .client])))
        // While the screen is frozen the watch goes on, and nothing is asked for its rows.
        let frozen = PollPlan.wants(
            Self.interest(view) {
                $0.frozen = true
                $0.queues = [EntityID(vhost: "/", name: "q")]
            }, Self.facts())
        #expect(Set(frozen.keys).isSuperset(of: Self.lists.union([.bulk(node: "a")])))
        #expect(Set(frozen.keys).isDisjoint(with: [.rich, .connections, .channels, .consumers, .page]))
    }

    @Test func depthsAreThoseOfAllVhostsWhicheverIsShown() {
        let all = PollPlan.wants(Self.interest(.queues), Self.facts())[.bulk(node: "a")]
        let one = PollPlan.wants(Self.interest(.queues) { $0.vhost = "v" }, Self.facts())[.bulk(node: "a")]
        #expect(all != nil && all == one)
        #expect(PollPlan.depthVhost(Self.interest(.queues) { $0.vhost = "v" }) == nil)
        var narrow = Interest()
        narrow.vhost = "v"
        #expect(PollPlan.depthVhost(narrow) == "v")
    }

    @Test func aListThatIsTooLongIsNotAskedForAndItsSuspectsAre() {
        let wants = PollPlan.wants(
            Self.interest(.events) { $0.suspects = [.queue(EntityID(vhost: "/", name: "q"))] }, Self.facts(100_000))
        #expect(wants[.bulk(node: "a")] != nil && wants[.suspects]?.isBackground == true)
        #expect(Self.lists.intersection(wants.keys) == [.whole(.exchanges)])
        // Before the counts are known nothing long is asked for.
        #expect(Self.lists.isDisjoint(with: PollPlan.wants(Self.interest(.events), BrokerFacts()).keys))
    }

    @Test func withoutStatisticsWhatWouldBeRefusedIsNotAskedFor() {
        var facts = Self.facts()
        facts.lacksStatistics = true
        let wants = PollPlan.wants(Self.interest(.events), facts)
        #expect(wants[.whole(.channels)] == nil && wants[.whole(.consumers)] == nil)
        #expect(wants[.whole(.queues)] != nil && wants[.whole(.connections)] != nil)
    }

    @Test func whatTheScreenAsksForWholeIsAskedForOnce() {
        var plan = PollPlan()
        plan.want(PollPlan.wants(Self.interest(.connections), Self.facts()), at: 0)
        _ = plan.due(at: 0)
        plan.ended(.pulse, .answered, at: 0, jitter: 0)
        var asked: [Ask: Int] = [:]
        var now = 0.0
        while now < 60 {
            for ask in plan.due(at: now) {
                asked[ask, default: 0] += 1
                plan.ended(ask, .answered, at: now + 0.01, jitter: 0)
                if ask == .connections { plan.served(.whole(.connections), at: now + 0.01) }
                if ask == .channels { plan.served(.whole(.channels), at: now + 0.01) }
            }
            now += 0.05
        }
        #expect((11...13).contains(asked[.connections] ?? 0))
        #expect((asked[.whole(.connections)] ?? 0) <= 1 && (asked[.whole(.channels)] ?? 0) <= 1)
        #expect((11...13).contains(asked[.whole(.consumers)] ?? 0))
    }

    // MARK: The budget

    private static let dearly: [Ask: Want] = [
        .bulk(node: "a"): .background(every: 5), .whole(.connections): .background(every: 5),
        .whole(.channels): .background(every: 5), .whole(.consumers): .background(every: 5),
        .whole(.queues): .background(every: 5), .configuration: .background(every: 60),
    ]

    @Test func aSmallBrokerIsAskedForEverythingEveryFiveSeconds() {
        let sent = run(Self.dearly, for: 60) { _, _ in 0.01 }
        for list in [Ask.bulk(node: "a"), .whole(.connections), .whole(.channels), .whole(.queues)] {
            let times = sent.filter { $0.ask == list }.map(\.at)
            #expect((11...13).contains(times.count), "\(list): \(times)")
        }
    }

    @Test func allRequestsTogetherTakeFivePercentOfTheTime() {
        let durations: [Ask: Double] = [
            .bulk(node: "a"): 0.05, .whole(.connections): 0.4, .whole(.channels): 1.5, .whole(.consumers): 0.8,
            .whole(.queues): 6, .configuration: 1,
        ]
        let seconds = 3_600.0
        // What they take varies by a half, as on a busy broker.
        let sent = run(Self.dearly, for: seconds, step: 0.25) { ask, at in
            (durations[ask] ?? 0) * (Int(at * 7) % 2 == 0 ? 0.67 : 1.33)
        }
        let share = sent.reduce(0) { $0 + $1.took } / seconds
        #expect(share <= 0.05 && share > 0.03, "\(share)")
        func gap(_ ask: Ask) -> Double {
            let times = sent.filter { $0.ask == ask }.map(\.at)
            return (times.last ?? 0) / Double(max(1, times.count - 1))
        }
        // The cheap list keeps its pace, the dear ones pay.
        #expect(gap(.bulk(node: "a")) < 8, "\(gap(.bulk(node: "a")))")
        #expect(gap(.whole(.queues)) > gap(.whole(.channels)) && gap(.whole(.channels)) > 60)
    }

    @Test func whatTheScreenTakesTheBackgroundLeaves() {
        let idle = PollBudget(demands: [0.03, 0.03], used: 0)
        let busy = PollBudget(demands: [0.03, 0.03], used: 0.02)
        let full = PollBudget(demands: [0.03, 0.03], used: 0.5)
        #expect(abs((idle.level ?? 0) - 0.0225) < 1e-9 && abs((busy.level ?? 0) - 0.0125) < 1e-9)
        #expect(full.level == 0.01, "the rules still hear of the broker")
        let easy = PollBudget(demands: [0.001, 0.04], used: 0)
        #expect(easy.level == nil && abs(easy.rest - 0.004) < 1e-9)
        #expect(easy.pace(took: 0.005, interval: 5, demand: 0.001) == 5)
        #expect(abs(easy.pace(took: 1, interval: 5, demand: 0.001) - 200) < 1e-6, "one slow answer is paid for")
    }

    @Test func theBackgroundSendsOneRequestAtATime() {
        var plan = PollPlan()
        plan.want(Self.dearly, at: 0)
        let first = plan.due(at: 0)
        #expect(Set(first) == [.bulk(node: "a"), .whole(.connections)], "one for each kind of source")
        #expect(plan.due(at: 1).isEmpty && plan.nextDue == nil)
        plan.ended(.whole(.connections), .answered, at: 1, jitter: 0)
        #expect(plan.due(at: 1) == [.whole(.channels)])
    }

    @Test func whatIsRefusedInTheBackgroundIsAskedRarely() {
        let wants: [Ask: Want] = [
            .whole(.consumers): .background(every: 5), .whole(.channels): .background(every: 5),
        ]
        let sent = run(wants, for: 300) { _, _ in
            0.01
        } result: {
            $0 == .whole(.consumers) ? .refused : .answered
        }
        #expect(sent.count { $0.ask == .whole(.consumers) } <= 6)
        #expect(sent.count { $0.ask == .whole(.channels) } >= 58)
    }

    @Test func aRequestThatComesOntoTheScreenIsFastAgain() {
        var plan = PollPlan()
        let bulk = Ask.bulk(node: "a")
        plan.want([bulk: .background(every: 5), .whole(.queues): .background(every: 5)], at: 0)
        for ask in plan.due(at: 0) { plan.ended(ask, .answered, at: ask == bulk ? 0.3 : 4, jitter: 0) }
        #expect((plan.pace(of: bulk) ?? 0) > 8)
        plan.want([bulk: Want(every: 5)], at: 5)
        #expect(plan.due(at: 5).isEmpty)
        #expect(plan.due(at: 6) == [bulk], "20 times its duration")
    }

    @Test func aCommandThatWaitsForItsViewDoesNotWaitForTheBackground() {
        var plan = PollPlan()
        plan.want([.cluster: Want(every: 5), .whole(.queues): .background(every: 5)], at: 0)
        #expect(!plan.isSettled)
        _ = plan.due(at: 0)
        plan.ended(.cluster, .answered, at: 0.1, jitter: 0)
        #expect(plan.isSettled)
    }

    @Test func thePaceThatResultsIsTold() {
        var plan = PollPlan()
        plan.want([.whole(.channels): .background(every: 5), .bulk(node: "a"): .background(every: 5)], at: 0)
        for ask in plan.due(at: 0) {
            plan.ended(ask, .answered, at: ask == .bulk(node: "a") ? 0.01 : 2, jitter: 0)
        }
        let paces = plan.paces
        let channels = paces.first { $0.ask == .whole(.channels) }
        #expect(abs((channels?.seconds ?? 0) - 46.512) < 0.1 && channels?.isSlowed == true)
        #expect(paces.first { $0.ask == .bulk(node: "a") }?.isSlowed == false)
    }
}
