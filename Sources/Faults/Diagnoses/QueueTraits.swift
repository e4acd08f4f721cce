import Foundation

/// What the details of a queue told that rules about its messages and consumers need.
struct QueueTraits: Sendable {
    var isStream: Bool
    /// Whether only one of the consumers receives messages while the others wait.
    var hasSingleActiveConsumer: Bool
    /// Since when the queue has been idle, according to the broker.
    var idleSince: Date?
    /// The seconds within which a delivery must be acknowledged, when the queue has a limit of its own.
    var consumerTimeout: Double?
    /// When the details were reported.
    var at: Date

    init(_ details: DiagnosisFacts.QueueDetailFacts, at: Date) {
        isStream = details.type == .stream
        hasSingleActiveConsumer = details.hasSingleActiveConsumer
        idleSince = details.idleSince
        consumerTimeout = details.consumerTimeout
        self.at = at
    }
}
