import ArgumentParser
import Foundation
import Testing

@testable import rabbittop

/// What is told of a command line, and what not.
@Suite("The command line")
struct CommandLineTests {
    /// As `Main` tells it.
    private func words(_ arguments: String...) -> String { words(arguments) }

    private func words(_ arguments: [String]) -> String {
        do {
            _ = try Rabbittop.parseAsRoot(arguments)
            return ""
        } catch {
            return UsageProblem(error, arguments: arguments)?.text ?? Rabbittop.fullMessage(for: error)
        }
    }

    @Test(
        "Nothing that may be a password is repeated",
        arguments: [
            ["snapshot", "s3cret"], ["snapshot", "-p", "a", "s3cret"], ["s3cret"], ["snapshot", "--pasword=s3cret"],
            ["snapshot", "--passwords3cret"], ["snapshot", "--password-stdin=s3cret"], ["snapshot", "-xs3cret"],
            ["snapshot", "-ks3cret"], ["snapshot", "-x=s3cret"], ["snapshot", "-ps=s3cret"],
            ["snapshot", "--count", "s3cret"],
            ["snapshot", "--view", "s3cret"], ["snapshot", "--format", "s3cret"], ["snapshot", "--s3cret"],
            ["snapshot", "---s3cret"], ["snapshot", "--interval", "s3cret"], ["check", "--seconds", "s3cret"],
            ["publish", "--header", "s3cret"], ["perf", "s3cret", "--queue", "q"], ["fault", "undo", "s3cret"],
            ["proxy", "--listen", "ops:s3cret@h:1"], ["proxy", "--upstream", "amqp://ops:s3cret@h:1"],
            ["proxy", "--control", "s3cret"], ["proxy", "--upstream", "h:s3cret"], ["demo", "--proxy", "s3cret"],
            ["snapshot", "--password-stdin", "s3cret", "s3cret too"], ["broker", "start", "--wait", "s3cret"],
            ["s3cret\nUsage: s3cret"], ["snapshot", "--view", "\u{301}s3cret' is invalid"],
        ])
    func secrets(_ arguments: [String]) {
        let words = words(arguments)
        #expect(!words.contains("s3cret"), "\(words)")
        #expect(!words.isEmpty)
    }

