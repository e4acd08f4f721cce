import Foundation
import GRDB
import Names
import Testing
import TopCore

@testable import Recorder

/// Recordings of every format that rabbittop ever wrote. `FormatExample` made each of them with the rabbittop of its
/// time; the values here are written down, and hold for all of them.
@Suite struct FormatTests {
    private static let fixtures = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("Fixtures")
    /// The formats before the present one.
    private static let older = Array(1..<RecordingInfo.currentFormat)

    private static func fixture(_ format: Int) -> String {
        fixtures.appendingPathComponent("format-\(format).sqlite").path
    }

    /// Before the format is changed, `RECORD_GOLDENS=1` stores a recording of the present one.
    @Test func thePresentFormatCanBeStored() throws {
        let folder = try TestFolder()
        let recorder = try Recorder.file(folder.file("r.sqlite"), limits: FormatExample.limits)
        FormatExample.fill(recorder)
        let path = folder.file("format.sqlite")
        try recorder.reader.store.copy(to: path)
        try DatabaseQueue(path: path).writeWithoutTransaction { database in
            // Few polls say as much where there are later ones and no gap.
            try database.execute(
                sql: """
                    DELETE FROM poll WHERE at > 0 AND at % 300000 <> 0
                        AND (block, list, at) NOT IN (SELECT block, list, max(at) FROM poll GROUP BY block, list)
                        AND block IN (SELECT id FROM block WHERE stage = \(BlockStage.full.rawValue))
                    """)
            try database.execute(sql: "PRAGMA page_size = 512")
            try database.execute(sql: "VACUUM")
        }
        try expectExample(RecordingReader(file: path))
        if ProcessInfo.processInfo.environment["RECORD_GOLDENS"] != nil {
            let target = Self.fixture(RecordingInfo.currentFormat)
            try? FileManager.default.removeItem(atPath: target)
            try FileManager.default.copyItem(atPath: path, toPath: target)
        }
    }

    @Test(arguments: older) func anOlderFormatIsReadAsItIs(format: Int) throws {
        let folder = try TestFolder()
        let path = folder.file("old.sqlite")
        try FileManager.default.copyItem(atPath: Self.fixture(format), toPath: path)
        let before = try Data(contentsOf: URL(fileURLWithPath: path))
        #expect(before.count < 64 << 10)
        chmod(path, 0o400)
        chmod(folder.path, 0o500)
        defer { chmod(folder.path, 0o700) }
        let reader = try RecordingReader(file: path)
        #expect(reader.info.format == format)
        try expectExample(reader)
        #expect(try reader.span() == noon...noon.addingTimeInterval(4_200))
        let other = try TestFolder()
        let slice = other.file("slice.sqlite")
        try reader.slice(from: noon, to: .distantFuture, into: slice)
        try expectExample(RecordingReader(file: slice))
        #expect(try RecordingReader(file: slice).info.format == RecordingInfo.currentFormat)
        reader.close()
        #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == before)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["old.sqlite"])
    }

    @Test(arguments: older) func anOlderFormatIsContinuedInThePresentOne(format: Int) throws {
        let folder = try TestFolder()
        let path = folder.file("old.sqlite")
        try FileManager.default.copyItem(atPath: Self.fixture(format), toPath: path)
        let recorder = try Recorder.file(path)
        recorder.take(["orders": 1, "new": 2], at: 4_400)
        recorder.close()
        let reader = try RecordingReader(file: path)
        #expect(reader.info.format == RecordingInfo.currentFormat)
        try expectExample(reader)
        #expect(try reader.depths(at: 4_400) == ["orders": 1, "new": 2])
        #expect(try reader.depths(at: 4_300) == nil)
        // What was migrated has the tables and views of a new recording.
        let new = try Recorder.temporary()
        #expect(try columns(reader) == columns(new.reader))
        #expect(try views(reader) == views(new.reader))
    }

    @Test func aNewFileSaysItsFormat() throws {
        let recorder = try Recorder.temporary()
        recorder.flush()
        let (format, version) = try recorder.reader.store.database.read { database in
            (
                try String.fetchOne(database, sql: "SELECT value FROM recording WHERE key = 'format'"),
                try Int.fetchOne(database, sql: "PRAGMA user_version")
            )
        }
        #expect(format == "\(RecordingInfo.currentFormat)")
        #expect(version == RecordingInfo.currentFormat)
    }

    private func columns(_ reader: RecordingReader) throws -> Set<String> {
        try reader.store.database.read { database in
            try Set(
                String.fetchAll(
                    database,
                    sql: "SELECT t.name || '.' || c.name FROM sqlite_master t, pragma_table_info(t.name) c "
                        + "WHERE t.type = 'table'"))
        }
    }

