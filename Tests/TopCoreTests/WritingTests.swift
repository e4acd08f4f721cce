import Experiments
import Faults
import Foundation
import Screen
import Testing

@testable import TopCore

extension State {
    /// Types another name into the form of `w`, and accepts it.
    fileprivate mutating func write(to path: String) -> [Action] {
        type(.character("w"), .end, .control("u"))
        type(text: path)
        return type(.enter)
    }
}

@Suite struct WritingTests {
    @Test(arguments: [(ViewID.queues, "csv"), (.overview, "csv"), (.events, "jsonl"), (.lab, "csv")])
    func theNameIsProposedWithViewAndTime(_ view: ViewID, _ suffix: String) throws {
        var state = makeState { $0.initialView = view }
        #expect(state.type(.character("w")) == [])
        let path = try #require(state.form?["file"]?.editor.text)
        #expect(path.hasPrefix("rabbittop-\(view.rawValue)-20"))
        #expect(path.hasSuffix(".\(suffix)"))
        #expect(!path.contains(" ") && !path.contains(":"))
    }

    @Test(arguments: [("q.csv", Export.Format.csv), ("q.JSON", .json), ("q.ndjson", .jsonl), ("a b/q.txt", .table)])
    func theSuffixSaysTheFormat(_ path: String, _ format: Export.Format) throws {
        var state = makeState { $0.initialView = .queues }
        let text = try Export.text(of: .queues, in: state, format: format)
        let request = WriteRequest(path: path, content: .text(text))
        #expect(state.write(to: path) == [.start(OperationID(1), .write(request))])
        #expect(state.overlay == nil)
    }

    @Test(arguments: ["", "queues", "queues.html", "queues.xls"])
    func aNameThatSaysNoFormatIsAskedForAgain(_ path: String) {
        var state = makeState { $0.initialView = .queues }
        #expect(state.write(to: path) == [])
        #expect(state.form?["file"]?.problem == "must end in .csv .json .jsonl .txt")
    }

    @Test func readOnlyWritesFilesAllTheSame() {
        var state = makeState {
            $0.initialView = .queues
            $0.readOnly = true
        }
        #expect(state.write(to: "q.csv").count == 1)
    }

    @Test func theFaultsAndWhatFollowedAreAPage() throws {
        var state = makeState { $0.initialView = .events }
        let since = noon.timeIntervalSince1970
        let fault = FaultRecord(
            id: 1, fault: Fault("latency"), since: since, until: since + 9, state: .undone, note: "slowed 1 connection")
        let old = LedgerEntry(
            at: noon.addingTimeInterval(-120), kind: .error, scope: .channel, code: 404, text: "long ago",
            source: .logFile)
        let entry = LedgerEntry(
            at: noon.addingTimeInterval(3), kind: .error, scope: .channel, code: 406, text: "late", source: .logFile)
        state.send(.faults([fault]))
        _ = update(&state, .entries([old, entry], dropped: 0), at: noon.addingTimeInterval(4))
        _ = update(&state, .tick, at: noon.addingTimeInterval(10))
        state.type(.character("w"))
        #expect(state.form?["file"]?.editor.text.hasSuffix(".html") == true)
        guard case .start(_, .write(let request)) = state.type(.enter).first,
            case .faultReport(let report) = request.content
        else {
            Issue.record("no page is asked for")
            return
        }
        #expect(report.faults == [fault])
        #expect(report.entries.filter { $0.kind == .error }.map(\.text) == ["late"])
        #expect(report.begun == noon.addingTimeInterval(-30))
        #expect(report.ended == noon.addingTimeInterval(10))
    }

    @Test func anExperimentThatRanIsAPage() throws {
        let id = LabRowID(experiment: "routing", variant: "rules")
        func row(_ run: LabRunPart?) -> LabRow {
            let variant = ExperimentDescription.Variant(
                name: id.variant, what: "w", expectation: "e", isCure: true)
            return LabRow(
                number: 1,
                ExperimentDescription(
                    name: id.experiment, title: "t", story: "s", variants: [variant], settings: []), variant, run: run)
        }
        var state = makeState { $0.initialView = .lab }
        state.send(.lab(ListPart(at: noon, rows: [row(LabRunPart(startedAt: noon))])))
        #expect(state.write(to: "lab.html") == [])
        state.type(.escape)
        state.send(.lab(ListPart(at: noon, rows: [row(LabRunPart(phase: .ended(.pass, why: ""), startedAt: noon))])))
        let request = WriteRequest(path: "lab.html", content: .labReport(experiment: "routing"))
        #expect(state.write(to: "lab.html") == [.start(OperationID(1), .write(request))])
    }
}