    @Test("The option and what it takes are named all the same")
    func helpful() {
        #expect(words("snapshot", "--view", "s3cret").contains("--view"))
        #expect(words("snapshot", "--view", "s3cret").contains("connections"))
        #expect(words("snapshot", "--count", "99999999999999999999").contains("99999999999999999999"))
        #expect(words("snapshot", "--pasword=x").contains("--password"))
        #expect(words("snapshot", "--colums", "a").contains("There is no option '--colums'"))
        #expect(words("snapshot", "--password-stdin=x").contains("'--password-stdin' takes no value"))
        #expect(words("snapshot", "extra", "more").contains("Argument 2 is one too many"))
        #expect(words("snapsho").contains("Did you mean snapshot?"))
        #expect(words("proxy", "--listen", "127.0.0.1:99999").contains("99999 is not a port"))
        #expect(words("proxy", "--upstream", "127.0.0.1:0").contains("0 is not a port; ports are from 1 to 65535"))
        // A user and a password may stand where a host and a port are expected.
        #expect(words("proxy", "--upstream", "ops:73914286").contains("this is not a port"))
        #expect(!words("proxy", "--upstream", "ops:73914286").contains("73914286"))
        #expect(words("snapshot", "-u").contains("Missing value"))
        for text in [words("snapshot", "--view", "x"), words("snapsho")] { #expect(text.contains("Usage: rabbittop")) }
    }

    @Test("The name of a view as a command", arguments: ["queues", "connections", "events", "Nodes"])
    func viewAsCommand(_ name: String) {
        let view = name.lowercased()
        for words in [words(name), words("snapshot", name), words("-P", "1", name)] {
            #expect(words.contains("rabbittop snapshot --view \(view)"), "\(words)")
        }
        #expect(words("lab", "-P", "1").isEmpty == false)
    }

    @Test("A short option and its value may be one argument")
    func joined() throws {
        let command = try #require(
            try Rabbittop.parseAsRoot(["snapshot", "-uops", "-pgeheim", "-H::1", "-P1", "-V/", "-k"])
                as? SnapshotCommand)
        #expect(
            command.broker.username == "ops" && command.broker.password == "geheim" && command.broker.host == "::1")
        #expect(command.broker.port == "1" && command.broker.vhost == "/" && command.broker.insecure)
    }

    @Test(
        "A column to sort by with a - in front",
        arguments: [["--sort", "-ready"], ["--sort=-ready"], ["--sort", "-publish_rate"]])
    func sort(_ arguments: [String]) throws {
        let command = try #require(
            try Rabbittop.parseAsRoot(["snapshot"] + arguments + ["--count", "2"]) as? SnapshotCommand)
        #expect(command.sort?.hasPrefix("-") == true && command.count == 2)
        #expect(words("snapshot", "--sort", "-nope").contains("queues has no column nope"))
        #expect(words("snapshot", "--sort", "--count", "2").contains("no column"))
    }

    @Test(
        "Columns are named once, and all of them",
        arguments: ["", "name,", ",", "name,,ready", "name,name", "name, name", "nope"])
    func columns(_ text: String) {
        #expect(words("snapshot", "--columns", text).contains("column"))
    }

    @Test("Headers have a name, and a value that may be empty")
    func headers() throws {
        for header in ["=a=b", "=", "k", ""] {
            #expect(words("publish", "--header", header).contains("--header takes name=value"), "\(header)")
        }
        for header in ["k=", "k==", "k=a=b", "k= a"] {
            #expect(words("publish", "--header", header).isEmpty, "\(header)")
        }
    }

    @Test(
        "Numbers out of their range",
        arguments: [
            ["snapshot", "--count", "0"], ["snapshot", "--count", "9223372036854775807"],
            ["snapshot", "--interval", "nan"],
            ["snapshot", "--interval", "inf"], ["snapshot", "--interval", "1e300"], ["snapshot", "--interval", "-1"],
            ["check", "--seconds", "nan"], ["check", "--seconds", "1e300"],
            ["publish", "--count", "9223372036854775807"],
            ["publish", "--rate", "nan"], ["publish", "--rate", "1e-300"], ["publish", "--rate", "inf"],
            ["publish", "--size", "-1"], ["publish", "--size", "134217729"], ["publish", "--expiration", "4294967296"],
            ["publish", "--expiration", "-1"], ["perf", "publish", "--queue", "q", "--rate", "nan"],
            ["perf", "publish", "--queue", "q", "--rate", "1e-300"],
            ["perf", "consume", "--queue", "q", "--prefetch", "65536"],
            ["perf", "publish", "--queue", "q", "--count", "99999999999999999999"],
            ["perf", "publish", "--queue", "q", "--tasks", "0"],
            ["demo", "--proxy", "65536"], ["demo", "--proxy", "99999999999999999999"], ["demo", "--nodes", "-1"],
            ["broker", "start", "--wait", "nan"], ["broker", "start", "--wait", "inf"],
            ["fault", "undo", "18446744073709551616"],
            ["fault", "inject", "x", "--seed", "-1"], ["proxy", "--listen", "h:65536"], ["proxy", "--listen", "h:-1"],
            ["proxy", "--control", "[::1]:99999999999999999999"],
        ])
    func numbers(_ arguments: [String]) {
        let words = words(arguments)
        #expect(words.hasPrefix("Error: "), "\(words)")
    }

    @Test("The address of a control API: ports in their range, and no password")
    func control() throws {
        #expect(try ControlOptions.address("127.0.0.1:8673") == "http://127.0.0.1:8673")
        #expect(try ControlOptions.address("https://[::1]:1/base/") == "https://[::1]:1/base")
        for text in ["http://127.0.0.1:99999", "127.0.0.1:99999999999999999999"] {
            #expect { try ControlOptions.address(text) } throws: { "\($0)".contains("port 99999") }
        }
        for text in ["http://ops:s3cret@h:1", "ops:s3cret@h", "htp://s3cret", "http://h?token=s3cret", "h/s3cret é"] {
            #expect { try ControlOptions.address(text) } throws: {
                !"\($0)".contains("s3cret") && "\($0)".hasPrefix("--control: ")
            }
        }
    }

    @Test("A fault whose time is no time is refused", arguments: ["nan", "inf", "1e300", "0", "-1", "86401"])
    func duration(_ text: String) throws {
        let command = try #require(
            try Rabbittop.parseAsRoot(["fault", "inject", "delay", "--duration=\(text)"]) as? FaultInjectCommand)
        let fault = try command.fault()
        #expect(!(fault.duration.map { $0 > 0 && $0 <= 86_400 } ?? true))
    }
}
