import Foundation
import Testing

/// What the documents say of the repository: its paths, its targets, and the types of the glossary.
@Suite("Paths of the documentation")
struct PathTests {
    private static let package = DocumentationTests.package
    /// What begins with one of these is a path from the root of the repository.
    private static let roots = ["Sources/", "Tests/", "docs/", "config/", "Scripts/", "Benchmarks/", "Examples/"]
    private static let architecture = "docs/architecture.md"
    static let documents = ["README.md", "CONTRIBUTING.md"] + paths(below: "docs").filter { $0.hasSuffix(".md") }

    // MARK: Paths

    @Test("Every path that a document names is there", arguments: documents)
    func pathsAreThere(document: String) throws {
        for mention in try Self.mentions(in: document) {
            let isThere = try Self.exists(mention.path)
            #expect(isThere, "\(document):\(mention.line): there is no \(mention.path)")
        }
    }

    private struct Mention {
        var line: Int
        /// From the root of the repository.
        var path: String
    }

    /// Paths in backticks and targets of links; code blocks are for the shell.
    private static func mentions(in document: String) throws -> [Mention] {
        var mentions: [Mention] = []
        var isCode = false
        for (index, line) in try lines(of: document).enumerated() {
            if line.hasPrefix("```") { isCode.toggle() }
            if isCode { continue }
            for match in line.matches(of: #/`([^`]+)`/#) {
                for word in match.1.split(separator: " ") where roots.contains(where: { word.hasPrefix($0) }) {
                    mentions.append(Mention(line: index + 1, path: bare(word)))
                }
            }
            for match in line.matches(of: #/\]\(([^)\s]+)\)/#) where !match.1.contains("://") {
                let target = bare(match.1)
                if target.isEmpty || match.1.hasPrefix("mailto:") { continue }
                mentions.append(Mention(line: index + 1, path: resolved(target, from: document)))
            }
        }
        return mentions
    }

    /// Without an anchor, a line number, and the slash behind a folder.
    private static func bare(_ word: Substring) -> String {
        var path = word.prefix { $0 != "#" && $0 != ":" }
        while path.hasSuffix("/") || path.hasSuffix(",") { path.removeLast() }
        return String(path)
    }

    /// A link is relative to its document's folder.
    private static func resolved(_ target: String, from document: String) -> String {
        var parts = document.split(separator: "/").dropLast().map(String.init)
        for part in target.split(separator: "/") {
            switch part {
            case ".": break
            case "..": if !parts.isEmpty { parts.removeLast() }
            default: parts.append(String(part))
            }
        }
        return parts.joined(separator: "/")
    }

    private static func exists(_ path: String) throws -> Bool {
        guard let pattern = expression(for: path) else {
            return FileManager.default.fileExists(atPath: package.appending(path: path).path)
        }
        let root = path.split(separator: "/").first.map(String.init) ?? ""
        let regex = try Regex(pattern)
        return paths(below: root).contains { $0.wholeMatch(of: regex) != nil }
    }

    /// A path with placeholders as a regular expression: `*` and `<…>` stand for a part of a name, `{a,b}` for one of
    /// these, `**` for any folders; nil for a path that is meant as it is.
    private static func expression(for path: String) -> String? {
        guard path.contains(where: { "*<{…".contains($0) }) else { return nil }
        var result = ""
        var rest = Substring(path)
        while let character = rest.first {
            if rest.hasPrefix("**/") {
                result += "(?:.*/)?"
                rest = rest.dropFirst(3)
            } else if character == "<", let end = rest.firstIndex(of: ">") {
                result += "[^/]+"
                rest = rest[end...].dropFirst()
            } else if character == "{", let end = rest.firstIndex(of: "}") {
                let choices = rest[..<end].dropFirst().split(separator: ",").map { escaped(String($0)) }
                result += choices.count > 1 ? "(?:\(choices.joined(separator: "|")))" : "[^/]+"
                rest = rest[end...].dropFirst()
            } else {
                result += character == "*" || character == "…" ? "[^/]*" : escaped(String(character))
                rest = rest.dropFirst()
            }
        }
        return result
    }

    private static func escaped(_ text: String) -> String { NSRegularExpression.escapedPattern(for: text) }

    // MARK: Glossary

    private struct Term {
        var line: Int
        /// As it stands in the first column; the name of a type has backticks.
        var text: String
        var file: String

        var type: String? { text.hasPrefix("`") ? text.replacing("`", with: "") : nil }
    }

    @Test("Every type of the glossary is declared in the file beside it, and the glossary is in order")
    func glossary() throws {
        let terms = try Self.terms()
        #expect(terms.count > 50)
        let sources = Self.paths(below: "Sources")
        for term in terms {
            let files = sources.filter { $0.hasSuffix("/\(term.file)") }
            #expect(!files.isEmpty, "\(Self.architecture):\(term.line): there is no \(term.file) below Sources")
            guard let type = term.type else { continue }
            var isDeclared = false
            for file in files where !isDeclared { isDeclared = Self.declares(type, try Self.lines(of: file)) }
            #expect(isDeclared, "\(Self.architecture):\(term.line): \(term.file) declares no \(type)")
        }
        let names = terms.map { ($0.type ?? $0.text).lowercased() }
        for (term, (name, next)) in zip(terms, zip(names, names.dropFirst())) {
            #expect(name < next, "\(Self.architecture):\(term.line): \(next) belongs before \(name)")
        }
    }

