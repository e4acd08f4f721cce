import Foundation
import Recorder
import Screen
import Testing
import TopCore

@testable import rabbittop

/// A state that is told what a monitor reports, and a recording of it, as `rabbittop record` makes one.
final class WatchedRecording {
    let path: String
    private let folder: String
    private let recorder: Recorder
    private let feed: RecorderFeed
    private(set) var state: State
    private var now: Date

    /// A time to count from.
    static let noon = Date(timeIntervalSince1970: 1_790_000_000)

    init(at now: Date = noon) throws {
        folder = NSTemporaryDirectory() + "rabbittop-watched-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        path = folder + "/r.sqlite"
        recorder = try Recorder(
            .file(path), limits: .init(), about: RecordingInfo(program: "1.2.3", host: "broker.example")
        ) { _ in }
        feed = RecorderFeed([recorder])
        state = State(size: Size(width: 200, height: 60), now: now)
        self.now = now
    }

    deinit {
        recorder.close()
        try? FileManager.default.removeItem(atPath: folder)
    }

    /// Gives an event to the state and to the recorder.
    func take(_ event: Event, at now: Date) {
        self.now = now
        _ = update(&state, event, at: now)
        feed.take(event, state)
    }

    func take(_ snapshots: [Snapshot], at now: Date) {
        for snapshot in snapshots { take(.snapshot(snapshot), at: now) }
    }

    /// Reads what was recorded until now.
    func reader() throws -> RecordingReader {
        recorder.flush()
        return try RecordingReader(file: path)
    }

    /// What was known at a time.
    func moment(at time: Date) throws -> Moment {
        try #require(try reader().moment(at: time))
    }

    /// What `rabbittop snapshot` prints of the state as it is now.
    func snapshot(of view: ViewID) throws -> String {
        try Export.text(of: view, in: state, format: .json)
    }

    /// What `rabbittop snapshot --from FILE --at TIME` prints.
    func snapshot(of view: ViewID, at time: Date) throws -> String {
        var command = try #require(
            try Rabbittop.parseAsRoot(["snapshot", "--from", path, "--view", view.rawValue]) as? SnapshotCommand)
        command.format = .json
        return try Export.text(of: view, in: command.state(of: moment(at: time)), format: .json)
    }
}
