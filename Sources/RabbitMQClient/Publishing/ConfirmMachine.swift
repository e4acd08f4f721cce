import DequeModule
import NIOCore

/// Publisher confirms of one channel (RabbitMQ: Consumer Acknowledgements and Publisher Confirms): numbers published
/// messages, and determines which numbers an answer of the broker settles.
struct ConfirmMachine: Equatable {
    /// Why a settled message was not confirmed.
    enum Failure: Equatable {
        case returned(ClientError.Return)
        case nacked
        /// The connection was lost before an answer arrived.
        case lost(CloseReason)
    }

    enum Outcome: Equatable {
        case pending
        /// The message is pending, and its deadline has passed.
        case overdue
        case confirmed
        case failed(Failure)
        /// The message was settled so long ago that its outcome is no longer stored.
        case forgotten
    }

    enum Action: Equatable {
        /// Nothing is settled.
        case none
        /// These numbers are settled now, `count` of them for the first time; `outcome(of:)` returns the outcome of
        /// each.
        case settled(ClosedRange<UInt64>, count: Int)
        /// The deadline of these numbers has passed; they may still be settled later.
        case overdue(ClosedRange<UInt64>)
    }

    private struct Slot: Equatable {
        var deadline: NIODeadline
        var isSettled = false
    }

    /// The maximum number of stored failures that were not queried.
    static let keptFailures = 65_536

    /// The lowest number such that all numbers before it are settled.
    private(set) var base: UInt64 = 1
    private var slots: Deque<Slot> = []
    private(set) var pendingCount = 0
    private var failures: [UInt64: Failure] = [:]
    private var failureOrder: Deque<UInt64> = []
    private var forgottenThrough: UInt64 = 0
    private var overdueThrough: UInt64 = 0
    /// After a recovery the numbers continue, while the broker's delivery tags begin at 1 again.
    private var tagOffset: UInt64 = 0

    /// The number of the next message.
    var next: UInt64 { base + UInt64(slots.count) }

    mutating func published(deadline: NIODeadline) {
        slots.append(Slot(deadline: deadline))
        pendingCount += 1
    }

    /// Records a returned message; the return arrives before its ack.
    mutating func returnReceived(_ sequence: UInt64, _ reason: ClientError.Return) {
        guard sequence >= base, sequence < next else { return }
        keep(.returned(reason), for: sequence)
    }

    /// The connection was lost: pending messages will not be answered. The next message is the first one of a new
    /// channel.
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

    /// The channel is closed: pending messages will not be answered, and stay pending. Returns their number.
    mutating func channelClosed() -> Int {
        defer { pendingCount = 0 }
        return pendingCount
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

    /// Whether the broker has answered for the message in any way, or never will.
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

    /// Settles all numbers up to `tag`, also when `tag` itself is unknown. Tag 0 means all.
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
