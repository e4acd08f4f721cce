import BrokerMonitor
import Foundation
import RabbitMQManagement
import TopCore

/// Looks up settings in the layers, and converts them to values.
///
/// No error quotes a value, except for seconds and paths: a user who mistakes `-P` for `-p` does not get a password
/// shown on the screen, not even one of digits.
struct LayeredValues {
    var layers: [SettingsLayer]

    /// Returns the index of the first layer that contains a setting; the number of layers if none does.
    func rank(_ setting: Setting) -> Int {
        layers.firstIndex { $0.values[setting.name] != nil } ?? layers.count
    }

    func found(_ setting: Setting) -> (String, SettingsLayer)? {
        for layer in layers {
            if let value = layer.values[setting.name] { return (value, layer) }
        }
        return nil
    }

    /// Whether a setting comes only from the defaults.
    func isFallback(_ setting: Setting) -> Bool { rank(setting) >= layers.count - 1 }

    func text(_ setting: Setting) -> String? { found(setting)?.0 }

    func flag(_ setting: Setting) throws(SettingsError) -> Bool {
        guard let (text, layer) = found(setting) else { return false }
        switch text.lowercased() {
        case "true", "yes", "on", "1": return true
        case "false", "no", "off", "0": return false
        default: throw SettingsError("\(layer.mention(setting)): this is neither true nor false.")
        }
    }

    func port(_ setting: Setting) throws(SettingsError) -> Int? {
        guard let (text, layer) = found(setting) else { return nil }
        guard Quotable.isNumber(text), let port = Int(text), (1...65_535).contains(port) else {
            throw SettingsError(
                "\(layer.mention(setting)): this is not a port; ports are numbers from 1 to 65535.")
        }
        return port
    }

    func seconds(_ setting: Setting) throws(SettingsError) -> Double? {
        guard let (text, layer) = found(setting) else { return nil }
        var least = 0.0
        if case .seconds(let atLeast) = setting.kind { least = atLeast }
        let digits = text.hasSuffix("s") ? String(text.dropLast()) : text
        guard Quotable.isNumber(digits), let seconds = Double(digits), (least...86_400).contains(seconds) else {
            throw SettingsError(
                "\(layer.mention(setting)): \(Quotable.number(digits)) is out of range; give seconds from \(least) to 86400, as in 0.5."
            )
        }
        return seconds
    }

    func period(_ setting: Setting) throws(SettingsError) -> Double? {
        guard let (text, layer) = found(setting) else { return nil }
        guard let seconds = Quantity.seconds(text), seconds >= 60 else {
            throw SettingsError(
                "\(layer.mention(setting)): this is not a time; give one of at least a minute, as in 30m, 48h or 7d.")
        }
        return seconds
    }

    func size(_ setting: Setting) throws(SettingsError) -> Int? {
        guard let (text, layer) = found(setting) else { return nil }
        guard let bytes = Quantity.bytes(text), bytes >= 1 << 20 else {
            throw SettingsError(
                "\(layer.mention(setting)): this is not a size; give one of at least 1MB, as in 500MB or 2GB.")
        }
        return bytes
    }

    /// Returns a host alone; for text that belongs to other settings, the error names them.
    func host(_ setting: Setting) throws(SettingsError) -> String? {
        guard let (text, layer) = found(setting) else { return nil }
        let place = layer.mention(setting)
        if text.contains("://") {
            throw SettingsError("\(place): this is a URL. Give it with \(layer.mention(.baseURI)).")
        }
        if text.utf8.contains(UInt8(ascii: "@")) {
            throw SettingsError(
                "\(place): this is more than a host. User and password go to \(layer.mention(.username)) and \(layer.mention(.password))."
            )
        }
        let colons = text.utf8.filter { $0 == UInt8(ascii: ":") }.count
        if colons == 1 || text.contains("]:") {
            throw SettingsError("\(place): this is more than a host. The port goes to \(layer.mention(.port)).")
        }
        do throws(HTTPAddress.Flaw) {
            return try HTTPAddress.host(text)
        } catch {
            throw SettingsError(
                "\(place): this \(error.what). Give a name or an address, as in rabbit.example or ::1.")
        }
    }

    func path(_ setting: Setting) throws(SettingsError) -> String? {
        guard let (text, layer) = found(setting) else { return nil }
        do throws(HTTPAddress.Flaw) {
            try HTTPAddress.checkPath(text.utf8)
        } catch {
            throw SettingsError("\(layer.mention(setting)): this \(error.what). \(error.advice ?? "")")
        }
        return text
    }

    func attachAddress(_ setting: Setting) throws(SettingsError) -> AttachAddress? {
        guard let (text, layer) = found(setting) else { return nil }
        do throws(AttachAddress.Flaw) {
            return try AttachAddress(parsing: text)
        } catch {
            throw SettingsError("\(layer.mention(setting)): the address \(error.what). \(error.advice)")
        }
    }

    func choice(_ setting: Setting) throws(SettingsError) -> String? {
        guard let (text, layer) = found(setting) else { return nil }
        guard case .choice(let choices) = setting.kind, choices.contains(text) else {
            var known: [String] = []
            if case .choice(let choices) = setting.kind { known = choices }
            throw SettingsError(
                "\(layer.mention(setting)): this is not known; it is one of \(known.joined(separator: ", ")).")
        }
        return text
    }

    /// Returns the path of a file that has to exist.
    func file(_ setting: Setting) throws(SettingsError) -> String? {
        guard let (text, layer) = found(setting) else { return nil }
        let path = Settings.expand(text)
        guard FileManager.default.isReadableFile(atPath: path) else {
            throw SettingsError(
                "\(layer.mention(setting)): the file \(Quotable.path(path)) cannot be read. Check the path and its permissions."
            )
        }
        return path
    }
}

/// The settings of one source: the command line, the environment, a section of a file, or the defaults.
struct SettingsLayer: Sendable {
    /// The name used by errors: `the environment`, `/home/me/.config/rabbittop/config.toml`.
    var origin: String
    /// The raw values by the setting's name.
    var values: [String: String]
    /// The file that it was read from.
    var file: String?
    /// The rules for `rabbittop check` that a file has.
    var rules: [ViewRule] = []
    /// The keys that a file gives to commands.
    var keys: KeyMap?
    /// Whether it is the section of a cluster.
    var isSection = false

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
