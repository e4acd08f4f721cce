import Foundation
import Testing

/// The listings of the documentation are the snippets beside this file, which the compiler sees. `RECORD_GOLDENS=1` writes
/// them into the articles again.
@Suite("Listings of the documentation")
struct DocumentationTests {
    static let package = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()
    static let articles =
        files(in: "Sources/RabbitMQClient/RabbitMQClient.docc", "md") + ["docs/guide/client-library.md"]

    private static func files(in folder: String, _ ending: String) -> [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: package.appending(path: folder).path)) ?? []
        return names.filter { $0.hasSuffix(ending) }.sorted().map { "\(folder)/\($0)" }
    }

    private static func text(_ path: String) throws -> String {
        try String(contentsOf: package.appending(path: path), encoding: .utf8)
    }

    private static func snippets() throws -> [String: String] {
        var snippets: [String: String] = [:]
        for path in files(in: "Tests/DocumentationTests/Snippets", "swift") {
            var name: String?
            var lines: [Substring] = []
            for line in try text(path).split(separator: "\n", omittingEmptySubsequences: false) {
                let trimmed = line.drop { $0 == " " }
                if trimmed.hasPrefix("// snippet: ") {
                    name = String(trimmed.dropFirst(12))
                    lines = []
                } else if trimmed == "// end snippet", let ended = name {
                    #expect(snippets[ended] == nil, "two snippets are called \(ended)")
                    let indent = lines.filter { !$0.isEmpty }.map { $0.prefix { $0 == " " }.count }.min() ?? 0
                    snippets[ended] = lines.map { String($0.dropFirst(indent)) + "\n" }.joined()
                    name = nil
                } else if name != nil {
                    lines.append(line)
                }
            }
        }
        return snippets
    }

    @Test("Every listing of every article is a snippet that compiles", arguments: articles)
    func listingsAreSnippets(article: String) throws {
        let snippets = try Self.snippets()
        let text = try Self.text(article)
        var written = ""
        var rest = Substring(text)
        while let fence = rest.firstRange(of: "```swift\n") {
            let before = rest[..<fence.lowerBound]
            let marker = before.split(separator: "\n").last ?? ""
            let name = String(marker.dropFirst("<!-- snippet: ".count).dropLast(" -->".count))
            let snippet = try #require(snippets[name], "no snippet stands for the listing after: \(marker)")
            rest = rest[fence.upperBound...]
            let end = try #require(rest.firstRange(of: "```"))
            if ProcessInfo.processInfo.environment["RECORD_GOLDENS"] == nil {
                #expect(String(rest[..<end.lowerBound]) == snippet, "listing \(name)")
            }
            written += before + "```swift\n" + snippet + "```"
            rest = rest[end.upperBound...]
        }
        written += rest
        if ProcessInfo.processInfo.environment["RECORD_GOLDENS"] != nil, written != text {
            try written.write(to: Self.package.appending(path: article), atomically: true, encoding: .utf8)
        }
    }

    @Test("Every snippet stands in an article, and every link between articles leads somewhere")
    func snippetsAreUsed() throws {
        let all = try Self.articles.map { try Self.text($0) }.joined(separator: "\n")
        for name in try Self.snippets().keys { #expect(all.contains("<!-- snippet: \(name) -->"), "\(name)") }
        let names = Set(Self.articles.map { URL(fileURLWithPath: $0).deletingPathExtension().lastPathComponent })
        for match in all.matches(of: #/<doc:([A-Za-z-]+)>/#) {
            #expect(names.contains(String(match.1)), "no article is called \(match.1)")
        }
        #expect(Self.articles.count >= 9)
    }
}
