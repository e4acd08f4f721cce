import NIOConcurrencyHelpers
import NIOCore
import NIOPosix
import Testing

@testable import RabbitMQClient

/// Something that a task waits for, as the owners in the library do it.
private final class Mailbox: Sendable {
    enum Outcome: Equatable {
        case value(Int)
        case cancelled
        case overdue
    }

    private struct State {
        var value: Int?
        var waiters = WaiterList<Outcome>()
        var cancellations = 0
    }

    private let state = NIOLockedValueBox(State())

    var hasWaiters: Bool { state.withLockedValue { !$0.waiters.isEmpty } }
    var cancellations: Int { state.withLockedValue { $0.cancellations } }

    func wait(registering: () -> Void = {}) async -> Outcome {
        await Waiter.wait { waiter in
            registering()
            return keep(waiter)
        } cancelled: { id in
            giveUp(id, .cancelled)
        }
    }

    func wait(until deadline: NIODeadline) async -> Outcome {
        await Waiter.wait(until: deadline, on: MultiThreadedEventLoopGroup.singleton.any()) { waiter in
            keep(waiter)
        } givenUp: { [self] id, why in
            giveUp(id, why == .cancelled ? .cancelled : .overdue)
        }
    }

    func deliver(_ value: Int) {
        let waiters = state.withLockedValue { state in
            state.value = value
            return state.waiters.takeAll()
        }
        waiters.resume(.value(value))
    }

    private func keep(_ waiter: Waiter<Outcome>) -> Outcome? {
        state.withLockedValue { state in
            if let value = state.value { return .value(value) }
            state.waiters.append(waiter)
            return nil
        }
    }

    private func giveUp(_ id: WaiterID, _ outcome: Outcome) {
        let waiter = state.withLockedValue { state in
            state.cancellations += 1
            return state.waiters.take(id)
        }
        waiter?.resume(outcome)
    }
}

@Suite struct WaiterTests {
    private static func cancelCurrentTask() { withUnsafeCurrentTask { $0?.cancel() } }

    @Test func aValueThatIsThereIsReturnedAtOnce() async {
        let mailbox = Mailbox()
        mailbox.deliver(1)
        #expect(await mailbox.wait() == .value(1))
        #expect(await mailbox.wait(until: .distantFuture) == .value(1))
        #expect(!mailbox.hasWaiters)
    }

    @Test func aValueThatArrivesWhileTheWaiterIsRegisteredIsNotLost() async {
        let mailbox = Mailbox()
        #expect(await mailbox.wait { mailbox.deliver(1) } == .value(1))
    }

    @Test func aLaterValueResumesEveryWaiter() async {
        let mailbox = Mailbox()
        async let first = mailbox.wait()
        async let second = mailbox.wait(until: .now() + .seconds(60))
        #expect(await eventually { mailbox.hasWaiters })
        mailbox.deliver(2)
        #expect(await first == .value(2))
        #expect(await second == .value(2))
    }

    @Test func aTaskThatWasCancelledBeforeDoesNotWait() async {
        let mailbox = Mailbox()
        let outcome = await Task {
            Self.cancelCurrentTask()
            return await mailbox.wait()
        }.value
        #expect(outcome == .cancelled)
        // Before the waiter was registered, and after.
        #expect(mailbox.cancellations == 2)
        #expect(!mailbox.hasWaiters)
    }

    @Test func aCancellationWhileTheWaiterIsRegisteredEndsTheWait() async {
        let mailbox = Mailbox()
        let outcome = await Task { await mailbox.wait { Self.cancelCurrentTask() } }.value
        #expect(outcome == .cancelled)
        #expect(!mailbox.hasWaiters)
    }

    @Test func aCancellationEndsTheWaitAlsoWhenItComesTwice() async {
        let mailbox = Mailbox()
        let task = Task { await mailbox.wait() }
        #expect(await eventually { mailbox.hasWaiters })
        task.cancel()
        task.cancel()
        #expect(await task.value == .cancelled)
        #expect(!mailbox.hasWaiters)
    }

    @Test func aCancellationAfterTheValueChangesNothing() async {
        let mailbox = Mailbox()
        let task = Task {
            let first = await mailbox.wait()
            Self.cancelCurrentTask()
            return first
        }
        #expect(await eventually { mailbox.hasWaiters })
        mailbox.deliver(3)
        #expect(await task.value == .value(3))
        // A value that is there is returned to a cancelled task too.
        let late = await Task {
            Self.cancelCurrentTask()
            return await mailbox.wait()
        }.value
        #expect(late == .value(3))
    }

    @Test func theDeadlineEndsTheWait() async {
        let mailbox = Mailbox()
        #expect(await mailbox.wait(until: .now() + .milliseconds(20)) == .overdue)
        #expect(!mailbox.hasWaiters)
    }

    @Test func aDeadlineAfterTheValueChangesNothing() async throws {
        let mailbox = Mailbox()
        mailbox.deliver(4)
        #expect(await mailbox.wait(until: .now() - .seconds(1)) == .value(4))
        #expect(mailbox.cancellations == 0)
    }

    /// Whichever comes first decides, and the task is resumed once: a second time would end the process.
    @Test func valueDeadlineAndCancellationAtTheSameTimeResumeOnce() async {
        for round in 0..<2000 {
            let mailbox = Mailbox()
            let task = Task { await mailbox.wait(until: .now() + .microseconds(Int64(round % 50))) }
            async let delivered: Void = mailbox.deliver(round)
            task.cancel()
            await delivered
            #expect([.value(round), .cancelled, .overdue].contains(await task.value))
            #expect(!mailbox.hasWaiters)
        }
    }

    @Test func aListKeepsTheOrderAndTakesWhatIsOverdue() async {
        let list = NIOLockedValueBox(WaiterList<Int>())
        func wait(_ deadline: UInt64) async -> Int {
            await Waiter.wait { waiter in
                list.withLockedValue { $0.append(waiter, deadline: .uptimeNanoseconds(deadline)) }
                return nil
            } cancelled: { _ in
            }
        }
        await withTaskGroup(of: Int.self) { group in
            for (count, deadline) in [300, 100, 200].enumerated() as EnumeratedSequence<[UInt64]> {
                group.addTask { await wait(deadline) }
                #expect(await eventually { list.withLockedValue { $0.count } == count + 1 })
            }
            #expect(list.withLockedValue { $0.takeOverdue(.uptimeNanoseconds(99)) }.isEmpty)
            let overdue = list.withLockedValue { $0.takeOverdue(.uptimeNanoseconds(200)) }
            #expect(overdue.map(\.id) == overdue.map(\.id).sorted())
            for (index, waiter) in overdue.enumerated() { waiter.resume(index) }
            let rest = list.withLockedValue { $0.takeAll() }
            #expect(rest.count == 1)
            rest.resume(2)
            var values: [Int] = []
            for await value in group { values.append(value) }
            #expect(values.sorted() == [0, 1, 2])
        }
        #expect(list.withLockedValue { $0.isEmpty })
    }

    @Test func identifiersAreGivenOnce() {
        let first = WaiterIDs.next(3)
        #expect(WaiterIDs.next() > first + 2)
    }
}
