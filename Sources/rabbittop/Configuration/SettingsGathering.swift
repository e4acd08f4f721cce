import ArgumentParser
import Foundation
import RabbitMQManagement
import TopCore

/// Turns the options of any command into settings with a password.
struct SettingsGathering {
    var broker: BrokerOptions
    var screen: ScreenOptions?
    var history: HistoryOptions?
    /// Whether a command uses AMQP only if an AMQP URI is given.
    var isAMQPEnough = false
    /// The section of the configuration to take the broker from, in place of the options and of `--node`.
    var cluster: String?
    /// Whether warnings are not printed.
    var isQuiet = false

    /// How long to wait for the broker's answer whether it accepts guest, before anything else is done.
    private static let patience = Duration.milliseconds(700)

    /// Returns the settings, after printing the warnings.
    func settings() throws -> Settings {
        var loader = SettingsLoader()
        let values = broker.values.merging(screen?.values ?? [:]) { first, _ in first }
        let options = values.merging(history?.values ?? [:]) { first, _ in first }
        var settings =
            if let cluster {
                try loader.load(commandLine: options, config: broker.config, cluster: cluster)
            } else {
                try loader.load(commandLine: options, config: broker.config, node: broker.node)
            }
        if !isQuiet { for warning in loader.warnings { Output.complain(warning) } }
        try settings.checkTLSFiles()
        if !isQuiet, let warning = settings.clearTextWarning(overManagement: !isAMQPEnough || settings.amqp == nil) {
            Output.complain(warning)
        }
        if broker.passwordStdin, cluster == nil {
            guard let line = readLine(strippingNewline: true), !line.isEmpty else {
                throw SettingsError("--password-stdin: standard input has no first line with a password.")
            }
            settings.password = line
        }
        return settings
    }

    /// Returns the clusters that the configuration names.
    func clusters() throws -> [String] { try SettingsLoader().clusters(config: broker.config) }

    /// Returns what is permitted, for commands that use a proxy's control API and no broker.
    func permissions() throws -> FaultPermissions {
        var loader = SettingsLoader()
        let permissions = try loader.permissions(commandLine: broker.values, config: broker.config, node: broker.node)
        for warning in loader.warnings { Output.complain(warning) }
        return permissions
    }

    /// Returns the rules of the configuration file, for a command that reads a recording.
    func rules() throws -> [ViewRule] {
        var loader = SettingsLoader()
        return try loader.rules(config: broker.config, node: nil)
    }

    /// Returns the password: the given one, guest's well-known one if the broker accepts it, or the one that the user
    /// types.
    static func password(for settings: Settings) async -> String {
        if let password = settings.password { return password }
        guard settings.username == "guest" else {
            return await PasswordPrompt.ask("Password of \(settings.username) at \(settings.target): ") ?? ""
        }
        var configuration = ManagementConfiguration(settings, password: "guest")
        configuration.timeout = min(patience, configuration.timeout)
        guard let client = try? ManagementClient(configuration: configuration) else { return "guest" }
        var isRefused = false
        do {
            _ = try await client.whoAmI()
        } catch {
            isRefused = error.code == .badCredentials
        }
        await client.shutdown()
        guard isRefused else { return "guest" }
        return await PasswordPrompt.ask("\(settings.target) refuses guest's usual password. Password of guest: ")
            ?? "guest"
    }
}
