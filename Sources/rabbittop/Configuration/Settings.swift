import BrokerLink
import Faults
import Foundation

/// All settings, resolved: each from the first layer that says something about it.
struct Settings: Sendable, Equatable {
    var host = "localhost"
    var managementPort = 15672
    var usesTLS = false
    var pathPrefix = ""
    var username = "guest"
    /// `nil` when nobody gave one: guest's well-known one is tried, and a terminal is asked.
    var password: String?
    var vhost: String?
    /// Seconds.
    var timeout = 10.0
    var amqp: AMQPAddress?
    var amqpPort: Int?
    var prometheusPort: Int?
    var caFile: String?
    var certificateFile: String?
    var keyFile: String?
    var isInsecure = false
    var brokerLog: String?
    /// A shell's command line that runs rabbitmqctl.
    var rabbitmqctl: String?
    /// Another process whose clients are shown.
    var attach: AttachAddress?
    var isReadOnly = false
    /// Whether faults are armed on a broker of another machine, too.
    var allowsFaults = false
    /// The port of the fault proxy on the loopback interface.
    var proxyPort: Int?
    /// Seconds.
    var interval = 1.0
    var theme = "dark"
    var hasColor = true
    var isASCII = false
    var hasMouse = true

    /// Where the management API is, as people write it.
    var target: String { "\(host.contains(":") ? "[\(host)]" : host):\(managementPort)" }
}

extension Settings {
    /// - Parameter layers: the ones that win first.
    init(layers: [SettingsLayer]) throws(SettingsError) {
        let source = LayeredValues(layers: layers + [.fallbacks])
        usesTLS = try source.flag(.useTLS)
        pathPrefix = source.text(.pathPrefix) ?? ""
        host = source.text(.host) ?? "localhost"
        managementPort = usesTLS && source.isFallback(.port) ? 15671 : try source.port(.port) ?? 15672
        username = source.text(.username) ?? "guest"
        vhost = source.text(.vhost)
        timeout = try source.seconds(.timeout) ?? 10
        amqpPort = try source.port(.amqpPort)
        prometheusPort = try source.port(.prometheusPort)
        caFile = try source.file(.caFile)
        certificateFile = try source.file(.certificateFile)
        keyFile = try source.file(.keyFile)
        isInsecure = try source.flag(.insecure)
        brokerLog = source.text(.brokerLog).map(Self.expand)
        rabbitmqctl = source.text(.rabbitmqctl)
        attach = try source.attachAddress(.attach)
        isReadOnly = try source.flag(.readOnly)
        allowsFaults = try source.flag(.allowFaults)
        proxyPort = try source.port(.proxy)
        interval = try source.seconds(.interval) ?? 1
        theme = try source.choice(.theme) ?? "dark"
        hasColor = try !source.flag(.noColor)
        isASCII = try source.flag(.ascii)
        hasMouse = try !source.flag(.noMouse)
        if (certificateFile == nil) != (keyFile == nil) {
            throw SettingsError(
                "A client certificate needs its key, and a key its certificate: give both --tls-cert-file and --tls-key-file."
            )
        }
        try applyAMQPURI(source)
        try applyBaseURI(source)
        try applyPassword(source)
    }

    /// The AMQP URI also says where the broker is and who asks, as far as nothing else does.
    private mutating func applyAMQPURI(_ source: LayeredValues) throws(SettingsError) {
        guard let (text, layer) = source.found(.amqpURI) else { return }
        let address = try AMQPAddress(text, mention: layer.mention(.amqpURI))
        amqp = address
        if source.isFallback(.host) { host = address.host }
        if source.isFallback(.username), let user = address.username {
            username = user
            password = address.password
        }
        if source.found(.vhost) == nil, let path = address.vhost { vhost = path }
    }

    private mutating func applyBaseURI(_ source: LayeredValues) throws(SettingsError) {
        guard let (text, layer) = source.found(.baseURI), source.rank(.baseURI) <= source.rank(.host) else { return }
        guard let parts = URLComponents(string: text), let scheme = parts.scheme?.lowercased(),
            ["http", "https"].contains(scheme), let name = parts.host, !name.isEmpty
        else {
            throw SettingsError(
                "\(layer.mention(.baseURI)): '\(text)' is no base URI. Write it as http://rabbit.example:15672.")
        }
        usesTLS = scheme == "https"
        host = name.hasPrefix("[") ? String(name.dropFirst().dropLast()) : name
        managementPort = parts.port ?? (usesTLS ? 443 : 80)
        var path = parts.percentEncodedPath
        while path.hasSuffix("/") { path.removeLast() }
        if path.hasSuffix("/api") { path.removeLast(4) }
        pathPrefix = path
        if let user = parts.user, source.isFallback(.username) {
            username = user
            password = parts.password
        }
    }

