import Foundation
import Glibc
import Synchronization
import Testing
import TopCore

@testable import Recorder

/// Disks without room, and copies that are not wanted any more.
@Suite struct DiskTests {
    /// A file system of its own, with little room. Only root may make one.
    private final class SmallDisk {
        let folder: TestFolder

        init?(bytes: Int) {
            guard geteuid() == 0, let folder = try? TestFolder() else { return nil }
            self.folder = folder
            guard mount("tmpfs", folder.path, "tmpfs", 0, "size=\(bytes)") == 0 else { return nil }
        }

        deinit { umount2(folder.path, Int32(MNT_DETACH)) }
    }

    @Test(.enabled(if: SmallDisk(bytes: 1 << 20) != nil, "root may mount a small file system"))
    func onAFullDiskRecordingStopsWithOneLineAndResumes() throws {
        let disk = try #require(SmallDisk(bytes: 2 << 20))
        let statuses = Mutex<[RecordingStatus]>([])
        let path = disk.folder.file("r.sqlite")
        let recorder = try Recorder.file(path) { status in statuses.withLock { $0.append(status) } }
        for second in stride(from: 0.0, through: 60, by: 5) { recorder.take(["a": Int(second)], at: second) }
        recorder.flush()
        let other = disk.folder.file("other")
        try fill(other)
        for second in stride(from: 65.0, through: 600, by: 5) {
            let many = Dictionary(uniqueKeysWithValues: (0..<400).map { ("queue \($0)", Int(second)) })
            recorder.take(many, at: second)
            recorder.flush()
        }
        let full = statuses.withLock { $0 }
        #expect(full.last?.problem == RecordingError.diskFull(path: path).what)
        #expect(full.count { $0.problem != nil } == 1)
        unlink(other)
        for second in stride(from: 620.0, through: 640, by: 5) { recorder.take(["a": Int(second)], at: second) }
        recorder.close()
        #expect(statuses.withLock { $0.last?.problem } == nil)
        let reader = try RecordingReader(file: path)
        #expect(try reader.depths(at: 30) == ["a": 30])
        #expect(try reader.depths(at: 500) == nil)
        #expect(try reader.depths(at: 640) == ["a": 640])
    }

    /// Writes until nothing more can be written.
    private func fill(_ path: String) throws {
        let descriptor = open(path, O_WRONLY | O_CREAT, 0o600)
        defer { close(descriptor) }
        for size in [4_096, 1] {
            let bytes = [UInt8](repeating: 1, count: size)
            while write(descriptor, bytes, size) > 0 {}
        }
    }

    /// A limit of the process, in a process of its own: like a quota, it is an error of writing and not a full disk.
    @Test func whereNothingMoreMayBeWrittenRecordingStopsAndResumes() async {
        await #expect(processExitsWith: .success) {
            signal(SIGXFSZ, SIG_IGN)
            let folder = try TestFolder()
            let path = folder.file("r.sqlite")
            let problem = Mutex<String?>(nil)
            let recorder = try Recorder.file(path) { status in problem.withLock { $0 = status.problem } }
            recorder.take(["a": 1], at: 0)
            recorder.flush()
            var limit = rlimit()
            getrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
            let before = limit
            limit.rlim_cur = 300_000
            setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
            for second in stride(from: 5.0, through: 300, by: 5) {
                let many = Dictionary(uniqueKeysWithValues: (0..<400).map { ("queue \($0)", Int(second)) })
                recorder.take(many, at: second)
                recorder.flush()
            }
            guard problem.withLock({ $0 }) == RecordingError.notWritable(path: path).what else { exit(2) }
            limit = before
            setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
            for second in stride(from: 320.0, through: 340, by: 5) { recorder.take(["a": Int(second)], at: second) }
            recorder.close()
            guard problem.withLock({ $0 }) == nil else { exit(3) }
            let reader = try RecordingReader(file: path)
            guard try reader.depths(at: 4) == ["a": 1], try reader.depths(at: 340) == ["a": 340] else { exit(4) }
            exit(EXIT_SUCCESS)
        }
    }

    /// A history of several steps of a copy.
    private func history() throws -> Recorder {
        let recorder = try Recorder.temporary()
        recorder.take(entries: [.large(bytes: 6 << 20)], at: noon)
        recorder.take(["a": 1], at: 0)
        recorder.flush()
        return recorder
    }

    @Test func aCopyThatIsNotWantedAnyMoreLeavesNothing() throws {
        let folder = try TestFolder()
        let path = folder.file("r.sqlite")
        let history = try history()
        let place = folder.path
        let names = Mutex<Set<String>>([])
        let asked = Atomic<Int>(0)
        #expect(throws: RecordingError.cancelled(path: path)) {
            _ = try history.record(to: path, limits: .init()) {
                names.withLock {
                    $0.formUnion((try? FileManager.default.contentsOfDirectory(atPath: place)) ?? [])
                }
                return asked.add(1, ordering: .relaxed).newValue > 3
            } onStatus: { _ in
            }
        }
        #expect(names.withLock { $0.contains("r.sqlite.part") && !$0.contains("r.sqlite") })
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == [])
        // The history goes on, and can be copied after all.
        history.take(["a": 2], at: 5)
        let recorder = try history.record(to: path, limits: .init()) { _ in }
        recorder.close()
        #expect(try RecordingReader(file: path).depths(at: 5) == ["a": 2])
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["r.sqlite"])
    }

    @Test func whatAKilledCopyLeftIsWrittenOver() throws {
        let folder = try TestFolder()
        let path = folder.file("r.sqlite")
        try Data("half of a copy".utf8).write(to: URL(fileURLWithPath: path + ".part"))
        try history().record(to: path, limits: .init()) { _ in }.close()
        #expect(try RecordingReader(file: path).depths(at: 0) == ["a": 1])
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["r.sqlite"])
    }

    @Test func aCopyToAPlaceWithoutRoomOrPermissionSaysSo() throws {
        let history = try history()
        let missing = "/nonexistent/r.sqlite"
        #expect(throws: RecordingError.noSuchFile(path: missing)) {
            _ = try history.record(to: missing, limits: .init()) { _ in }
        }
        guard let disk = SmallDisk(bytes: 1 << 20) else { return }
        let path = disk.folder.file("r.sqlite")
        #expect(throws: RecordingError.diskFull(path: path)) {
            _ = try history.record(to: path, limits: .init()) { _ in }
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: disk.folder.path) == [])
    }
}
