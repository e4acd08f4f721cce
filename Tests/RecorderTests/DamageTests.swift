import Foundation
import GRDB
import Names
import SeededSupport
import Testing
import TopCore

@testable import Recorder

/// Files of which anything may be missing or wrong: each is refused or read, and none ends the program.
@Suite struct DamageTests {
    /// A recording that has something of everything.
    private static let example = Result {
        let folder = try TestFolder()
        let path = folder.file("r.sqlite")
        let recorder = try Recorder.file(path, limits: FormatExample.limits)
        FormatExample.fill(recorder)
        recorder.close()
        return try Data(contentsOf: URL(fileURLWithPath: path))
    }

    /// Reads everything that can be read of a file.
    private func readAll(_ path: String) throws {
        let reader = try RecordingReader(file: path)
        _ = reader.info
        _ = try? reader.span()
        let (from, to) = (noon, noon.addingTimeInterval(4_200))
        for second in [900.0, 4_150] {
            _ = try? reader.moment(at: noon.addingTimeInterval(second))
        }
        for time in [Date.distantPast, .distantFuture, Date(timeIntervalSince1970: 1e300)] {
            _ = try? reader.moment(at: time)
            _ = try? reader.time(of: .eventBefore(time))
        }
        _ = try? reader.curves(
            [History.Metric.ready, .publishRate].map {
                CurveRequest(.queue(EntityID(vhost: "/", name: "orders")), $0, from: .distantPast, to: to, points: 50)
            })
        _ = try? reader.changes(from: from, to: to, limit: 5)
        _ = try? reader.entries(from: from, to: to, limit: 10)
        _ = try? reader.findings(from: from, to: to)
        _ = try? reader.faults(from: from, to: to)
        reader.close()
    }

    private func error(_ body: () throws -> Void) -> RecordingError? {
        do {
            try body()
            return nil
        } catch {
            return error as? RecordingError
        }
    }

    @Test func aFileThatIsCutOffAnywhereIsRefused() throws {
        let folder = try TestFolder()
        let path = folder.file("short.sqlite")
        let bytes = try Self.example.get()
        for end in stride(from: 0, to: bytes.count, by: 4_096) + [1, 99, 100, 4_095, bytes.count - 1] {
            let short = bytes.prefix(end)
            try short.write(to: URL(fileURLWithPath: path))
            let refusal = error { _ = try RecordingReader(file: path) }
            let expected: [RecordingError] = [.damaged(path: path), .notARecording(path: path)]
            // SQLite counts whole pages: of an incomplete last one, only a reader of it notices.
            let isNoticed = end < bytes.count - 1 || refusal != nil
            #expect(!isNoticed || refusal.map(expected.contains) == true, "\(end) of \(bytes.count): \(refusal as Any)")
            if refusal == nil { try readAll(path) }
            // A new recording may begin in an empty file only.
            guard end > 0, refusal != nil else { continue }
            let writing = error { _ = try Recorder.file(path) }
            #expect(writing.map(expected.contains) == true)
            #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == short)
        }
    }

    @Test(arguments: [1, 2, 3]) func aFileWithWrongBytesEndsNothing(seed: Int) throws {
        var random = SeededRandom(seed: seed)
        let folder = try TestFolder()
        let path = folder.file("wrong.sqlite")
        let bytes = try Self.example.get()
        for _ in 0..<8 {
            var wrong = bytes
            for _ in 0..<Int.random(in: 1...40, using: &random) {
                let index = Int.random(in: 100..<wrong.count, using: &random)
                wrong[index] = UInt8.random(in: 0...255, using: &random)
            }
            try wrong.write(to: URL(fileURLWithPath: path))
            try? readAll(path)
        }
    }

    /// The columns of the tables that are read, one after the other, have something that they should not have.
    @Test(arguments: ["'text'", "x'ff'", "9223372036854775807", "-9223372036854775808"])
    func wrongValuesEndNothing(value: String) throws {
        let folder = try TestFolder()
        let path = folder.file("wrong.sqlite")
        let bytes = try Self.example.get()
        try bytes.write(to: URL(fileURLWithPath: path))
        let columns = try DatabaseQueue(path: path).read { database in
            try Row.fetchAll(
                database,
                sql: "SELECT t.name, c.name FROM sqlite_master t, pragma_table_info(t.name) c WHERE t.type = 'table'"
            ).map { ($0.text(0) ?? "", $0.text(1) ?? "") }
        }
        // The kinds are read by the same code.
        for (table, column) in columns where table == "queue_sample" || !table.contains("_") {
            let isChanged =
                (try? DatabaseQueue(path: path).write {
                    try $0.execute(sql: "UPDATE OR REPLACE \(table) SET \"\(column)\" = \(value)")
                }) != nil
            guard isChanged else { continue }
            try? readAll(path)
            if let recorder = try? Recorder.file(path) { recorder.take(["a": 1], at: 5_000) }
            try bytes.write(to: URL(fileURLWithPath: path))
        }
    }

    @Test func aFileOfALaterFormatIsRefusedWithWords() throws {
        let folder = try TestFolder()
        let path = folder.file("later.sqlite")
        try Self.example.get().write(to: URL(fileURLWithPath: path))
        for format in [0, -1, RecordingInfo.currentFormat + 1, Int(Int32.max)] {
            try DatabaseQueue(path: path).write { try $0.execute(sql: "PRAGMA user_version = \(format)") }
            let refusal = error { _ = try RecordingReader(file: path) }
            #expect(
                refusal == (format > 0 ? .newerFormat(path: path, format: format) : .damaged(path: path)))
            #expect(refusal?.description.isEmpty == false)
            let writing = error { _ = try Recorder.file(path) }
            #expect(writing == refusal)
        }
    }
}
