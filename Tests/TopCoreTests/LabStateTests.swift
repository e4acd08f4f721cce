import Experiments
import Foundation
import Screen
import Testing

@testable import TopCore

private let confirms = LabRowID(experiment: "publisher-confirms", variant: "unconfirmed")

private func labRow(_ run: LabRunPart? = nil) -> LabRow {
    var experiment = ExperimentDescription(
        name: confirms.experiment, title: "Messages lost without confirms",
        story: "Producers and a broker that restarts.",
        variants: [
            .init(
                name: confirms.variant, what: "Publishes and does not look back.",
                expectation: "Some messages are lost.", isCure: false)
        ],
        settings: [
            .init("producers", .integer(10), "Tasks that publish"), .init("pace", .number(0.01), "Seconds between two"),
        ])
    experiment.settings.removeLast()
    return LabRow(number: 1, experiment, experiment.variants[0], run: run)
}

private func lab(_ run: LabRunPart? = nil) -> State {
    var state = makeState { $0.initialView = .lab }
    state.send(.lab(ListPart(at: noon, rows: [labRow(run)])))
    return state
}

@Suite struct LabStateTests {
    @Test func itsDigitIsZero() {
        var state = makeState()
        state.type(.character("0"))
        #expect(state.view == .lab)
    }

    @Test func runningAsksForTheSettingsAndStartsWithWhatWasChanged() throws {
        var state = lab()
        #expect(state.type(.character("R")) == [])
        let form = try #require(state.form)
        #expect(form.title == "Run publisher-confirms unconfirmed")
        #expect(form.fields.map(\.label) == ["Producers", "Pace", "Time scale"])
        try state.fill("setting.producers", "3")
        try state.fill("time-scale", "5")
        let order = LabOrder(confirms, settings: ["producers": "3"], timeScale: 5)
        #expect(state.type(.enter) == [.start(OperationID(1), .runLab(order))])
        #expect(state.isDetailOpen)
    }

    @Test(arguments: [
        ("setting.producers", "many", "a whole number"), ("setting.pace", "fast", "a number"),
        ("time-scale", "0", "0.01"),
    ])
    func whatIsWrongIsSaidAtTheField(_ key: String, _ text: String, _ problem: String) throws {
        var state = lab()
        state.type(.character("R"))
        try state.fill(key, text)
        #expect(state.type(.enter) == [])
        let field = try #require(state.form?.fields.first { $0.key == key })
        #expect(field.problem?.hasPrefix(problem) == true)
    }

    @Test func whatRunsIsNotStartedTwice() {
        var state = lab(LabRunPart(startedAt: noon))
        state.type(.character("R"))
        #expect(state.overlay == nil)
        #expect(state.notice?.text.contains("is running") == true)
    }

    @Test func escEndsTheRunThatIsSelectedAndNotWhatWasStartedLater() throws {
        var state = lab()
        state.type(.character("R"))
        #expect(state.type(.enter) == [.start(OperationID(1), .runLab(LabOrder(confirms)))])
        _ = state.start(.runLab(LabOrder(LabRowID(experiment: "routing", variant: "rules"))))
        #expect(state.type(.escape) == [])
        #expect(!state.isDetailOpen)
        #expect(state.type(.escape) == [.cancel(OperationID(1))])
        state.view = .queues
        #expect(state.type(.escape) == [.cancel(OperationID(2))])
    }

    @Test func readOnlyRefusesNothingHere() {
        var state = makeState {
            $0.initialView = .lab
            $0.readOnly = true
        }
        state.send(.lab(ListPart(at: noon, rows: [labRow()])))
        state.type(.character("R"))
        #expect(state.type(.enter) == [.start(OperationID(1), .runLab(LabOrder(confirms)))])
    }

    @Test func theStoryTellsWhatHappenedNewestFirst() throws {
        var run = LabRunPart(
            phase: .ended(.fail, why: "not so: nothing is lost (3 lost)"), startedAt: noon, seconds: 12)
        run.counts.published = 3_001
        run.counts.lost = 3
        run.tables = [DetailSection(title: "matrix", fields: [DetailField("direct", "key red · observed red")])]
        run.lines = [
            .init(at: 1, kind: .fault(until: nil), text: "broker stopped"),
            .init(at: 2.25, kind: .recovery(seconds: 1.25), text: "it works again"),
        ]
        let state = lab(run)
        let sections = state.story(of: try #require(state.lab.selected))
        func fields(_ title: String) -> [DetailField] { sections.first { $0.title == title }?.fields ?? [] }
        #expect(fields("Verdict") == [DetailField("fail", "not so: nothing is lost (3 lost)")])
        #expect(fields("Ledger").contains(DetailField("published", "3,001")))
        #expect(fields("Ledger").contains(DetailField("lost", "3")))
        #expect(fields("matrix") == [DetailField("direct", "key red · observed red")])
        #expect(
            fields("What happened") == [
                DetailField("2.3 s", "recovered: it works again"), DetailField("1.0 s", "fault: broker stopped"),
            ])
    }

    @Test func aRunThatGoesOnIsDrawnOverTime() throws {
        var run = LabRunPart(startedAt: noon)
        run.depths = ["a": 3, "b": 4]
        run.publishRate = 20
        let state = lab(run)
        let subject = History.Subject.lab(confirms, startedAt: noon)
        #expect(state.history[subject, .ready].last == 7)
        #expect(state.history[subject, .publishRate].last == 20)
    }
}
