import Faults
import Foundation
import LocalBroker
import Names
import RabbitMQClient
import RabbitMQManagement

/// A fault on a broker that was about to be injected, with what undoes it if its process does not.
struct JournalEntry: Codable, Hashable, Sendable {
    var id: String
    /// When it was recorded, in seconds since 1970.
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

    /// The process that undoes the fault while it runs.
    struct Owner: Codable, Hashable, Sendable {
        var process: ProcessIdentity
        /// The identifier of the boot from which the process's start time is counted.
        var boot: String

        /// This process; nil without /proc.
        static let current: Owner? = ProcessIdentity(id: getpid()).map { Owner(process: $0, boot: thisBoot) }

        private static let thisBoot =
            FileManager.default.contents(atPath: "/proc/sys/kernel/random/boot_id")
            .map { String(decoding: $0, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines) } ?? ""

        var isAlive: Bool { boot == Self.thisBoot && process.state != .gone }
    }
}

/// Identifies a broker; the address alone would not tell it from another broker that took its place.
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
