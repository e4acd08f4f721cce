import Faults
import Foundation
import Testing
import TopCore

@testable import rabbittop

/// What the README and the guides say of commands, keys, columns, settings and faults is compared with the program.
@Suite("README and guides")
struct ReadmeTests {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..")
    private static func start(_ what: String) -> String {
        "<!-- \(what): generated from TopCore; RECORD_GOLDENS=1 writes them again. -->\n"
    }
    private static let end = "<!-- End of the generated table. -->\n"

    private static func guide(_ name: String) -> URL { root.appending(path: "docs/guide/\(name).md") }

    private static func text(_ file: URL) throws -> String { try String(contentsOf: file, encoding: .utf8) }

    /// The README and all guides, one after the other.
    private static func everything() throws -> String {
        let folder = root.appending(path: "docs/guide")
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path(percentEncoded: false))
        let guides = names.filter { $0.hasSuffix(".md") }.sorted().map { folder.appending(path: $0) }
        return try ([root.appending(path: "README.md")] + guides).map { try text($0) }.joined(separator: "\n")
    }

    private static var keyTable: String {
        let views = ViewID.tabs.map(\.title).joined(separator: ", ")
        var lines = [
            "| key | command | what it does |", "| --- | --- | --- |",
            "| `1` … `9`, `0` | the view's name | \(views) |",
        ]
        for binding in Bindings.all where binding.contexts.contains(.view) {
            if case .view = binding.command { continue }
            let keys = binding.keys.map { "`\($0.label)`" }.joined(separator: " ")
            lines.append(
                "| \(keys) | `\(binding.command.name)` | \(binding.help)\(binding.isDangerous ? "; asks first" : "") |")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func columnTable(_ view: ViewID) -> String {
        let lines = view.columnGuide.map { "| \($0.title.map { $0 + " " } ?? "")| `\($0.name)` | \($0.help) |" }
        return (["| heading | key | meaning |", "| --- | --- | --- |"] + lines).joined(separator: "\n") + "\n"
    }

    /// The tables of keys and columns are made from their declarations. RECORD_GOLDENS=1 writes them into the guide.
    @Test("The tables of keys and columns are the program's own")
    func tables() throws {
        let file = Self.guide("watching")
        var text = try Self.text(file)
        var tables = [("Keys", Self.keyTable)]
        tables += ViewID.allCases.map { ("Columns of \($0.title)", Self.columnTable($0)) }
        for (what, table) in tables {
            let from = try #require(text.range(of: Self.start(what)), "\(what)").upperBound
            let to = try #require(text.range(of: Self.end, range: from..<text.endIndex), "\(what)").lowerBound
            if ProcessInfo.processInfo.environment["RECORD_GOLDENS"] == "1" {
                text.replaceSubrange(from..<to, with: table)
            } else {
                #expect(String(text[from..<to]) == table, "\(what)")
            }
        }
        if ProcessInfo.processInfo.environment["RECORD_GOLDENS"] == "1" {
            try text.write(to: file, atomically: true, encoding: .utf8)
        }
    }

    @Test("Every subcommand is named, and every make target that is named is there")
    func commands() throws {
        let text = try Self.everything()
        for command in Rabbittop.configuration.subcommands where command.configuration.shouldDisplay {
            #expect(text.contains("rabbittop \(command.configuration.commandName ?? "?")"))
        }
        let makefile = try Self.text(Self.root.appending(path: "Makefile"))
        let inline = text.matches(of: #/`make ([a-z-]+)`/#).map { String($0.1) }
        let indented = text.matches(of: #/\n    make ([a-z-]+)/#).map { String($0.1) }
        #expect(indented.contains("demo") && indented.contains("test"))
        for target in inline + indented {
            #expect(makefile.contains("\n\(target):"), "make \(target)")
        }
    }

    @Test("Every setting is described")
    func settings() throws {
        let text = try Self.text(Self.guide("configuration"))
        for setting in Setting.all { #expect(text.contains("`--\(setting.name)`"), "--\(setting.name)") }
    }

    @Test("Every fault is listed")
    func faults() throws {
        let text = try Self.text(Self.guide("faults-and-proxy"))
        for fault in FaultCatalogue.all { #expect(text.contains("\n| `\(fault.name)` | "), "\(fault.name)") }
    }
}
