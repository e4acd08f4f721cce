/// The two ends of a session: who connected to the proxy, and whom the proxy connected to.
public enum Side: String, Sendable, Hashable, Codable, CaseIterable {
    case client
    case broker

    public var other: Side { self == .client ? .broker : .client }
}
