import RabbitMQClient
import Testing

@testable import Lab

@Suite struct RestartVerdictTests {
    private func ledger() -> LabLedger {
        var ledger = LabLedger()
        ledger.counts.published = 50
        ledger.counts.confirmed = 50
        ledger.counts.consumed = 53
        ledger.counts.distinct = 50
        ledger.counts.duplicates = 3
        for (key, value) in [
            "stored": 50, "known": 3, "health_broker_outages": 3, "health_database_outages": 2, "health_at_end": 200,
        ] { ledger.details[key] = .integer(value) }
        for outage in RestartOutage.allCases {
            for part in BrokerRestart.parts(outage) {
                ledger.recoveries.append(
                    LabRecovery(application: part.rawValue, fault: outage.rawValue, seconds: 4))
            }
        }
        return ledger
    }

    private func broken(_ kind: BrokerRestart.Kind, _ ledger: LabLedger) -> [String] {
        BrokerRestart.expectations(kind, RestartOutage.allCases, orders: 50, ledger).filter { !$0.holds }.map(\.what)
    }

    @Test func whoRecoversFromAllAndLosesNothingIsRobust() {
        #expect(broken(.robust, ledger()) == [])
        #expect(broken(.robust, LabLedger()).count == 3)
    }

    @Test func oneThatDoesNotRecoverIsNamed() throws {
        var late = ledger()
        late.recoveries.removeAll { $0.application == "/health" && $0.fault == "kill" }
        let expectation = try #require(
            BrokerRestart.expectations(.robust, RestartOutage.allCases, orders: 50, late).first { !$0.holds })
        #expect(expectation.found == "not: /health from kill")
    }

    @Test func aLostOrderOneStoredTwiceAndABlurredHealthAreNot() {
        var lost = ledger()
        lost.counts.missing = 1
        #expect(broken(.robust, lost) == ["no order is lost"])
        var known = ledger()
        known.details["known"] = .integer(2)
        #expect(broken(.robust, known) == ["each order is in the database once"])
        var health = ledger()
        health.details["health_database_outages"] = .integer(1)
        #expect(broken(.robust, health) == ["/health tells broker and database apart, and is 200 again"])
        var gone = ledger()
        gone.details["broker_came_back"] = .flag(false)
        #expect(broken(.robust, gone) == ["the broker comes back"])
    }

    @Test func theFragileOneIsExpectedToDieAndToLose() {
        var fragile = LabLedger()
        fragile.counts.published = 50
        fragile.counts.missing = 12
        fragile.details = ["deaths": .integer(6), "fatal_outages": .integer(5), "stored": .integer(38)]
        #expect(broken(.fragile, fragile) == [])
        fragile.details["fatal_outages"] = .integer(4)
        #expect(broken(.fragile, fragile) == ["the service dies at each outage"])
        #expect(broken(.fragile, ledger()) == ["the service dies at each outage", "orders are lost"])
    }

    @Test func outagesAreNamedAndOthersRefused() throws {
        #expect(try RestartOutage.list("kill") == [.kill])
        #expect(try RestartOutage.list("restart, database-gone,freeze") == [.restart, .databaseGone, .freeze])
        for text in ["", " ", "kill, melt"] {
            #expect(throws: LabError.self) { try RestartOutage.list(text) }
        }
    }

    @Test func everyOutageFindsOrdersOnTheirWay() async {
        let numbers = OrderNumbers(count: 60, outages: 2)
        #expect(numbers.due(0) == 20 && numbers.due(1) == 40)
        var last = 0
        while last < 30 { last = await numbers.next() ?? 99 }
        // The next share waits for the end of the outage.
        let waiting = Task { await numbers.next() }
        let cancelled = Task { await numbers.next() }
        cancelled.cancel()
        #expect(await cancelled.value == nil)
        numbers.outageIsOver(0)
        #expect(await waiting.value == 31)
        numbers.outageIsOver(1)
        while last < 60 { last = await numbers.next() ?? 99 }
        #expect(last == 60)
        #expect(await numbers.next() == nil)
    }

    @Test func thoseRecoverThatWorkInALaterLife() async {
        let recorder = RunRecorder()
        let watch = RecoveryWatch(recorder)
        let fault = recorder.fault("the broker is killed")
        watch.works(.publisher, life: 9)
        watch.begin(.kill, fault, lives: [.publisher: 2, .consumer: 0])
        // A confirm that came before the end of the old life.
        watch.works(.publisher, life: 2)
        watch.works(.health, life: 1)
        #expect(await watch.end(limit: .milliseconds(1)) == [.publisher, .consumer])
        #expect(recorder.ledger.recoveries.isEmpty)

        watch.begin(.restart, fault, lives: [.publisher: 2, .consumer: 0])
        watch.works(.publisher, life: 3)
        watch.works(.publisher, life: 4)
        watch.works(.consumer, life: 1)
        #expect(await watch.end(limit: .seconds(60)).isEmpty)
        #expect(recorder.ledger.recoveries.map(\.application) == ["order publisher", "order consumer"])
        #expect(recorder.ledger.recoveries.allSatisfy { $0.fault == "restart" && $0.seconds >= 0 })
    }

    @Test func healthIsWrittenDownWhenItChanges() {
        let watch = HealthWatch(RunRecorder(), interval: .seconds(1)) { _ in }
        let well = HealthWatch.Answer(status: 200)
        for (index, answer) in [
            well, well, HealthWatch.Answer(status: 503, broker: "recovering, attempt 1"),
            HealthWatch.Answer(status: 503, broker: "recovering, attempt 2"), well,
            HealthWatch.Answer(status: 503, database: "is locked"),
            HealthWatch.Answer(status: 503, broker: "recovering", database: "is locked"), well,
        ].enumerated() { watch.see(answer, at: Double(index)) }
        #expect(watch.timeline.map(\.at) == [0, 2, 4, 5, 6, 7])
        #expect(watch.lives == 2)
        let outages = HealthWatch.outages(watch.timeline)
        #expect(outages.broker == 1 && outages.database == 1)
        guard case .list(let moments) = HealthWatch.detail(watch.timeline) else { return #expect(Bool(false)) }
        #expect(
            moments[1]
                == .object([
                    "at": .number(2), "status": .integer(503), "broker": .text("recovering, attempt 1"),
                    "database": .null,
                ]))
    }
}
