import ClockSupport
import Faults
import Testing

@Suite(.timeLimit(.minutes(1))) struct FaultRegistryTests {
    private let clock = ManualClock()
    private let latency = Fault("latency", on: FaultSelector(connection: "orders*"))

    private func registry(_ injector: FakeInjector, capacity: Int = 200) -> FaultRegistry {
        FaultRegistry(injectors: [.proxy: injector], capacity: capacity, clock: clock.clock)
    }

    /// The next change of which that is true.
    private func next(_ changes: AsyncStream<FaultRecord>, _ state: FaultRecord.State) async -> FaultRecord? {
        await changes.first { $0.state == state }
    }

    @Test func whatHappensOnceIsDone() async throws {
        let registry = registry(FakeInjector())
        let record = try await registry.inject(Fault("close-channel", ["code": 404]))
        #expect(record.state == .done)
        #expect(record.until == nil)
        #expect(record.note == "done")
        #expect(await registry.records == [record])
        let error = await #expect(throws: FaultError.self) { try await registry.undo(record.id) }
        #expect(error?.problem.contains("cannot be undone") == true)
    }

    @Test func whatLastsIsUndoneWhenItsTimeIsUp() async throws {
        let injector = FakeInjector()
        let registry = registry(injector)
        let changes = registry.changes
        let record = try await registry.inject(latency)
        #expect(record.state == .inForce)
        #expect(record.since == 1_000)
        #expect(record.until == 1_060, "the catalogue's own time")
        #expect(injector.state.withLock { $0.undone } == 0)
        await clock.pass(60)
        #expect(await next(changes, .undone)?.note == "put back")
        #expect(injector.state.withLock { $0.undone } == 1)
        #expect(await registry.inForce.isEmpty)
    }

    @Test func aTimeThatWasGivenCountsInstead() async throws {
        let registry = registry(FakeInjector())
        let changes = registry.changes
        var fault = latency
        fault.duration = 2.5
        #expect(try await registry.inject(fault).until == 1_002.5)
        await clock.pass(2.5)
        #expect(await next(changes, .undone) != nil)
    }

    @Test func undoneBeforeItsTimeItIsNotUndoneAgain() async throws {
        let injector = FakeInjector()
        let registry = registry(injector)
        let record = try await registry.inject(latency)
        #expect(try await registry.undo(record.id).state == .undone)
        #expect(clock.alarms.isEmpty)
        #expect(try await registry.undo(record.id).state == .undone)
        #expect(injector.state.withLock { $0.undone } == 1)
    }

    @Test func twoUndosAtOnceAreOne() async throws {
        let gate = Gate()
        let injector = FakeInjector(undoing: gate)
        let registry = registry(injector)
        let record = try await registry.inject(latency)
        async let first = registry.undo(record.id)
        await gate.somebodyWaits()
        #expect(await registry.records.first?.state == .undoing)
        async let second = registry.undo(record.id)
        async let all = registry.undoAll()
        gate.open()
        #expect(try await first.state == .undone)
        #expect(try await second.state == .undone)
        #expect(await all.isEmpty)
        #expect(injector.state.withLock { $0.undone } == 1)
    }

    @Test func anUndoThatFailsSaysSoAndIsTriedAgain() async throws {
        let injector = FakeInjector()
        injector.state.withLock { $0.failures = 7 }
        let registry = registry(injector)
        let changes = registry.changes
        let record = try await registry.inject(latency)
        await clock.pass(60)
        for pause in [1.0, 2, 4, 8, 16, 30, 30] {
            let failed = await next(changes, .undoFailed)
            #expect(failed?.note == "The broker is away. Wait.")
            #expect(await registry.records.first?.isInForce == true)
            await clock.pass(pause)
        }
        #expect(await next(changes, .undone)?.id == record.id)
        #expect(clock.alarms.isEmpty)
    }

    @Test func whoAsksMeanwhileDoesNotWaitForTheNextAttempt() async throws {
        let injector = FakeInjector()
        injector.state.withLock { $0.failures = 1 }
        let registry = registry(injector)
        let record = try await registry.inject(latency)
        let error = await #expect(throws: FaultError.self) { try await registry.undo(record.id) }
        #expect(error?.problem == "The broker is away.")
        #expect(try await registry.undo(record.id).state == .undone)
        #expect(clock.alarms.isEmpty)
    }

    @Test func allAreUndoneAndThoseThatAreNotAreNamed() async throws {
        let injector = FakeInjector()
        let registry = registry(injector)
        for _ in 0..<3 { try await registry.inject(latency) }
        try await registry.inject(Fault("close-channel"))
        injector.state.withLock { $0.failures = 1 }
        let left = await registry.undoAll()
        #expect(left.count == 1)
        #expect(left.first?.state == .undoFailed)
        #expect(await registry.inForce.map(\.id) == left.map(\.id))
        #expect(await registry.undoAll().isEmpty)
        #expect(injector.state.withLock { $0.undone } == 3)
    }

    @Test func closingUndoesAllAndTakesNoMore() async throws {
        let injector = FakeInjector()
        injector.state.withLock { $0.failures = 1 }
        let registry = registry(injector)
        let changes = registry.changes
        for _ in 0..<2 { try await registry.inject(latency) }
        async let left = registry.close(within: 10)
        await clock.pass(1)
        #expect(await left.isEmpty)
        #expect(injector.state.withLock { $0.undone } == 2)
        await #expect(throws: FaultError.self) { try await registry.inject(latency) }
        var last: FaultRecord?
        for await change in changes { last = change }
        #expect(last?.state == .undone)
        for await _ in registry.changes { Issue.record("a closed bench has no changes") }
    }

    @Test func closingEndsAtItsDeadlineAndNamesWhatIsLeft() async throws {
        let gate = Gate()
        let registry = registry(FakeInjector(undoing: gate))
        try await registry.inject(latency)
        async let left = registry.close(within: 5)
        await gate.somebodyWaits()
        await clock.pass(5)
        let names = await left
        #expect(names.map(\.label) == ["latency #1"])
        #expect(names.first?.state == .undoFailed)
        #expect(names.first?.note == "It was not undone within 5 s.")
        gate.open()
    }

    @Test func aFaultThatArrivesWhileTheBenchClosesIsUndoneToo() async throws {
        let gate = Gate()
        let injector = FakeInjector(injecting: gate)
        let registry = registry(injector)
        async let record = registry.inject(latency)
        await gate.somebodyWaits()
        async let left = registry.close(within: 10)
        // The deadline is set once the bench is closing.
        while !clock.alarms.contains(10) { await Task.yield() }
        gate.open()
        _ = try await record
        #expect(await left.isEmpty)
        #expect(injector.state.withLock { $0.undone } == 1)
    }

    @Test func whatCouldNotBeInjectedIsOnRecord() async throws {
        let injector = FakeInjector()
        injector.state.withLock { $0.refusal = FaultError("No connection fits.", advice: "See which are there.") }
        let registry = registry(injector)
        let error = await #expect(throws: FaultError.self) { try await registry.inject(latency) }
        let record = try #require(await registry.records.first)
        #expect(error?.problem == "No connection fits." && error?.advice == "See which are there.")
        #expect(error?.record == record.id)
        #expect(record.state == .failed)
        #expect(record.note == "No connection fits. See which are there.")
        await #expect(throws: FaultError.self) { try await registry.undo(record.id) }
    }

    @Test func whatIsWrongInItselfIsNeverTried() async throws {
        let injector = FakeInjector()
        let registry = registry(injector)
        await #expect(throws: FaultError.self) { try await registry.inject(Fault("no-such-fault")) }
        await #expect(throws: FaultError.self) { try await registry.inject(Fault("latency", ["delay_ms": -1])) }
        await #expect(throws: FaultError.self) { try await registry.undo(1) }
        #expect(injector.state.withLock { $0.injected.isEmpty })
        #expect(await registry.records.isEmpty)
    }

    @Test func aRoomThatIsNotThereSaysWhatItNeeds() async throws {
        let registry = FaultRegistry(injectors: [:], clock: clock.clock)
        let error = await #expect(throws: FaultError.self) { try await registry.inject(latency) }
        #expect(error?.advice.contains("--proxy") == true)
        #expect(registry.injectionPoints.isEmpty)
    }

    @Test func hitsAreReadFromTheInjection() async throws {
        let injector = FakeInjector()
        let registry = registry(injector)
        let record = try await registry.inject(latency)
        #expect(record.hits == 0)
        injector.state.withLock { $0.hits = 7 }
        #expect(await registry.records.first?.hits == 7)
        #expect(try await registry.undo(record.id).hits == 7)
        injector.state.withLock { $0.hits = 9 }
        #expect(await registry.records.first?.hits == 7, "what came after the undo was another fault's")
    }

    @Test func keepsWhatIsInForceAndForgetsTheOldestOthers() async throws {
        let registry = registry(FakeInjector(), capacity: 3)
        let kept = try await registry.inject(latency)
        for _ in 0..<5 { try await registry.inject(Fault("close-channel")) }
        #expect(await registry.records.map(\.id) == [kept.id, 5, 6])
        #expect(try await registry.undo(kept.id).state == .undone)
    }
}
