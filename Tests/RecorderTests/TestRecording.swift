import Faults
import Foundation
import GRDB
import Names
import TopCore

@testable import Recorder

/// A time to count from.
let noon = Date(timeIntervalSince1970: 1_790_000_000)

/// A folder of one test, removed with it.
final class TestFolder {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "rabbittop-recorder-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }

    func file(_ name: String) -> String { path + "/" + name }
}

extension Recorder {
    /// A recorder of a private history, with the defaults.
    static func temporary(
        limits: RecordingLimits = .init(), onStatus: @escaping @Sendable (RecordingStatus) -> Void = { _ in }
    ) throws -> Recorder {
        try Recorder(.temporary, limits: limits, about: .test, onStatus: onStatus)
    }

    static func file(
        _ path: String, limits: RecordingLimits = .init(),
        onStatus: @escaping @Sendable (RecordingStatus) -> Void = { _ in }
    ) throws -> Recorder {
        try Recorder(.file(path), limits: limits, about: .test, onStatus: onStatus)
    }

    /// Takes the depths of all queues at a number of seconds after noon.
    func take(_ depths: [String: Int], at seconds: Double) {
        let at = noon.addingTimeInterval(seconds)
        take(.queueDepths(.test(depths, at: at)), at: at)
    }
}

extension RecordingInfo {
    static let test = RecordingInfo(program: "1.2.3", host: "broker.example")
}

extension QueueDepthsPart {
    static func test(_ depths: [String: Int], at: Date) -> QueueDepthsPart {
        QueueDepthsPart(
            at: at, source: .management,
            depths: depths.map { name, ready in
                QueueDepth(
                    id: EntityID(vhost: "/", name: name), messages: ready + 1, ready: ready, unacked: 1, consumers: 2)
            })
    }
}

extension RecordingReader {
    /// The depths that the queues had at a number of seconds after noon; `nil` when they were not known.
    func depths(at seconds: Double) throws -> [String: Int]? {
        guard let queues = try moment(at: noon.addingTimeInterval(seconds))?.queues else { return nil }
        return Dictionary(uniqueKeysWithValues: queues.rows.map { ($0.name.text, $0.ready?.value ?? -1) })
    }

    func count(_ table: String) throws -> Int {
        try store.database.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM \(table)") ?? -1 }
    }
}

extension LedgerEntry {
    /// An entry that takes much room.
    static func large(bytes: Int) -> LedgerEntry {
        LedgerEntry(
            at: noon, kind: .error, scope: .channel, text: String(repeating: "x", count: bytes), source: .logFile)
    }
}
