import Foundation

/// The settings of one source: the command line, the environment, a section of a file, or the defaults.
struct SettingsLayer: Sendable {
    /// The name used by errors: `the environment`, `/home/me/.config/rabbittop/config.toml`.
    var origin: String
    /// The raw values by the setting's name.
    var values: [String: String]
    /// The file that it was read from.
    var file: String?

    /// Whether a password from here belongs to the user name from here only.
    var bindsPasswordToUser: Bool { file != nil }

    /// Returns how a message names a setting of this layer.
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

/// A setting that cannot be used: what is wrong, where, and what would be valid.
struct SettingsError: Error, Equatable, CustomStringConvertible {
    var description: String

    init(_ description: String) {
        self.description = description
    }
}
