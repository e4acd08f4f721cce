import Names

extension ReplyAdvice {
    /// Returns the advice for a reply code and its text; `nil` for a code that AMQP 0-9-1 does not have.
    ///
    /// - Parameters:
    ///   - code: The reply code, `nil` for an event without one.
    ///   - text: What the broker said, with or without the code's name in front.
    public init?(code: Int?, text: String) {
        if let known = Self.known(code).first(where: { text.containsBytes(of: $0.fragment) }) {
            self = known.advice
            return
        }
        guard let usual = Self.usual(code) else { return nil }
        self = usual
    }

    /// What is right for a code whatever its text.
    private static func usual(_ code: Int?) -> ReplyAdvice? {
        switch code {
        case 200: .orderlyEnd
        case 311: .contentTooLarge
        case 312: .noRoute
        case 313: .noConsumers
        case 320: .closedByOperator
        case 402: .invalidPath
        case 403: .permissionMissing
        case 404: .objectMissing
        case 405: .exclusiveQueue
        case 406: .preconditionFailed
        case 501: .frameError
        case 502: .syntaxError
        case 503: .commandInvalid
        case 504: .channelNotOpen
        case 505: .unexpectedFrame
        case 506: .resourceError
        case 530: .notAllowed
        case 540: .notImplemented
        case 541: .internalError
        default: nil
        }
    }

    /// Fragments of RabbitMQ's texts that say more than the code, the most specific first.
    private static func known(_ code: Int?) -> [(fragment: String, advice: ReplyAdvice)] {
        switch code {
        case nil:
            [
                ("missed heartbeats", .missedHeartbeats), ("heartbeat timeout", .missedHeartbeats),
                ("handshake_timeout", .handshakeTimeout), ("bad_header", .otherProtocol),
                ("bad_version", .otherProtocol), ("unexpectedly closed", .endedAbruptly),
                ("closed_abruptly", .endedAbruptly),
            ]
        case 320:
            [
                ("maintenance", .nodeInMaintenance), ("reason 'shutdown'", .nodeShutsDown),
                ("reason shutdown", .nodeShutsDown), ("vhost is going down", .vhostWentDown),
                ("is down", .vhostWentDown),
            ]
        case 403:
            [
                ("can only connect via localhost", .guestOnlyLocal), ("ogin refused", .loginRefused),
                ("ogin was refused", .loginRefused), ("default exchange", .defaultExchange),
                ("reserved prefix", .reservedName), ("in exclusive use", .exclusiveConsumer),
                ("access to topic", .topicPermissionMissing),
            ]
        case 404:
            [
                ("is down or inaccessible", .queueWithoutNode), ("stopped by supervisor", .queueWithoutNode),
                ("no binding ", .noBinding), ("no queue '", .noQueue), ("no exchange '", .noExchange),
                ("vhost not found", .noVhost), ("no vhost", .noVhost), ("no such vhost", .noVhost),
            ]
        case 406:
            [
                ("unknown delivery tag", .unknownDeliveryTag), ("inequivalent arg", .inequivalentArgument),
                ("timed out. Timeout value", .consumerTimeout), ("consumer ack timeout", .consumerTimeout),
                ("waiting for a consumer acknowledgement", .consumerTimeout), ("consumer timeout", .consumerTimeout),
                ("larger than configured max size", .messageTooLarge), ("larger than max size", .messageTooLarge),
                ("user_id property set", .userIDDiffers), ("invalid arg", .invalidArgument),
                ("invalid expiration", .invalidArgument), ("cannot switch from", .channelMode),
                ("not transactional", .channelMode),
                ("fast reply", .directReply), ("reply consumer", .directReply), ("queue limit", .queueLimit),
                ("' in use", .objectInUse), ("not empty", .queueNotEmpty),
            ]
        case 501: [("frame_too_large", .frameTooLarge), ("larger than negotiated", .frameTooLarge)]
        case 504: [("second 'channel.open'", .channelAlreadyOpen)]
        case 530:
            [
                ("connection limit", .connectionLimit), ("channel_max", .channelLimit),
                ("channel limit", .channelLimit), ("reuse consumer tag", .consumerTagInUse),
                ("access to vhost", .vhostAccess), ("not found", .noVhost), ("is down", .vhostIsDown),
            ]
        case 540: [("immediate", .immediateFlag)]
        case 541: [("deprecated", .deprecatedFeature)]
        default: []
        }
    }
}

extension LedgerEntry {
    /// What to do about the event; `nil` for one that needs nothing done, or of which too little is known.
    public var advice: ReplyAdvice? {
        switch kind {
        case .error, .closed, .authentication, .returned:
            guard let advice = ReplyAdvice(code: code, text: text), advice != .orderlyEnd else { return nil }
            return advice
        case .opened, .cancelled, .blocked, .unblocked, .alarm, .action, .source, .fault, .recovered, .finding:
            return nil
        }
    }
}
