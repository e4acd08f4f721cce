import ArgumentParser
import Foundation

/// The options for the broker's address and the credentials, which are the same for every command.
struct BrokerOptions: ParsableArguments {
    @Option(name: [.customShort("H", allowingJoined: true), .long], help: help(.host)) var host: String?
    @Option(name: [.customShort("P", allowingJoined: true), .long], help: help(.port)) var port: String?
    @Option(name: [.customShort("U", allowingJoined: true), .long], help: help(.baseURI)) var baseUri: String?
    @Option(help: help(.pathPrefix)) var pathPrefix: String?
    @Option(name: [.customShort("u", allowingJoined: true), .long], help: help(.username)) var username: String?
    @Option(name: [.customShort("p", allowingJoined: true), .long], help: help(.password)) var password: String?
    @Option(help: help(.passwordFile)) var passwordFile: String?
    @Flag(help: "Read the password from the first line of standard input.") var passwordStdin = false
    @Option(name: [.customShort("V", allowingJoined: true), .long], help: help(.vhost)) var vhost: String?
    @Option(help: help(.timeout)) var timeout: String?
    @Option(help: help(.amqpURI)) var amqpUri: String?
    @Option(help: help(.amqpPort)) var amqpPort: String?
    @Option(help: help(.prometheusPort)) var prometheusPort: String?
    @Flag(help: help(.useTLS)) var useTls = false
    @Option(help: help(.caFile)) var tlsCaCertFile: String?
    @Option(help: help(.certificateFile)) var tlsCertFile: String?
    @Option(help: help(.keyFile)) var tlsKeyFile: String?
    @Flag(name: [.customShort("k"), .long], help: help(.insecure)) var insecure = false
    @Option(
        name: [.customShort("N", allowingJoined: true), .long],
        help: "Section of ~/.rabbitmqadmin.conf to take the connection from.")
    var node: String?
    @Option(
        name: [.customShort("c", allowingJoined: true), .long],
        help: "Configuration file, in place of ~/.config/rabbittop/config.toml; one of rabbitmqadmin's will do.")
    var config: String?
    @Option(help: help(.brokerLog)) var brokerLog: String?
    @Option(help: help(.rabbitmqctl)) var rabbitmqctl: String?
    @Option(help: ArgumentHelp(Setting.attach.helpLine, valueName: "unix:PATH|URL")) var attach: String?
    @Flag(help: help(.showOwn)) var showOwn = false
    @Flag(help: help(.readOnly)) var readOnly = false
    @Flag(help: help(.noListen)) var noListen = false
    @Flag(help: help(.allowFaults)) var allowFaults = false
    @Option(help: ArgumentHelp(Setting.proxy.helpLine, valueName: "port")) var proxy: String?

    static func help(_ setting: Setting) -> ArgumentHelp {
        ArgumentHelp(stringLiteral: setting.helpLine)
    }

    var values: [String: String] {
        [
            Setting.host: host, .port: port, .baseURI: baseUri, .pathPrefix: pathPrefix, .username: username,
            .password: password, .passwordFile: passwordFile, .vhost: vhost, .timeout: timeout, .amqpURI: amqpUri,
            .amqpPort: amqpPort, .prometheusPort: prometheusPort, .useTLS: useTls ? "true" : nil,
            .caFile: tlsCaCertFile,
            .certificateFile: tlsCertFile, .keyFile: tlsKeyFile, .insecure: insecure ? "true" : nil,
            .brokerLog: brokerLog, .rabbitmqctl: rabbitmqctl, .attach: attach, .readOnly: readOnly ? "true" : nil,
            .noListen: noListen ? "true" : nil,
            .showOwn: showOwn ? "true" : nil, .allowFaults: allowFaults ? "true" : nil, .proxy: proxy,
        ].reduce(into: [:]) { values, pair in
            if let value = pair.value { values[pair.key.name] = value }
        }
    }
}

extension BrokerOptions {
    /// The options that lead another command to the same broker, without passwords.
    var connectionArguments: [String] {
        var words: [String] = []
        if let config { words += ["--config", config] }
        if let node { words += ["--node", node] }
        let given = values
        for setting in Setting.all where setting.group == .broker || setting.group == .tls {
            guard let value = given[setting.name], setting.kind != .secret, setting != .vhost,
                setting != .baseURI || !Quotable.holdsPassword(value)
            else { continue }
            words += setting.kind == .flag ? ["--\(setting.name)"] : ["--\(setting.name)", value]
        }
        return words
    }
}

/// The options of commands that keep a history.
struct HistoryOptions: ParsableArguments {
    @Option(help: ArgumentHelp(Setting.retention.helpLine, valueName: "time")) var retention: String?
    @Option(help: ArgumentHelp(Setting.maxSize.helpLine, valueName: "size")) var maxSize: String?
    @Option(help: ArgumentHelp(Setting.fullFor.helpLine, valueName: "time")) var fullFor: String?
    @Option(help: ArgumentHelp(Setting.minutesFor.helpLine, valueName: "time")) var minutesFor: String?

    var values: [String: String] {
        [Setting.retention: retention, .maxSize: maxSize, .fullFor: fullFor, .minutesFor: minutesFor]
            .reduce(into: [:]) { values, pair in
                if let value = pair.value { values[pair.key.name] = value }
            }
    }
}

/// The options of commands with a screen.
struct ScreenOptions: ParsableArguments {
    @Option(help: BrokerOptions.help(.interval)) var interval: String?
    @Option(help: BrokerOptions.help(.theme)) var theme: String?
    @Flag(help: BrokerOptions.help(.noColor)) var noColor = false
    @Flag(help: BrokerOptions.help(.ascii)) var ascii = false
    @Flag(help: BrokerOptions.help(.noMouse)) var noMouse = false
    @Flag(help: BrokerOptions.help(.noSave)) var noSave = false

    func isScreenSetting(_ name: String) -> Bool {
        Setting.all.contains { $0.name == name && $0.group == .screen }
    }

    var values: [String: String] {
        [
            Setting.interval: interval, .theme: theme, .noColor: noColor ? "true" : nil, .ascii: ascii ? "true" : nil,
            .noMouse: noMouse ? "true" : nil, .noSave: noSave ? "true" : nil,
        ].reduce(into: [:]) { values, pair in
            if let value = pair.value { values[pair.key.name] = value }
        }
    }
}

extension Setting {
    /// The setting's help with its default, for `--help`.
    var helpLine: String {
        guard let fallback, kind != .flag else { return help }
        return "\(help) (default: \(fallback))"
    }
}
