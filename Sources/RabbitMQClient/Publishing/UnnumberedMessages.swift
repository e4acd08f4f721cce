import AMQPWire
import DequeModule
import Names

/// The pending mandatory messages of a channel that carry no number, to assign returns to them.
struct UnnumberedMessages {
    private struct Pending {
        var sequence: UInt64
        var message: OutgoingMessage
        var isReturned = false
    }

    private var pending: Deque<Pending> = []

    mutating func published(_ message: OutgoingMessage, as sequence: UInt64) {
        pending.append(Pending(sequence: sequence, message: message))
    }

    /// All messages before this number are settled.
    mutating func advance(to base: UInt64) {
        while let first = pending.first, first.sequence < base { pending.removeFirst() }
    }

    /// Returns the number of the oldest pending message with this content. The broker returns messages in the order in
    /// which they were published, and may change properties on the way, but not the body.
    mutating func returned(_ method: BasicReturn, _ content: Content) -> UInt64? {
        let candidates = pending.indices.filter { index in
            let message = pending[index].message
            return !pending[index].isReturned && message.exchange == method.exchange
                && message.routingKey == method.routingKey && message.body == content.body
        }
        let same = candidates.first { pending[$0].message.properties == content.properties }
        guard let index = same ?? candidates.first else { return nil }
        pending[index].isReturned = true
        return pending[index].sequence
    }
}
