/// A side of a session: the client that connected to the proxy, or the broker that the proxy connected to.
public enum Side: String, Sendable, Hashable, Codable, CaseIterable {
    case client
    case broker

    /// The other side.
    public var other: Side { self == .client ? .broker : .client }
}
