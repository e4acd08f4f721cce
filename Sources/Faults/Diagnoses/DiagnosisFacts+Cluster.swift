public import Foundation
public import Names

extension DiagnosisFacts {
    /// A node of the cluster.
    public struct NodeFacts: Sendable {
        /// The name of the node.
        public var name: String
        /// Whether the node is running.
        public var isRunning: Bool
        /// Whether the memory alarm is raised.
        public var memoryAlarm: Bool?
        /// Whether the disk alarm is raised.
        public var diskAlarm: Bool?
        /// When the memory alarm was raised, when an event reported it.
        public var memoryAlarmSince: Date?
        /// When the disk alarm was raised, when an event reported it.
        public var diskAlarmSince: Date?
        /// Memory used, in bytes.
        public var memory: Int?
        /// The memory above which the alarm is raised, in bytes.
        public var memoryLimit: Int?
        /// Free disk space, in bytes.
        public var diskFree: Int?
        /// The free disk space below which the alarm is raised, in bytes.
        public var diskFreeLimit: Int?
        /// Whether the node is in maintenance mode; `nil` when that is not known.
        public var isInMaintenance: Bool?
        /// The names of the nodes that this one is partitioned from.
        public var partitions: [String] = []

        /// Creates the facts of a node; everything else is unknown.
        public init(name: String, isRunning: Bool) {
            self.name = name
            self.isRunning = isRunning
        }
    }

    /// A vhost that is in another state than running on a node.
    public struct VhostFacts: Sendable {
        /// The name of the vhost.
        public var name: Name
        /// The node.
        public var node: Name
        /// The state as RabbitMQ names it.
        public var state: String

        /// Creates the facts of a vhost.
        public init(name: some NameConvertible, node: some NameConvertible, state: String) {
            self.name = name.asName
            self.node = node.asName
            self.state = state
        }
    }

    /// A source of figures.
    public struct SourceFacts: Sendable {
        /// The name of the source.
        public var name: String
        /// Whether the source has failed: it no longer responds or was never reached; a vital one also when access is
        /// denied.
        public var isMissing: Bool
        /// Whether nothing is known without the source.
        public var isVital: Bool
        /// What happened, in one line.
        public var problem: String?
        /// What to do about it, in one line.
        public var advice: String?
        /// The time of the last complete response.
        public var lastSuccess: Date?

        /// Creates the facts of a source.
        public init(
            name: String, isMissing: Bool, isVital: Bool = false, problem: String? = nil, advice: String? = nil,
            lastSuccess: Date? = nil
        ) {
            self.name = name
            self.isMissing = isMissing
            self.isVital = isVital
            self.problem = problem
            self.advice = advice
            self.lastSuccess = lastSuccess
        }
    }

    /// Churn of the whole cluster, per second.
    public struct ChurnFacts: Sendable {
        /// Connections opened per second.
        public var connectionsOpened: Double?
        /// Connections closed per second.
        public var connectionsClosed: Double?
        /// Channels opened per second.
        public var channelsOpened: Double?
        /// Channels closed per second.
        public var channelsClosed: Double?

        /// Creates churn rates.
        public init(
            connectionsOpened: Double?, connectionsClosed: Double?, channelsOpened: Double?, channelsClosed: Double?
        ) {
            self.connectionsOpened = connectionsOpened
            self.connectionsClosed = connectionsClosed
            self.channelsOpened = channelsOpened
            self.channelsClosed = channelsClosed
        }
    }
}
