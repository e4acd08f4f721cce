import BrokerMonitor
import Foundation
import RabbitMQClient
import Testing

@testable import rabbittop

@Suite("Settings: numbers out of their range, and secrets")
struct SettingsSecretsTests {
    @Test(
        "A base URI with a port that does not exist is refused and the port named",
        arguments: ["65536", "99999999999999999999", "0"])
    func basePort(_ port: String) {
        var loader = loader()
        #expect {
            try loader.load(commandLine: ["base-uri": "http://127.0.0.1:\(port)"], config: nil, node: nil)
        } throws: { "\($0)".hasPrefix("--base-uri: ") && "\($0)".contains("port \(port)") }
        #expect {
            try loader.load(commandLine: ["attach": "http://127.0.0.1:\(port)"], config: nil, node: nil)
        } throws: { "\($0)".hasPrefix("--attach: ") && "\($0)".contains("port \(port)") }
    }

    @Test(
        "Numbers out of their range, and what is no number",
        arguments: ["port", "amqp-port", "prometheus-port", "proxy"].flatMap { name in
            ["0", "-1", "65536", "99999999999999999999", "1e3", "5672.0", " 5672", "５６７２", "nan", ""].map { (name, $0) }
        }
            + ["interval", "timeout"].flatMap { name in
                ["nan", "inf", "-inf", "1e300", "0", "-1", "86401", "0x10", "1e", ""].map { (name, $0) }
            })
    func numbers(_ name: String, _ value: String) {
        var loader = loader()
        #expect {
            try loader.load(commandLine: [name: value], config: nil, node: nil)
        } throws: { "\($0)".hasPrefix("--\(name): ") }
    }

    /// Wherever it was typed, and whatever was wrong with it.
    private static let secretTexts = [
        "htp://ops:s3cret@h:15672", "http://ops:s3cret#x@h", "ops:s3cret@h:15672", "s3cret", "http://ops:s3cret/x@h",
        "http://ops:s3cret@h:99999", "//ops:s3cret@h", "s3cret@h", "h/s3cret?", " s3cret ", "s3cret\u{301}\n",
    ]

    @Test(
        "A value that may hold a password is repeated in no error, from whichever place it is",
        arguments: [
            Setting.host, .port, .baseURI, .pathPrefix, .timeout, .amqpURI, .amqpPort, .prometheusPort, .useTLS,
            .insecure,
            .attach, .readOnly, .proxy, .interval, .theme, .passwordFile,
        ], Self.secretTexts)
    func secrets(_ setting: Setting, _ text: String) {
        func refused(_ place: String, _ load: () throws -> Settings) {
            do {
                _ = try load()
            } catch {
                #expect(!"\(error)".contains("s3cret") && !"\(error)".contains("s3#cret"), "\(place): \(error)")
            }
        }
        var plain = loader()
        refused("option") { try plain.load(commandLine: [setting.name: text], config: nil, node: nil) }
        var environment = loader(environment: [setting.variable: text])
        refused("environment") { try environment.load(commandLine: [:], config: nil, node: nil) }
        let quoted = text.replacing("\n", with: "\\n")
        var file = loader([own: "\(setting.fileKey) = \"\(quoted)\""])
        refused("file") { try file.load(commandLine: [:], config: nil, node: nil) }
        var broken = loader([own: "\(setting.fileKey) = \(quoted)"])
        refused("broken file") { try broken.load(commandLine: [:], config: nil, node: nil) }
        var admin = loader(["/a.conf": "[x]\nhostname = h\n\(quoted)"])
        refused("INI") { try admin.load(commandLine: [:], config: "/a.conf", node: "x") }
        refused("--node") { try admin.load(commandLine: [:], config: nil, node: "ops:\(text)@h") }
        refused("--config") { try admin.load(commandLine: [:], config: "ops:\(text)@h", node: nil) }
    }

    @Test(
        "A password of digits in the place of a port is repeated in no error",
        arguments: [
            ("port", "73914286"), ("amqp-port", "73914286"), ("proxy", "-73914286"), ("password-file", "73914286"),
            ("base-uri", "http://ops:73914286"), ("base-uri", "http://ops:73914286/"),
            ("amqp-uri", "amqp://ops:73914286"), ("amqp-uri", "amqp://ops:73914286/v"),
            ("attach", "http://ops:73914286"),
        ])
    func digits(_ name: String, _ value: String) {
        var loader = loader()
        #expect {
            try loader.load(commandLine: [name: value], config: nil, node: nil)
        } throws: { "\($0)".hasPrefix("--\(name): ") && !"\($0)".contains("73914286") }
    }

    @Test("What is more than a host is sent to the option it belongs to")
    func hosts() throws {
        func host(_ text: String) throws -> Settings {
            var loader = loader()
            return try loader.load(commandLine: ["host": text], config: nil, node: nil)
        }
        for (text, option) in [
            ("http://ops:s3cret@h", "--base-uri"), ("ops:s3cret@h", "--username"), ("h:15672", "--port"),
            ("[::1]:15672", "--port"), ("a b", "rabbit.example"), ("a/b", "rabbit.example"), ("", "rabbit.example"),
        ] {
            #expect { try host(text) } throws: { "\($0)".contains(option) && !"\($0)".contains("s3cret") }
        }
        #expect(try host("[::1]").target == "[::1]:15672")
        #expect(try host("::1").host == "::1")
        #expect(try host("[fe80::1%25eth0]").host == "fe80::1%eth0")
    }

    @Test("A user and a password of the base URI are decoded, and are for each other")
    func baseUser() throws {
        var loader = loader()
        let settings = try loader.load(
            commandLine: ["base-uri": "http://ops:p%23%40ss@[::1]:1/rabbit"], config: nil, node: nil)
        #expect(settings.username == "ops" && settings.password == "p#@ss" && settings.host == "::1")
        let other = try loader.load(
            commandLine: ["base-uri": "http://ops:secret@h", "username": "alice"], config: nil, node: nil)
        #expect(other.username == "alice" && other.password == nil)
    }

    @Test("Every file with a password that others can read is warned about: a URI's, and the password file itself")
    func openFiles() throws {
        func warnings(_ text: String, _ options: [String: String] = [:]) throws -> [String] {
            var loader = loader([own: text], open: [own, "/dev/null"])
            do { _ = try loader.load(commandLine: options, config: nil, node: nil) } catch {}
            return loader.warnings
        }
        #expect(try warnings("base_uri = 'http://ops:secret@h'").first?.contains("chmod 600 \(own)") == true)
        #expect(try warnings("amqp_uri = 'amqp://ops:secret@h'").count == 1)
        #expect(try warnings("amqp_uri = 'amqps://h?password=secret&certfile=/c&keyfile=/k'").count == 1)
        #expect(try warnings("base_uri = 'http://h'\namqp_uri = 'amqp://ops@h'").isEmpty)
        #expect(try warnings("", ["password-file": "/dev/null"]).first?.contains("chmod 600 /dev/null") == true)
        #expect(try !warnings("base_uri = 'http://ops:secret@h'").joined().contains("secret"))
    }

    @Test("A file of the user alone is not open to others; one for all is, through a link, too")
    func permissions() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "rabbittop-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let loader = SettingsLoader(environment: [:])
        for (mode, isOpen) in [(0o600, false), (0o700, false), (0o640, true), (0o604, true), (0o620, false)] {
            let path = folder.appending(path: "file-\(mode)").path
            #expect(FileManager.default.createFile(atPath: path, contents: nil, attributes: [.posixPermissions: mode]))
            try FileManager.default.createSymbolicLink(atPath: path + "-link", withDestinationPath: path)
            #expect(loader.isReadableByOthers(path) == isOpen && loader.isReadableByOthers(path + "-link") == isOpen)
        }
        #expect(!loader.isReadableByOthers("/dev/null") && !loader.isReadableByOthers("/nowhere"))
    }

    @Test("A password that goes to another machine unencrypted is warned about")
    func clearText() throws {
        func warning(_ options: [String: String], overManagement: Bool = true) throws -> String? {
            var loader = loader()
            return try loader.load(commandLine: options, config: nil, node: nil)
                .clearTextWarning(overManagement: overManagement)
        }
        #expect(try warning([:]) == nil)
        for host in ["127.0.0.9", "::1", "[::1]", "LOCALHOST", ProcessInfo.processInfo.hostName] {
            #expect(try warning(["host": host]) == nil, "\(host)")
        }
        let far = try #require(try warning(["host": "rabbit.example"]))
        #expect(far.contains("rabbit.example") && far.contains("--use-tls"))
        #expect(try warning(["host": "rabbit.example", "use-tls": "true"]) == nil)
        #expect(try warning(["amqp-uri": "amqp://rabbit.example"], overManagement: false) != nil)
        #expect(try warning(["amqp-uri": "amqps://rabbit.example"], overManagement: false) == nil)
        #expect(try warning(["amqp-uri": "amqps://rabbit.example"])?.contains("rabbit.example") == true)
        let certificate = "amqp://rabbit.example?auth_mechanism=external"
        #expect(try warning(["amqp-uri": certificate, "host": "localhost"]) == nil)
        let both = try warning(["amqp-uri": "amqp://a.example", "host": "b.example"])
        #expect(both?.contains("b.example and a.example") == true)
        let one = try warning(["amqp-uri": "amqp://a.example", "host": "a.example"])
        #expect(one?.contains("goes to a.example unencrypted") == true)
    }
}
