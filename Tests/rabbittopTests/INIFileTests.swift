import Foundation
import Names
import Testing

@testable import rabbittop

/// INI as Python 3's configparser has it, and what else a file of rabbitmqadmin may be.
@Suite("rabbitmqadmin's file")
struct INIFileTests {
    private func section(_ text: String, _ name: String = "x") throws -> [String: String]? {
        try INIFile(text, origin: "conf").section(Name(name), origin: "conf")
    }

    private func settings(_ text: String, node: String? = "x", own: String? = nil) throws -> Settings {
        let files = ["/home/op/.rabbitmqadmin.conf": text, "/c": own].compactMapValues(\.self)
        var loader = SettingsLoader(
            environment: ["HOME": "/home/op"], read: { files[$0].map { Array($0.utf8) } },
            isReadableByOthers: { _ in false })
        return try loader.load(commandLine: [:], config: own == nil ? nil : "/c", node: node)
    }

    @Test("Line ends are LF, CRLF or CR; a byte order mark is passed over", arguments: ["\n", "\r\n", "\r"])
    func lineEnds(_ end: String) throws {
        let lines = ["# mine", "", "[x]", "hostname = other", "port = 15671", "ssl = True", "password = p=w"]
        let text = lines.joined(separator: end) + end
        for text in [text, "\u{FEFF}" + text] {
            let settings = try settings(text)
            #expect(settings.host == "other" && settings.managementPort == 15_671 && settings.usesTLS)
            #expect(settings.password == "p=w")
        }
        let toml = ["# mine", "[x]", "hostname = \"other\"", "tls = true"].joined(separator: end == "\r" ? "\n" : end)
        #expect(try settings(toml).usesTLS && settings("\u{FEFF}" + toml).host == "other")
    }

    @Test("A file given with --config that begins with a comment is one of sections, also with CRLF")
    func sectionsBehindAComment() throws {
        for end in ["\n", "\r\n"] {
            let ini = ["; mine", "# too", "[default]", "hostname = other", ""].joined(separator: end)
            #expect(try settings("", node: nil, own: ini).host == "other")
            let own = ["# mine", "host = 'other'", "interval = 2"].joined(separator: end)
            #expect(try settings("", node: nil, own: own).host == "other")
            #expect(try settings("", node: nil, own: "\u{FEFF}" + own).interval == 2)
        }
    }

    @Test(
        "# and ; begin a comment at the start of a line only: behind a value they belong to it",
        arguments: [
            ("a # b", "a # b"), ("a ; b", "a ; b"), ("a\t;b", "a\t;b"), ("a#b", "a#b"), ("a;b", "a;b"),
            ("a;b # c", "a;b # c"), ("# b", "# b"), ("; b", "; b"),
            ("'a'", "'a'"), ("a = b : c", "a = b : c"), ("  a  ", "a"), ("", ""), ("é#", "é#"),
        ])
    func comments(_ text: String, _ value: String) throws {
        #expect(try section("[x]\nkey = \(text)\n;last")?["key"] == value)
        // What is behind the ] of a section counts for nothing.
        #expect(try section("[x] # comment\nkey: \(text)\n  # last")?["key"] == value)
        #expect(try section("# first\n[x]\n ; second\nkey = \(text)\n# third\n")?["key"] == value)
    }

    @Test("Keys are taken in lower case, and end at the first = or :")
    func keys() throws {
        let values = try section("[x]\nHostName=a\nPORT : 1\nvhost:/=x\nssl_CA_cert_file = /c\n")
        #expect(values == ["hostname": "a", "port": "1", "vhost": "/=x", "ssl_ca_cert_file": "/c"])
        #expect(try settings("[x]\nHOSTNAME = other\nPort = 1").managementPort == 1)
    }

    @Test("A line that is indented deeper goes on with the value above it")
    func continued() throws {
        #expect(try section("[x]\na = 1\n  2\n\n   3\n\nb = 4")?["a"] == "1\n2\n\n3")
        #expect(try section("  [x]\n  a = 1\n  b = 2")?["b"] == "2")
        #expect(try section("[x]\na = 1\n  # no part\n  2")?["a"] == "1\n2")
    }

    @Test("What DEFAULT says holds in every section, wherever it stands")
    func defaults() throws {
        let text = "[x]\nport = 1\n[DEFAULT]\nport = 9\nhostname = all\n[y]\n[DEFAULT]\nvhost = v"
        #expect(try section(text) == ["port": "1", "hostname": "all", "vhost": "v"])
        #expect(try section(text, "y") == ["port": "9", "hostname": "all", "vhost": "v"])
        #expect(try section(text, "z") == nil)
        #expect(try INIFile(text, origin: "conf").names == [Name("x"), Name("y")])
    }

