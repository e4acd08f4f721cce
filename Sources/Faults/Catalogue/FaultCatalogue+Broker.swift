// Faults on the broker, through its management API; one of them through rabbitmqctl.
extension FaultCatalogue {
    static let broker: [any DeclaredFault.Type] = [
        PolicyTTLFault.self,
        PolicyMaxLengthFault.self,
        PolicyRejectPublishFault.self,
        VhostLimitFault.self,
        UserLimitFault.self,
        RevokePermissionFault.self,
        ForceCloseConnectionFault.self,
        CloseUserFault.self,
        PurgeFault.self,
        DeleteQueueFault.self,
        DeleteExchangeFault.self,
        RaiseChannelErrorFault.self,
    ]
}

extension FaultParameterReader {
    fileprivate mutating func reason() -> String {
        text("reason", 200, "closed by rabbittop", "what the application and the log are told")
    }
}

extension FaultEffects {
    fileprivate static let limited = FaultEffects(
        [.connection(530), .channel(406), .channel(506)], interrupts: true)
}

// MARK: Policies and limits

/// `policy-ttl`.
package struct PolicyTTLFault: DeclaredFault {
    package static let description = FaultDescription(
        PolicyTTLFault.self, "policy-ttl", "Messages expire", .broker, .queue,
        does: "Sets a temporary policy on one queue, with which messages that arrive from now on expire soon.",
        blast: "Messages that arrive meanwhile: they go to the queue's dead-letter exchange, or are lost.",
        undo:
            "The policy is taken away; what arrived until then still expires, and what expired does not come back.",
        defaultDuration: 60,
        application: "Messages that it published and that were confirmed never reach a slow consumer.",
        selects: [.vhost, .queue],
        targets: [.queue, .consumer],
        isDestructive: true)

    package let milliseconds: Int

    package init(_ parameters: inout FaultParameterReader) {
        milliseconds = parameters.integer("ttl_ms", 0...86_400_000, 1_000, "how old a message may get", unit: "ms")
    }
}

/// `policy-max-length`.
package struct PolicyMaxLengthFault: DeclaredFault {
    package static let description = FaultDescription(
        PolicyMaxLengthFault.self, "policy-max-length", "Short queue", .broker, .queue,
        does: "Sets a temporary policy on one queue, with which it keeps so many messages and drops the oldest.",
        blast: "The queue's oldest messages: they go to its dead-letter exchange, or are lost.",
        undo: "The policy is taken away; what was dropped does not come back.",
        defaultDuration: 60,
        application: "Messages that it published and that were confirmed are gone when too many wait.",
        selects: [.vhost, .queue],
        targets: [.queue, .consumer],
        isDestructive: true)

    package let maxLength: Int

    package init(_ parameters: inout FaultParameterReader) {
        maxLength = parameters.integer("max_length", 0...1_000_000, 10, "how many messages may wait", unit: "messages")
    }
}

/// `policy-reject-publish`.
package struct PolicyRejectPublishFault: DeclaredFault {
    package static let description = FaultDescription(
        PolicyRejectPublishFault.self, "policy-reject-publish", "Reject publishes", .broker, .queue,
        does: "Sets a temporary policy on one queue, with which it rejects what is published once it is full.",
        blast: "Publishers to the queue; what is in it stays.",
        undo: "The policy is taken away, and publishes are taken again.",
        defaultDuration: 60,
        application:
            "basic.nack for each publish, where confirms are on; without confirms, messages vanish silently.",
        selects: [.vhost, .queue],
        targets: [.queue])

    package let maxLength: Int

    package init(_ parameters: inout FaultParameterReader) {
        maxLength = parameters.integer(
            "max_length", 0...1_000_000, 0, "at how many messages the queue is full", unit: "messages")
    }
}

