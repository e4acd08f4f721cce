import Logging
import Names

/// A log entry of a connection: level, message and metadata.
struct ClientLog: Equatable {
    var level: Logger.Level
    var message: String
    var metadata: Logger.Metadata

    private init(_ level: Logger.Level, _ message: String, _ metadata: Logger.Metadata = [:]) {
        self.level = level
        self.message = message
        self.metadata = metadata
    }

    // MARK: Connections

    static let connectionOpened = ClientLog(.debug, "connection open")

    /// The connection is closed for good.
    static func connectionClosed(_ reason: CloseReason) -> ClientLog {
        guard !reason.isOrderly else { return ClientLog(.debug, "connection closed", metadata(reason)) }
        return ClientLog(
            .error, "connection ended by an error",
            metadata(reason).merging([LogMetadataKey.advice: "\(reason.advice)"]) { $1 })
    }

    /// The connection is lost and will be re-established.
    static func connectionLost(_ reason: CloseReason) -> ClientLog {
        ClientLog(.warning, "connection lost, it will be made again", metadata(reason))
    }

    static func notBackYet(_ error: ClientError, attempt: Int, delay: Duration) -> ClientLog {
        ClientLog(
            .debug, "connection is not back yet",
            metadata(error).merging([
                LogMetadataKey.attempt: "\(attempt)", LogMetadataKey.delay: "\(seconds(delay))",
            ]) { $1 })
    }

    static func connectionRecovered(_ report: RecoveryReport) -> ClientLog {
        ClientLog(
            .info, "connection recovered",
            [
                LogMetadataKey.endpoint: "\(report.endpoint)", LogMetadataKey.seconds: "\(report.seconds)",
                LogMetadataKey.attempt: "\(report.attempts)", LogMetadataKey.failures: "\(report.failures.count)",
            ])
    }

    static func notRestored(_ failure: RecoveryReport.Failure) -> ClientLog {
        ClientLog(
            .warning, "not restored",
            [
                LogMetadataKey.entity: "\(failure.entity)", LogMetadataKey.replyCode: "\(failure.code)",
                LogMetadataKey.message: "\(failure.message)",
            ])
    }

    /// Recovery ends without success; the close of the connection follows.
    static func connectionGivenUp(_ error: ClientError) -> ClientLog {
        ClientLog(.error, "connection given up", metadata(error))
    }

    static func connectionBlocked(reason: String) -> ClientLog {
        ClientLog(
            .warning, "the broker blocked the connection: it does not read what is published",
            [LogMetadataKey.replyText: "\(reason)"])
    }

    static let connectionUnblocked = ClientLog(.info, "the broker unblocked the connection")

    static func protocolViolated(code: UInt16, name: String, text: String, method: String?) -> ClientLog {
        var metadata: Logger.Metadata = [
            LogMetadataKey.replyCode: "\(code)", LogMetadataKey.replyName: "\(name)",
            LogMetadataKey.replyText: "\(text)",
        ]
        if let method { metadata[LogMetadataKey.method] = "\(method)" }
        return ClientLog(.warning, "the peer broke the protocol", metadata)
    }

    static func queueRenamed(_ old: Name, to new: Name) -> ClientLog {
        ClientLog(
            .debug, "the broker gave a queue another name",
            [LogMetadataKey.queue: "\(new)", LogMetadataKey.formerQueue: "\(old)"])
    }

    // MARK: Channels

    static let channelOpened = ClientLog(.debug, "channel open")

    static func channelClosed(_ reason: CloseReason) -> ClientLog {
        let isOrderly = reason.isOrderly || reason.scope == .connection
        return ClientLog(
            isOrderly ? .debug : .warning, isOrderly ? "channel closed" : "channel closed by an error", metadata(reason)
        )
    }

    static func publishReturned(_ returned: ClientError.Return) -> ClientLog {
        ClientLog(
            .debug, "a mandatory message came back",
            [
                LogMetadataKey.replyCode: "\(returned.code)", LogMetadataKey.replyText: "\(returned.text)",
                LogMetadataKey.exchange: "\(returned.exchange)", LogMetadataKey.routingKey: "\(returned.routingKey)",
            ])
    }

    static func consumerCancelled(tag: Name, queue: Name) -> ClientLog {
        ClientLog(
            .warning, "the broker cancelled a consumer",
            [LogMetadataKey.consumerTag: "\(tag)", LogMetadataKey.queue: "\(queue)"])
    }

    // MARK: Metadata

    private static func metadata(_ reason: CloseReason) -> Logger.Metadata {
        var metadata: Logger.Metadata = [
            LogMetadataKey.replyCode: "\(reason.code)", LogMetadataKey.replyName: "\(reason.name)",
            LogMetadataKey.replyText: "\(reason.text)", LogMetadataKey.initiator: "\(reason.initiator.rawValue)",
        ]
        if let method = reason.methodName { metadata[LogMetadataKey.method] = "\(method)" }
        return metadata
    }

    private static func metadata(_ error: ClientError) -> Logger.Metadata {
        var metadata = error.closeReason.map { self.metadata($0) } ?? [:]
        metadata[LogMetadataKey.error] = "\(error.code.rawValue)"
        metadata[LogMetadataKey.message] = "\(error.message)"
        metadata[LogMetadataKey.advice] = "\(error.advice)"
        return metadata
    }

    private static func seconds(_ duration: Duration) -> Double {
        Double(duration.components.seconds) + Double(duration.components.attoseconds) / 1e18
    }
}
