import RabbitMQClient

/// A message that is published and not confirmed yet.
struct SentMessage: Sendable {
    var confirmation: Confirmation
    var delivery: Delivery
    var group: TransferGroup
    var size: Int
}
