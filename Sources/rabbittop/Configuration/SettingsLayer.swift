import Foundation

/// What one place says: the command line, the environment, a file's section, or the defaults.
struct SettingsLayer: Sendable {
    /// As errors name it: `the environment`, `/home/me/.config/rabbittop/config.toml`.
    var origin: String
    /// Raw values by the setting's name.
    var values: [String: String]
    /// The file it was read from.
    var file: String?

    /// Whether a password from here belongs to the user name from here, and to no other.
    var bindsPasswordToUser: Bool { file != nil }

    /// How a message names a setting of this layer.
    func mention(_ setting: Setting) -> String {
        switch origin {
        case Self.commandLine: "--\(setting.name)"
        case Self.environment: setting.variable
        default: "\(setting.fileKey) in \(origin)"
        }
    }

    static let commandLine = "the command line"
    static let environment = "the environment"
    static let defaults = "the defaults"

    static func environment(_ variables: [String: String]) -> SettingsLayer {
        var values: [String: String] = [:]
        for setting in Setting.all {
            guard let value = variables[setting.variable], !value.isEmpty else { continue }
            values[setting.name] = value
        }
        // See https://no-color.org: any value but the empty one.
        if let noColor = variables["NO_COLOR"], !noColor.isEmpty { values[Setting.noColor.name] = "true" }
        return SettingsLayer(origin: environment, values: values)
    }

    static let fallbacks = SettingsLayer(
        origin: defaults,
        values: Dictionary(
            uniqueKeysWithValues: Setting.all.compactMap { setting in
                setting.fallback.map { (setting.name, $0) }
            }))
}

/// A setting that cannot be used: what it says, where, and what would do.
struct SettingsError: Error, Equatable, CustomStringConvertible {
    var description: String

    init(_ description: String) {
        self.description = description
    }
}
