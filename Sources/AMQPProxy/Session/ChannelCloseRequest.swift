public import Faults

/// A close to inject into a channel, as if the other side had closed it.
public struct ChannelCloseRequest: Sendable, Hashable, Codable {
    /// The reply code, any number.
    public var code: UInt16
    /// The reply text; at most 255 bytes of it are sent.
    public var text: String
    /// The sides that receive the close. The other side keeps the channel open, and what it sends on it is discarded.
    public var towards: Set<Side>
    /// The fault that requests the close.
    public var fault: FaultCause?

    /// Creates a request that closes the channel on both sides by default.
    public init(code: UInt16, text: String, towards: Set<Side> = [.client, .broker], fault: FaultCause? = nil) {
        self.code = code
        self.text = text
        self.towards = towards
        self.fault = fault
    }
}
