import RabbitMQManagement
import Testing

@Suite("URLs of an API")
struct HTTPAddressTests {
    private static func flaw(_ text: String) -> HTTPAddress.Flaw? {
        do throws(HTTPAddress.Flaw) {
            _ = try HTTPAddress(text)
            return nil
        } catch {
            return error
        }
    }

    @Test("The parts, decoded")
    func parts() throws {
        let address = try HTTPAddress("HTTPS://o%70s:p%40s%3As%E2%82%AC@rabbit.example:15671/a%2Fb/")
        #expect(address.isTLS && address.username == "ops" && address.password == "p@s:s€")
        #expect(address.host == "rabbit.example" && address.port == 15_671 && address.path == "/a%2Fb")
        let bare = try HTTPAddress("http://rabbit")
        #expect(!bare.isTLS && bare.username == nil && bare.password == nil && bare.port == nil && bare.path.isEmpty)
        #expect(try HTTPAddress("http://rabbit:/").port == nil)
        #expect(try HTTPAddress("http://ops:@rabbit").password == "")
    }

    @Test(
        "IPv6 addresses, with a zone behind % or %25",
        arguments: [
            ("http://[::1]", "::1", "http://[::1]"),
            ("http://[fe80::1%25eth0]:1", "fe80::1%eth0", "http://[fe80::1%25eth0]:1"),
            ("http://[fe80::1%eth0]", "fe80::1%eth0", "http://[fe80::1%25eth0]"),
        ])
    func addresses(_ text: String, host: String, written: String) throws {
        #expect(try HTTPAddress(text).host == host)
        #expect("\(try HTTPAddress(text))" == written)
        #expect(ManagementAddress(text)?.host == host)
    }

    @Test(
        "A port out of its range is named, whichever its length",
        arguments: ["0", "65536", "99999", "99999999999999999999", "00000000000000065536"])
    func ports(_ port: String) {
        #expect(Self.flaw("http://127.0.0.1:\(port)")?.what == "has the port \(port)")
        #expect(Self.flaw("http://127.0.0.1:\(port)/")?.advice?.contains("1 to 65535") == true)
        #expect(ManagementAddress("127.0.0.1:\(port)") == nil)
    }

    @Test("A wrong port is named where it can be nothing else")
    func certainPorts() {
        for place in ["ops@h", "ops:s3cret@h", "localhost", "LOCALHOST", "10.0.0.1", "[::1]"] {
            #expect(Self.flaw("http://\(place):73914286")?.what == "has the port 73914286")
        }
        // Here it may be the password of a user whose host was forgotten.
        for place in ["ops", "ops.example"] {
            #expect(Self.flaw("http://\(place):73914286")?.what == "has a port out of range")
            #expect(Self.flaw("http://\(place):73914286/")?.advice?.contains("1 to 65535") == true)
        }
    }

    @Test(
        "Nothing that may be a password is repeated",
        arguments: [
            "htp://ops:s3cret@h:15672", "http://ops:s3cret#x@h", "http://ops:s3cret?x@h", "http://ops:s3cret/x@h",
            "http://ops:s3cret@x@h", "ops:s3cret@h:15672", "http://ops:s3cret", "http://ops:s3cret@h:99999",
            "http://ops:s3cret@h:s3cret", "http://ops:s3cret%zz@h", "http://ops:s3cret%ff@h", "http://ops:s3cret@",
            "http://ops:s3cret@h/ s3cret", "http://ops:s3cret@[::1", "http://ops:s3cret@[s3cret]",
            "http://ops:s3cret@::1", "http://ops:s3cret@h\u{e4}", "http://ops:s3cret@h/\u{e4}",
            "http://ops:s3cret@h\r\n",
            "http://s3cret", "http:/s3cret", "http://ops:s3\u{301}cret\u{301}@\u{301}h",
        ])
    func secrets(_ text: String) throws {
        guard let flaw = Self.flaw(text) else {
            #expect(text == "http://s3cret")
            return
        }
        #expect(!"\(flaw)".contains("s3cret"))
        #expect(!flaw.what.isEmpty && flaw.advice?.isEmpty != true)
    }

    @Test("The password is nowhere to be printed")
    func secrecy() throws {
        let address = try HTTPAddress("http://u:s3cret@h:1/p")
        var dumped = ""
        dump(address, to: &dumped)
        for text in ["\(address)", String(reflecting: address), dumped] {
            #expect(!text.contains("s3cret") && text.contains("http://h:1/p"))
        }
    }

    @Test("No text of random bytes brings the parser down")
    func anyBytes() {
        var random = SystemRandomNumberGenerator()
        let pieces = [
            "http://", "https://", ":", "@", "[", "]", "%", "%25", "/", "65536", "::1", "é", "\u{301}", "\r\n", "a",
        ]
        for _ in 0..<4_000 {
            let text = (0..<Int.random(in: 0...8, using: &random)).map { _ in pieces.randomElement(using: &random) ?? ""
            }
            .joined()
            if let address = try? HTTPAddress(text) {
                #expect((try? HTTPAddress("\(address)"))?.host == address.host, "\(text)")
            }
            _ = ManagementAddress(text)
            _ = try? HTTPAddress.host(text)
        }
    }

    @Test(
        "A host on its own",
        arguments: [
            ("rabbit.example", "rabbit.example"), ("rabbit.", "rabbit."), ("10.0.0.1", "10.0.0.1"), ("::1", "::1"),
            ("[::1]", "::1"), ("fe80::1%eth0", "fe80::1%eth0"), ("[fe80::1%25eth0]", "fe80::1%eth0"),
        ])
    func host(_ text: String, host: String) throws {
        #expect(try HTTPAddress.host(text) == host)
    }

    @Test(
        "No host",
        arguments: ["", ".", "a b", "h:15672", "[::1", "::1]", "[h]", "a/b", "h\n", "ä", "u@h", "::1%", "::1%25 "])
    func noHost(_ text: String) {
        #expect(throws: HTTPAddress.Flaw.self) { try HTTPAddress.host(text) }
    }
}
