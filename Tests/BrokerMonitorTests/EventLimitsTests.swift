import AMQPWire
import Faults
import Foundation
import Testing
import TopCore

@testable import BrokerMonitor

/// What the broker and its clients say is kept up to a limit in bytes.
@Suite struct EventLimitsTests {
    private func entry(_ number: Int, size: Int) -> LedgerEntry {
        LedgerEntry(
            at: Date(), kind: .error, scope: .channel, connection: "c\(number)", channel: 1, code: 404,
            text: String(repeating: "t", count: size), source: .logFile)
    }

    @Test func theMailboxIsBoundedInBytesAndCountsTheRest() {
        let inbox = Inbox(eventByteCapacity: 100_000)
        for number in 0..<500 { inbox.post(entries: [entry(number, size: 1_000), entry(number, size: 1_000)]) }
        guard case .entries(let entries, let dropped)? = inbox.drain().last else {
            Issue.record("no news")
            return
        }
        #expect(entries.count > 50 && entries.reduce(0) { $0 + $1.byteCount } < 110_000)
        #expect(UInt64(entries.count) + dropped == 1_000)
        inbox.post(entries: [entry(1, size: 10)])
        #expect(inbox.drain().count == 1)
    }

    @Test func theDeskLetsGoEarlyWhatIsTooMuch() {
        var deduplicator = EventDeduplicator(hold: 10, byteCapacity: 100_000)
        var released = 0
        for number in 0..<1_000 {
            deduplicator.take(entry(number, size: 2_000), at: 0)
            released += deduplicator.release(at: 0).count
        }
        #expect(deduplicator.count < 60)
        released += deduplicator.release(at: 0, all: true).count
        #expect(released == 1_000, "nothing is lost by it")
        #expect(deduplicator.release(at: 100).isEmpty && deduplicator.count == 0)
    }

    @Test func namesAreForgottenByTheirBytesToo() {
        var names = ClientNames(byteCapacity: 100_000)
        for number in 0..<5_000 {
            names.note(connection: "c\(number)", clientName: String(repeating: "n", count: 1_000_000 / 2_000))
            names.note(process: "<0.\(number).0>", connection: "c\(number)")
        }
        #expect(names.count < 3_000)
        #expect(names["c4999"]?.clientName?.utf8.count == 500)
        names.note(connection: "long", clientName: String(repeating: "n", count: 250_000))
        #expect(names["long"]?.clientName?.utf8.count ?? 0 < 600)
    }

    @Test func channelsOfTheEventExchangeToo() {
        var parser = EventExchangeParser(byteCapacity: 50_000)
        for number in 0..<5_000 {
            let headers: FieldTable = [
                "pid": .string("<rabbit@a.1.\(number).0>"), "number": .int32(1),
                "name": .string("127.0.0.1:\(number) -> 127.0.0.1:5672 (1)"),
            ]
            _ = parser.read(routingKey: "channel.created", headers: headers, now: Date())
        }
        #expect(parser.count < 1_200 && parser.count > 100)
    }

    @Test func aLogEntryIsCutHoweverLongItIs() throws {
        let long = String(repeating: "x", count: 1 << 20)
        let message = try #require(LogMessage(entry: "2026-11-21 00:28:59.079153+00:00 [error] <0.1.0> \(long)"))
        #expect(message.text.utf8.count < LogAssembler.maximumLength + 100)
        #expect(message.text.hasSuffix("bytes more)"))
    }

    @Test func oneLookAtALogFileReadsSoMuchAndTheNextGoesOn() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("tail-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appendingPathComponent("rabbit.log")
        try Data().write(to: file)
        var tail = LogFileTail(path: file.path)
        _ = tail.look()
        let line = String(repeating: "l", count: 99_999) + "\n"
        try Data(String(repeating: line, count: 120).utf8).write(to: file)
        var counts: [Int] = []
        while counts.reduce(0, +) < 120, counts.count < 20 {
            let look = tail.look()
            #expect(look.lines.allSatisfy { $0.utf8.count == LogFileTail.maximumLine })
            counts.append(look.lines.count)
        }
        #expect(counts.reduce(0, +) == 120)
        #expect(counts.count >= 3 && counts.allSatisfy { $0 <= 45 })
    }
}
