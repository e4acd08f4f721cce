import NIOCore
import Testing

@testable import RabbitMQClient

@Suite struct PoolMachineTests {
    private static let refused = ClientError(.connectionClosed, "gone")
    private static let exhausted = ClientError(.channelsExhausted, "all in use")

    private static func at(_ milliseconds: UInt64) -> NIODeadline { .uptimeNanoseconds(milliseconds * 1_000_000) }

    /// A machine whose places 1 to `count` are held by checkouts of the same numbers.
    private static func held(_ count: UInt64, size: Int) -> PoolMachine {
        var machine = PoolMachine(size: size)
        for id in 1...count {
            _ = machine.checkoutRequested(id, now: at(0), deadline: at(1000))
            _ = machine.opened(id, now: at(0))
        }
        return machine
    }

    @Test func opensWhenSomebodyAsksAndUsesItAgain() {
        var machine = PoolMachine(size: 2)
        #expect(machine.placeCount == 0)
        #expect(machine.checkoutRequested(1, now: Self.at(0), deadline: Self.at(100)) == [.open(1)])
        #expect(machine.opened(1, now: Self.at(5)) == [.hand(1, to: 1)])
        #expect(machine.inUseCount == 1)
        #expect(machine.returned(1, by: 1, .clean, now: Self.at(6)) == [])
        #expect(machine.idlePlaces == [1])
        #expect(machine.checkoutRequested(2, now: Self.at(7), deadline: Self.at(100)) == [.hand(1, to: 2)])
        #expect(machine.longestWait == .milliseconds(5))
    }

    @Test func neverOpensMoreThanItsSize() {
        var machine = PoolMachine(size: 2)
        #expect(machine.checkoutRequested(1, now: Self.at(0), deadline: Self.at(9)) == [.open(1)])
        #expect(machine.checkoutRequested(2, now: Self.at(0), deadline: Self.at(9)) == [.open(2)])
        #expect(machine.checkoutRequested(3, now: Self.at(0), deadline: Self.at(9)) == [])
        #expect(machine.waitingCount == 3 && machine.placeCount == 2)
        #expect(machine.opened(2, now: Self.at(1)) == [.hand(2, to: 1)])
        #expect(machine.opened(1, now: Self.at(1)) == [.hand(1, to: 2)])
        #expect(machine.waitingCount == 1)
    }

    @Test func theLastOneBackIsHandedOutFirst() {
        var machine = Self.held(3, size: 3)
        for id: UInt64 in [2, 3, 1] { _ = machine.returned(id, by: id, .clean, now: Self.at(0)) }
        #expect(machine.nextIdle == 1)
        #expect(machine.checkoutRequested(9, now: Self.at(0), deadline: Self.at(9)) == [.hand(1, to: 9)])
        #expect(machine.nextIdle == 3)
    }

    @Test func waitersAreServedInTheOrderTheyCame() {
        var machine = Self.held(1, size: 1)
        for id: UInt64 in 2...4 {
            #expect(machine.checkoutRequested(id, now: Self.at(id), deadline: Self.at(99)) == [])
        }
        #expect(machine.returned(1, by: 1, .clean, now: Self.at(10)) == [.hand(1, to: 2)])
        // A newcomer stands behind them.
        #expect(machine.checkoutRequested(5, now: Self.at(10), deadline: Self.at(99)) == [])
        #expect(machine.returned(1, by: 2, .clean, now: Self.at(20)) == [.hand(1, to: 3)])
        #expect(machine.returned(1, by: 3, .clean, now: Self.at(20)) == [.hand(1, to: 4)])
        #expect(machine.returned(1, by: 4, .clean, now: Self.at(20)) == [.hand(1, to: 5)])
        #expect(machine.longestWait == .milliseconds(17))
    }

    @Test func aSecondReturnMeansNothing() {
        var machine = Self.held(1, size: 1)
        #expect(machine.returned(1, by: 1, .clean, now: Self.at(1)) == [])
        #expect(machine.returned(1, by: 1, .clean, now: Self.at(1)) == [])
        #expect(machine.idlePlaces == [1])
        #expect(machine.checkoutRequested(2, now: Self.at(2), deadline: Self.at(9)) == [.hand(1, to: 2)])
        // Whoever had it before cannot take it from who has it now.
        #expect(machine.returned(1, by: 1, .spent, now: Self.at(3)) == [])
        #expect(machine.inUseCount == 1)
        #expect(machine.returned(7, by: 1, .clean, now: Self.at(3)) == [])
    }

