/// A close that is to be put into a channel, as if the other side had closed it.
public struct ChannelCloseRequest: Sendable, Hashable, Codable {
    /// The reply code, any number.
    public var code: UInt16
    /// At most 255 bytes of it are sent.
    public var text: String
    /// Who is told. The side that is not told keeps the channel open, and what it sends on it goes nowhere.
    public var towards: Set<Side>
    /// The fault that asks for it, as the ledger names it.
    public var fault: String?

    public init(code: UInt16, text: String, towards: Set<Side> = [.client, .broker], fault: String? = nil) {
        self.code = code
        self.text = text
        self.towards = towards
        self.fault = fault
    }
}
