import AMQPWire
import Names

/// Everything that can go wrong in this client: a code, what happened, what to do, and the broker's own reply.
public struct ClientError: Error, Sendable, Hashable {
    /// The kind of failure. Switch over this; show `message`.
    public enum Code: String, Sendable, Hashable, Codable, CaseIterable {
        /// Nothing listens at the address.
        case connectionRefused
        /// The address could not be resolved or reached in time.
        case connectFailed
        /// TLS could not be agreed on: certificate, name, version, or a peer that does not speak TLS.
        case tlsFailed
        /// The peer accepted the connection and then said nothing in time.
        case handshakeTimeout
        /// The peer closed the connection in the middle of the handshake.
        case closedDuringHandshake
        /// The peer speaks another version of AMQP, or another protocol.
        case protocolMismatch
        /// The broker offers no authentication mechanism that the configuration allows (`Authentication`). Permanent.
        case mechanismNotOffered
        /// 403: user or password is wrong. Permanent; trying again does not help.
        case accessRefused
        /// 530: the virtual host is missing, or this user has no access to it. Permanent.
        case virtualHostRefused
        /// The broker refused the connection for another reason; `closeReason` tells it.
        case handshakeRefused
        /// The connection is closed, or was lost while the operation was under way.
        case connectionClosed
        /// The channel is closed; `closeReason` tells why.
        case channelClosed
        /// The broker answered exactly this operation by closing the channel or the connection.
        case refused
        /// The channel closed because of another operation, and the answer to this one was lost with it.
        case noAnswer
        /// Every channel number the broker allows (`channel_max`) is in use.
        case channelsExhausted
        /// Every channel of the pool stayed in use until the deadline of the checkout.
        case poolTimeout
        /// The pool was closed.
        case poolClosed
        /// The deadline passed. The broker may still carry the operation out.
        case timeout
        /// The task was cancelled. The broker may still carry the operation out.
        case cancelled
        /// The broker could not take responsibility for the message (`basic.nack`).
        case nacked
        /// A mandatory message reached no queue (`basic.return`); `returned` holds code and text.
        case returned
        /// The message was sent, and it is not known whether the broker took it: publish again, expecting a duplicate.
        case indeterminate
        /// This delivery was acknowledged, rejected or requeued before.
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
    /// What happened, in one sentence.
    public let message: String
    /// What to do about it, in one sentence.
    public let advice: String
    /// Why the channel or connection ended, when this error is a consequence of that.
    public let closeReason: CloseReason?
    /// The broker's `basic.return`, for `.returned`.
    public let returned: Return?

    /// What `basic.return` said.
    public struct Return: Sendable, Hashable {
        /// 312 NO_ROUTE, or 313 NO_CONSUMERS.
        public let code: UInt16
        public let text: String
        public let exchange: Name
        public let routingKey: Name

        public init(code: UInt16, text: String, exchange: Name, routingKey: Name) {
            self.code = code
            self.text = text
            self.exchange = exchange
            self.routingKey = routingKey
        }
    }

    public init(
        _ code: Code,
        _ message: String,
        advice: String? = nil,
        closeReason: CloseReason? = nil,
        returned: Return? = nil
    ) {
        self.code = code
        self.message = message
        // Of a connection that never was open nothing can be unconfirmed.
        self.advice = advice ?? (code.isBeforeOpen ? nil : closeReason?.advice) ?? code.advice
        self.closeReason = closeReason
        self.returned = returned
    }

    /// Whether trying the same again cannot succeed until a person changes something.
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
    public var description: String { "\(code.rawValue): \(message)" }
}

extension ClientError.Code {
    /// Whether it keeps a connection from being opened, without a reply of the broker: then nothing was sent yet.
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