    @Test func aClosedChannelFreesItsPlace() {
        var machine = Self.held(2, size: 2)
        #expect(machine.checkoutRequested(3, now: Self.at(0), deadline: Self.at(9)) == [])
        #expect(machine.returned(1, by: 1, .spent, now: Self.at(1)) == [.discard(1), .open(3)])
        #expect(machine.opened(3, now: Self.at(2)) == [.hand(3, to: 3)])
        #expect(machine.discarded == 1 && machine.placeCount == 2)
        // One that was closed while nobody had it.
        #expect(machine.returned(2, by: 2, .clean, now: Self.at(2)) == [])
        #expect(machine.foundClosed(2) == [.discard(2)])
        #expect(machine.foundClosed(2) == [])
        #expect(machine.nextIdle == nil && machine.placeCount == 1)
        #expect(machine.checkoutRequested(4, now: Self.at(3), deadline: Self.at(9)) == [.open(4)])
    }

    @Test func oneInDoubtIsHandedOnOnlyWhenProved() {
        var machine = Self.held(1, size: 1)
        #expect(machine.returned(1, by: 1, .doubtful, now: Self.at(0)) == [.prove(1)])
        #expect(machine.nextIdle == nil)
        #expect(machine.checkoutRequested(2, now: Self.at(0), deadline: Self.at(9)) == [])
        #expect(machine.proved(1, isClean: true, now: Self.at(1)) == [.hand(1, to: 2)])
        #expect(machine.proved(1, isClean: false, now: Self.at(1)) == [])
        #expect(machine.returned(1, by: 2, .doubtful, now: Self.at(2)) == [.prove(1)])
        #expect(machine.checkoutRequested(3, now: Self.at(2), deadline: Self.at(9)) == [])
        #expect(machine.proved(1, isClean: false, now: Self.at(3)) == [.discard(1), .open(2)])
        #expect(machine.opened(2, now: Self.at(4)) == [.hand(2, to: 3)])
    }

