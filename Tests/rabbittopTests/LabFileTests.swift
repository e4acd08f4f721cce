import Foundation
import Lab
import Testing

@testable import rabbittop

@Suite("Settings files of the lab")
struct LabFileTests {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../config/lab")

    @Test(
        "Each experiment has one, with every setting at its default",
        arguments: Laboratory.experiments.map { $0.description.name })
    func defaults(_ name: String) throws {
        let description = try Laboratory.experiment(name).description
        let file = try LabFile.settings(Self.folder.appending(path: "\(name).toml").path)
        let given = try LabSettings(description, texts: [:], over: file, timeScale: 1)
        let defaults = try LabSettings(description, texts: [:], over: [:], timeScale: 1)
        #expect(given.values == defaults.values)
        let missing = Set(description.settings.map(\.name)).subtracting(file.keys)
        #expect(missing == [], "settings that the file does not show")
    }
}
