import DequeModule
import NIOCore
import Testing

@testable import RabbitMQClient

@Suite struct ConfirmMachineTests {
    static let noRoute = ClientError.Return(code: 312, text: "NO_ROUTE", exchange: "x", routingKey: "k")

    static func published(_ count: Int) -> ConfirmMachine {
        var machine = ConfirmMachine()
        for number in 0..<count { machine.published(deadline: .uptimeNanoseconds(UInt64(number) * 10)) }
        return machine
    }

    @Test func multiplePopsAPrefix() {
        var machine = Self.published(10)
        #expect(machine.next == 11)
        #expect(machine.ackReceived(4, multiple: true) == .settled(1...4, count: 4))
        #expect(machine.base == 5 && machine.pendingCount == 6)
        #expect(machine.ackReceived(4, multiple: true) == .none)
        #expect(machine.ackReceived(10, multiple: true) == .settled(5...10, count: 6))
        #expect(machine.pendingCount == 0)
    }

    @Test func multiplePopsAlsoWhenItsTagIsUnknown() {
        var machine = Self.published(5)
        #expect(machine.ackReceived(3, multiple: false) == .settled(3...3, count: 1))
        #expect(machine.ackReceived(3, multiple: true) == .settled(1...3, count: 2))
        #expect(machine.ackReceived(99, multiple: true) == .settled(4...5, count: 2))
    }

    @Test func zeroWithMultipleIsAll() {
        var machine = Self.published(3)
        #expect(machine.ackReceived(0, multiple: true) == .settled(1...3, count: 3))
        #expect(machine.ackReceived(0, multiple: true) == .none)
        #expect(machine.ackReceived(0, multiple: false) == .none)
    }

    @Test func singlesMayComeInAnyOrder() {
        var machine = Self.published(4)
        #expect(machine.ackReceived(2, multiple: false) == .settled(2...2, count: 1))
        #expect(machine.ackReceived(2, multiple: false) == .none)
        #expect(machine.base == 1)
        #expect(machine.outcome(of: 2) == .confirmed && machine.outcome(of: 1) == .pending)
        #expect(machine.ackReceived(1, multiple: false) == .settled(1...1, count: 1))
        #expect(machine.base == 3)
        #expect(machine.ackReceived(77, multiple: false) == .none)
    }

    @Test func aReturnBeforeItsAckIsTheOutcome() {
        var machine = Self.published(3)
        machine.returnReceived(2, Self.noRoute)
        #expect(machine.outcome(of: 2) == .pending)
        #expect(machine.ackReceived(3, multiple: true) == .settled(1...3, count: 3))
        #expect(machine.outcome(of: 1) == .confirmed)
        #expect(machine.outcome(of: 2) == .failed(.returned(Self.noRoute)))
        #expect(machine.outcome(of: 3) == .confirmed)
    }

    @Test func aReturnForAnUnknownNumberIsIgnored() {
        var machine = Self.published(1)
        machine.returnReceived(0, Self.noRoute)
        machine.returnReceived(2, Self.noRoute)
        #expect(!machine.hasFailures)
    }

    @Test func nacksFail() {
        var machine = Self.published(4)
        machine.returnReceived(1, Self.noRoute)
        #expect(machine.nackReceived(2, multiple: true) == .settled(1...2, count: 2))
        #expect(machine.nackReceived(4, multiple: false) == .settled(4...4, count: 1))
        #expect(machine.outcome(of: 1) == .failed(.returned(Self.noRoute)))
        #expect(machine.outcome(of: 2) == .failed(.nacked))
        #expect(machine.outcome(of: 3) == .pending)
        #expect(machine.outcome(of: 4) == .failed(.nacked))
    }

    @Test func deadlinesPassInOrderAndALateAckIsHarmless() {
        var machine = Self.published(3)
        #expect(machine.timePassed(.uptimeNanoseconds(10)) == .overdue(1...2))
        #expect(machine.timePassed(.uptimeNanoseconds(10)) == .none)
        #expect(machine.outcome(of: 2) == .overdue && machine.outcome(of: 3) == .pending)
        #expect(machine.ackReceived(3, multiple: true) == .settled(1...3, count: 3))
        #expect(machine.outcome(of: 2) == .confirmed)
    }

