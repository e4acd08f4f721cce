import BrokerMonitor
import BrokerOperations
import Foundation
import Names
import RabbitMQClient
import RabbitMQManagement
import Recorder
import TopCore

/// All settings, resolved: each from the first layer that contains it.
struct Settings: Sendable, Equatable {
    var host = "localhost"
    var managementPort = 15672
    var usesTLS = false
    var pathPrefix = ""
    var username = "guest"
    /// `nil` if none was given; then guest's well-known one is tried, and the user is asked on a terminal.
    var password: String?
    var vhost: String?
    /// The timeout in seconds.
    var timeout = 10.0
    var amqp: AMQPAddress?
    var amqpPort: Int?
    var prometheusPort: Int?
    var caFile: String?
    var certificateFile: String?
    var keyFile: String?
    var isInsecure = false
    var brokerLog: String?
    /// The command line of a shell that runs rabbitmqctl.
    var rabbitmqctl: String?
    /// Another process whose clients are shown.
    var attach: AttachAddress?
    /// Whether the connections that watch the broker are shown and counted.
    var showsOwn = false
    var isReadOnly = false
    /// Whether to consume from the log and event exchanges.
    var listens = true
    /// Whether faults are permitted on a broker of another machine, too.
    var allowsFaults = false
    /// The port of the fault proxy on the loopback interface.
    var proxyPort: Int?
    /// The refresh interval in seconds.
    var interval = 1.0
    /// How much the history and recordings keep.
    var history = RecordingLimits()
    var theme = "dark"
    var hasColor = true
    var isASCII = false
    var hasMouse = true
    /// Whether the set-up of the screen is saved at the end.
    var savesScreen = true

    /// The rules for `rabbittop check` and the dashboard, in the order of the file.
    var rules: [ViewRule] = []
    /// The keys of the commands.
    var keys = KeyMap.standard

    /// The address of the management API, as typed.
    var target: String { String(host: host, port: managementPort) }
}

extension Settings {
    /// Resolves the settings.
    ///
    /// - Parameter layers: the layers, beginning with the one that takes precedence.
    init(layers: [SettingsLayer]) throws(SettingsError) {
        let source = LayeredValues(layers: layers + [.fallbacks])
        rules = layers.flatMap(\.rules)
        keys = layers.lazy.compactMap(\.keys).first ?? .standard
        usesTLS = try source.flag(.useTLS)
        pathPrefix = try source.path(.pathPrefix) ?? ""
        host = try source.host(.host) ?? "localhost"
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
        showsOwn = try source.flag(.showOwn)
        isReadOnly = try source.flag(.readOnly)
        listens = try !source.flag(.noListen)
        allowsFaults = try source.flag(.allowFaults)
        proxyPort = try source.port(.proxy)
        interval = try source.seconds(.interval) ?? 1
        history.full = try source.period(.fullFor) ?? history.full
        history.minutes = try source.period(.minutesFor) ?? history.minutes
        history.retention = try source.period(.retention) ?? history.retention
        history.size = try source.size(.maxSize) ?? history.size
        theme = try source.choice(.theme) ?? "dark"
        hasColor = try !source.flag(.noColor)
        isASCII = try source.flag(.ascii)
        hasMouse = try !source.flag(.noMouse)
        savesScreen = try !source.flag(.noSave)
        if (certificateFile == nil) != (keyFile == nil) {
            throw SettingsError(
                "A client certificate needs its key, and a key its certificate: give both --tls-cert-file and --tls-key-file."
            )
        }
        try applyAMQPURI(source)
        try applyBaseURI(source)
        try applyPassword(source)
    }

    /// Takes address and credentials from the AMQP URI, as far as no other setting contains them.
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
        let address: HTTPAddress
        do throws(HTTPAddress.Flaw) {
            address = try HTTPAddress(text)
        } catch {
            throw SettingsError(
                "\(layer.mention(.baseURI)): the URL \(error.what). \(error.advice ?? "Write it as http://rabbit.example:15672.")"
            )
        }
        usesTLS = address.isTLS
        host = address.host
        managementPort = address.port ?? (usesTLS ? 443 : 80)
        let path = address.path
        pathPrefix = path.hasSuffix("/api") ? String(path.dropLast(4)) : path
        if let user = address.username, source.isFallback(.username) {
            username = user
            password = address.password
        }
    }

    private mutating func applyPassword(_ source: LayeredValues) throws(SettingsError) {
        let userRank = source.rank(.username)
        for (rank, layer) in source.layers.enumerated() {
            // A password in a file belongs to the user in the file, not to one that was given elsewhere.
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
            // A user who mistakes the option for the password's own has typed the password here.
            throw SettingsError(
                "\(mention): there is no such file, or it cannot be read. Its name is not repeated here: it may be the password itself."
            )
        }
        let text = Data(try TOMLText.text(Array(data), origin: Quotable.path(path)).utf8)
        let line = text.prefix { $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\r") }
        guard !line.isEmpty else {
            throw SettingsError("\(mention): the first line of \(path) is empty; it must be the password.")
        }
        return String(decoding: line, as: UTF8.self)
    }
}

extension Settings {
    /// A warning if the password is sent to another machine in clear text, readable by anyone on the way: by HTTP Basic
    /// authentication, or by AMQP's PLAIN and AMQPLAIN. Nil otherwise.
    ///
    /// - Parameter overManagement: whether the management API is used, too.
    func clearTextWarning(overManagement: Bool = true) -> String? {
        var hosts = usesTLS || !overManagement ? [] : [host]
        if let uri = amqp?.uri, !uri.usesTLS, uri.parameters.authentication != .external {
            hosts.append(ConnectionConfiguration(uri).host)
        }
        let machine = ThisMachine.known()
        var named: [String] = []
        for host in hosts where !machine.isNamed(host) && !named.contains(host) { named.append(host) }
        guard !named.isEmpty else { return nil }
        return """
            The password goes to \(named.joined(separator: " and ")) unencrypted: anybody on the way can read it.
            Use TLS: --use-tls, an https:// base URI, an amqps:// AMQP URI.
            """
    }

    /// Reads the configured TLS files, so that a mistake in them is reported before anything is sent.
    func checkTLSFiles() throws(SettingsError) {
        let link = BrokerConfiguration(self, password: "")
        for tls in [link.amqpTLS, link.amqp?.tls].compactMap(\.self)
        where tls.certificateAuthorityFile != nil || tls.clientCertificateFile != nil || tls.clientKeyFile != nil {
            do throws(ClientError) {
                _ = try tls.makeContext()
            } catch {
                throw SettingsError("\(error.message) \(error.advice)")
            }
        }
    }
}