    @Test func waitsEndAtTheirDeadline() {
        var machine = Self.held(1, size: 1)
        #expect(machine.checkoutRequested(2, now: Self.at(10), deadline: Self.at(50)) == [])
        #expect(machine.checkoutRequested(3, now: Self.at(10), deadline: Self.at(30)) == [])
        #expect(machine.timePassed(Self.at(29)) == [])
        #expect(machine.timePassed(Self.at(30)) == [.fail(3, .overdue(waited: .milliseconds(20)))])
        #expect(machine.returned(1, by: 1, .clean, now: Self.at(40)) == [.hand(1, to: 2)])
        #expect(machine.timePassed(Self.at(60)) == [])
        #expect(machine.timeouts == 1 && machine.longestWait == .milliseconds(30))
        // No time at all: only what is free at once.
        #expect(
            machine.checkoutRequested(4, now: Self.at(60), deadline: Self.at(60))
                == [.fail(4, .overdue(waited: .zero))]
        )
        #expect(machine.timeouts == 2)
    }

    @Test func aCancelledWaitLeavesTheLine() {
        var machine = Self.held(1, size: 1)
        _ = machine.checkoutRequested(2, now: Self.at(0), deadline: Self.at(9))
        _ = machine.checkoutRequested(3, now: Self.at(0), deadline: Self.at(9))
        #expect(machine.checkoutCancelled(2) == [.fail(2, .cancelled)])
        #expect(machine.checkoutCancelled(2) == [])
        #expect(machine.returned(1, by: 1, .clean, now: Self.at(1)) == [.hand(1, to: 3)])
        #expect(machine.checkoutCancelled(3) == [])
        #expect(machine.inUseCount == 1)
    }

    @Test func aChannelThatWasOpenedForSomebodyWhoLeftStays() {
        var machine = PoolMachine(size: 2)
        #expect(machine.checkoutRequested(1, now: Self.at(0), deadline: Self.at(9)) == [.open(1)])
        #expect(machine.checkoutCancelled(1) == [.fail(1, .cancelled)])
        // It serves the next one: no second is opened.
        #expect(machine.checkoutRequested(2, now: Self.at(0), deadline: Self.at(9)) == [])
        #expect(machine.opened(1, now: Self.at(1)) == [.hand(1, to: 2)])
    }

    @Test func aFailureToOpenReachesEachWaiterInTurn() {
        var machine = PoolMachine(size: 1)
        #expect(machine.checkoutRequested(1, now: Self.at(0), deadline: Self.at(9)) == [.open(1)])
        #expect(machine.checkoutRequested(2, now: Self.at(0), deadline: Self.at(9)) == [])
        #expect(
            machine.openFailed(1, Self.refused, isExhausted: false)
                == [.fail(1, .notOpened(Self.refused)), .open(2)]
        )
        #expect(machine.openFailed(2, Self.refused, isExhausted: false) == [.fail(2, .notOpened(Self.refused))])
        #expect(machine.openFailed(2, Self.refused, isExhausted: false) == [])
        #expect(machine.placeCount == 0)
        #expect(machine.checkoutRequested(3, now: Self.at(0), deadline: Self.at(9)) == [.open(3)])
    }

    @Test func whereTheConnectionHasNoMoreChannelsOneOfThePoolIsAwaited() {
        var machine = Self.held(1, size: 3)
        #expect(machine.checkoutRequested(2, now: Self.at(0), deadline: Self.at(9)) == [.open(2)])
        #expect(machine.openFailed(2, Self.exhausted, isExhausted: true) == [])
        #expect(machine.waitingCount == 1)
        // The next who asks has the connection asked again: others may have given channels back.
        #expect(machine.checkoutRequested(3, now: Self.at(0), deadline: Self.at(9)) == [.open(3), .open(4)])
        #expect(machine.openFailed(3, Self.exhausted, isExhausted: true) == [])
        #expect(machine.openFailed(4, Self.exhausted, isExhausted: true) == [])
        #expect(machine.returned(1, by: 1, .spent, now: Self.at(1)) == [.discard(1), .open(5), .open(6)])
        #expect(machine.opened(5, now: Self.at(2)) == [.hand(5, to: 2)])
        #expect(machine.openFailed(6, Self.exhausted, isExhausted: true) == [])
        #expect(machine.returned(5, by: 2, .clean, now: Self.at(3)) == [.hand(5, to: 3)])
        // With none of its own in use there is nothing to wait for.
        var empty = PoolMachine(size: 2)
        #expect(empty.checkoutRequested(1, now: Self.at(0), deadline: Self.at(9)) == [.open(1)])
        #expect(empty.checkoutRequested(2, now: Self.at(0), deadline: Self.at(9)) == [.open(2)])
        #expect(empty.openFailed(1, Self.exhausted, isExhausted: true) == [])
        #expect(
            empty.openFailed(2, Self.exhausted, isExhausted: true)
                == [.fail(1, .notOpened(Self.exhausted)), .open(3)]
        )
    }

    @Test func closingEndsWaitsAndWaitsForThoseInUse() {
        var machine = Self.held(2, size: 2)
        _ = machine.returned(1, by: 1, .clean, now: Self.at(0))
        #expect(machine.closeRequested() == [.discard(1)])
        #expect(machine.closeRequested() == [])
        #expect(
            machine.checkoutRequested(3, now: Self.at(0), deadline: Self.at(9)) == [.fail(3, .poolClosed)]
        )
        #expect(machine.returned(2, by: 2, .clean, now: Self.at(1)) == [.discard(2), .finish])

        var busy = Self.held(1, size: 1)
        _ = busy.checkoutRequested(2, now: Self.at(0), deadline: Self.at(9))
        #expect(busy.closeRequested() == [.fail(2, .poolClosed)])
        #expect(busy.closeForced() == [.discard(1), .finish])
        #expect(busy.returned(1, by: 1, .clean, now: Self.at(1)) == [])

        var opening = PoolMachine(size: 1)
        _ = opening.checkoutRequested(1, now: Self.at(0), deadline: Self.at(9))
        #expect(opening.closeRequested() == [.fail(1, .poolClosed)])
        #expect(opening.opened(1, now: Self.at(1)) == [.discard(1), .finish])
        // Too late, but not forgotten.
        #expect(opening.opened(1, now: Self.at(1)) == [.discard(1)])

        var unopened = PoolMachine(size: 1)
        _ = unopened.checkoutRequested(1, now: Self.at(0), deadline: Self.at(9))
        _ = unopened.closeRequested()
        #expect(unopened.openFailed(1, Self.refused, isExhausted: false) == [.finish])

        var proving = Self.held(1, size: 1)
        _ = proving.returned(1, by: 1, .doubtful, now: Self.at(0))
        #expect(proving.closeRequested() == [])
        #expect(proving.proved(1, isClean: true, now: Self.at(1)) == [.discard(1), .finish])
    }

    /// Whatever happens in whatever order: never more places than the size, nobody waits beside an idle place, every
    /// checkout is answered once, and no place is handed to two.
    @Test(arguments: 0..<40) func anyOrderOfEventsKeepsTheRules(seed: UInt64) {
        var random = Steps(state: seed &* 0x9E37_79B9_7F4A_7C15 | 1)
        var model = Model(size: Int(seed % 4) + 1)
        for step in 0..<400 { model.step(&random, Self.at(UInt64(step))) }
        model.drain(Self.at(1000))
        #expect(model.faults == [])
        #expect(model.unanswered == [])
    }

    private struct Steps: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            return state
        }
    }

    private struct Model {
        var machine: PoolMachine
        var opening: [UInt64] = []
        var proving: [UInt64] = []
        var holders: [UInt64: UInt64] = [:]
        var unanswered: Set<UInt64> = []
        var waiting: [UInt64] = []
        var nextCheckout: UInt64 = 0
        var faults: [String] = []

        init(size: Int) { machine = PoolMachine(size: size) }

        mutating func step(_ random: inout Steps, _ now: NIODeadline) {
            switch Int.random(in: 0..<10, using: &random) {
            case 0...3:
                nextCheckout += 1
                unanswered.insert(nextCheckout)
                waiting.append(nextCheckout)
                let patience = TimeAmount.milliseconds(Int64.random(in: 0..<50, using: &random))
                apply(machine.checkoutRequested(nextCheckout, now: now, deadline: now + patience))
            case 4, 5:
                guard let held = holders.sorted(by: { $0.key < $1.key }).randomElement(using: &random) else { return }
                let condition: PoolMachine.Condition =
                    [.clean, .doubtful, .spent].randomElement(using: &random) ?? .clean
                holders[held.key] = nil
                apply(machine.returned(held.key, by: held.value, condition, now: now))
            case 6, 7:
                guard let place = opening.popLast() else { return }
                let isExhausted = Bool.random(using: &random)
                apply(
                    Bool.random(using: &random)
                        ? machine.opened(place, now: now)
                        : machine.openFailed(place, PoolMachineTests.refused, isExhausted: isExhausted)
                )
            case 8:
                guard let place = proving.popLast() else { return }
                apply(machine.proved(place, isClean: Bool.random(using: &random), now: now))
            default:
                apply(machine.timePassed(now))
                if let id = waiting.randomElement(using: &random) { apply(machine.checkoutCancelled(id)) }
                if let place = machine.nextIdle { apply(machine.foundClosed(place)) }
            }
        }

        mutating func drain(_ now: NIODeadline) {
            apply(machine.timePassed(now))
            apply(machine.closeRequested())
            apply(machine.closeForced())
        }

        mutating func apply(_ actions: [PoolMachine.Action]) {
            for action in actions {
                switch action {
                case .open(let place): opening.append(place)
                case .prove(let place): proving.append(place)
                case .hand(let place, let id):
                    if holders.updateValue(id, forKey: place) != nil { faults.append("place \(place) twice") }
                    if waiting.first != id { faults.append("\(id) before \(waiting.first ?? 0)") }
                    answer(id)
                case .fail(let id, _): answer(id)
                case .discard(let place): holders[place] = nil
                case .finish: break
                }
            }
            if machine.placeCount > machine.size { faults.append("\(machine.placeCount) places") }
            if machine.waitingCount > 0, machine.nextIdle != nil { faults.append("waiting beside an idle place") }
            if machine.inUseCount != holders.count { faults.append("\(machine.inUseCount) in use") }
        }

        mutating func answer(_ id: UInt64) {
            if unanswered.remove(id) == nil { faults.append("\(id) answered twice") }
            waiting.removeAll { $0 == id }
        }
    }
}
