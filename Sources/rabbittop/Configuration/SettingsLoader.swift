import Foundation
import Glibc
import Names
import TopCore

/// Collects the layers of settings from the command line, the environment and the files.
struct SettingsLoader {
    var environment: [String: String]
    /// Reads a whole file; returns `nil` if it does not exist or cannot be read.
    var read: (String) -> [UInt8]?
    /// Whether users other than the file's owner can read it.
    var isReadableByOthers: (String) -> Bool

    /// Warnings to print.
    private(set) var warnings: [String] = []

    init(
        environment: [String: String] = ProcessInfo.processInfo.environment,
        read: @escaping (String) -> [UInt8]? = { path in FileManager.default.contents(atPath: path).map(Array.init) },
        isReadableByOthers: @escaping (String) -> Bool = Self.othersCanRead
    ) {
        self.environment = environment
        self.read = read
        self.isReadableByOthers = isReadableByOthers
    }

    /// Whether users other than the owner can read a file. A pipe or a terminal, as with `<(command)`, is private.
    static func othersCanRead(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG && status.st_mode & 0o044 != 0
    }

    /// Loads the settings of one cluster. Where it is and who logs in comes from its section alone: what the command
    /// line, the environment and rabbittop's own file say of that is of another broker.
    ///
    /// - Parameters:
    ///   - commandLine: the given options, by the setting's name.
    ///   - config: the file given by `--config`.
    ///   - cluster: its section in rabbitmqadmin's file.
    mutating func load(commandLine: [String: String], config: String?, cluster: String) throws(SettingsError)
        -> Settings
    {
        var layers = try layers(of: Setting.all, commandLine: commandLine, config: config, node: cluster)
        for index in layers.indices where !layers[index].isSection {
            for setting in Setting.ofOneBroker { layers[index].values[setting.name] = nil }
        }
        return try settings(layers)
    }

    /// Returns the clusters that the configuration names: the sections of rabbitmqadmin's file, which need not exist.
    ///
    /// - Parameter config: the file given by `--config`.
    func clusters(config: String?) throws(SettingsError) -> [String] {
        var path = environment["HOME"].map { $0 + "/.rabbitmqadmin.conf" }
        if let given = (config ?? environment["RABBITTOP_CONFIG"]).map(Settings.expand), let text = try text(of: given),
            Self.hasSections(text)
        {
            path = given
        }
        guard let path, let text = try text(of: path) else { return [] }
        return try ConfigurationFile.sections(text, origin: path)
    }

    /// Loads the settings.
    ///
    /// - Parameters:
    ///   - commandLine: the given options, by the setting's name.
    ///   - config: the file given by `--config`.
    ///   - node: the section given by `--node`.
    mutating func load(commandLine: [String: String], config: String?, node: String?) throws(SettingsError) -> Settings
    {
        try settings(try layers(of: Setting.all, commandLine: commandLine, config: config, node: node))
    }

    private mutating func settings(_ layers: [SettingsLayer]) throws(SettingsError) -> Settings {
        for path in filesWithPasswords(layers) where isReadableByOthers(path) {
            warnings.append("\(path) holds a password and others can read it; fix it with: chmod 600 \(path)")
        }
        return try Settings(layers: layers)
    }

    /// Returns the settings that faults of a proxy depend on. A mistake in another setting must not prevent an undo.
    mutating func permissions(
        commandLine: [String: String], config: String?, node: String?
    ) throws(SettingsError) -> FaultPermissions {
        let layers = try layers(
            of: [.readOnly, .allowFaults], hasRules: false, commandLine: commandLine, config: config, node: node)
        let source = LayeredValues(layers: layers + [.fallbacks])
        return FaultPermissions(
            isReadOnly: try source.flag(.readOnly), allowsFaults: try source.flag(.allowFaults))
    }

    /// Returns the rules of the configuration file, for a command that reads no broker.
    mutating func rules(config: String?, node: String?) throws(SettingsError) -> [ViewRule] {
        try layers(of: [], commandLine: [:], config: config, node: node).flatMap(\.rules)
    }