    @Test("%(key)s stands for another value, %% for %; any other % is itself")
    func interpolation() throws {
        let text =
            "[DEFAULT]\ndomain = example\n[x]\nname = r\nhostname = %(NAME)s.%(domain)s\npassword = 100%%-5% %(\n"
        let values = try section(text)
        #expect(values?["hostname"] == "r.example" && values?["password"] == "100%-5% %(")
        for bad in ["a = %(b)s\nb = %(a)s", "a = %(nowhere)s"] {
            #expect(throws: SettingsError.self) { try section("[x]\n" + bad) }
        }
    }

    @Test("Sections and keys that stand twice are refused with the line; their values are not told")
    func twice() {
        for (text, line) in [
            ("[x]\na = 1\n[y]\n[x]\n", 4), ("[x]\npassword = s3cret\nPassword = s3cret\n", 3), ("s3cret\n", 1),
            ("[x]\ns3cret\n", 2), ("[x]\n= s3cret\n", 2), ("[]\n", 1), ("a = s3cret\n[x]\n", 1),
        ] {
            #expect { try section(text) } throws: {
                "\($0)".hasPrefix("conf, line \(line): ") && !"\($0)".contains("s3cret")
            }
        }
    }

    @Test("Names of sections go by their bytes")
    func bytes() throws {
        for text in [
            "[caf\u{e9}]\nhostname = one\n[cafe\u{301}]\nhostname = two\n",
            "[\"caf\u{e9}\"]\nhostname = \"one\"\n[\"cafe\u{301}\"]\nhostname = \"two\"\n",
        ] {
            #expect(try settings(text, node: "caf\u{e9}").host == "one")
            #expect(try settings(text, node: "cafe\u{301}").host == "two")
        }
    }

    @Test("A file of version 2 with a mistake is told as TOML, with the line and no value")
    func brokenTOML() {
        for text in [
            "[x]\nhostname = \"h\"\npassword = s3cret\n",
            "[x]\nhostname = \"h\"\npassword = 123456789012345678901234\n",
            "[x]\nhostname = \"h\"\npassword = \"s3cret\n",
        ] {
            #expect { try settings(text) } throws: {
                "\($0)".contains("line 3: this is not TOML") && !"\($0)".contains("s3cret")
                    && !"\($0)".contains("1234567")
            }
        }
        #expect { try settings("[x]\npassword = 12_34\n") } throws: {
            "\($0)".contains("password is to be text in quotes")
        }
        #expect { try settings("[x]\nport = true\n") } throws: { "\($0)".contains("port is to be a number") }
    }

    @Test("Bytes that are no UTF-8, and NUL, are told and not repaired")
    func badBytes() {
        for bytes in [[UInt8]("# caf".utf8) + [0xE9], Array("host = 'a'".utf8) + [0] + Array("\nport = 1".utf8)] {
            var loader = SettingsLoader(environment: [:], read: { _ in bytes }, isReadableByOthers: { _ in false })
            #expect { try loader.load(commandLine: [:], config: "/c", node: nil) } throws: {
                "\($0)".hasPrefix("/c: ") && ("\($0)".contains("UTF-8") || "\($0)".contains("NUL"))
            }
        }
    }

    @Test(
        "A table's name that the parser of TOML would end the program at is refused, or INI",
        arguments: [
            "[/]", "[", "[[", "[ ", "[=]", "[[%]]", "[\u{e9}]", " [\t:", "[\r\n]", "a = 1\n[\u{2028}", "[#]", "[[ ]",
            "\u{B}[\u{C}",
        ])
    func headers(_ header: String) throws {
        for text in [header, header + "\n", "# x\n" + header + "\nhostname = h\n"] {
            #expect(throws: SettingsError.self) { try ConfigurationFile.own(text, origin: "c") }
            _ = try? ConfigurationFile.rabbitmqadmin(text, node: "/", origin: "c")
        }
        #expect(try settings("[/prod]\nhostname = h\n", node: "/prod").host == "h")
    }

    @Test("No file brings the readers down")
    func anyFile() {
        let pieces = [
            "[", "]", "[x]", "=", ":", "%", "%(a)s", "\r\n", "\n", "  ", "#", ";", "a", "é", "\u{301}", "\"", "'",
            "1e400", "{", ",",
        ]
        var random = SystemRandomNumberGenerator()
        for _ in 0..<5_000 {
            let text = (0..<Int.random(in: 0...20, using: &random)).map { _ in
                pieces.randomElement(using: &random) ?? ""
            }
            .joined()
            _ = try? section(text)
            _ = try? settings(text, node: "x")
            _ = try? ConfigurationFile.own(text, origin: "c")
        }
    }
}
