import AMQPWire
import Names

/// An error of this client: a code, what happened, what to do, and the broker's reply.
public struct ClientError: Error, Sendable, Hashable {
    /// The kind of failure. Switch over the code; show `message` to people.
    public enum Code: String, Sendable, Hashable, Codable, CaseIterable {
        /// No process listens at the address.
        case connectionRefused
        /// The address could not be resolved, or not reached in time.
        case connectFailed
        /// The TLS handshake failed: certificate, name, version, or a peer that does not use TLS.
        case tlsFailed
        /// The peer accepted the connection but did not answer in time.
        case handshakeTimeout
        /// The peer closed the connection during the handshake.
        case closedDuringHandshake
        /// The peer uses another version of AMQP, or another protocol.
        case protocolMismatch
        /// The broker offers no authentication mechanism that the configuration allows (`Authentication`). Permanent.
        case mechanismNotOffered
        /// 403: user name or password are wrong. Permanent; retrying does not help.
        case accessRefused
        /// 530: the virtual host does not exist, or this user has no access to it. Permanent.
        case virtualHostRefused
        /// The broker refused the connection for another reason; see `closeReason`.
        case handshakeRefused
        /// The connection is closed, or was lost during the operation.
        case connectionClosed
        /// The channel is closed; see `closeReason`.
        case channelClosed
        /// The broker replied to this operation by closing the channel or the connection.
        case refused
        /// The channel closed because of another operation, and the reply to this one was lost.
        case noAnswer
        /// Every channel number that the broker allows (`channel_max`) is in use.
        case channelsExhausted
        /// Every channel of the pool was in use until the deadline of the checkout.
        case poolTimeout
        /// The pool was closed.
        case poolClosed
        /// The deadline has passed. The broker may still carry out the operation.
        case timeout
        /// The task was cancelled. The broker may still carry out the operation.
        case cancelled
        /// The broker refused the message (`basic.nack`).
        case nacked
        /// A mandatory message reached no queue (`basic.return`); see `returned`.
        case returned
        /// The message was sent, and it is not known whether the broker has it: publish again and expect a duplicate.
        case indeterminate
        /// This delivery was already acknowledged, rejected or requeued.
        case alreadySettled
        /// This delivery belongs to a channel that is closed; the broker has requeued it.
        case staleDelivery
        /// The delivery came to a consumer without acknowledgements; there is nothing to settle.
        case notAcknowledgeable
        /// The broker cancelled the consumer: its queue was deleted or lost its leader.
        case consumerCancelled
        /// An argument that AMQP cannot carry, such as a name of more than 255 bytes.
        case invalidArgument
    }

    /// The kind of failure.
    public let code: Code
    /// What happened, as one sentence.
    public let message: String
    /// What to do about it, as one sentence.
    public let advice: String
    /// Why the channel or connection ended, if that caused this error.
    public let closeReason: CloseReason?
    /// The broker's `basic.return`, for `.returned`.
    public let returned: Return?

    /// The content of `basic.return`.
    public struct Return: Sendable, Hashable {
        /// The reply code: 312 NO_ROUTE, or 313 NO_CONSUMERS.
        public let code: UInt16
        /// The reply text.
        public let text: String
        /// The exchange that the message was published to.
        public let exchange: Name
        /// The routing key that the message was published with.
        public let routingKey: Name

        /// Creates the content of a return.
        public init(code: UInt16, text: String, exchange: Name, routingKey: Name) {
            self.code = code
            self.text = text
            self.exchange = exchange
            self.routingKey = routingKey
        }
    }

    /// Creates an error. Without `advice` the advice is that of the close reason or the code.
    public init(
        _ code: Code,
        _ message: String,
        advice: String? = nil,
        closeReason: CloseReason? = nil,
        returned: Return? = nil
    ) {
        self.code = code
        self.message = message
        // A connection that was never open has no unconfirmed messages.
        self.advice = advice ?? (code.isBeforeOpen ? nil : closeReason?.advice) ?? code.advice
        self.closeReason = closeReason
        self.returned = returned
    }

    /// Whether retrying cannot succeed until something is changed.
    public var isPermanent: Bool {
        switch code {
        case .tlsFailed, .protocolMismatch, .mechanismNotOffered, .accessRefused, .virtualHostRefused, .invalidArgument:
            true
        case .connectionRefused, .connectFailed, .handshakeTimeout, .closedDuringHandshake, .handshakeRefused,
            .connectionClosed, .channelClosed, .refused, .noAnswer, .channelsExhausted, .poolTimeout, .poolClosed,
            .timeout,
            .cancelled, .nacked, .returned, .indeterminate, .alreadySettled, .staleDelivery, .notAcknowledgeable,
            .consumerCancelled:
            false
        }
    }
}

extension ClientError: CustomStringConvertible {
    /// The code and the message.
    public var description: String { "\(code.rawValue): \(message)" }
}

extension ClientError.Code {
    /// Whether the failure prevents a connection from opening, without a reply of the broker: then nothing was sent
    /// yet.
    public var isBeforeOpen: Bool {
        switch self {
        case .connectionRefused, .connectFailed, .tlsFailed, .handshakeTimeout, .closedDuringHandshake,
            .protocolMismatch, .mechanismNotOffered:
            true
        default: false
        }
    }

    fileprivate var advice: String {
        switch self {
        case .connectionRefused: "Start the broker, or check host and port."
        case .connectFailed: "Check host, port and the way to it."
        case .tlsFailed: "Check the certificate authority, the server's name, and that the port speaks TLS."
        case .handshakeTimeout:
            "Check that the port belongs to an AMQP 0-9-1 broker, and that the broker is not overloaded."
        case .closedDuringHandshake:
            "Check that the port speaks AMQP, and with or without TLS as here; else see the broker's log."
        case .protocolMismatch: "Check that the port belongs to an AMQP 0-9-1 broker."
        case .mechanismNotOffered:
            "Allow the mechanism in the broker's auth_mechanisms, or authenticate in another way."
        case .accessRefused: "Check user and password."
        case .virtualHostRefused:
            "Check the virtual host's name, its limits and the user's permission on it; amqp://host/ names the one with the "
                + "empty name, amqp://host the default."
        case .handshakeRefused: "Read the broker's reply."
        case .connectionClosed: "Connect again."
        case .channelClosed, .refused: "Open another channel."
        case .noAnswer: "Open another channel and ask again."
        case .channelsExhausted: "Close channels, or raise channel_max on the broker."
        case .poolTimeout: "Give channels back sooner, or make the pool larger."
        case .poolClosed: "Make another pool."
        case .timeout: "Check whether the broker is blocked by an alarm or overloaded."
        case .cancelled: "Nothing, if the cancellation was meant."
        case .nacked: "Publish again, and look into the queue's limits and health."
        case .returned: "Bind a queue for this routing key, or publish without mandatory."
        case .indeterminate: "Publish again and expect a duplicate."
        case .alreadySettled: "Settle each delivery once."
        case .staleDelivery: "Do nothing: the message will be delivered again."
        case .notAcknowledgeable: "Consume with acknowledgements, or do not settle."
        case .consumerCancelled: "Check the queue and consume again."
        case .invalidArgument: "Change the argument."
        }
    }
}
