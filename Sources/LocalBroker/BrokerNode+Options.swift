import Foundation

extension BrokerNode {
    /// How a private node is set up. The defaults give a node with the management API, Prometheus, the event exchange
    /// and the log exchange, on free ports of the loopback interface.
    public struct Options: Sendable, Equatable {
        /// The folder for configuration, data, logs and state. `nil`: a new one in the temporary folder. An existing
        /// folder has to be empty, or to be the folder of an earlier node, which then starts again with the same data
        /// and ports (its other options are those of its first start).
        public var directory: URL?
        /// The ports to use; `nil` finds free ones.
        public var ports: Ports?
        /// The Erlang cookie, which the nodes of a cluster share; `nil` generates a random one.
        public var cookie: String?
        /// The part of the node's name before `@localhost`; `nil` generates a unique one.
        public var name: String?
        /// The plugins to enable. The URL of a plugin that is not enabled is nil.
        public var plugins: Set<Plugin> = [.management, .prometheus, .eventExchange]
        /// Whether to add a TLS listener, with a certificate authority, server and client certificates made for this
        /// node.
        public var tls = false
        /// Lines appended to rabbitmq.conf; they override the node's own. See https://www.rabbitmq.com/docs/configure.
        public var configuration: [String] = []
        /// Erlang terms of advanced.config, for example `{rabbit, [{channel_operation_timeout, 1500}]}`.
        public var advancedTerms: [String] = []
        /// The free disk space, in bytes, below which the node blocks publishers.
        public var diskFreeLimit = 10_000_000
        /// The folder of `rabbitmq-server` and `rabbitmqctl`; `nil`: the environment's `RABBITTOP_RABBITMQ_SBIN`, or
        /// else the usual places.
        public var installation: URL?
        /// How long the node may take to become ready.
        public var deadline: Duration = .seconds(240)
        /// Whether the node ends, and its folder is removed, when this process ends in any way. `false` leaves it
        /// running; `BrokerNode.open` finds it again.
        public var endsWithProcess = true

        /// Creates the default options.
        public init() {}

        /// Creates the default options with changes.
        public init(_ change: (inout Options) -> Void) {
            change(&self)
        }
    }

    /// A plugin of the broker, by its name for `rabbitmq-plugins`.
    public struct Plugin: RawRepresentable, Hashable, Sendable, Codable {
        /// The plugin's name.
        public var rawValue: String

        /// Creates a plugin from its name.
        public init(rawValue: String) {
            self.rawValue = rawValue
        }

        /// The management API.
        public static let management = Plugin(rawValue: "rabbitmq_management")
        /// The Prometheus endpoint.
        public static let prometheus = Plugin(rawValue: "rabbitmq_prometheus")
        /// The event exchange, `amq.rabbitmq.event`.
        public static let eventExchange = Plugin(rawValue: "rabbitmq_event_exchange")
    }

    /// The ports that a node listens on, all on the loopback interface.
    public struct Ports: Sendable, Hashable, Codable {
        /// The AMQP listener.
        public var amqp: Int
        /// The AMQP listener with TLS.
        public var amqps: Int
        /// The management API.
        public var management: Int
        /// The Prometheus endpoint.
        public var prometheus: Int
        /// Erlang's distribution protocol, which `rabbitmqctl` uses.
        public var distribution: Int
        /// Erlang's port mapper daemon.
        public var epmd: Int

        /// Creates a set of ports.
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

    /// The files of a node with a TLS listener, in PEM format, without passwords.
    public struct TLSFiles: Sendable, Hashable {
        /// The certificate of the authority that signed the others.
        public var authority: URL
        /// The server's certificate.
        public var serverCertificate: URL
        /// The server's private key.
        public var serverKey: URL
        /// The client's certificate.
        public var clientCertificate: URL
        /// The client's private key.
        public var clientKey: URL
    }

    /// The state of a node's process.
    public enum Status: String, Sendable, Codable {
        /// The process runs.
        case running
        /// Stopped by SIGSTOP: its sockets are open, but it answers nothing.
        case frozen
        /// There is no process.
        case stopped
    }
}
