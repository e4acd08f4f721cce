public import AMQPWire
public import Names

/// A message as it is published to its destination.
public struct OutgoingCopy: Sendable, Hashable {
    public var exchange: Name
    public var routingKey: Name
    public var properties: BasicProperties
    /// How it is counted.
    public var group: TransferGroup
}