/// `vhost-limit`.
package struct VhostLimitFault: DeclaredFault {
    package static let description = FaultDescription(
        VhostLimitFault.self, "vhost-limit", "Limit a vhost", .broker, .vhost,
        does: "Limits how many connections or queues a vhost may have.",
        blast: "New connections, or new queues, of everybody in the vhost; those that are there live.",
        undo: "The limit that was there before is set again, or none.",
        defaultDuration: 60,
        application: """
            Connections: 530 NOT_ALLOWED at connection.open, 'connection limit is reached'. Queues: 406 \
            PRECONDITION_FAILED at queue.declare, 'queue limit in vhost is reached'.
            """,
        selects: [.vhost],
        targets: [.connection, .queue])

    package enum Limit: String, CaseIterable, Sendable {
        case maxConnections = "max-connections"
        case maxQueues = "max-queues"
    }

    package let limit: Limit
    package let value: Int

    package init(_ parameters: inout FaultParameterReader) {
        limit = parameters.choice("limit", Limit.maxConnections, "what is limited")
        value = parameters.integer("value", 0...1_000_000, 0, "how many there may be")
    }

    package var effects: FaultEffects {
        .limited
    }
}

/// `user-limit`.
package struct UserLimitFault: DeclaredFault {
    package static let description = FaultDescription(
        UserLimitFault.self, "user-limit", "Limit a user", .broker, .user,
        does: "Limits how many connections or channels a user may have, on each node.",
        blast: "New connections, or new channels, of the user; those that are there live, until one asks for more.",
        undo: "The limit that was there before is set again, or none.",
        defaultDuration: 60,
        application: """
            Connections: 530 NOT_ALLOWED at connection.open. Channels: 530 NOT_ALLOWED at channel.open, on the \
            connection: all its channels die for the one too many.
            """,
        selects: [.user],
        targets: [.connection, .channel])

    package enum Limit: String, CaseIterable, Sendable {
        case maxConnections = "max-connections"
        case maxChannels = "max-channels"
    }

    package let limit: Limit
    package let value: Int

    package init(_ parameters: inout FaultParameterReader) {
        limit = parameters.choice("limit", Limit.maxConnections, "what is limited")
        value = parameters.integer("value", 0...1_000_000, 0, "how many there may be")
    }

    package var effects: FaultEffects {
        .limited
    }
}

// MARK: Rights

/// `revoke-permission`.
package struct RevokePermissionFault: DeclaredFault {
    package static let description = FaultDescription(
        RevokePermissionFault.self, "revoke-permission", "Revoke a permission", .broker, .user,
        does: """
            Takes a user's permissions in a vhost away, or one of the three. Busy channels have theirs cached: \
            certain only for new and idle ones, unless its connections are closed too.
            """,
        blast: "All that this user does in the vhost.",
        undo: "The permissions are set as they were.",
        defaultDuration: 60,
        application: """
            403 ACCESS_REFUSED on channels that were idle or are new. Where all is taken, 530 NOT_ALLOWED at \
            connection.open; with 'reconnect', 320 CONNECTION_FORCED before that.
            """,
        selects: [.user, .vhost],
        targets: [.connection, .channel])

    package enum Permission: String, CaseIterable, Sendable {
        case all
        case configure
        case write
        case read
    }

    package let permission: Permission
    package let reconnect: Bool

    package init(_ parameters: inout FaultParameterReader) {
        permission = parameters.choice("what", Permission.all, "which permission is taken")
        reconnect = parameters.flag(
            "reconnect", false, "whether the user's connections in the vhost are closed, so that it bites")
    }

    package var effects: FaultEffects {
        FaultEffects([.channel(403), .connection(320, 530)], interrupts: true)
    }
}

// MARK: Faults without undo

/// `force-close-connection`.
package struct ForceCloseConnectionFault: DeclaredFault {
    package static let description = FaultDescription(
        ForceCloseConnectionFault.self, "force-close-connection", "Close a connection by force", .broker, .connection,
        does: "Closes connections as an operator does, through the management API.",
        blast: "The connections with all their channels and consumers; what was unacked is delivered again.",
        application: "320 CONNECTION_FORCED with the reason; who recovers is back in a moment.",
        selects: [.connection, .user, .vhost],
        targets: [.connection, .channel, .consumer],
        isDestructive: true)

    package let reason: String

    package init(_ parameters: inout FaultParameterReader) {
        reason = parameters.reason()
    }

    package var effects: FaultEffects {
        FaultEffects([.connection(320)], interrupts: true, ends: true)
    }
}

