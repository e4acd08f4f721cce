import Foundation

/// Gathers the layers of settings from the command line, the environment and the files.
struct SettingsLoader {
    var environment: [String: String]
    /// Reads a whole file; `nil` when there is none or it cannot be read.
    var read: (String) -> String?
    /// Whether others than the file's owner can read it.
    var isReadableByOthers: (String) -> Bool

    /// What to tell the user besides.
    private(set) var warnings: [String] = []

    init(
        environment: [String: String] = ProcessInfo.processInfo.environment,
        read: @escaping (String) -> String? = { path in
            FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) }
        },
        isReadableByOthers: @escaping (String) -> Bool = { path in
            let attributes = try? FileManager.default.attributesOfItem(atPath: path)
            return ((attributes?[.posixPermissions] as? Int) ?? 0) & 0o077 != 0
        }
    ) {
        self.environment = environment
        self.read = read
        self.isReadableByOthers = isReadableByOthers
    }

    /// - Parameters:
    ///   - commandLine: the options given, by the setting's name.
    ///   - config: the file given by `--config`.
    ///   - node: the section given by `--node`.
    mutating func load(commandLine: [String: String], config: String?, node: String?) throws(SettingsError) -> Settings
    {
        var layers = [
            SettingsLayer(origin: SettingsLayer.commandLine, values: commandLine),
            SettingsLayer.environment(environment),
        ]
        let node = node ?? environment["RABBITTOP_NODE"]
        let config = config ?? environment["RABBITTOP_CONFIG"]
        var adminPath = environment["HOME"].map { $0 + "/.rabbitmqadmin.conf" }
        var isAdminPathGiven = false
        if let path = config.map(Settings.expand) {
            guard let text = read(path) else {
                throw SettingsError(
                    "The configuration file \(path) cannot be read. Check the path and its permissions.")
            }
            if node != nil || Self.hasSections(text) {
                adminPath = path
                isAdminPathGiven = true
            } else {
                layers.append(try ConfigurationFile.own(text, origin: path))
            }
        }
        if config == nil || isAdminPathGiven, let path = ConfigurationFile.defaultPath(environment: environment),
            let text = read(path)
        {
            layers.append(try ConfigurationFile.own(text, origin: path))
        }
        if let path = adminPath {
            if let text = read(path) {
                let mayFail = node != nil || isAdminPathGiven
                do {
                    let layer = try ConfigurationFile.rabbitmqadmin(text, node: node, origin: path)
                    if let layer { layers.append(layer) }
                } catch {
                    // A broken file of another program that nobody asked for must not stop this one.
                    if mayFail { throw error }
                    warnings.append("\(error.description) It is passed over.")
                }
            } else if let node {
                throw SettingsError("--node \(node) is to be a section of \(path), and that file cannot be read.")
            }
        }
        for layer in layers {
            if let path = layer.file,
                layer.values[Setting.password.name] != nil || layer.values[Setting.amqpURI.name] != nil,
                isReadableByOthers(path)
            {
                warnings.append("\(path) holds a password and others can read it; mend that with: chmod 600 \(path)")
            }
        }
        return try Settings(layers: layers)
    }

    /// Whether a file is one of sections, as rabbitmqadmin's is.
    private static func hasSections(_ text: String) -> Bool {
        text.split(separator: "\n").contains { $0.trimmingCharacters(in: .whitespaces).hasPrefix("[") }
    }
}
