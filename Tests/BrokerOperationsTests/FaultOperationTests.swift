import Faults
import Logging
import NIOPosix
import RabbitMQManagement
import Synchronization
import Testing
import TopCore

@testable import BrokerMonitor
@testable import BrokerOperations

/// Faults that are injected and undone by operations, on a bench whose injector only counts.
@Suite("Fault operations")
struct FaultOperationTests {
    private final class Counting: FaultInjector {
        let active = Mutex(0)
        let undoFails: Bool

        init(undoFails: Bool = false) { self.undoFails = undoFails }

        func inject(_ order: FaultOrder) async throws(FaultError) -> FaultInjection {
            if order.fault.selector.connection == "nobody" {
                throw FaultError("No connection matches 'nobody'.", advice: "Name one that is there.")
            }
            active.withLock { $0 += 1 }
            return FaultInjection(
                note: "slowed 1 connection",
                undo: { [self] () async throws(FaultError) -> String in
                    if undoFails { throw FaultError("It is stuck.", advice: "Wait.") }
                    active.withLock { $0 -= 1 }
                    return "it is quick again"
                })
        }
    }

    private func carryOut(_ operation: TopCore.Operation, _ run: OperationRun) async -> OperationReport {
        await run.carryOut(operation)
    }

    private let slow = Fault("latency", on: FaultSelector(connection: "shop"))

    @Test("A fault is injected, and undone by its number or with all others")
    func injectAndUndo() async throws {
        let injector = Counting()
        let registry = FaultRegistry(injectors: [.proxy: injector])
        let run = try OperationRun.fixture(registry)
        #expect(await carryOut(.injectFault(slow), run) == .finished("latency #1: slowed 1 connection"))
        #expect(await carryOut(.injectFault(slow), run) == .finished("latency #2: slowed 1 connection"))
        #expect(injector.active.withLock { $0 } == 2)
        guard case .finished(let text) = await carryOut(.undoFault(1), run) else {
            Issue.record("not undone")
            return
        }
        #expect(text.hasPrefix("latency #1"))
        #expect(injector.active.withLock { $0 } == 1)
        #expect(await carryOut(.undoFaults, run) == .finished("all faults are undone"))
        #expect(injector.active.withLock { $0 } == 0)
        await run.context.management.shutdown()
    }

    @Test("What cannot be done says why and what to do")
    func failures() async throws {
        let run = try OperationRun.fixture(FaultRegistry(injectors: [.proxy: Counting(undoFails: true)]))
        let nobody = Fault("latency", on: FaultSelector(connection: "nobody"))
        #expect(
            await carryOut(.injectFault(nobody), run)
                == .faultFailed("No connection matches 'nobody'.", advice: "Name one that is there.", record: 1))
        guard case .failed = await carryOut(.injectFault(Fault("purge")), run) else {
            Issue.record("a room without an injector")
            return
        }
        guard case .failed = await carryOut(.undoFault(99), run) else {
            Issue.record("there is no fault 99")
            return
        }
        guard case .finished = await carryOut(.injectFault(slow), run) else {
            Issue.record("it can be injected")
            return
        }
        #expect(await carryOut(.undoFault(2), run) == .faultFailed("It is stuck.", advice: "Wait.", record: 2))
        guard case .faultFailed(let text, _, record: 2) = await carryOut(.undoFaults, run) else {
            Issue.record("it could not be undone")
            return
        }
        #expect(text.hasPrefix("not undone: latency #"))
        #expect(text.contains("It is stuck."))
        await run.context.management.shutdown()
    }

    @Test("Without a bench, and when read-only, nothing is injected")
    func refused() async throws {
        let none = try OperationRun.fixture(nil)
        guard case .failed(let text, let advice, _) = await carryOut(.injectFault(slow), none) else {
            Issue.record("there is no bench")
            return
        }
        #expect(text == "no faults can be injected here")
        #expect(advice?.contains("--proxy") == true)
        await none.context.management.shutdown()

        let injector = Counting()
        let readOnly = try OperationRun.fixture(FaultRegistry(injectors: [.proxy: injector]), isReadOnly: true)
        guard case .failed(_, _, .notPermitted) = await carryOut(.injectFault(slow), readOnly) else {
            Issue.record("read-only")
            return
        }
        #expect(injector.active.withLock { $0 } == 0)
        await readOnly.context.management.shutdown()
    }

    @Test("The inbox is told of each fault, whoever injects it", .timeLimit(.minutes(1)))
    func watch() async throws {
        let registry = FaultRegistry(injectors: [.proxy: Counting()])
        let (arrivals, arrived) = AsyncStream<Void>.makeStream()
        let inbox = Inbox(onArrival: { arrived.yield() })
        let watch = Task { await FaultWatch(registry: registry, inbox: inbox, clock: .system).run() }
        var states: [FaultRecord.State] = []
        var isInjected = false
        for await _ in arrivals {
            for case .snapshot(.faults(let records)) in inbox.drain() {
                if let last = records.last, states.last != last.state { states.append(last.state) }
            }
            if !isInjected {
                isInjected = true
                _ = try await registry.inject(slow)
            } else if states == [.inForce] {
                _ = try await registry.undo(1)
            }
            if states.last == .undone { break }
        }
        #expect(states.first == .inForce)
        #expect(states.last == .undone)
        // It ends with the bench.
        _ = await registry.close()
        await watch.value
    }
}
