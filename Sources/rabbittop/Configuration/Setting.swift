import TopCore

/// A setting of rabbittop: its option, its environment variable, its key in the files and its documentation.
///
/// The options' help and the parser of all layers follow from the table `Setting.all`, and `config/rabbittop.toml` is
/// checked against it.
struct Setting: Sendable, Hashable {
    enum Kind: Sendable, Hashable {
        case text
        case secret
        case path
        case port
        /// Seconds, with an optional fraction, and the smallest sensible value.
        case seconds(atLeast: Double)
        /// A time with a unit: `48h`.
        case period
        /// A number of bytes with a unit: `2GB`.
        case size
        case flag
        case choice([String])
    }

    enum Group: String, Sendable, CaseIterable {
        case broker = "The broker: its address and the user"
        case tls = "TLS"
        case sources = "More sources and more actions"
        case history = "The history and recordings"
        case screen = "The screen"
    }

    /// The long option without its dashes, `tls-ca-cert-file`.
    let name: String
    let kind: Kind
    let group: Group
    /// The default, as it would be written in the file.
    let fallback: String?
    let help: String

    /// The key in TOML files: `tls_ca_cert_file`.
    var fileKey: String { name.replacing("-", with: "_") }
    /// The environment variable: `RABBITTOP_TLS_CA_CERT_FILE`.
    var variable: String { "RABBITTOP_" + fileKey.uppercased() }
}

extension Setting {
    static let host = Setting(
        name: "host", kind: .text, group: .broker, fallback: "localhost",
        help: "Host of the management API; AMQP is expected on the same host.")
    static let port = Setting(
        name: "port", kind: .port, group: .broker, fallback: "15672",
        help: "Port of the management API; 15671 is the default with TLS.")
    static let baseURI = Setting(
        name: "base-uri", kind: .text, group: .broker, fallback: nil,
        help:
            "Base URI of the management API, in place of host, port, use_tls and path_prefix: https://rabbit.example:15671"
    )
    static let pathPrefix = Setting(
        name: "path-prefix", kind: .text, group: .broker, fallback: nil,
        help: "Path in front of /api, as the broker's management.path_prefix has it.")
    static let username = Setting(
        name: "username", kind: .text, group: .broker, fallback: "guest", help: "User name, for HTTP and AMQP alike.")
    static let password = Setting(
        name: "password", kind: .secret, group: .broker, fallback: nil,
        help: "Password. Other users of the machine can see it in the process list: prefer --password-file.")
    static let passwordFile = Setting(
        name: "password-file", kind: .path, group: .broker, fallback: nil,
        help: "File whose first line is the password.")
    static let vhost = Setting(
        name: "vhost", kind: .text, group: .broker, fallback: nil, help: "Show this virtual host only; all by default.")
    static let timeout = Setting(
        name: "timeout", kind: .seconds(atLeast: 0.1), group: .broker, fallback: "10",
        help: "Seconds that a request may take before it is given up.")
    static let amqpURI = Setting(
        name: "amqp-uri", kind: .secret, group: .broker, fallback: nil,
        help:
            "AMQP address, amqp[s]://user:password@host:port/vhost, with the query parameters that RabbitMQ documents; by default the management host, with the port that the broker reports."
    )
    static let amqpPort = Setting(
        name: "amqp-port", kind: .port, group: .broker, fallback: nil,
        help: "AMQP port on the management host; by default the one that the broker reports, else 5672, with TLS 5671.")
    static let prometheusPort = Setting(
        name: "prometheus-port", kind: .port, group: .broker, fallback: nil,
        help: "Port of the Prometheus plugin; by default the one that the broker reports, else 15692.")

    static let useTLS = Setting(
        name: "use-tls", kind: .flag, group: .tls, fallback: "false", help: "Speak HTTPS and AMQPS.")
    static let caFile = Setting(
        name: "tls-ca-cert-file", kind: .path, group: .tls, fallback: nil,
        help: "PEM file with the certificate authorities to trust, in place of the system's.")
    static let certificateFile = Setting(
        name: "tls-cert-file", kind: .path, group: .tls, fallback: nil, help: "PEM file with the client's certificate.")
    static let keyFile = Setting(
        name: "tls-key-file", kind: .path, group: .tls, fallback: nil, help: "PEM file with the client's private key.")
    static let insecure = Setting(
        name: "insecure", kind: .flag, group: .tls, fallback: "false",
        help: "Do not verify the broker's certificate: anybody in between can read the traffic.")

