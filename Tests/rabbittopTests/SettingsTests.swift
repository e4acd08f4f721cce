import BrokerMonitor
import Foundation
import RabbitMQClient
import Testing

@testable import rabbittop

/// A loader over files that are only told, under the home `/home/op`.
func loader(
    _ files: [String: String] = [:], environment: [String: String] = [:], open: Set<String> = []
) -> SettingsLoader {
    SettingsLoader(
        environment: environment.merging(["HOME": "/home/op"]) { given, _ in given },
        read: { files[$0].map { Array($0.utf8) } },
        isReadableByOthers: { open.contains($0) })
}

let own = "/home/op/.config/rabbittop/config.toml"
let admin = "/home/op/.rabbitmqadmin.conf"

@Suite("Settings")
struct SettingsTests {
    @Test("Nobody says anything: the broker on this machine, as guest")
    func defaults() throws {
        var loader = loader()
        let settings = try loader.load(commandLine: [:], config: nil, node: nil)
        #expect(settings == Settings())
        #expect(settings.target == "localhost:15672")
    }

    @Test("Option before environment before rabbittop's file before rabbitmqadmin's")
    func precedence() throws {
        let files = [
            own: "host = 'file'\nport = 1\nusername = 'file'\ninterval = 2",
            admin: "[default]\nhostname = 'admin'\nport = 2\nvhost = 'admin'\nusername = 'admin'",
        ]
        var loader = loader(files, environment: ["RABBITTOP_HOST": "variable", "RABBITTOP_PORT": "3"])
        let settings = try loader.load(commandLine: ["host": "option"], config: nil, node: nil)
        #expect(settings.host == "option")
        #expect(settings.managementPort == 3)
        #expect(settings.username == "file")
        #expect(settings.vhost == "admin")
        #expect(settings.interval == 2)
    }

    @Test("A section of rabbitmqadmin's file, as version 2 writes it")
    func rabbitmqadminTOML() throws {
        let text = """
            [blue]
            hostname = "blue.rabbit"
            tls = true
            port = 32795
            username = "ops"
            password = "geheim"
            vhost = "/"
            path_prefix = "/rabbit"
            """
        var loader = loader([admin: text])
        let settings = try loader.load(commandLine: [:], config: nil, node: "blue")
        #expect(settings.host == "blue.rabbit")
        #expect(settings.managementPort == 32_795)
        #expect(settings.usesTLS)
        #expect(settings.username == "ops")
        #expect(settings.password == "geheim")
        #expect(settings.vhost == "/")
        #expect(settings.pathPrefix == "/rabbit")
    }

    @Test("A section of rabbitmqadmin's file, as version 1 wrote it")
    func rabbitmqadminINI() throws {
        let text = """
            # my brokers
            [host_ssl]
            hostname = other
            port = 15671
            username = guest2
            password = p=w #1 ;2
            ssl = True
            ; used as default for list
            vhost = /
            """
        var loader = loader(["/etc/admin.conf": text])
        let settings = try loader.load(commandLine: [:], config: "/etc/admin.conf", node: "host_ssl")
        #expect(settings.host == "other")
        #expect(settings.usesTLS)
        #expect(settings.password == "p=w #1 ;2")
        #expect(settings.vhost == "/")
    }