    private func views(_ reader: RecordingReader) throws -> [String: String] {
        try reader.store.database.read { database in
            try Row.fetchAll(database, sql: "SELECT name, sql FROM sqlite_master WHERE type IN ('view', 'index')")
                .reduce(into: [:]) { $0[$1.text(0) ?? ""] = $1.text(1) }
        }
    }

    /// Compares with what the example is known to have.
    private func expectExample(_ reader: RecordingReader) throws {
        func at(_ seconds: Double) -> Date { noon.addingTimeInterval(seconds) }
        let binary = FormatExample.binary.text
        #expect(reader.info.program == "1.2.3")
        #expect(reader.info.cluster == "prod")
        #expect(reader.info.brokerVersion == "3.10.8")
        #expect(reader.info.started == noon)
        // Thinned to ten minutes, to minutes, every change, and the open block.
        #expect(try reader.depths(at: 300) == ["orders": 300, "idle": 5, "short": 7, binary: 1])
        #expect(try reader.depths(at: 905) == ["orders": 900, "idle": 5, binary: 1])
        #expect(try reader.depths(at: 1_985) == ["orders": 1_980, "idle": 5, binary: 1])
        #expect(try reader.depths(at: 2_200) == nil)
        #expect(try reader.depths(at: 3_344) == ["orders": 3_340, "idle": 5, binary: 1])
        #expect(try reader.depths(at: 4_199) == ["orders": 4_190, "idle": 5, binary: 1])

        let moment = try #require(try reader.moment(at: at(3_500)))
        #expect(moment.cluster?.name == "prod")
        #expect(moment.cluster?.nodes.map(\.version) == ["3.10.8"])
        #expect(moment.cluster?.nodes.first?.memory == 1_000_000)
        let idle = moment.queues?.rows.first { $0.name == "idle" }
        #expect(idle?.details?.type == "quorum")
        #expect(idle?.details?.policy == "ttl")
        #expect(idle?.details?.publishRate == 12.5)
        #expect(idle?.ready?.source == .prometheus)
        let connection = moment.connections?.rows.first
        #expect(connection?.name == FormatExample.connection)
        #expect(connection?.receiveRate == 35)
        #expect(connection?.connectedAt == at(-60))
        #expect(connection?.user?.text == binary)
        #expect(moment.channels?.rows.map(\.unacked) == [200])
        #expect(moment.consumers?.rows.map(\.prefetch) == [250])
        #expect(moment.exchanges?.rows.map(\.publishInRate) == [3.5])
        #expect(moment.sources.map(\.state) == [.stale])
        #expect(moment.entries.map(\.text) == ["unknown delivery tag 7"])
        #expect(moment.entries.first?.code == 406)
        #expect(moment.findings.isEmpty)
        #expect(moment.faults.map(\.fault.name) == ["latency"])
        #expect(moment.configuration == nil, "it was polled once, long ago")
        #expect(try reader.moment(at: at(4_100))?.channels?.rows == [])
        let earlier = try #require(try reader.moment(at: at(1_000)))
        #expect(earlier.findings.map(\.what) == ["grows by 3/s"])
        #expect(earlier.configuration?.items.map(\.value) == ["^tmp 1000"])

        let request = CurveRequest(
            .queue(EntityID(vhost: "/", name: "orders")), .ready, from: noon, to: at(4_200), points: 10_000)
        let curve = try #require(try reader.curves([request]).first)
        #expect(curve.points.map(\.high).max() == 99_999)
        #expect(curve.points.filter(\.followsGap).map(\.at) == [at(2_300)])
        #expect(curve.points.last?.value == 4_200)
        let (depths, gap, users) = try reader.store.database.read { database in
            (
                try Row.fetchOne(
                    database, sql: "SELECT max(ready), count(*) > 60 FROM queue_history WHERE name = 'orders'"),
                try Row.fetchOne(
                    database, sql: "SELECT at, \"to\" FROM gap_history WHERE list = 'queues' ORDER BY at LIMIT 1"),
                try String.fetchAll(database, sql: "SELECT DISTINCT user FROM connection_history")
            )
        }
        #expect([depths?.integer(0), depths?.integer(1)] == [99_999, 1])
        #expect([gap?.text(0), gap?.text(1)] == ["2026-09-21T14:47:00.000Z", "2026-09-21T14:51:40.000Z"])
        #expect(users == [binary])
    }
}
