/// Whether a message in a durable queue survives a restart of the broker.
public enum DeliveryMode: UInt8, Sendable, Hashable, Codable, CaseIterable {
    /// The message may be lost when the broker restarts.
    case transient = 1
    /// The message is written to disk and survives a restart in a durable queue.
    case persistent = 2
}