    /// Returns the keys of the configuration file, for a dashboard that needs no other setting of it.
    mutating func keys() throws(SettingsError) -> KeyMap {
        try layers(of: [], commandLine: [:], config: nil, node: nil).lazy.compactMap(\.keys).first ?? .standard
    }

    /// Returns the layers, beginning with the one that takes precedence.
    ///
    /// - Parameters:
    ///   - settings: the requested settings; the values of a file's other settings are not read.
    ///   - hasRules: whether a file's rules and keys are read.
    private mutating func layers(
        of settings: [Setting], hasRules: Bool = true, commandLine: [String: String], config: String?, node: String?
    ) throws(SettingsError) -> [SettingsLayer] {
        var layers = [
            SettingsLayer(origin: SettingsLayer.commandLine, values: commandLine),
            SettingsLayer.environment(environment),
        ]
        let node = node ?? environment["RABBITTOP_NODE"]
        let config = config ?? environment["RABBITTOP_CONFIG"]
        var adminPath = environment["HOME"].map { $0 + "/.rabbitmqadmin.conf" }
        var isAdminPathGiven = false
        if let path = config.map(Settings.expand) {
            guard let text = try text(of: path) else {
                throw SettingsError(
                    "The configuration file \(Quotable.path(path)) cannot be read. Check the path and its permissions.")
            }
            if node != nil || Self.hasSections(text) {
                adminPath = path
                isAdminPathGiven = true
            } else {
                layers.append(try ConfigurationFile.own(text, of: settings, hasRules: hasRules, origin: path))
            }
        }
        if config == nil || isAdminPathGiven, let path = ConfigurationFile.defaultPath(environment: environment),
            let text = try text(of: path)
        {
            layers.append(try ConfigurationFile.own(text, of: settings, hasRules: hasRules, origin: path))
        }
        if let path = adminPath, settings.contains(where: ConfigurationFile.isOfRabbitmqadmin) {
            if let bytes = read(path) {
                let mayFail = node != nil || isAdminPathGiven
                do throws(SettingsError) {
                    let text = try TOMLText.text(bytes, origin: path)
                    let layer = try ConfigurationFile.rabbitmqadmin(text, node: node, origin: path)
                    if let layer { layers.append(layer) }
                } catch {
                    // A broken file of another program that was not requested must not stop this one.
                    if mayFail { throw error }
                    warnings.append("\(error.description) It is passed over.")
                }
            } else if let node {
                throw SettingsError(
                    "--node \(Quotable.path(node)) must be a section of \(path), and that file cannot be read.")
            }
        }
        return layers
    }

    private func text(of path: String) throws(SettingsError) -> String? {
        guard let bytes = read(path) else { return nil }
        return try TOMLText.text(bytes, origin: path)
    }

    /// Returns every file with a password: in a setting of its own, in a URI, or as the file that another setting
    /// names.
    private func filesWithPasswords(_ layers: [SettingsLayer]) -> [String] {
        var paths: [String] = []
        for layer in layers {
            let uris = [Setting.baseURI, .amqpURI].compactMap { layer.values[$0.name] }
            if let path = layer.file,
                layer.values[Setting.password.name] != nil || uris.contains(where: Quotable.holdsPassword)
            {
                paths.append(path)
            }
            if let path = layer.values[Setting.passwordFile.name] { paths.append(Settings.expand(path)) }
        }
        return paths
    }

    /// Whether a file has sections, as rabbitmqadmin's does. Two brackets begin a rule of rabbittop's own file, which has
    /// the keys in a section.
    private static func hasSections(_ text: String) -> Bool {
        text.lineList.contains { line in
            let line = line.trimmingCharacters(in: .whitespaces)
            return line.hasPrefix("[") && !line.hasPrefix("[[") && !line.hasPrefix("[\(KeyTable.key)]")
        }
    }
}

/// What the user permits for the injection and undo of a proxy's faults.
struct FaultPermissions: Equatable {
    var isReadOnly: Bool
    /// Whether faults are permitted on another machine, too.
    var allowsFaults: Bool
}
