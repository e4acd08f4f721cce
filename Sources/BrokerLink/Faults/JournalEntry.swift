import Faults
import Foundation
import LocalBroker
import Names
import RabbitMQClient
import RabbitMQManagement

/// A fault on a broker that was about to be done: what undoes it, should nobody be left to do so.
struct JournalEntry: Codable, Hashable, Sendable {
    var id: String
    /// Seconds since 1970.
    var at: Double
    var fault: String
    var broker: BrokerIdentity
    var owner: Owner
    var repair: BrokerRepair

    init(fault: String, broker: BrokerIdentity, owner: Owner, repair: BrokerRepair) {
        id = UUID().uuidString
        at = Date().timeIntervalSince1970
        self.fault = fault
        self.broker = broker
        self.owner = owner
        self.repair = repair
    }

    /// The process that undoes it while it lives.
    struct Owner: Codable, Hashable, Sendable {
        var process: ProcessIdentity
        /// Of the boot since which the process' start is counted.
        var boot: String

        /// This process; nil where there is no /proc.
        static let current: Owner? = ProcessIdentity(id: getpid()).map { Owner(process: $0, boot: thisBoot) }

        private static let thisBoot =
            FileManager.default.contents(atPath: "/proc/sys/kernel/random/boot_id")
            .map { String(decoding: $0, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines) } ?? ""

        var isAlive: Bool { boot == Self.thisBoot && process.state != .gone }
    }
}

/// Which broker: by its address alone one that has taken another's place would be taken for it.
struct BrokerIdentity: Codable, Hashable, Sendable {
    /// Host, port and path of its management API, without user and password.
    var address: Name
    var cluster: Name?

    init(_ address: ManagementAddress, cluster: Name?) {
        let isLoopback = LoopbackName.matches(address.host)
        let host = isLoopback ? "localhost" : address.host.lowercased()
        self.address = "\(Endpoint(host: host, port: address.port))\(address.pathPrefix)"
        self.cluster = cluster
    }

    init(asking management: ManagementClient) async throws(ManagementError) {
        self.init(management.configuration.address, cluster: Name(try await management.overview().clusterName))
    }
}
