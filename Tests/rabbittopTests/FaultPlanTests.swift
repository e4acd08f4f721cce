import Faults
import Foundation
import Testing

@testable import rabbittop

/// Plans of faults in files, and faults on the command line.
@Suite struct FaultPlanTests {
    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("../../config/faults").standardizedFileURL

    private static var files: [String] {
        get throws {
            try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(".toml") }.sorted()
        }
    }

    @Test func everyPlanThatComesWithItCanBeCarriedOutByAProxy() throws {
        let files = try Self.files
        #expect(files.count >= 5)
        for file in files {
            let plan = try FaultPlan(file: Self.folder.appendingPathComponent(file).path)
            #expect(!plan.steps.isEmpty, "\(file)")
            try plan.check(injectionPoints: [.proxy])
        }
    }

    @Test(arguments: [
        ("[[fault]]\nfault = \"latency\"\nx = 1", "'x' is not known"), ("[[fault]]\nat = 1", "'fault' is missing"),
        ("[[fault]\n", "TOML"), ("[[fault]]\nfault = 3", "of the wrong kind"), ("", "'fault' is missing"),
        ("[[fault]]\nfault = \"latency\"\nselector = { queu = \"x\" }", "'queu' is not known"),
    ])
    func whatIsWrongIsSaidWithItsPlace(text: String, words: String) throws {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID().uuidString).toml").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        let error = #expect(throws: CommandError.self) { try FaultPlan(file: path) }
        #expect(error?.description.contains(words) == true, "\(error?.description ?? "")")
    }

    @Test func aPlanOfAnotherRoomIsRefusedBeforeItsFirstStep() throws {
        let plan = FaultPlan([.init(at: 0, Fault("latency")), .init(at: 1, Fault("purge"))])
        let error = #expect(throws: FaultError.self) { try plan.check(injectionPoints: [.proxy]) }
        #expect(error?.problem.hasPrefix("Fault 2 of the plan") == true)
    }

    @Test func parametersAndSelectorAreReadFromTheCommandLine() throws {
        let command = try FaultInjectCommand.parse([
            "swallow", "--set", "what=confirms", "--on", "percentage=10", "--on", "after-messages=5", "--on",
            "connection=orders*", "--duration", "20", "--seed", "7",
        ])
        let order = try FaultCatalogue.order(try command.fault())
        #expect(order.values["what"] == "confirms" && order.duration == 20 && order.fault.seed == 7)
        #expect(
            order.fault.selector
                == FaultSelector(connection: "orders*", percentage: 10, afterMessages: 5))
    }

    @Test(arguments: [["--set", "what"], ["--on", "x=1"], ["--on", "channel=a"], ["--set", "=1"]])
    func whatCannotBeReadIsSaid(arguments: [String]) throws {
        let command = try FaultInjectCommand.parse(["swallow"] + arguments)
        #expect(throws: FaultError.self) { try command.fault() }
    }

    @Test func everyFaultHasAPageThatFitsATerminal() {
        for fault in FaultCatalogue.all {
            let page = FaultText.page(fault)
            #expect(page.contains(fault.name))
            #expect(page.split(separator: "\n").allSatisfy { $0.count <= 80 }, "\(fault.name)")
        }
        #expect(FaultText.table(FaultCatalogue.all).split(separator: "\n").allSatisfy { $0.count <= 80 })
    }
}
