/// The annotated default configuration by the table of settings; a test compares `config/rabbittop.toml` with it.
enum AnnotatedConfiguration {
    static var text: String {
        var lines = [
            "# rabbittop's configuration. Copy it to ~/.config/rabbittop/config.toml (chmod 600 if a password goes in)",
            "# and take the # away from what you want otherwise. An option wins over an environment variable, and that",
            "# over this file, and this file over the [default] section of ~/.rabbitmqadmin.conf.",
        ]
        for group in Setting.Group.allCases {
            lines += [
                "", "# ---- \(group.rawValue) " + String(repeating: "-", count: max(4, 110 - group.rawValue.count)),
            ]
            for setting in Setting.all where setting.group == group {
                lines += ["", "# \(setting.help)", "# --\(setting.name), \(setting.variable)"]
                lines.append("# \(setting.fileKey) = \(setting.example)")
            }
        }
        lines += [""] + RuleTable.example + [""] + KeyTable.example
        return lines.joined(separator: "\n") + "\n"
    }
}

extension Setting {
    /// The default or, without one, an example of the form, as TOML.
    var example: String {
        switch kind {
        case .flag, .port, .seconds: fallback ?? port
        case .text, .secret, .path, .choice, .period, .size: "\"\(fallback ?? form)\""
        }
    }

    private var port: String {
        switch self {
        case .prometheusPort: "15692"
        case .proxy: "5673"
        default: "5672"
        }
    }

    private var form: String {
        switch self {
        case .baseURI: "https://rabbit.example:15671"
        case .pathPrefix: "/rabbit"
        case .password: "secret"
        case .passwordFile: "~/.config/rabbittop/password"
        case .vhost: "/"
        case .amqpURI: "amqps://user:secret@rabbit.example:5671/%2F"
        case .caFile: "/etc/ssl/rabbit/ca.pem"
        case .certificateFile: "/etc/ssl/rabbit/client.pem"
        case .keyFile: "/etc/ssl/rabbit/client.key"
        case .brokerLog: "/var/log/rabbitmq/rabbit@localhost.log"
        case .attach: "unix:/run/shop/client.sock"
        case .rabbitmqctl: "sudo -n rabbitmqctl"
        default: ""
        }
    }
}
