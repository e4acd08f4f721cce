import Foundation
import Testing
import TopCore

@testable import rabbittop

@Suite("README")
struct ReadmeTests {
    private static let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../README.md")
    private static let start = "<!-- The table of keys, as the program has it. -->\n"
    private static let end = "<!-- End of the table. -->\n"

    /// The bindings as a table. RECORD_GOLDENS=1 writes it into the README.
    private static var table: String {
        let views = ViewID.allCases.map(\.title).joined(separator: ", ")
        var lines = ["| key | what it does |", "| --- | --- |", "| `1` … `9`, `0` | \(views) |"]
        for binding in Bindings.all where binding.contexts.contains(.view) {
            if case .view = binding.command { continue }
            let keys = binding.keys.map { "`\($0.label)`" }.joined(separator: " ")
            lines.append("| \(keys) | \(binding.help)\(binding.isDangerous ? "; asks first" : "") |")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    @Test("The table of keys is the program's own")
    func keys() throws {
        let text = try String(contentsOf: Self.file, encoding: .utf8)
        let from = try #require(text.range(of: Self.start)).upperBound
        let to = try #require(text.range(of: Self.end)).lowerBound
        if ProcessInfo.processInfo.environment["RECORD_GOLDENS"] == "1" {
            try (text[..<from] + Self.table + text[to...]).write(to: Self.file, atomically: true, encoding: .utf8)
        } else {
            #expect(String(text[from..<to]) == Self.table)
        }
    }

    @Test("Every subcommand is named, and every make target that is named is there")
    func commands() throws {
        let text = try String(contentsOf: Self.file, encoding: .utf8)
        for command in Rabbittop.configuration.subcommands where command.configuration.shouldDisplay {
            #expect(text.contains("rabbittop \(command.configuration.commandName ?? "?")"))
        }
        let makefile = try String(
            contentsOf: Self.file.deletingLastPathComponent().appending(path: "Makefile"), encoding: .utf8)
        for match in text.matches(of: #/`make ([a-z]+)`/#) {
            #expect(makefile.contains("\n\(match.1):"), "make \(match.1)")
        }
    }
}
