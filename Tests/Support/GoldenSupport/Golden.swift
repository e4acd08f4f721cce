import Foundation
import Testing

/// Text kept in files beside the tests, and compared with what the code makes now.
///
/// A file is `Golden/<name>.txt` in the folder of the test's source. `RECORD_GOLDENS=1` in the environment
/// writes the files instead of comparing; read the change with `git diff` before keeping it.
public enum Golden {
    /// Records a failure with the lines that differ, unless the golden file holds exactly this text.
    public static func expect(
        _ text: String, matches name: String, filePath: String = #filePath,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let folder = URL(fileURLWithPath: filePath).deletingLastPathComponent().appendingPathComponent("Golden")
        let file = folder.appendingPathComponent(name + ".txt")
        if ProcessInfo.processInfo.environment["RECORD_GOLDENS"] == "1" {
            do {
                try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
                try Data(text.utf8).write(to: file)
            } catch {
                Issue.record("Golden/\(name).txt cannot be written: \(error)", sourceLocation: sourceLocation)
            }
            return
        }
        guard let data = FileManager.default.contents(atPath: file.path) else {
            Issue.record(
                "There is no Golden/\(name).txt. Record it with RECORD_GOLDENS=1 and read it. The text is now:\n\(text)",
                sourceLocation: sourceLocation)
            return
        }
        let expected = String(decoding: data, as: UTF8.self)
        if expected == text { return }
        Issue.record(
            """
            Golden/\(name).txt differs (- the file, + now). RECORD_GOLDENS=1 rewrites it.
            \(LineDifference(from: expected, to: text).description)
            """, sourceLocation: sourceLocation)
    }
}
