import Names

/// What to do about an AMQP reply code, or about an end of a connection that the broker's log explains.
///
/// Source: RabbitMQ's documentation (channels, consumers, confirms, access control, networking) and the texts of
/// RabbitMQ 3.8 to 4.3.
public enum ReplyAdvice: Sendable, Hashable, CaseIterable {
    // 200, 311 to 313
    case orderlyEnd, contentTooLarge, noRoute, noConsumers
    // 320
    case nodeShutsDown, nodeInMaintenance, vhostWentDown, closedByOperator
    // 402, 403
    case invalidPath, loginRefused, guestOnlyLocal, permissionMissing, topicPermissionMissing, defaultExchange,
        reservedName, exclusiveConsumer
    // 404, 405
    case noQueue, noExchange, noBinding, queueWithoutNode, objectMissing, exclusiveQueue
    // 406
    case unknownDeliveryTag, inequivalentArgument, invalidArgument, consumerTimeout, messageTooLarge, objectInUse,
        queueNotEmpty, userIDDiffers, channelMode, directReply, queueLimit, preconditionFailed
    // 501 to 506
    case frameTooLarge, frameError, syntaxError, commandInvalid, channelAlreadyOpen, channelNotOpen, unexpectedFrame,
        resourceError
    // 530, 540, 541
    case noVhost, vhostAccess, vhostIsDown, connectionLimit, channelLimit, consumerTagInUse, notAllowed
    case deprecatedFeature, immediateFlag, notImplemented, internalError
    // Without a code.
    case missedHeartbeats, endedAbruptly, handshakeTimeout, otherProtocol

    /// The advice in one line, without a full stop.
    public var words: String {
        switch self {
        case .orderlyEnd: "An orderly end: nothing to do"
        case .contentTooLarge: "Send smaller messages: store large bodies elsewhere and send a reference"
        case .noRoute: "Bind a queue for this routing key, or give the exchange an alternate exchange"
        case .noConsumers: "Start a consumer, and do not set the immediate flag, which RabbitMQ does not support"
        case .nodeShutsDown: "Reconnect after a pause, to another node if there is one; the node stops or restarts"
        case .nodeInMaintenance: "Reconnect to another node: this one is drained for maintenance"
        case .vhostWentDown: "Read the node's log for why the vhost went down; rabbitmqctl restart_vhost starts it"
        case .closedByOperator: "An operator or a tool closed it: let the client reconnect, and ask who did it"
        case .invalidPath: "Correct the vhost in the client's URI; a / in its name is written %2F"
        case .loginRefused: "Check the client's user name and password, and that this user exists on the broker"
        case .guestOnlyLocal: "Make a user for the application: guest may log in from the broker's machine only"
        case .permissionMissing:
            "Give the user this permission in the vhost (rabbitmqctl set_permissions), or name another object"
        case .topicPermissionMissing:
            "Let the user's topic permissions match the routing key (rabbitmqctl set_topic_permissions)"
        case .defaultExchange: "Publish to the default exchange by queue name; it cannot be declared, bound or deleted"
        case .reservedName: "Choose a name that does not begin with amq., which is reserved for the broker"
        case .exclusiveConsumer:
            "Stop the consumer that has the queue exclusively, or use a single active consumer queue"
        case .noQueue: "Declare the queue before using it; check vhost, spelling, and whether it expired or was deleted"
        case .noExchange: "Declare the exchange before publishing or binding to it; check vhost and spelling"
        case .noBinding: "Nothing to unbind: compare routing key and arguments with the binding's"
        case .queueWithoutNode: "Start the queue's node again, or use a quorum queue, which outlives one node"
        case .objectMissing: "Declare what is used before it is used; check vhost and spelling"
        case .exclusiveQueue: "Use the queue on the connection that declared it, or declare it without exclusive"
        case .unknownDeliveryTag:
            "Acknowledge each delivery once, on the channel it came from, and none from before a reconnect"
        case .inequivalentArgument:
            "Declare it with the arguments that it has, or delete it first; change limits by policy"
        case .invalidArgument: "Check the argument's name, type and range, and whether this type of queue supports it"
        case .consumerTimeout:
            "Acknowledge sooner or lower the prefetch; else raise consumer_timeout for this queue by policy"
        case .messageTooLarge: "Send a reference instead of the body, or raise max_message_size in rabbitmq.conf"
        case .objectInUse: "Stop its consumers or bindings first, or delete it without if-unused"
        case .queueNotEmpty: "Consume or purge its messages first, or delete it without if-empty"
        case .userIDDiffers: "Leave out the user-id property, or set it to the user that the connection logs in with"
        case .channelMode: "Use one channel for confirms and another for transactions"
        case .directReply: "Consume from amq.rabbitmq.reply-to without acknowledgements first, on the same channel"
        case .queueLimit: "Delete queues that are not needed, or raise the limit of the vhost or node"
        case .preconditionFailed: "Compare what the client asked for with the queue or exchange as it is"
        case .frameTooLarge: "Keep frames within the negotiated frame_max: the client's library has to split bodies"
        case .frameError:
            "Check port and TLS, and that nothing between changes bytes; do not share a socket by threads or forks"
        case .syntaxError: "Update the client's library: it sent a field that cannot be read"
        case .commandInvalid:
            "Update the client's library, and use each channel in one thread: methods came in a wrong order"
        case .channelAlreadyOpen: "Let the library number the channels: this number is already open"
        case .channelNotOpen: "Open the channel before using it, and do not use it after it was closed"
        case .unexpectedFrame: "Use each channel in one thread at a time: frames of several publishes were mixed"
        case .resourceError: "Check the node's memory, disk space and file descriptors, and its limits"
        case .noVhost: "Create the vhost, or correct its name in the client's URI; a / is written %2F"
        case .vhostAccess: "Give the user permissions in this vhost: rabbitmqctl set_permissions"
        case .vhostIsDown: "Start the vhost with rabbitmqctl restart_vhost, and read the log for why it is down"
        case .connectionLimit: "Close connections that are not needed, or raise the limit of the user, vhost or node"
        case .channelLimit: "Close channels that are not needed, or raise channel_max: a leak of channels is likely"
        case .consumerTagInUse: "Let the broker choose the consumer tag, or use each tag once in a channel"
        case .notAllowed: "Compare what the client does with the limits and permissions of its user and vhost"
        case .deprecatedFeature:
            "Stop using the deprecated feature; deprecated_features.permit in rabbitmq.conf allows it for now"
        case .immediateFlag:
            "Do not set the immediate flag: RabbitMQ does not support it; a message TTL of 0 is similar"
        case .notImplemented: "Do without it: RabbitMQ, or this type of queue, does not have this"
        case .internalError:
            "Read the broker's log of this moment: the error is on its side, or in an argument it did not expect"
        case .missedHeartbeats:
            "Look for a client that stood still, or a network that drops idle connections; then the heartbeat"
        case .endedAbruptly:
            "Close connections before the program ends; else look for a crash, a kill or a proxy's timeout"
        case .handshakeTimeout: "Check port and TLS, and that the client is not overloaded while it logs in"
        case .otherProtocol: "Check the client's port and TLS: it does not speak AMQP 0-9-1 here"
        }
    }
}