    @Test func whatWasForgottenIsNotCalledConfirmed() {
        let count = ConfirmMachine.keptFailures + 1
        var machine = Self.published(count)
        _ = machine.nackReceived(UInt64(count), multiple: true)
        #expect(machine.outcome(of: 1) == .forgotten)
        #expect(machine.outcome(of: 2) == .failed(.nacked))
    }
}

@Suite struct DeliveryWindowTests {
    @Test func eachIsSettledOnce() {
        var window = DeliveryWindow()
        let tags: [UInt64] = [1, 2, 3]
        let valid = tags.map { window.delivered($0, needsSettlement: true) }
        #expect(valid == [true, true, true])
        #expect(window.settle(2, multiple: false, transactional: false) == .send(count: 1))
        #expect(window.settle(2, multiple: false, transactional: false) == .alreadySettled)
        #expect(window.settle(2, multiple: true, transactional: false) == .alreadySettled)
        #expect(window.settle(3, multiple: true, transactional: false) == .send(count: 2))
        #expect(window.settle(1, multiple: false, transactional: false) == .alreadySettled)
        #expect(window.settle(4, multiple: false, transactional: false) == .alreadySettled)
        #expect(window.settle(0, multiple: true, transactional: false) == .alreadySettled)
        #expect(window.openCount == 0)
    }

    @Test func deliveriesWithoutAcknowledgementTakeANumberOnly() {
        var window = DeliveryWindow()
        #expect(window.delivered(1, needsSettlement: false) == true)
        #expect(window.delivered(2, needsSettlement: true) == true)
        #expect(window.delivered(3, needsSettlement: false) == true)
        #expect(window.openCount == 1)
        #expect(window.settle(1, multiple: false, transactional: false) == .alreadySettled)
        #expect(window.settle(2, multiple: false, transactional: false) == .send(count: 1))
        #expect(window.delivered(4, needsSettlement: true) == true)
    }

    @Test func impossibleNumbersAreRefused() {
        var window = DeliveryWindow()
        #expect(window.delivered(0, needsSettlement: true) == false)
        #expect(window.delivered(5, needsSettlement: true) == true)
        #expect(window.delivered(5, needsSettlement: true) == false)
        #expect(window.delivered(4, needsSettlement: true) == false)
        #expect(window.delivered(1 << 40, needsSettlement: true) == false)
        #expect(window.delivered(.max, needsSettlement: true) == false)
        #expect(window.delivered(7, needsSettlement: true) == true)
        #expect(window.settle(6, multiple: false, transactional: false) == .alreadySettled)
        #expect(window.settle(7, multiple: true, transactional: false) == .send(count: 2))
    }

    @Test func aRollbackOpensAgain() {
        var window = DeliveryWindow()
        for tag in 1...3 { _ = window.delivered(UInt64(tag), needsSettlement: true) }
        #expect(window.settle(2, multiple: true, transactional: true) == .send(count: 2))
        #expect(window.settle(1, multiple: false, transactional: true) == .alreadySettled)
        window.rolledBack()
        #expect(window.openCount == 3)
        #expect(window.settle(2, multiple: true, transactional: true) == .send(count: 2))
        window.committed()
        #expect(window.settle(1, multiple: false, transactional: true) == .alreadySettled)
        #expect(window.openCount == 1)
    }

    @Test func recoverMakesAllStale() {
        var window = DeliveryWindow()
        for tag in 1...2 { _ = window.delivered(UInt64(tag), needsSettlement: true) }
        window.recovered()
        #expect(window.openCount == 0)
        #expect(window.settle(1, multiple: false, transactional: false) == .alreadySettled)
        #expect(window.delivered(3, needsSettlement: true) == true)
    }
}