    static let brokerLog = Setting(
        name: "broker-log", kind: .path, group: .sources, fallback: nil,
        help: "The broker's log file, read for the errors of every client.")
    static let rabbitmqctl = Setting(
        name: "rabbitmqctl", kind: .text, group: .sources, fallback: nil,
        help:
            "Command that runs rabbitmqctl on the broker's host (with ssh or sudo before it where needed): with it any one channel can be closed."
    )
    static let attach = Setting(
        name: "attach", kind: .text, group: .sources, fallback: nil,
        help:
            "Another process whose AMQP clients the Client view shows, by the address of its ClientInspector: unix:PATH or http://127.0.0.1:PORT."
    )
    static let showOwn = Setting(
        name: "show-own", kind: .flag, group: .sources, fallback: "false",
        help:
            "Show the connections that rabbittop watches the broker with, their channels, queues and consumers, and count them in the totals and rates."
    )
    static let readOnly = Setting(
        name: "read-only", kind: .flag, group: .sources, fallback: "false",
        help: "Refuse every key and command that would change something on the broker.")
    static let noListen = Setting(
        name: "no-listen", kind: .flag, group: .sources, fallback: "false",
        help:
            "Do not listen on the log and event exchanges. By default rabbittop listens with exclusive queues, the only objects that watching creates on the broker."
    )
    static let allowFaults = Setting(
        name: "allow-faults", kind: .flag, group: .sources, fallback: "false",
        help: "Permit faults on a broker of another machine, too; on this machine they are permitted.")
    static let proxy = Setting(
        name: "proxy", kind: .port, group: .sources, fallback: nil,
        help:
            "Port on the loopback interface for the fault proxy: connections to it are relayed to the broker, and faults can be injected into them."
    )

    static let fullFor = Setting(
        name: "full-for", kind: .period, group: .history, fallback: "2h",
        help: "How long every change is kept; after that the extremes and the last value of each minute.")
    static let minutesFor = Setting(
        name: "minutes-for", kind: .period, group: .history, fallback: "24h",
        help: "How long values of each minute are kept; after that those of ten minutes.")
    static let retention = Setting(
        name: "retention", kind: .period, group: .history, fallback: "48h",
        help: "How long anything is kept.")
    static let maxSize = Setting(
        name: "max-size", kind: .size, group: .history, fallback: "2GB",
        help: "Size that the history or a recording never exceeds: the oldest is removed.")

    static let interval = Setting(
        name: "interval", kind: .seconds(atLeast: 0.2), group: .screen, fallback: "1",
        help: "Seconds between two polls of the queues on the screen; at least 0.2.")
    static let theme = Setting(
        name: "theme", kind: .choice(ThemeName.allCases.map(\.rawValue)), group: .screen, fallback: "dark",
        help: "Colours of the screen: dark, light or mono.")
    static let noColor = Setting(
        name: "no-color", kind: .flag, group: .screen, fallback: "false",
        help: "No colours, as the NO_COLOR environment variable asks for too.")
    static let ascii = Setting(
        name: "ascii", kind: .flag, group: .screen, fallback: "false",
        help: "Draw with ASCII characters only.")
    static let noMouse = Setting(
        name: "no-mouse", kind: .flag, group: .screen, fallback: "false", help: "Leave the mouse to the terminal.")
    static let noSave = Setting(
        name: "no-save", kind: .flag, group: .screen, fallback: "false",
        help: "Do not save what was arranged on the screen when rabbittop ends; the key S saves it all the same.")

    /// Every setting, in the order of the annotated configuration.
    static let all: [Setting] = [
        host, port, baseURI, pathPrefix, username, password, passwordFile, vhost, timeout, amqpURI, amqpPort,
        prometheusPort,
        useTLS, caFile, certificateFile, keyFile, insecure,
        brokerLog, rabbitmqctl, attach, showOwn, readOnly, noListen, allowFaults, proxy,
        fullFor, minutesFor, retention, maxSize,
        interval, theme, noColor, ascii, noMouse, noSave,
    ]
}

extension Setting {
    /// The settings that belong to one broker: where it is, who logs in, and what is permitted there.
    static let ofOneBroker: [Setting] = [
        .host, .port, .baseURI, .pathPrefix, .username, .password, .passwordFile, .vhost, .amqpURI, .amqpPort,
        .prometheusPort, .useTLS, .caFile, .certificateFile, .keyFile, .insecure, .brokerLog, .rabbitmqctl, .attach,
        .allowFaults,
    ]
}
