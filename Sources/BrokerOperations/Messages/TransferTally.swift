public import Names
import RabbitMQClient

/// What came of a transfer so far.
public struct TransferTally: Sendable, Equatable {
    /// Messages that were delivered to rabbittop.
    public internal(set) var delivered = 0
    /// Of those, the ones that matched, each of which was moved or failed, or is on its way.
    public internal(set) var taken = 0
    /// Messages that are confirmed at their target, or deleted, or read.
    public internal(set) var moved = 0
    /// How many went where.
    public internal(set) var groups: [TransferGroup: Int] = [:]
    /// How many failed, by the reason. They are still in the source.
    public internal(set) var failures: [Name: Int] = [:]
    /// The most messages that may be in both, source and target, because an answer of a broker is not known.
    public internal(set) var possibleDuplicates = 0

    static let mostGroups = 1_000
    static let mostReasons = 100
    static let otherReasons: Name = "other reasons"

    /// Messages that failed.
    public var failed: Int { failures.values.reduce(0, +) }
    /// Messages that did not match.
    public var skipped: Int { delivered - taken }

    init() {}

    mutating func moved(_ group: TransferGroup?) {
        moved += 1
        guard let group else { return }
        if groups[group] == nil, groups.count >= Self.mostGroups {
            groups[TransferGroup(exchange: group.exchange, routingKey: nil, queue: nil), default: 0] += 1
        } else {
            groups[group, default: 0] += 1
        }
    }

    mutating func failed(_ why: String, count: Int = 1) {
        let why = Name(why)
        let isNew = failures[why] == nil && failures.count >= Self.mostReasons
        failures[isNew ? Self.otherReasons : why, default: 0] += count
    }
}

extension TransferTally {
    /// Counts a message that its target did not confirm.
    mutating func failed(_ error: ClientError, group: TransferGroup) {
        switch error.code {
        case .returned:
            let returned = error.returned
            failed(
                "returned: \(returned.map { "\($0.code) \($0.text)" } ?? "no route"), exchange '\(group.exchange)', "
                    + "routing key '\(returned?.routingKey ?? "")'")
        case .nacked:
            // Of several queues only one may have refused it.
            if group.queue == nil { possibleDuplicates += 1 }
            failed("refused with basic.nack: the queue is full (overflow reject-publish) or not available")
        default:
            possibleDuplicates += 1
            let why = error.closeReason.map { "\($0.code) \(OperationRun.words($0))" } ?? error.message
            failed("not confirmed: \(why)")
        }
    }
}
