import Names

/// The names of all faults, as on the command line, in files and in JSON: `close-channel`.
///
/// The declaration of each is in ``FaultCatalogue``.
public enum FaultName: String, Sendable, Codable, CaseIterable {
    // On connections of rabbittop's own.
    case accessRefused = "access-refused"
    case notFound = "not-found"
    case resourceLocked = "resource-locked"
    case preconditionFailed = "precondition-failed"
    case connectionForced = "connection-forced"
    case frameError = "frame-error"
    case commandInvalid = "command-invalid"
    case channelError = "channel-error"
    case unexpectedFrame = "unexpected-frame"
    case notAllowed = "not-allowed"
    case notImplemented = "not-implemented"
    case internalError = "internal-error"
    case politeClose = "polite-close"
    case tcpReset = "tcp-reset"
    case stopHeartbeats = "stop-heartbeats"
    case stopReading = "stop-reading"
    case hoardUnacked = "hoard-unacked"
    case requeueLoop = "requeue-loop"
    case slowConsumer = "slow-consumer"
    case noRoute = "no-route"
    case flood
    case poisonMessage = "poison-message"
    // On the broker.
    case policyTtl = "policy-ttl"
    case policyMaxLength = "policy-max-length"
    case policyRejectPublish = "policy-reject-publish"
    case vhostLimit = "vhost-limit"
    case userLimit = "user-limit"
    case revokePermission = "revoke-permission"
    case forceCloseConnection = "force-close-connection"
    case closeUser = "close-user"
    case purge
    case deleteQueue = "delete-queue"
    case deleteExchange = "delete-exchange"
    case raiseChannelError = "raise-channel-error"
    // On connections through the proxy.
    case closeChannel = "close-channel"
    case closeConnection = "close-connection"
    case resetConnection = "reset-connection"
    case halfOpen = "half-open"
    case refuseConnections = "refuse-connections"
    case refuseChannels = "refuse-channels"
    case blackHole = "black-hole"
    case latency
    case bandwidth
    case cutFrame = "cut-frame"
    case corruptFrame = "corrupt-frame"
    case truncateFrame = "truncate-frame"
    case interleaveFrames = "interleave-frames"
    case swallowHeartbeats = "swallow-heartbeats"
    case blockConnection = "block-connection"
    case swallow
    case delay
    case duplicate
    case nackConfirm = "nack-confirm"
    case returnMessage = "return-message"
    case cancelConsumer = "cancel-consumer"
    case tune
    // On the nodes of a private broker.
    case killNode = "kill-node"
    case freezeNode = "freeze-node"
    case restartNode = "restart-node"
    case memoryAlarm = "memory-alarm"
    case diskAlarm = "disk-alarm"
    case loseNode = "lose-node"
    case partition
}

extension FaultName: CustomStringConvertible {
    public var description: String { rawValue }
}

extension FaultName {
    /// Creates the name from a label of the ledger, `close-channel #3`; nil when it names no fault.
    public init?(label: String) {
        guard let name = label.parts(separatedBy: " ").first else { return nil }
        self.init(rawValue: String(name))
    }
}
