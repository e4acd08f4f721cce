import DequeModule
import NIOCore

/// Publisher confirms of one channel (RabbitMQ: Consumer Acknowledgements and Publisher Confirms): numbers what is
/// published, and tells which numbers an answer of the broker settles.
struct ConfirmMachine: Equatable {
    /// Why a settled message was not simply confirmed.
    enum Failure: Equatable {
        case returned(ClientError.Return)
        case nacked
        /// The connection was lost before an answer came.
        case lost(CloseReason)
    }

    enum Outcome: Equatable {
        case pending
        /// Pending, and its deadline has passed.
        case overdue
        case confirmed
        case failed(Failure)
        /// Settled so long ago, without anybody asking, that the outcome was forgotten.
        case forgotten
    }

    enum Action: Equatable {
        /// Nothing is settled by it.
        case none
        /// These numbers are settled now, `count` of them for the first time; ask `outcome(of:)` for each.
        case settled(ClosedRange<UInt64>, count: Int)
        /// The deadline of these has passed; they may still be settled later.
        case overdue(ClosedRange<UInt64>)
    }

    private struct Slot: Equatable {
        var deadline: NIODeadline
        var isSettled = false
    }

    /// How many failures nobody asked for are kept.
    static let keptFailures = 65_536

    /// The lowest number that is not settled together with all before it.
    private(set) var base: UInt64 = 1
    private var slots: Deque<Slot> = []
    private(set) var pendingCount = 0
    private var failures: [UInt64: Failure] = [:]
    private var failureOrder: Deque<UInt64> = []
    private var forgottenThrough: UInt64 = 0
    private var overdueThrough: UInt64 = 0
    /// Numbers go on when a connection comes back; the broker's tags begin at 1 again.
    private var tagOffset: UInt64 = 0

    /// The number that the next message gets.
    var next: UInt64 { base + UInt64(slots.count) }

    mutating func published(deadline: NIODeadline) {
        slots.append(Slot(deadline: deadline))
        pendingCount += 1
    }

    /// A returned message comes back before its ack does.
    mutating func returnReceived(_ sequence: UInt64, _ reason: ClientError.Return) {
        guard sequence >= base, sequence < next else { return }
        keep(.returned(reason), for: sequence)
    }

    /// The connection was lost: what is pending will not be answered. The next message is the first one of a new channel.
    mutating func connectionLost(_ reason: CloseReason) {
        for index in slots.indices where !slots[index].isSettled {
            let sequence = base + UInt64(index)
            if failures[sequence] == nil { keep(.lost(reason), for: sequence) }
        }
        base = next
        slots.removeAll()
        pendingCount = 0
        tagOffset = base - 1
    }

    mutating func ackReceived(_ tag: UInt64, multiple: Bool) -> Action {
        multiple ? settlePrefix(through: tag, failure: nil) : settle(tag, failure: nil)
    }

    mutating func nackReceived(_ tag: UInt64, multiple: Bool) -> Action {
        multiple ? settlePrefix(through: tag, failure: .nacked) : settle(tag, failure: .nacked)
    }

    func outcome(of sequence: UInt64) -> Outcome {
        if sequence >= base, sequence < next, !slots[Int(sequence - base)].isSettled {
            return sequence <= overdueThrough ? .overdue : .pending
        }
        if let failure = failures[sequence] { return .failed(failure) }
        return sequence <= forgottenThrough ? .forgotten : .confirmed
    }

    /// Whether the broker has answered for it, in whatever way, or never will.
    func isSettled(_ sequence: UInt64) -> Bool {
        guard sequence >= base else { return true }
        return sequence < next && slots[Int(sequence - base)].isSettled
    }

    mutating func timePassed(_ now: NIODeadline) -> Action {
        let first = max(base, overdueThrough + 1)
        var sequence = first
        while sequence < next, slots[Int(sequence - base)].deadline <= now { sequence += 1 }
        guard sequence > first else { return .none }
        overdueThrough = sequence - 1
        return .overdue(first...(sequence - 1))
    }

    private mutating func settle(_ tag: UInt64, failure: Failure?) -> Action {
        let (tag, overflow) = tag.addingReportingOverflow(tagOffset)
        guard !overflow, tag >= base, tag < next, !slots[Int(tag - base)].isSettled else { return .none }
        slots[Int(tag - base)].isSettled = true
        pendingCount -= 1
        if let failure, failures[tag] == nil { keep(failure, for: tag) }
        while let first = slots.first, first.isSettled {
            slots.removeFirst()
            base += 1
        }
        return .settled(tag...tag, count: 1)
    }

    /// Also when `tag` itself is unknown: everything up to it is settled. Tag 0 means all.
    private mutating func settlePrefix(through tag: UInt64, failure: Failure?) -> Action {
        let (sequence, overflow) = tag.addingReportingOverflow(tagOffset)
        let last = tag == 0 || overflow ? next - 1 : min(sequence, next - 1)
        guard last >= base else { return .none }
        let range = base...last
        let length = Int(last - base) + 1
        var count = 0
        for index in 0..<length where !slots[index].isSettled {
            count += 1
            let sequence = base + UInt64(index)
            if let failure, failures[sequence] == nil { keep(failure, for: sequence) }
        }
        slots.removeFirst(length)
        base = last + 1
        pendingCount -= count
        while let first = slots.first, first.isSettled {
            slots.removeFirst()
            base += 1
        }
        return count == 0 ? .none : .settled(range, count: count)
    }

    private mutating func keep(_ failure: Failure, for sequence: UInt64) {
        if failures.updateValue(failure, forKey: sequence) == nil { failureOrder.append(sequence) }
        while failureOrder.count > Self.keptFailures, let oldest = failureOrder.popFirst() {
            failures[oldest] = nil
            forgottenThrough = max(forgottenThrough, oldest)
        }
    }

    var hasFailures: Bool { !failures.isEmpty }
}