/// `close-user`.
package struct CloseUserFault: DeclaredFault {
    package static let description = FaultDescription(
        CloseUserFault.self, "close-user", "Close a user's connections", .broker, .user,
        does: "Closes all connections of a user as an operator does; those of rabbittop itself are spared.",
        blast: "Every application that logs in as this user, at the same moment.",
        application: "320 CONNECTION_FORCED with the reason, for all at once: their reconnects come as one wave.",
        selects: [.user, .vhost],
        targets: [.connection, .channel],
        isDestructive: true)

    package let reason: String

    package init(_ parameters: inout FaultParameterReader) {
        reason = parameters.reason()
    }

    package var effects: FaultEffects {
        FaultEffects([.connection(320)], interrupts: true, ends: true)
    }
}

/// `purge`.
package struct PurgeFault: DeclaredFault {
    package static let description = FaultDescription(
        PurgeFault.self, "purge", "Purge a queue", .broker, .queue,
        does: "Deletes all ready messages of a queue; those that are unacked stay.",
        blast: "The queue's ready messages, for good.",
        application: "Nothing: messages that were confirmed never come.",
        selects: [.vhost, .queue],
        targets: [.queue],
        isDestructive: true)

    package init(_ parameters: inout FaultParameterReader) {}
}

/// `delete-queue`.
package struct DeleteQueueFault: DeclaredFault {
    package static let description = FaultDescription(
        DeleteQueueFault.self, "delete-queue", "Delete a queue in use", .broker, .queue,
        does: "Deletes a queue with its messages, its bindings and its consumers.",
        blast: "The queue and all that is in it, for good.",
        application: """
            Consumers: a consumer-cancel notification. Publishers: their messages are returned with 312 NO_ROUTE \
            when mandatory, and lost otherwise. Who names it: 404 NOT_FOUND on the channel.
            """,
        selects: [.vhost, .queue],
        targets: [.queue],
        isDestructive: true)

    package init(_ parameters: inout FaultParameterReader) {}

    package var effects: FaultEffects {
        FaultEffects([.entry([.cancelled]), .channel(404), .entry([.returned], 312)], interrupts: true)
    }
}

/// `delete-exchange`.
package struct DeleteExchangeFault: DeclaredFault {
    package static let description = FaultDescription(
        DeleteExchangeFault.self, "delete-exchange", "Delete an exchange in use", .broker, .exchange,
        does: "Deletes an exchange with its bindings; the queues stay.",
        blast: "The exchange and its bindings, for good.",
        application: "404 NOT_FOUND on the channel of each who publishes to it.",
        selects: [.vhost, .exchange],
        targets: [.exchange],
        isDestructive: true)

    package init(_ parameters: inout FaultParameterReader) {}

    package var effects: FaultEffects {
        FaultEffects([.channel(404)], interrupts: true)
    }
}

/// `raise-channel-error`.
package struct RaiseChannelErrorFault: DeclaredFault {
    package static let description = FaultDescription(
        RaiseChannelErrorFault.self, "raise-channel-error", "Raise a channel error", .broker, .channel,
        does: "Makes the broker itself raise an error on channels of anybody, with rabbitmqctl.",
        blast: "The channels, their consumers and their unconfirmed publishes; their siblings live.",
        application: """
            406 PRECONDITION_FAILED for a delivery tag that it never acked, or 404 NOT_FOUND for a queue that it \
            never named.
            """,
        selects: [.connection, .user, .vhost, .channel],
        targets: [.channel, .consumer],
        isDestructive: true)

    package enum Code: String, CaseIterable, Sendable {
        case preconditionFailed = "406"
        case notFound = "404"
    }

    package let code: Code

    package init(_ parameters: inout FaultParameterReader) {
        code = parameters.choice("code", Code.preconditionFailed, "which error")
    }

    package var effects: FaultEffects {
        FaultEffects([.channel(404, 406)], interrupts: true, ends: true)
    }
}
