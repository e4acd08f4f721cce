import Names

/// An optional argument of a queue that the form for declaring one explains.
///
/// https://www.rabbitmq.com/docs/queues#optional-arguments
enum QueueArgument: String, CaseIterable {
    case maxLength = "x-max-length"
    case maxBytes = "x-max-length-bytes"
    case overflow = "x-overflow"
    case messageTTL = "x-message-ttl"
    case expires = "x-expires"
    case deadLetterExchange = "x-dead-letter-exchange"
    case deadLetterKey = "x-dead-letter-routing-key"
    case deadLetterStrategy = "x-dead-letter-strategy"
    case singleActive = "x-single-active-consumer"
    case deliveryLimit = "x-delivery-limit"
    case maxPriority = "x-max-priority"
    case maxAge = "x-max-age"

    /// What its values are.
    enum Values: Equatable {
        /// A whole number, at least this.
        case whole(ClosedRange<Int64>)
        case text
        /// Yes, or not set.
        case flag
        case choice([String])
    }

    /// The label of its field.
    var label: String {
        switch self {
        case .maxLength: "Max messages"
        case .maxBytes: "Max bytes"
        case .overflow: "When full"
        case .messageTTL: "Message TTL"
        case .expires: "Expires"
        case .deadLetterExchange: "Dead letters to"
        case .deadLetterKey: "Their key"
        case .deadLetterStrategy: "Dead-lettering"
        case .singleActive: "Single active"
        case .deliveryLimit: "Delivery limit"
        case .maxPriority: "Priorities"
        case .maxAge: "Max age"
        }
    }

    /// What it does, in a few words.
    var hint: String {
        switch self {
        case .maxLength: "ready messages; then the oldest go, or see below"
        case .maxBytes: "of bodies; then the oldest go, or see below"
        case .overflow: "drop the oldest, or refuse new ones"
        case .messageTTL: "ms until a message is dropped or dead-lettered"
        case .expires: "ms without use until the queue is deleted"
        case .deadLetterExchange: "an exchange; for what is rejected or expires"
        case .deadLetterKey: "empty: each keeps its own"
        case .deadLetterStrategy: "at-least-once needs reject-publish"
        case .singleActive: "one consumer at a time, the others wait"
        case .deliveryLimit: "returns until dropped or dead-lettered"
        case .maxPriority: "1 to 255; few are enough"
        case .maxAge: "as 7D, 12h; older segments are deleted"
        }
    }

    /// What its values are.
    var values: Values {
        switch self {
        case .maxLength, .maxBytes, .messageTTL, .deliveryLimit: .whole(0...Int64.max)
        case .expires: .whole(1...Int64.max)
        case .maxPriority: .whole(1...255)
        case .deadLetterExchange, .deadLetterKey, .maxAge: .text
        case .singleActive: .flag
        case .overflow: .choice(["drop-head", "reject-publish", "reject-publish-dlx"])
        case .deadLetterStrategy: .choice(["at-most-once", "at-least-once"])
        }
    }

    /// Whether queues of a type have it.
    ///
    /// - Parameter version: The version of the broker; nil if it is not known.
    func isOf(_ kind: QueueDeclaration.Kind, _ version: BrokerVersion?) -> Bool {
        switch self {
        case .maxBytes: true
        case .maxAge: kind == .stream
        case .deliveryLimit, .deadLetterStrategy: kind == .quorum
        case .maxPriority:
            kind == .classic || kind == .quorum && version.map { $0 >= BrokerVersion(major: 4, minor: 3) } ?? true
        case .maxLength, .overflow, .messageTTL, .expires, .deadLetterExchange, .deadLetterKey, .singleActive:
            kind != .stream
        }
    }
}
