import Foundation

/// The location of RabbitMQ's own scripts. The wrappers that packages put on the PATH refuse users other than root and
/// rabbitmq; the scripts behind them do not.
struct BrokerInstallation: Sendable, Equatable {
    var path: String

    var server: String { path + "/rabbitmq-server" }
    var rabbitmqctl: String { path + "/rabbitmqctl" }

    /// Names the folder of `rabbitmq-server` and `rabbitmqctl` if it is not one of the usual ones.
    static let variable = "RABBITTOP_RABBITMQ_SBIN"
    static let usualPlaces = ["/usr/lib/rabbitmq/bin", "/opt/rabbitmq/sbin", "/usr/local/lib/rabbitmq/bin"]

    static func find(
        _ wanted: URL?, environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws(BrokerNodeError) -> BrokerInstallation {
        let named = wanted?.path ?? environment[variable].flatMap { $0.isEmpty ? nil : $0 }
        for path in named.map({ [$0] }) ?? usualPlaces {
            let installation = BrokerInstallation(path: path)
            if FileManager.default.isExecutableFile(atPath: installation.server),
                FileManager.default.isExecutableFile(atPath: installation.rabbitmqctl)
            {
                return installation
            }
        }
        if let named {
            throw BrokerNodeError(
                .notInstalled, "There is no RabbitMQ in \(named).",
                advice: "Name the folder of rabbitmq-server and rabbitmqctl in \(variable), or unset it.")
        }
        throw BrokerNodeError(
            .notInstalled, "RabbitMQ is not installed on this machine.",
            advice: "Install it (Debian, Ubuntu: make dependencies, or sudo apt-get install rabbitmq-server), or "
                + "name the folder of its rabbitmq-server in \(variable).")
    }
}
