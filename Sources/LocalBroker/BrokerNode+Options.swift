import Foundation

extension BrokerNode {
    /// How a private node is set up. The defaults give a node with the management API, Prometheus, the event
    /// exchange and the log exchange, on free ports of the loopback interface.
    public struct Options: Sendable, Equatable {
        /// The one folder for configuration, data, logs and state. `nil`: a new one in the temporary folder.
        /// A folder that exists has to be empty, or to be the folder of an earlier node, which then starts
        /// again on the same data and ports (the other options are those of its first start).
        public var directory: URL?
        /// The ports to use; `nil` finds free ones.
        public var ports: Ports?
        /// The Erlang cookie; `nil` makes a random one. Nodes of one cluster share it.
        public var cookie: String?
        /// The node's name in front of `@localhost`; `nil` makes one that no other node has.
        public var name: String?
        /// Plugins to enable. What a left-out plugin would serve has no URL.
        public var plugins: Set<Plugin> = [.management, .prometheus, .eventExchange]
        /// A TLS listener with a certificate authority, server and client certificates made for this node.
        public var tls = false
        /// Lines added to the end of rabbitmq.conf; they win over the node's own.
        /// See https://www.rabbitmq.com/docs/configure.
        public var configuration: [String] = []
        /// Erlang terms of advanced.config, for example `{rabbit, [{channel_operation_timeout, 1500}]}`.
        public var advancedTerms: [String] = []
        /// Free disk space, in bytes, below which the node blocks publishers.
        public var diskFreeLimit = 10_000_000
        /// Where `rabbitmq-server` and `rabbitmqctl` are; `nil`: the environment's `RABBITTOP_RABBITMQ_SBIN`,
        /// else the usual places.
        public var installation: URL?
        /// How long the node may take until it is ready.
        public var deadline: Duration = .seconds(240)
        /// Whether the node ends, and its folder goes, with this process, in whatever way this process ends.
        /// `false` leaves it running; `BrokerNode.open` finds it again.
        public var endsWithProcess = true

        public init() {}

        public init(_ change: (inout Options) -> Void) {
            change(&self)
        }
    }

    /// A plugin of the broker, by the name that `rabbitmq-plugins` uses.
    public struct Plugin: RawRepresentable, Hashable, Sendable, Codable {
        public var rawValue: String

        public init(rawValue: String) {
            self.rawValue = rawValue
        }

        public static let management = Plugin(rawValue: "rabbitmq_management")
        public static let prometheus = Plugin(rawValue: "rabbitmq_prometheus")
        public static let eventExchange = Plugin(rawValue: "rabbitmq_event_exchange")
    }

    /// What a node listens on, all of it on the loopback interface.
    public struct Ports: Sendable, Hashable, Codable {
        public var amqp: Int
        public var amqps: Int
        public var management: Int
        public var prometheus: Int
        /// Erlang's distribution, which `rabbitmqctl` uses.
        public var distribution: Int
        /// Erlang's port mapper daemon.
        public var epmd: Int

        public init(amqp: Int, amqps: Int, management: Int, prometheus: Int, distribution: Int, epmd: Int) {
            self.amqp = amqp
            self.amqps = amqps
            self.management = management
            self.prometheus = prometheus
            self.distribution = distribution
            self.epmd = epmd
        }

        var all: [Int] { [amqp, amqps, management, prometheus, distribution, epmd] }
    }

    /// The files of a node with a TLS listener, PEM, without passwords.
    public struct TLSFiles: Sendable, Hashable {
        public var authority: URL
        public var serverCertificate: URL
        public var serverKey: URL
        public var clientCertificate: URL
        public var clientKey: URL
    }

    public enum Status: String, Sendable, Codable {
        case running
        /// Stopped by SIGSTOP: its sockets are open, and it answers nothing.
        case frozen
        case stopped
    }
}
