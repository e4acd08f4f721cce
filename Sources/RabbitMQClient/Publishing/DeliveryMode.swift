/// Whether a message survives a restart of the broker in a durable queue.
public enum DeliveryMode: UInt8, Sendable, Hashable, Codable, CaseIterable {
    case transient = 1
    case persistent = 2
}
