import AMQPWire

extension ClientError {
    static func cancelled(_ method: Method) -> ClientError {
        ClientError(.cancelled, "\(method.name) was cancelled; the broker may still carry it out.")
    }

    static func timeout(_ what: String) -> ClientError {
        ClientError(.timeout, "No answer to \(what) in time.")
    }

    /// The channel or connection was closed before the operation was sent.
    static func closed(_ reason: CloseReason, _ method: MethodID) -> ClientError {
        switch reason.scope {
        case .channel: ClientError(.channelClosed, "\(method) on a closed channel (\(reason)).", closeReason: reason)
        case .connection:
            ClientError(.connectionClosed, "\(method) on a closed connection (\(reason)).", closeReason: reason)
        }
    }

    /// Internal to the library: the connection is recovering, and the operation must wait.
    static let suspended = ClientError(.connectionClosed, "The connection is recovering.")

    static func transactionLost(_ reason: CloseReason) -> ClientError {
        ClientError(
            .indeterminate,
            "The connection was lost in the middle of the transaction (\(reason)); nothing of it was committed.",
            advice: "Do all of the transaction again, and commit.", closeReason: reason)
    }

    /// The broker closed the channel or connection because of this operation.
    static func refused(_ reason: CloseReason) -> ClientError {
        ClientError(
            .refused,
            "The broker refused \(reason.methodName ?? "the operation"): \(reason.words)",
            closeReason: reason
        )
    }

    /// The reply was lost because the channel or connection closed for another reason.
    static func lost(_ reason: CloseReason) -> ClientError {
        switch (reason.scope, reason.initiator) {
        case (.channel, .peer):
            ClientError(
                .noAnswer, "No answer: the channel closed because of another operation (\(reason)).",
                closeReason: reason)
        case (.channel, .local), (.channel, .transport):
            ClientError(
                .channelClosed, "The channel was closed before the answer came (\(reason)).", closeReason: reason)
        case (.connection, _):
            ClientError(
                .connectionClosed, "The connection closed before the answer came (\(reason)).", closeReason: reason)
        }
    }

    static func indeterminate(_ reason: CloseReason) -> ClientError {
        ClientError(
            .indeterminate,
            "The \(reason.scope.rawValue) closed before the confirm came (\(reason)).",
            advice: "Publish again and expect a duplicate. \(reason.advice)",
            closeReason: reason
        )
    }
}

extension CloseReason {
    /// The value that a cancelled wait for an end returns.
    static func noLongerAwaited(_ scope: Scope) -> CloseReason {
        CloseReason(initiator: .local, scope: scope, code: 0, text: "no longer awaited")
    }
}