    private static func terms() throws -> [Term] {
        var terms: [Term] = []
        var isGlossary = false
        for (index, line) in try lines(of: architecture).enumerated() {
            if line.hasPrefix("## ") { isGlossary = line == "## Glossary" }
            guard isGlossary, line.hasPrefix("|") else { continue }
            let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
            guard cells.count == 3, cells[2].hasPrefix("`") else { continue }
            terms.append(Term(line: index + 1, text: cells[0], file: cells[2].replacing("`", with: "")))
        }
        return terms
    }

    private static let keywords: Set<Substring> = ["actor", "class", "enum", "protocol", "struct", "typealias"]

    private static func declares(_ type: String, _ lines: [Substring]) -> Bool {
        lines.contains { line in
            let words = line.split(whereSeparator: { !$0.isLetter && !$0.isNumber && $0 != "_" })
            return zip(words, words.dropFirst()).contains { keywords.contains($0) && $1 == type }
        }
    }

    // MARK: Targets

    private struct DiagramEntry {
        var line: Int
        var level: Int
        var imports: Set<String> = []
    }

    @Test("The diagram of the targets is that of Package.swift, and no arrow points upwards")
    func diagram() throws {
        let folders = try Self.folders()
        let declared = try Self.packageTargets(folders)
        let diagram = try Self.diagramTargets()
        #expect(Set(declared.keys) == folders, "Package.swift has a target for each folder of Sources")
        #expect(Set(diagram.keys) == folders, "\(Self.architecture): the diagram has each folder of Sources")
        for (name, entry) in diagram {
            let place = "\(Self.architecture):\(entry.line): \(name)"
            let real = declared[name] ?? []
            #expect(entry.imports == real, "\(place) imports \(real.sorted().joined(separator: ", "))")
            for other in entry.imports {
                let level = diagram[other]?.level ?? 0
                #expect(level < entry.level, "\(place) is on level \(entry.level), and \(other) on \(level)")
            }
        }
        let lines = try Self.lines(of: Self.architecture)
        for name in folders.sorted() {
            let isDescribed = lines.contains { $0.hasPrefix("| `\(name)` | ") }
            #expect(isDescribed, "\(Self.architecture): no line says what \(name) is")
        }
    }

    /// `level 2   TopCore -> Faults, Names`; a list may go on in the next line.
    private static func diagramTargets() throws -> [String: DiagramEntry] {
        var entries: [String: DiagramEntry] = [:]
        var isSection = false
        var isCode = false
        var level = 0
        var name = ""
        for (index, line) in try lines(of: architecture).enumerated() {
            if line.hasPrefix("## ") { isSection = line == "## Targets" }
            if line.hasPrefix("```") { isCode.toggle() }
            guard isSection, isCode, !line.hasPrefix("```") else { continue }
            var words = line.split(whereSeparator: { " ,|".contains($0) }).map(String.init)
            if words.first == "level", words.count > 1 {
                level = Int(words[1]) ?? level
                words.removeFirst(2)
            }
            if let arrow = words.firstIndex(of: "->"), arrow > 0 {
                name = words[arrow - 1]
                entries[name] = DiagramEntry(line: index + 1, level: level)
                words.removeFirst(arrow + 1)
            }
            for word in words where word != "nothing" { entries[name]?.imports.insert(word) }
        }
        return entries
    }

    /// Each target with those it depends on, as far as they are folders of Sources.
    private static func packageTargets(_ folders: Set<String>) throws -> [String: Set<String>] {
        var targets: [String: Set<String>] = [:]
        var isTarget = false
        var name = ""
        for line in try lines(of: "Package.swift") {
            if line == "    targets: [" { isTarget = true }
            guard isTarget else { continue }
            // A target begins at this indentation, and what belongs to it is indented deeper.
            if line.hasPrefix("        "), line.dropFirst(8).first != " " { name = "" }
            for match in line.matches(of: #/"([^"]+)"/#) {
                let text = String(match.1)
                if name.isEmpty {
                    name = text
                    if folders.contains(name) { targets[name] = [] }
                } else if folders.contains(text) {
                    targets[name]?.insert(text)
                }
            }
        }
        return targets
    }

    private static func folders() throws -> Set<String> {
        let names = try FileManager.default.contentsOfDirectory(atPath: package.appending(path: "Sources").path)
        return Set(names.filter { !$0.hasPrefix(".") })
    }

    // MARK: Files

    private static func lines(of path: String) throws -> [Substring] {
        try String(contentsOf: package.appending(path: path), encoding: .utf8)
            .split(separator: "\n", omittingEmptySubsequences: false)
    }

    /// Files and folders, from the root of the repository, in order.
    private static func paths(below folder: String) -> [String] {
        let all = (try? FileManager.default.subpathsOfDirectory(atPath: package.appending(path: folder).path)) ?? []
        return all.sorted().map { "\(folder)/\($0)" }
    }
}
