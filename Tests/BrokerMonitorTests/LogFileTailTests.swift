import Foundation
import Testing

@testable import BrokerMonitor

@Suite struct LogFileTailTests {
    private func withFile(_ body: (URL) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("tail-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try body(folder.appendingPathComponent("rabbit.log"))
    }

    private func append(_ text: String, to file: URL) throws {
        let handle = try FileHandle(forWritingTo: file)
        try handle.seekToEnd()
        try handle.write(contentsOf: Data(text.utf8))
        try handle.close()
    }

    @Test func startsAtTheEndAndFollows() throws {
        try withFile { file in
            try "old\n".write(to: file, atomically: false, encoding: .utf8)
            var tail = LogFileTail(path: file.path)
            #expect(tail.look().lines.isEmpty)
            try append("one\ntw", to: file)
            #expect(tail.look().lines == ["one"])
            #expect(tail.look().lines.isEmpty)
            try append("o\n", to: file)
            #expect(tail.look().lines == ["two"])
        }
    }

    @Test func survivesRotationAndTruncation() throws {
        try withFile { file in
            try "old\n".write(to: file, atomically: false, encoding: .utf8)
            var tail = LogFileTail(path: file.path)
            _ = tail.look()
            try FileManager.default.moveItem(at: file, to: file.appendingPathExtension("1"))
            let missing = tail.look()
            #expect(missing.problem != nil && missing.lines.isEmpty)
            try "new\n".write(to: file, atomically: false, encoding: .utf8)
            #expect(tail.look().lines == ["new"])
            try append("a longer line before it is cut\n", to: file)
            #expect(tail.look().lines.count == 1)
            try "cut\n".write(to: file, atomically: false, encoding: .utf8)
            #expect(tail.look().lines == ["cut"])
        }
    }

    @Test func aFileThatIsNotThereYetIsReadFromItsStart() throws {
        try withFile { file in
            var tail = LogFileTail(path: file.path)
            #expect(tail.look().problem?.contains(file.path) == true)
        }
    }
}