    @Test("A section that is not there names the ones that are")
    func missingSection() {
        var loader = loader([admin: "[blue]\nhostname='a'\n[green]\nhostname='b'"])
        #expect {
            try loader.load(commandLine: [:], config: nil, node: "red")
        } throws: { error in
            "\(error)".contains("[red]") && "\(error)".contains("blue, green")
        }
    }

    @Test("A file's password is for the file's user only")
    func passwordStaysWithItsUser() throws {
        let files = [own: "username = 'bob'\npassword = 'of-bob'"]
        var loader = loader(files)
        #expect(try loader.load(commandLine: [:], config: nil, node: nil).password == "of-bob")
        #expect(try loader.load(commandLine: ["username": "alice"], config: nil, node: nil).password == nil)
        #expect(
            try loader.load(commandLine: ["username": "alice", "password": "x"], config: nil, node: nil).password == "x"
        )
    }

    @Test("A file with a password that others can read is warned about, with the cure")
    func openFile() throws {
        let files = [own: "password = 'secret'"]
        var loader = loader(files, open: [own])
        _ = try loader.load(commandLine: [:], config: nil, node: nil)
        #expect(loader.warnings.count == 1)
        #expect(loader.warnings.first?.contains("chmod 600 \(own)") == true)
        #expect(loader.warnings.first?.contains("secret") == false)
    }

    @Test("The first line of the password file is the password")
    func passwordFile() throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "rabbittop-\(UUID()).pw")
        try Data("s3cret\nmore\n".utf8).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        var loader = loader()
        let settings = try loader.load(commandLine: ["password-file": file.path], config: nil, node: nil)
        #expect(settings.password == "s3cret")
    }

    @Test("An AMQP URI says host, user, password and vhost where nothing else does")
    func amqpURI() throws {
        var loader = loader()
        let given = ["amqp-uri": "amqps://ops:p%40ss@rabbit.example/my%2Fvhost"]
        let settings = try loader.load(commandLine: given, config: nil, node: nil)
        #expect(settings.amqp?.port == 5671)
        #expect(settings.amqp?.usesTLS == true)
        #expect(settings.host == "rabbit.example")
        #expect(settings.username == "ops")
        #expect(settings.password == "p@ss")
        #expect(settings.vhost == "my/vhost")
    }

    @Test("An AMQP URI without a path leaves the vhost open; with an empty one it is the vhost with the empty name")
    func amqpURIPath() throws {
        #expect(try AMQPAddress("amqp://h", mention: "--amqp-uri").vhost == nil)
        #expect(try AMQPAddress("amqp://h/", mention: "--amqp-uri").vhost == "")
        #expect(try AMQPAddress("amqp://h/%2F", mention: "--amqp-uri").vhost == "/")
        #expect(try AMQPAddress("amqp://[::1]:5673/x", mention: "--amqp-uri").host == "::1")
    }

    @Test("An AMQP URI's query reaches the client; the options say what it leaves out")
    func amqpURIQuery() throws {
        func amqp(_ values: [String: String]) throws -> ConnectionConfiguration? {
            var loader = loader()
            let settings = try loader.load(commandLine: values, config: nil, node: nil)
            return BrokerConfiguration(settings, password: "asked for").amqp
        }
        let uri = "amqps://h/v?heartbeat=7&name=me&cacertfile=/uri.pem&certfile=/c&keyfile=/k&auth_mechanism=external"
        let options = ["tls-ca-cert-file": "/dev/null", "tls-cert-file": "/dev/null", "tls-key-file": "/dev/null"]
        let given = try amqp(options.merging(["amqp-uri": uri, "insecure": "true"]) { $1 })
        #expect(given?.heartbeat == .seconds(7) && given?.connectionName == "me" && given?.authentication == .external)
        #expect(given?.username == "guest" && given?.password == "asked for" && given?.virtualHost == "v")
        #expect(
            given?.tls
                == TLSSettings(
                    certificateAuthorityFile: "/uri.pem", clientCertificateFile: "/c", clientKeyFile: "/k",
                    verifiesPeer: false))
        let bare = try amqp(
            options.merging(["amqp-uri": "amqps://ops:p@h?verify=verify_peer", "insecure": "true"]) { $1 })
        #expect(bare?.username == "ops" && bare?.password == "p" && bare?.virtualHost == "/" && bare?.port == 5671)
        #expect(
            bare?.tls
                == TLSSettings(
                    certificateAuthorityFile: "/dev/null", clientCertificateFile: "/dev/null",
                    clientKeyFile: "/dev/null"))
        #expect(try amqp(options.merging(["amqp-uri": "amqp://h"]) { $1 })?.tls == nil)
    }

    @Test("A mistake in an AMQP URI is told with the option's name, the parameter and what would do")
    func amqpURIMistakes() {
        var loader = loader()
        #expect {
            try loader.load(commandLine: ["amqp-uri": "amqp://h?heartbeat=soon"], config: nil, node: nil)
        } throws: {
            "\($0)".hasPrefix("--amqp-uri: ") && "\($0)".contains("heartbeat is a whole number of seconds")
        }
    }

    @Test("The base URI stands for host, port, TLS and prefix; a host given closer wins over it")
    func baseURI() throws {
        var loader = loader()
        let settings = try loader.load(
            commandLine: ["base-uri": "https://r.example/rabbit/api/"], config: nil, node: nil)
        #expect(settings.usesTLS)
        #expect(settings.managementPort == 443)
        #expect(settings.pathPrefix == "/rabbit")
        var other = rabbittopTests.loader([own: "base_uri = 'https://r.example'"])
        #expect(try other.load(commandLine: ["host": "near"], config: nil, node: nil).host == "near")
    }

    @Test("With TLS the port is 15671 unless somebody says otherwise")
    func tlsPort() throws {
        var loader = loader()
        #expect(try loader.load(commandLine: ["use-tls": "true"], config: nil, node: nil).managementPort == 15_671)
        #expect(
            try loader.load(commandLine: ["use-tls": "true", "port": "9"], config: nil, node: nil).managementPort == 9)
    }

    @Test("NO_COLOR takes the colours away", arguments: [("1", false), ("", true)])
    func noColor(value: String, hasColor: Bool) throws {
        var loader = loader(environment: ["NO_COLOR": value])
        #expect(try loader.load(commandLine: [:], config: nil, node: nil).hasColor == hasColor)
    }

    @Test(
        "What cannot be used is named with its place and what would do",
        arguments: [
            (["port": "99999"], "--port"), (["interval": "0.1"], "--interval"),
            (["theme": "pink"], "dark, light, mono"),
            (["amqp-uri": "http://x"], "amqp://user"), (["base-uri": "rabbit"], "http://rabbit.example:15672"),
            (["tls-cert-file": "/dev/null"], "--tls-key-file"), (["tls-ca-cert-file": "/nowhere/ca"], "/nowhere/ca"),
            (["password-file": "/nowhere/pw"], "--password-file"),
        ])
    func refused(values: [String: String], mention: String) {
        var loader = loader()
        #expect {
            try loader.load(commandLine: values, config: nil, node: nil)
        } throws: { "\($0)".contains(mention) }
    }

    @Test("An error about an AMQP URI does not show its password")
    func uriStaysSecret() {
        var loader = loader()
        #expect {
            try loader.load(commandLine: ["amqp-uri": "amqp://u:geheim@h:99999/"], config: nil, node: nil)
        } throws: { !"\($0)".contains("geheim") }
    }

    @Test("A key that is not there, and one near it")
    func unknownKey() {
        var loader = loader([own: "intervall = 1"])
        #expect {
            try loader.load(commandLine: [:], config: nil, node: nil)
        } throws: { "\($0)".contains("intervall") && "\($0)".contains("perhaps interval") }
    }

    @Test("A file that is not TOML is named with the line")
    func broken() {
        var loader = loader([own: "host = 'a'\nport = = 3"])
        #expect {
            try loader.load(commandLine: [:], config: nil, node: nil)
        } throws: { "\($0)".contains("\(own), line 2") }
    }

    @Test("A broken file of rabbitmqadmin that nobody asked for is passed over with a word")
    func brokenForeignFile() throws {
        var loader = loader([admin: "rubbish"])
        _ = try loader.load(commandLine: [:], config: nil, node: nil)
        #expect(loader.warnings.first?.contains(admin) == true)
    }

    @Test("What goes to a proxy asks for its permissions alone: a mistake in another setting stops no undo")
    func permissions() throws {
        let wrong = """
            port = 'x'
            interval = 'soon'
            timeout = true
            base_uri = 'h'
            tls_ca_cert_file = '/nowhere'
            password_file = '/nowhere'

            """
        func permissions(
            _ text: String, _ options: [String: String] = [:], node: String? = nil
        ) throws -> FaultPermissions {
            var loader = loader([own: text, admin: "rubbish"], environment: ["RABBITTOP_ATTACH": "nowhere"])
            return try loader.permissions(commandLine: options, config: nil, node: node)
        }
        #expect(try permissions(wrong) == FaultPermissions(isReadOnly: false, allowsFaults: false))
        #expect(try permissions(wrong + "read_only = true").isReadOnly)
        #expect(try permissions(wrong, ["allow-faults": "true", "port": "x"], node: "red").allowsFaults)
        // What may be meant to forbid it is not passed over.
        for text in ["read_only = 'maybe'", "readonly = true", "read_only = = true"] {
            #expect(throws: SettingsError.self) { try permissions(text) }
        }
    }

    @Test("The annotated configuration is the table of settings, and with every # of a value taken away it can be read")
    func annotated() throws {
        let committed = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../config/rabbittop.toml")
        #expect(try String(contentsOf: committed, encoding: .utf8) == AnnotatedConfiguration.text)
        let uncommented = AnnotatedConfiguration.text.split(separator: "\n")
            .map { $0.firstMatch(of: #/^# ([a-z_-]+ = |\[)/#) == nil ? String($0) : String($0.dropFirst(2)) }
            .joined(separator: "\n")
        let layer = try ConfigurationFile.own(uncommented, origin: "config/rabbittop.toml")
        #expect(layer.values.count == Setting.all.count && layer.rules.count == 1)
        #expect(layer.keys?.chosen.count == 2)
    }
}
