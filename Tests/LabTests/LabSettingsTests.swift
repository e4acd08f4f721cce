import Experiments
import Testing

@testable import Lab

@Suite struct LabSettingsTests {
    private let description = ExperimentDescription(
        name: "trial", title: "", story: "", variants: [],
        settings: [
            .init("producers", .integer(10), "Producers", 1...100), .init("pause", .number(20), "Seconds", 0...60),
            .init("queue", .text("orders"), "A queue"), .init("audit", .flag(false), "Whether"),
        ], deadline: 90)

    @Test func defaultsAndChanges() throws {
        let settings = try LabSettings(
            description, texts: ["producers": "3", "audit": "true"],
            over: ["producers": .integer(5), "pause": .integer(8)]
        )
        #expect(settings.integer("producers") == 3)
        #expect(settings.number("pause") == 8)
        #expect(settings.text("queue") == "orders")
        #expect(settings.flag("audit"))
        #expect(settings.deadline == .seconds(90))
    }

    @Test(arguments: [("true", true), ("yes", true), ("on", true), ("false", false), ("no", false), ("off", false)])
    func aFlagIsWrittenAsPeopleDo(_ text: String, _ value: Bool) throws {
        #expect(try LabSettings(description, texts: ["audit": text]).flag("audit") == value)
    }

    @Test func theTimeScaleShortensWaitsAndNotTheDeadline() throws {
        let settings = try LabSettings(description, timeScale: 10)
        #expect(settings.seconds("pause") == .seconds(2))
        #expect(settings.number("pause") == 20)
        #expect(settings.deadline == .seconds(90))
    }

    @Test(arguments: [
        ["producers": "many"], ["producers": "0"], ["producers": "101"], ["producers": "1.5"], ["pause": "nan"],
        ["pause": "inf"], ["audit": "maybe"], ["deadline": "0"],
    ])
    func refusesWhatASettingDoesNotTake(_ texts: [String: String]) {
        let error = #expect(throws: LabError.self) { try LabSettings(description, texts: texts) }
        #expect(error?.code == .usage)
        #expect(error?.message.contains(texts.keys.first ?? "?") == true)
    }

    @Test func refusesUnknownSettingsAndSaysWhichThereAre() {
        let error = #expect(throws: LabError.self) { try LabSettings(description, texts: ["producer": "3"]) }
        #expect(error?.code == .usage)
        #expect(error?.advice == "It has: producers, pause, queue, audit, deadline.")
    }

    @Test(arguments: [0, -1, .infinity, .nan, 5_000])
    func refusesTimeScalesThatAreNone(_ scale: Double) {
        #expect(throws: LabError.self) { try LabSettings(description, timeScale: scale) }
    }

    @Test func refusesVariantsThatThereAreNot() throws {
        let experiment = try Laboratory.experiment("shared-connection")
        let settings = try LabSettings(experiment.description)
        let error = #expect(throws: LabError.self) {
            try LabRun(experiment, variant: "unlocked", settings: settings)
        }
        #expect(error?.code == .usage)
        #expect(error?.advice.contains("locked") == true)
    }

    @Test func experimentsThatStopTheirBrokerRunOnNoOther() throws {
        let experiment = try Laboratory.experiment("publisher-confirms")
        let settings = try LabSettings(experiment.description)
        let error = #expect(throws: LabError.self) {
            try LabRun(experiment, variant: "confirmed", settings: settings, broker: .other(.init()))
        }
        #expect(error?.code == .usage)
    }

    @Test func everyExperimentIsWhole() throws {
        for experiment in Laboratory.experiments {
            let description = experiment.description
            #expect(!description.title.isEmpty && !description.story.isEmpty)
            #expect(description.variants.contains { $0.isCure })
            // The wrong ones come first.
            let cures = description.variants.map(\.isCure)
            #expect(cures == cures.sorted { !$0 && $1 })
            for variant in description.variants { #expect(!experiment.explanation(variant.name).isEmpty) }
            for setting in description.settings {
                #expect(throws: Never.self) {
                    try LabSettings(description, [setting.name: setting.value])
                }
            }
        }
        #expect(throws: LabError.self) { try Laboratory.experiment("no-such") }
    }
}
