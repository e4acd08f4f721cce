import Foundation
import Testing
import TopCore

@testable import BrokerOperations

private struct FakeExperiments: ExperimentRunner {
    func start(_ post: @escaping @Sendable ([LabRow]) -> Void) {}
    func run(_ order: LabOrder, progress: @escaping @Sendable (String, Double?) -> Void) -> OperationReport {
        .finished("ran")
    }
    func report(on experiment: String) -> String? { experiment == "routing" ? "a page about routing" : nil }
    func page(on report: FaultReport) -> String { "a page about faults" }
}

@Suite("Writing a view to a file")
struct WriteOperationTests {
    private func withFolder(_ body: (OperationRun, URL) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "rabbittop-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let run = try OperationRun.fixture(isReadOnly: true, experiments: FakeExperiments())
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

    @Test("Pages come from who runs the experiments")
    func pages() async throws {
        try await withFolder { run, folder in
            let report = FaultReport(
                title: "Faults", faults: [], entries: [], samples: [], begun: .distantPast, ended: .distantPast)
            for (name, content) in [
                ("faults", WriteRequest.Content.faultReport(report)), ("routing", .labReport(experiment: "routing")),
            ] {
                let file = folder.appending(path: "\(name).html")
                #expect(
                    await run.carryOut(.write(.init(path: file.path, content: content)))
                        == .finished("wrote \(file.path)"))
                let written = try String(contentsOf: file, encoding: .utf8)
                #expect(written == "a page about \(name)")
            }
        }
    }

    @Test("Without experiments none is run, and no page is made")
    func none() async throws {
        let run = try OperationRun.fixture()
        let order = LabOrder(LabRowID(experiment: "routing", variant: "library"))
        #expect(await run.carryOut(.runLab(order)) == OperationRun.noExperiments)
        let write = WriteRequest(path: "/nowhere/lab.html", content: .labReport(experiment: "routing"))
        #expect(await run.carryOut(.write(write)) == OperationRun.noExperiments)
        await run.context.management.shutdown()
    }

    @Test("Of an experiment that was not run here there is no page")
    func lab() async throws {
        try await withFolder { run, folder in
            let path = folder.appending(path: "lab.html").path
            #expect(
                await run.carryOut(.write(.init(path: path, content: .labReport(experiment: "shared-connection"))))
                    == .failed("no run of shared-connection has ended here", advice: "Run it first, with R."))
            #expect(!FileManager.default.fileExists(atPath: path))
        }
    }
}
