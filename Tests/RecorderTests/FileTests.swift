import Faults
import Foundation
import GRDB
import Glibc
import Names
import Synchronization
import Testing
import TopCore

@testable import Recorder

/// Files: who may open them, and what is left of them after anything bad.
@Suite struct FileTests {
    private func fill(_ recorder: Recorder, seconds: ClosedRange<Int> = 0...60) {
        for second in stride(from: seconds.lowerBound, through: seconds.upperBound, by: 5) {
            recorder.take(["a": second], at: Double(second))
        }
        recorder.flush()
    }

    private func error(_ body: () throws -> Void) -> RecordingError? {
        do {
            try body()
            return nil
        } catch {
            return error as? RecordingError
        }
    }

    @Test func aClosedRecordingIsOneFileThatCanBeReadInAReadOnlyPlace() throws {
        let folder = try TestFolder()
        let path = folder.file("r.sqlite")
        let recorder = try Recorder.file(path)
        fill(recorder)
        recorder.close()
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["r.sqlite"])
        let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        #expect(mode == 0o600)
        chmod(path, 0o400)
        chmod(folder.path, 0o500)
        defer { chmod(folder.path, 0o700) }
        let reader = try RecordingReader(file: path)
        #expect(try reader.depths(at: 60) == ["a": 60])
        #expect(reader.info.program == "1.2.3")
        #expect(reader.info.started == noon)
        #expect(reader.info.host == "broker.example")
    }

    @Test func anUncleanFileWithoutLogIsReadAsItIs() throws {
        let folder = try TestFolder()
        let path = folder.file("r.sqlite")
        let recorder = try Recorder.file(path)
        fill(recorder)
        recorder.close()
        // The header of a file that was copied while it was in use, without its log.
        var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        bytes[18] = 2
        bytes[19] = 2
        try bytes.write(to: URL(fileURLWithPath: path))
        #expect(try RecordingReader(file: path).depths(at: 60) == ["a": 60])
    }

    @Test func aSecondRecorderIsRefusedAndToldWhoTheFirstIs() throws {
        let folder = try TestFolder()
        let path = folder.file("r.sqlite")
        let recorder = try Recorder.file(path)
        fill(recorder)
        let refusal1 = error {
            _ = try Recorder(.file(path), limits: .init(), about: .test) { _ in }
        }
        #expect(refusal1 == .inUse(path: path, process: Int(getpid())))
        // Reading meanwhile is possible, and the end of a reader does not release the lock.
        let reader = try RecordingReader(file: path)
        #expect(try reader.depths(at: 60) == ["a": 60])
        reader.close()
        #expect(throws: RecordingError.self) { try Recorder.file(path) }
        recorder.close()
        let second = try Recorder.file(path)
        fill(second, seconds: 300...320)
        #expect(try second.reader.depths(at: 320) == ["a": 320])
        #expect(try second.reader.depths(at: 60) == ["a": 60])
        #expect(try second.reader.depths(at: 200) == nil)
    }

    @Test func otherFilesAreRefusedAndLeftAlone() throws {
        let folder = try TestFolder()
        let text = folder.file("text")
        try Data("not a database, but long enough to have a header of a hundred bytes or so, and more of the same".utf8)
            .write(to: URL(fileURLWithPath: text))
        let foreign = folder.file("foreign.sqlite")
        try DatabaseQueue(path: foreign).write { try $0.execute(sql: "CREATE TABLE mine (x)") }
        let empty = folder.file("empty")
        try Data().write(to: URL(fileURLWithPath: empty))
        let before = try Data(contentsOf: URL(fileURLWithPath: foreign))

        for path in [text, foreign] {
            let refusal2 = error { _ = try RecordingReader(file: path) }
            #expect(refusal2 == .notARecording(path: path))
            let refusal3 = error {
                _ = try Recorder(.file(path), limits: .init(), about: .test) { _ in }
            }
            #expect(refusal3 == .notARecording(path: path))
        }
        #expect(try Data(contentsOf: URL(fileURLWithPath: foreign)) == before)
        let refusal4 = error { _ = try RecordingReader(file: empty) }
        #expect(refusal4 == .notARecording(path: empty))
        let missing = folder.file("missing")
        let refusal5 = error { _ = try RecordingReader(file: missing) }
        #expect(refusal5 == .noSuchFile(path: missing))
        let refusal6 = error {
            _ = try RecordingReader(file: folder.path)
        }
        #expect(refusal6 == .notARecording(path: folder.path))
    }

    @Test func truncatedAndNewerFilesAreRefused() throws {
        let folder = try TestFolder()
        let path = folder.file("r.sqlite")
        let recorder = try Recorder.file(path)
        fill(recorder)
        recorder.close()
        let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        let short = folder.file("short.sqlite")
        try bytes.prefix(bytes.count / 2).write(to: URL(fileURLWithPath: short))
        let refusal7 = error { _ = try RecordingReader(file: short) }
        #expect(refusal7 == .damaged(path: short))
        try DatabaseQueue(path: path).write { try $0.execute(sql: "PRAGMA user_version = 99") }
        let refusal8 = error { _ = try RecordingReader(file: path) }
        #expect(refusal8 == .newerFormat(path: path, format: 99))
        #expect(throws: RecordingError.newerFormat(path: path, format: 99)) { try Recorder.file(path) }
    }

    /// What SIGKILL leaves: the file and its log, as they are at any moment.
    @Test func theFilesOfAnyMomentHaveAllThatWasCommitted() throws {
        let folder = try TestFolder()
        let path = folder.file("r.sqlite")
        let recorder = try Recorder.file(path)
        for round in 0..<12 {
            fill(recorder, seconds: (round * 60)...(round * 60 + 55))
            let copy = folder.file("copy\(round).sqlite")
            for end in ["", "-wal"] where FileManager.default.fileExists(atPath: path + end) {
                try FileManager.default.copyItem(atPath: path + end, toPath: copy + end)
            }
            let second = round * 60 + 55
            #expect(try RecordingReader(file: copy).depths(at: Double(second)) == ["a": second])
            // It can also be continued.
            let next = try Recorder.file(copy)
            next.take(["a": -1, "b": 2], at: Double(second + 5))
            next.flush()
            #expect(try next.reader.depths(at: Double(second + 5)) == ["a": 0, "b": 2])
            #expect(try next.reader.depths(at: Double(second)) == ["a": second])
        }
    }

    @Test func readingWhatWasClosedIsAnError() throws {
        let folder = try TestFolder()
        let path = folder.file("r.sqlite")
        for recorder in [try Recorder.file(path), try Recorder.temporary()] {
            fill(recorder)
            let reader = recorder.reader
            recorder.close()
            if case .temporary = recorder.place {
                #expect(throws: RecordingError.self) { try reader.moment(at: noon) }
                #expect(reader.info.program == "unknown")
            } else {
                #expect(try reader.depths(at: 60) == ["a": 60])
                reader.close()
                #expect(throws: RecordingError.self) { try reader.moment(at: noon) }
            }
            recorder.take(["a": 1], at: 100)
            recorder.flush()
        }
    }

    @Test func nothingRemainsOfThePrivateHistory() throws {
        func openFiles() throws -> [String] {
            try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").compactMap {
                try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/" + $0)
            }.filter { $0.contains("etilqs") }
        }
        let recorder = try Recorder.temporary()
        // More than the cache holds, so that SQLite has made its file.
        recorder.take(entries: [.large(bytes: 6 << 20)], at: noon)
        recorder.flush()
        let files = try openFiles()
        #expect(!files.isEmpty)
        #expect(files.allSatisfy { $0.hasSuffix(" (deleted)") })
        #expect(try recorder.reader.entries(from: noon, to: noon, limit: 1).first?.text.utf8.count == 6 << 20)
    }

    @Test func aFullDiskIsReportedAndRecordingResumesWithAGap() throws {
        let folder = try TestFolder()
        let statuses = Mutex<[RecordingStatus]>([])
        let recorder = try Recorder.file(folder.file("r.sqlite")) { status in statuses.withLock { $0.append(status) } }
        fill(recorder, seconds: 0...60)
        recorder.limitPages(to: 1)
        recorder.take(entries: [.large(bytes: 1 << 20)], at: noon.addingTimeInterval(65))
        for second in stride(from: 65.0, through: 600, by: 15) {
            recorder.take(["a": Int(second)], at: second)
            recorder.flush()
        }
        let problem = statuses.withLock { $0.last }
        #expect(problem?.problem?.contains("no space left") == true)
        #expect(problem?.advice?.isEmpty == false)
        #expect(statuses.withLock { $0.filter { $0.problem != nil }.count } == 1)
        let entry = LedgerEntry(
            at: noon.addingTimeInterval(602), kind: .alarm, scope: .node, text: "disk", source: .logFile)
        recorder.limitPages(to: 1 << 30)
        recorder.take(["a": 1], at: 620)
        recorder.take(entries: [entry], at: noon.addingTimeInterval(621))
        recorder.take(["a": 2], at: 625)
        recorder.flush()
        #expect(statuses.withLock { $0.last?.problem } == nil)
        let reader = recorder.reader
        #expect(try reader.depths(at: 60) == ["a": 60])
        #expect(try reader.depths(at: 300) == nil)
        #expect(try reader.depths(at: 626) == ["a": 2])
        #expect(try reader.entries(from: noon, to: .distantFuture, limit: 9).map(\.text.utf8.count) == [1 << 20, 4])
    }

    @Test func aRecordingBeginsWithWhatIsRemembered() throws {
        let folder = try TestFolder()
        let path = folder.file("r.sqlite")
        let memory = try Recorder.temporary()
        fill(memory)
        let recorder = try memory.record(to: path, limits: .init()) { _ in }
        for each in [memory, recorder] { each.take(["a": 65], at: 65) }
        recorder.close()
        let reader = try RecordingReader(file: path)
        #expect(try reader.depths(at: 30) == ["a": 30])
        #expect(try reader.depths(at: 65) == ["a": 65])
        #expect(throws: RecordingError.exists(path: path)) {
            _ = try memory.record(to: path, limits: .init()) { _ in }
        }
        memory.flush()
        #expect(try memory.reader.depths(at: 65) == ["a": 65])
    }

    @Test func afterItsFileWasMovedARecorderGoesOnInANewOne() throws {
        let folder = try TestFolder()
        let path = folder.file("r.sqlite")
        let recorder = try Recorder.file(path)
        fill(recorder)
        try recorder.rotate()
        fill(recorder, seconds: 65...100)
        try FileManager.default.moveItem(atPath: path, toPath: path + ".1")
        try recorder.rotate()
        recorder.take(["a": 105], at: 105)
        recorder.close()
        let files = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
        #expect(files == ["r.sqlite", "r.sqlite.1"])
        #expect(try RecordingReader(file: path + ".1").depths(at: 100) == ["a": 100])
        let reader = try RecordingReader(file: path)
        #expect(try reader.depths(at: 105) == ["a": 105])
        #expect(try reader.depths(at: 100) == nil)
    }

    @Test func aSliceHasTheTimeAndNotTheRest() throws {
        let folder = try TestFolder()
        let recorder = try Recorder.temporary()
        for second in stride(from: 0, through: 3_000, by: 5) { recorder.take(["a": second], at: Double(second)) }
        recorder.flush()
        let path = folder.file("slice.sqlite")
        try recorder.reader.slice(
            from: noon.addingTimeInterval(1_500), to: noon.addingTimeInterval(1_600), into: path)
        let slice = try RecordingReader(file: path)
        for second in [1_500, 1_550, 1_600] { #expect(try slice.depths(at: Double(second)) == ["a": second]) }
        #expect(try slice.depths(at: 100) == nil)
        #expect(try slice.count("block") <= 2)
        #expect(slice.info.program == "1.2.3")
        #expect(throws: RecordingError.exists(path: path)) {
            try recorder.reader.slice(from: noon, to: noon, into: path)
        }
    }
}
