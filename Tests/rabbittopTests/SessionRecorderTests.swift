import BrokerMonitor
import Foundation
import Names
import Recorder
import Screen
import Testing
import TopCore

@testable import rabbittop

/// The recording of a dashboard.
@Suite struct SessionRecorderTests {
    private let now = Date(timeIntervalSince1970: 1_790_000_000)

    /// A session that remembers some megabytes.
    private func session() throws -> SessionRecorder {
        let session = try SessionRecorder(limits: .init(), about: RecordingInfo(program: "test"), inbox: Inbox())
        var state = State(size: Size(width: 80, height: 24), options: .init(), now: now)
        let rows = (0..<10_000).map { number in
            var row = ConnectionRow(name: Name("connection \(number)"))
            row.clientName = Name(String(repeating: "\(number) ", count: 60))
            return row
        }
        let event = Event.snapshot(.connections(ListPart(at: now, rows: rows, isWhole: true)))
        _ = update(&state, event, at: now)
        session.take(event, state)
        return session
    }

    private func files(_ folder: URL) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder.path)
    }

    @Test func aRecordingThatIsNotCompleteLeavesNothingWhenTheSessionEnds() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("session-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appendingPathComponent("r.sqlite").path
        let session = try session()
        session.record(to: path)
        session.close()
        #expect(try files(folder).isEmpty)
    }

    @Test func aRecordingHasWhatIsRememberedAndEndsWithTheSession() async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("session-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appendingPathComponent("r.sqlite").path
        let session = try session()
        session.record(to: path)
        while !FileManager.default.fileExists(atPath: path) { await Task.yield() }
        session.close()
        #expect(try files(folder) == ["r.sqlite"])
        let moment = try RecordingReader(file: path).moment(at: now)
        #expect(moment?.connections?.rows.count == 10_000)
    }
}