    private mutating func applyPassword(_ source: LayeredValues) throws(SettingsError) {
        let userRank = source.rank(.username)
        for (rank, layer) in source.layers.enumerated() {
            // A file's password is for the file's user: not for one that was named elsewhere.
            if layer.bindsPasswordToUser, userRank != rank, !source.isFallback(.username) { continue }
            if let text = layer.values[Setting.password.name] {
                password = text
                return
            }
            if let path = layer.values[Setting.passwordFile.name].map(Self.expand) {
                password = try Self.firstLine(of: path, mention: layer.mention(.passwordFile))
                return
            }
        }
    }

    static func expand(_ path: String) -> String {
        (path as NSString).expandingTildeInPath
    }

    private static func firstLine(of path: String, mention: String) throws(SettingsError) -> String {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw SettingsError(
                "\(mention): the file \(path) cannot be read. Check that it is there, and its permissions.")
        }
        let line = data.prefix { $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\r") }
        guard !line.isEmpty else {
            throw SettingsError("\(mention): the first line of \(path) is empty; it is to be the password.")
        }
        return String(decoding: line, as: UTF8.self)
    }
}

/// Looks settings up through the layers, and makes values of them.
struct LayeredValues {
    var layers: [SettingsLayer]

    /// The place of the layer that speaks; past the last one when none does.
    func rank(_ setting: Setting) -> Int {
        layers.firstIndex { $0.values[setting.name] != nil } ?? layers.count
    }

    func found(_ setting: Setting) -> (String, SettingsLayer)? {
        for layer in layers {
            if let value = layer.values[setting.name] { return (value, layer) }
        }
        return nil
    }

    /// Whether nobody but the defaults says anything.
    func isFallback(_ setting: Setting) -> Bool { rank(setting) >= layers.count - 1 }

    func text(_ setting: Setting) -> String? { found(setting)?.0 }

    func flag(_ setting: Setting) throws(SettingsError) -> Bool {
        guard let (text, layer) = found(setting) else { return false }
        switch text.lowercased() {
        case "true", "yes", "on", "1": return true
        case "false", "no", "off", "0": return false
        default: throw SettingsError("\(layer.mention(setting)): '\(text)' is neither true nor false.")
        }
    }

    func port(_ setting: Setting) throws(SettingsError) -> Int? {
        guard let (text, layer) = found(setting) else { return nil }
        guard let port = Int(text), (1...65_535).contains(port) else {
            throw SettingsError("\(layer.mention(setting)): '\(text)' is no port; ports are numbers from 1 to 65535.")
        }
        return port
    }

    func seconds(_ setting: Setting) throws(SettingsError) -> Double? {
        guard let (text, layer) = found(setting) else { return nil }
        var least = 0.0
        if case .seconds(let atLeast) = setting.kind { least = atLeast }
        let digits = text.hasSuffix("s") ? String(text.dropLast()) : text
        guard let seconds = Double(digits), seconds >= least, seconds <= 86_400 else {
            throw SettingsError(
                "\(layer.mention(setting)): '\(text)' will not do; give seconds, \(least.formatted()) or more, as in 0.5."
            )
        }
        return seconds
    }

    func attachAddress(_ setting: Setting) throws(SettingsError) -> AttachAddress? {
        guard let (text, layer) = found(setting) else { return nil }
        guard let address = AttachAddress(text) else {
            throw SettingsError(
                "\(layer.mention(setting)): '\(text)' is no inspector's address. Write it as unix:/run/shop/client.sock or http://127.0.0.1:9911."
            )
        }
        return address
    }

    func choice(_ setting: Setting) throws(SettingsError) -> String? {
        guard let (text, layer) = found(setting) else { return nil }
        guard case .choice(let choices) = setting.kind, choices.contains(text) else {
            var known: [String] = []
            if case .choice(let choices) = setting.kind { known = choices }
            throw SettingsError(
                "\(layer.mention(setting)): '\(text)' is not known; it is one of \(known.joined(separator: ", ")).")
        }
        return text
    }

    /// A file that has to be there.
    func file(_ setting: Setting) throws(SettingsError) -> String? {
        guard let (text, layer) = found(setting) else { return nil }
        let path = Settings.expand(text)
        guard FileManager.default.isReadableFile(atPath: path) else {
            throw SettingsError(
                "\(layer.mention(setting)): the file \(path) cannot be read. Check the path and its permissions.")
        }
        return path
    }
}

extension Settings {
    /// Whether the broker is on this machine, by every address that was given.
    var isOnThisMachine: Bool {
        [host, amqp?.uri.host].compactMap(\.self).allSatisfy { LoopbackName.matches($0) }
    }
}
