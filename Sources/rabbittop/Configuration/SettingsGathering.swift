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

    /// How long to wait for the broker's answer whether it accepts guest, before anything else is done.
    private static let patience = Duration.milliseconds(700)

    /// Returns the settings, after printing the warnings.
    func settings() throws -> Settings {
        var loader = SettingsLoader()
        let values = broker.values.merging(screen?.values ?? [:]) { first, _ in first }
        var settings = try loader.load(
            commandLine: values.merging(history?.values ?? [:]) { first, _ in first }, config: broker.config,
            node: broker.node)
        for warning in loader.warnings { Output.complain(warning) }
        try settings.checkTLSFiles()
        if let warning = settings.clearTextWarning(overManagement: !isAMQPEnough || settings.amqp == nil) {
            Output.complain(warning)
        }
        if broker.passwordStdin {
            guard let line = readLine(strippingNewline: true), !line.isEmpty else {
                throw SettingsError("--password-stdin: standard input has no first line with a password.")
            }
            settings.password = line
        }
        return settings
    }

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