@Suite struct ConsumerMachineTests {
    private static let lost = ClientError(.consumerCancelled, "gone")

    @Test func handsToWhoWaitsAndKeepsTheRest() {
        var machine = ConsumerMachine<String>(noAck: false)
        #expect(Self.deliver("1", &machine) == "keep")
        #expect(Self.taken(&machine) == "1")
        #expect(Self.taken(&machine) == "wait")
        #expect(Self.deliver("2", &machine) == "hand")
        #expect(Self.deliver("3", &machine) == "keep")
        #expect(Array(machine.buffer) == ["3"])
    }

    @Test func aCancelGivesBackWhatNobodyTook() {
        var machine = ConsumerMachine<String>(noAck: false)
        _ = Self.deliver("1", &machine)
        _ = Self.deliver("2", &machine)
        #expect(Self.taken(&machine) == "1")
        #expect(machine.cancelRequested() == ["2"])
        #expect(machine.cancelRequested() == nil)
        #expect(Self.deliver("3", &machine) == "giveBack")
        #expect(Self.taken(&machine) == "finished")
        #expect(machine.ended(.failed(Self.lost), keepsBuffer: false) == false)
        #expect(Self.taken(&machine) == "finished")
    }

    @Test func withoutAcknowledgementTheRestIsStillHandedOut() {
        var machine = ConsumerMachine<String>(noAck: true)
        _ = Self.deliver("1", &machine)
        #expect(machine.cancelRequested() == [])
        #expect(Self.deliver("2", &machine) == "keep")
        _ = machine.ended(.finished, keepsBuffer: false)
        #expect(Self.taken(&machine) == "1")
        #expect(Self.taken(&machine) == "2")
        #expect(Self.taken(&machine) == "finished")
    }

    @Test func manyAtOnceAreKeptAndTheFirstGoesToWhoWaits() {
        var machine = ConsumerMachine<String>(noAck: false)
        var items: Deque = ["1", "2"]
        #expect(machine.delivered(contentsOf: &items) == nil)
        #expect(items.isEmpty)
        items = ["3"]
        #expect(machine.delivered(contentsOf: &items) == nil)
        #expect([machine.takeBuffered(), machine.takeBuffered(), machine.takeBuffered()] == ["1", "2", "3"])
        #expect(machine.takeBuffered() == nil)
        #expect(Self.taken(&machine) == "wait")
        items = ["4", "5"]
        #expect(machine.delivered(contentsOf: &items) == "4")
        #expect(!machine.isAwaited && Array(machine.buffer) == ["5"])
        #expect(machine.cancelRequested() == ["5"])
        items = ["6", "7"]
        #expect(machine.delivered(contentsOf: &items) == nil)
        #expect(items == ["6", "7"], "they go back")
    }

    @Test func theBrokersCancelComesBehindWhatItDelivered() {
        var machine = ConsumerMachine<String>(noAck: false)
        _ = Self.deliver("1", &machine)
        #expect(machine.ended(.failed(Self.lost), keepsBuffer: true) == false)
        #expect(Self.taken(&machine) == "1")
        #expect(Self.taken(&machine) == "consumerCancelled")
    }

    @Test func whoWaitsIsToldOfTheEndOnce() {
        var machine = ConsumerMachine<String>(noAck: false)
        #expect(Self.taken(&machine) == "wait")
        #expect(machine.ended(.failed(Self.lost), keepsBuffer: false) == true)
        #expect(machine.ended(.failed(Self.lost), keepsBuffer: false) == false)
    }

    private static func deliver(_ item: String, _ machine: inout ConsumerMachine<String>) -> String {
        var items: Deque = [item]
        if machine.delivered(contentsOf: &items) != nil { return "hand" }
        return items.isEmpty ? "keep" : "giveBack"
    }

    private static func taken(_ machine: inout ConsumerMachine<String>) -> String {
        switch machine.take() {
        case .item(let item): item
        case .wait: "wait"
        case .end(.finished): "finished"
        case .end(.failed(let error)): error.code.rawValue
        }
    }
}
