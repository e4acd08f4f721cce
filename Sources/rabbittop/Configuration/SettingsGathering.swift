import ArgumentParser
import Foundation
import RabbitMQManagement

/// From the options to settings with a password, for any command.
struct SettingsGathering {
    var broker: BrokerOptions
    var screen: ScreenOptions?
    /// Whether a command speaks AMQP alone where an AMQP URI is given.
    var isAMQPEnough = false

    /// How long the broker may take to say whether it knows guest, before anything else is done.
    private static let patience = Duration.milliseconds(700)

    /// - Returns: the settings; warnings have been told.
    func settings() throws -> Settings {
        var loader = SettingsLoader()
        var settings = try loader.load(
            commandLine: broker.values.merging(screen?.values ?? [:]) { first, _ in first }, config: broker.config,
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

    /// What is permitted, for what goes to a proxy's control API and asks no broker.
    func permissions() throws -> FaultPermissions {
        var loader = SettingsLoader()
        let permissions = try loader.permissions(commandLine: broker.values, config: broker.config, node: broker.node)
        for warning in loader.warnings { Output.complain(warning) }
        return permissions
    }

    /// The password to use: the one given, guest's well-known one while the broker takes it, or what somebody types.
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
