/// An error in a report.
public struct ErrorReport: Sendable, Hashable, Codable {
    /// The AMQP reply code, or 0 if the transport ended without one.
    public var code: UInt16
    /// The AMQP name of the reply code.
    public var name: String
    /// The reply text, or what happened.
    public var text: String
    /// The method that caused it, such as `basic.ack`; nil if no method did.
    public var method: String?
    /// The side that ended the channel or connection.
    public var initiator: CloseReason.Initiator
    /// What ended: a channel or the connection.
    public var scope: CloseReason.Scope
    /// When it happened, in seconds since 1970.
    public var at: Double

    /// Creates a report of a close reason.
    public init(_ reason: CloseReason, at: Double) {
        self.code = reason.code
        self.name = reason.name
        self.text = reason.text
        self.method = reason.methodName
        self.initiator = reason.initiator
        self.scope = reason.scope
        self.at = at
    }

    /// Creates a report of an error. If the error has no reply of the broker its code is 0.
    init(_ error: ClientError, at: Double) {
        let own = CloseReason(initiator: .local, scope: .channel, code: 0, text: error.message)
        self.init(error.closeReason ?? own, at: at)
    }
}
