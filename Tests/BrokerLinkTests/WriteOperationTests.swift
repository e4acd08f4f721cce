import Faults
import Foundation
import Testing
import TopCore

@testable import BrokerLink

@Suite("Writing a view to a file")
struct WriteOperationTests {
    private func withFolder(_ body: (OperationRun, URL) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "rabbittop-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let run = try OperationRun.fixture(isReadOnly: true)
        do {
            try await body(run, folder)
        } catch {
            await run.context.management.shutdown()
            throw error
        }
        await run.context.management.shutdown()
    }

    @Test("A file is made, and one that is there already stays as it is")
    func text() async throws {
        try await withFolder { run, folder in
            let file = folder.appending(path: "queues.csv")
            let first = WriteRequest(path: file.path, content: .text("name\r\norders\r\n"))
            #expect(await run.carryOut(.write(first)) == .finished("wrote \(file.path)"))
            let second = WriteRequest(path: file.path, content: .text("other"))
            #expect(
                await run.carryOut(.write(second))
                    == .failed("\(file.path) is there already", advice: "Give it another name."))
            let written = try String(contentsOf: file, encoding: .utf8)
            #expect(written == "name\r\norders\r\n")
        }
    }

    @Test("Where it cannot be written the path is named")
    func nowhere() async throws {
        try await withFolder { run, folder in
            let path = folder.appending(path: "none/queues.csv").path
            guard
                case .failed(let text, let advice, _) = await run.carryOut(
                    .write(.init(path: path, content: .text(""))))
            else {
                Issue.record("a folder that is not there")
                return
            }
            #expect(text.hasPrefix("\(path) cannot be written: "))
            #expect(advice?.contains("permissions") == true)
        }
    }

    @Test("Faults and what followed become a page with their errors, recoveries and curves")
    func faults() async throws {
        try await withFolder { run, folder in
            let begun = Date(timeIntervalSince1970: 1_795_249_800)
            let fault = FaultRecord(
                id: 3, fault: Fault("latency"), since: begun.timeIntervalSince1970 + 5,
                until: begun.timeIntervalSince1970 + 9, state: .undone, note: "slowed <1> connection")
            let entry = LedgerEntry(
                at: begun.addingTimeInterval(6), kind: .error, scope: .channel, clientName: "orders & more", code: 406,
                codeName: "PRECONDITION_FAILED", text: "delivery acknowledgement timed out", source: .logFile)
            let report = FaultReport(
                title: "Faults", faults: [fault], entries: [entry],
                samples: (0..<20).map {
                    .init(
                        at: begun.addingTimeInterval(Double($0)), ready: $0 * 10, unacked: 1, publishRate: 200,
                        deliverRate: 190)
                }, begun: begun, ended: begun.addingTimeInterval(20))
            let file = folder.appending(path: "faults.html")
            #expect(
                await run.carryOut(.write(.init(path: file.path, content: .faultReport(report))))
                    == .finished("wrote \(file.path)"))
            let page = try String(contentsOf: file, encoding: .utf8)
            #expect(page.contains("latency #3 (delay_ms 100"))
            #expect(page.contains("): slowed &lt;1&gt; connection"))
            #expect(page.contains("delivery acknowledgement timed out"))
            #expect(page.contains("orders &amp; more"))
            for curve in ["ready", "unacked", "published", "consumed"] { #expect(page.contains("</i>\(curve)</span>")) }
            #expect(!page.contains("</i>confirmed</span>"))
        }
    }

    @Test("Of an experiment that was not run here there is no page")
    func lab() async throws {
        try await withFolder { run, folder in
            let path = folder.appending(path: "lab.html").path
            #expect(
                await run.carryOut(.write(.init(path: path, content: .labReport(experiment: "routing"))))
                    == .failed("no run of routing has ended here", advice: "Run it first, with R."))
            #expect(!FileManager.default.fileExists(atPath: path))
        }
    }
}
