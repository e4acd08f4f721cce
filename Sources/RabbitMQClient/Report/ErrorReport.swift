/// An error as it stays in a report.
public struct ErrorReport: Sendable, Hashable, Codable {
    /// The AMQP reply code, or 0 for the transport.
    public var code: UInt16
    public var name: String
    public var text: String
    /// The method at fault such as `basic.ack`; nil when none was.
    public var method: String?
    public var initiator: CloseReason.Initiator
    public var scope: CloseReason.Scope
    /// Seconds since 1970.
    public var at: Double

    public init(_ reason: CloseReason, at: Double) {
        self.code = reason.code
        self.name = reason.name
        self.text = reason.text
        self.method = reason.methodName
        self.initiator = reason.initiator
        self.scope = reason.scope
        self.at = at
    }

    /// An error that need not be of the broker's making: 0 stands for its code then.
    init(_ error: ClientError, at: Double) {
        let own = CloseReason(initiator: .local, scope: .channel, code: 0, text: error.message)
        self.init(error.closeReason ?? own, at: at)
    }
}
