import Faults
import Foundation
import Testing

/// The guide's table of rules is made from the rules. `RECORD_GOLDENS=1` writes it again.
@Suite struct DiagnosisGuideTests {
    private static let page = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "docs/guide/findings.md")
    private static let heading = "| rule | severity | what is found | needs | what to do |"

    @Test func theGuideHasEveryRule() throws {
        let text = try String(contentsOf: Self.page, encoding: .utf8)
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        let rows = DiagnosisRule.allCases.map { rule in
            let guide = rule.guide
            return "| `\(rule.rawValue)` | \(guide.severity) | \(guide.meaning) | \(guide.needs) | \(guide.advice) |"
        }
        let first = try #require(lines.firstIndex(of: Self.heading)) + 2
        let end = lines[first...].firstIndex { !$0.hasPrefix("|") } ?? lines.endIndex
        guard Array(lines[first..<end]) != rows else { return }
        guard ProcessInfo.processInfo.environment["RECORD_GOLDENS"] != nil else {
            Issue.record("the table of docs/guide/findings.md differs: record it again")
            return
        }
        lines.replaceSubrange(first..<end, with: rows)
        try lines.joined(separator: "\n").write(to: Self.page, atomically: true, encoding: .utf8)
    }
}
