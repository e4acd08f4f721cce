import Foundation
import GRDB
import Names
import SeededSupport
import Testing
import TopCore

@testable import Recorder

/// Thinned blocks become larger ones that say the same.
@Suite struct MergingTests {
    /// The closed blocks of a recorder.
    private func blocks(_ reader: RecordingReader) throws -> [Block] {
        try reader.store.database.read { database in
            try Row.fetchAll(database, sql: "SELECT * FROM block WHERE stage > 0 ORDER BY id").compactMap { Block($0) }
        }
    }

    private func curve(_ reader: RecordingReader, _ name: String, until seconds: Double) throws -> [Curve.Point] {
        let request = CurveRequest(
            .queue(EntityID(vhost: "/", name: Name(name))), .ready, from: noon, to: noon.addingTimeInterval(seconds),
            points: 100_000)
        return try reader.curves([request]).first?.points ?? []
    }

    /// Random changes over several blocks, with queues that come and go and a gap: everything is the same afterwards,
    /// and in the middle of a merged block.
    @Test(arguments: [1, 2, 3]) func aMergedBlockSaysWhatItsPartsSaid(seed: Int) throws {
        var random = SeededRandom(seed: seed)
        let recorder = try Recorder.temporary()
        var depths: [String: Int] = [:]
        for step in 0..<400 where !(180..<200).contains(step) {
            for _ in 0..<3 {
                let name = "q\(Int.random(in: 0..<12, using: &random))"
                let isGone = Int.random(in: 0..<4, using: &random) == 0
                depths[name] = isGone ? nil : Int.random(in: 0..<1_000, using: &random)
            }
            recorder.take(depths, at: Double(step) * 5)
            if step % 2 == 0 { recorder.flush() }
        }
        recorder.flush()
        let reader = recorder.reader
        let parts = try blocks(reader)
        #expect(parts.count > 4)
        let times = (0..<130).map { Double($0) * 15 + 2.5 }
        let before = try times.map { try reader.depths(at: $0) }
        #expect(before.contains { $0 == nil } && before.contains { $0 != nil })
        let curves = try (0..<4).map { try curve(reader, "q\($0)", until: 2_000) }
        let rows = try reader.count("queue_sample")
        try reader.store.database.write { try Block.merge(parts, in: $0) }
        #expect(try blocks(reader).map(\.id) == [parts[parts.count - 1].id])
        #expect(try blocks(reader).first?.begins == parts[0].begins)
        #expect(try reader.count("queue_sample") < rows)
        #expect(try times.map { try reader.depths(at: $0) } == before)
        for number in 0..<4 {
            // A block that begins repeats values; without that, the line is the same.
            func line(_ points: [Curve.Point]) -> [Curve.Point] {
                var line: [Curve.Point] = []
                for point in points where point.followsGap || line.last?.value != point.value { line.append(point) }
                return line
            }
            #expect(try line(curve(reader, "q\(number)", until: 2_000)) == line(curves[number]))
        }
    }

    /// A block of a writer that did not know what the one before it knew.
    @Test func whatTheNextBlockDoesNotKnowIsUnknownAfterMerging() throws {
        let folder = try TestFolder()
        let path = folder.file("r.sqlite")
        let first = try Recorder.file(path)
        for second in stride(from: 0.0, through: 60, by: 5) { first.take(["a": 1, "b": 2], at: second) }
        first.close()
        let second = try Recorder.file(path)
        for later in stride(from: 60.0, through: 120, by: 5) { second.take(["a": 1], at: later) }
        second.close()
        try DatabaseQueue(path: path).write { database in
            let blocks = try Row.fetchAll(database, sql: "SELECT * FROM block ORDER BY id").compactMap { Block($0) }
            #expect(blocks.count == 2)
            try Block.merge(blocks, in: database)
        }
        let reader = try RecordingReader(file: path)
        #expect(try reader.depths(at: 50) == ["a": 1, "b": 2])
        #expect(try reader.depths(at: 70) == ["a": 1])
    }

    /// What little changes takes little room, however many blocks it was recorded in.
    @Test func idleQueuesTakeNoRoomAfterTheFirstHours() throws {
        var limits = RecordingLimits()
        limits.full = 600
        limits.minutes = 4 * 3_600
        limits.retention = 24 * 3_600
        let recorder = try Recorder.temporary(limits: limits)
        // The busy queue makes a block end every five minutes.
        var depths = Dictionary(uniqueKeysWithValues: (0..<40).map { ("idle \($0)", $0) })
        let hours = 10
        for second in stride(from: 0, to: hours * 3_600, by: 30) {
            for number in 0..<10 { depths["busy \(number)"] = second + number }
            recorder.take(depths, at: Double(second))
            if second % 300 == 0 { recorder.flush() }
        }
        recorder.flush()
        let reader = recorder.reader
        let stages = try reader.store.database.read { database in
            try Row.fetchAll(database, sql: "SELECT stage, count(*), min(ends - begins) FROM block GROUP BY stage")
                .reduce(into: [:]) { $0[$1.number(0) ?? -1] = $1.number(1) }
        }
        // Four hours in blocks of one, what is not merged yet, and six in blocks of five.
        #expect((stages[BlockStage.minutes.rawValue] ?? .max) <= 4 + 2 * 12)
        #expect((stages[BlockStage.tenMinutes.rawValue] ?? .max) <= 8)
        let idle = try reader.store.database.read { database in
            try Int.fetchOne(
                database,
                sql: "SELECT count(*) FROM queue_sample s JOIN object o ON o.id = s.object WHERE o.name = 'idle 7'")
        }
        #expect((idle ?? .max) < 50)
        for hour in 1..<hours {
            let second = hour * 3_600
            let known = try #require(try reader.depths(at: Double(second) + 10))
            #expect(known.count == 50)
            #expect(known["idle 7"] == 7)
            // The last value of a slot, which may have begun up to ten minutes before.
            #expect(((second - 600)...second).contains(known["busy 0"] ?? -1))
        }
    }

    /// Attributes that a block uses without beginning with them are kept as long as the block is.
    @Test func attributesAreKeptWhileABlockUsesThem() throws {
        var limits = RecordingLimits()
        limits.full = 1_200
        limits.minutes = 1_200
        limits.retention = 1_200
        let recorder = try Recorder.temporary(limits: limits)
        func row(_ state: String) -> ListPart<ConnectionRow> {
            var row = ConnectionRow(name: "c")
            row.state = state
            return ListPart(at: noon, rows: [row], isWhole: true)
        }
        for second in stride(from: 0, through: 7_200, by: 5) {
            let at = noon.addingTimeInterval(Double(second))
            // Blocks begin with the one state, and have the other in between.
            recorder.take(.connections(row(second % 300 == 150 ? "flow" : "running")), at: at)
            recorder.take(["a": second], at: Double(second))
        }
        recorder.flush()
        for second in stride(from: 6_150.0, through: 7_050, by: 300) {
            let moment = try recorder.reader.moment(at: noon.addingTimeInterval(second + 1))
            #expect(moment?.connections?.rows.map(\.state) == ["flow"])
        }
    }
}
