import Foundation
import Testing

@testable import BrokerOperations
@testable import TopCore

@Suite("The file of what was arranged on the screen")
struct ScreenFileTests {
    private func withFile(_ body: (ScreenFile) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("screens-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        try body(ScreenFile(path: folder.appendingPathComponent("below/screens.json").path))
    }

    private func setup(_ theme: String) -> ScreenSetup {
        var setup = ScreenSetup()
        setup.theme = theme
        var view = ScreenSetup.View()
        view.columns = ColumnSetup()
        view.columns?.shown = ["name", "ready"]
        view.columns?.widths = ["name": 40]
        view.sort = "ready"
        view.filter = "ready > 5"
        setup.views["queues"] = view
        return setup
    }

    @Test("Each cluster's set-up is kept beside the others, readable by the owner alone")
    func savesAndReads() throws {
        try withFile { file in
            #expect(try file.read() == SavedScreens())
            try file.save(setup("light"), of: "production")
            try file.save(setup("mono"), of: "staging")
            try file.save(setup("dark"), of: "production")
            let saved = try file.read()
            #expect(saved["production"] == setup("dark"))
            #expect(saved["staging"] == setup("mono"))
            #expect(saved["other"] == nil)
            let mode = try FileManager.default.attributesOfItem(atPath: file.path)[.posixPermissions] as? Int
            #expect(mode == 0o600)
        }
    }

    @Test("A broken file is said, and the next one that is saved keeps it aside")
    func broken() throws {
        try withFile { file in
            try file.save(setup("light"), of: "a")
            for text in ["", "{", "[]", "{\"clusters\": 3}", String(repeating: " ", count: 2 << 20)] {
                try text.write(toFile: file.path, atomically: true, encoding: .utf8)
                #expect(throws: ScreenFile.Problem.self) { try file.read() }
            }
            try "{".write(toFile: file.path, atomically: true, encoding: .utf8)
            try file.save(setup("mono"), of: "b")
            #expect(try file.read()["b"] == setup("mono"))
            #expect(try String(contentsOfFile: file.path + ".broken", encoding: .utf8) == "{")
        }
    }

    @Test("What another version wrote besides is no mistake")
    func unknownKeys() throws {
        try withFile { file in
            try file.save(setup("light"), of: "a")
            let text = """
                {"clusters": [{"name": "a", "since": 3, "screen": {"view": "shovels", "views": {}, "zoom": 2}}]}
                """
            try text.write(toFile: file.path, atomically: true, encoding: .utf8)
            #expect(try file.read()["a"]?.view == "shovels")
        }
    }

    @Test("At the end the file is read again before it is written, and a broken one stays as it is")
    func atTheEnd() throws {
        try withFile { file in
            try file.save(setup("light"), of: "a")
            try ScreenFile.saveAtEnd(SaveRequest(path: file.path, cluster: "b", screen: setup("mono")))
            #expect(try file.read()["a"]?.theme == "light")
            #expect(try file.read()["b"]?.theme == "mono")
            try "not JSON".write(toFile: file.path, atomically: true, encoding: .utf8)
            #expect(throws: ScreenFile.Problem.self) {
                try ScreenFile.saveAtEnd(SaveRequest(path: file.path, cluster: "b", screen: setup("mono")))
            }
            #expect(try String(contentsOfFile: file.path, encoding: .utf8) == "not JSON")
        }
    }

    @Test("A place that cannot be written is said in one line")
    func notWritable() {
        let error = #expect(throws: ScreenFile.Problem.self) {
            try ScreenFile.saveAtEnd(SaveRequest(path: "/dev/null/screens.json", cluster: "a", screen: setup("mono")))
        }
        #expect(error?.description.contains("\n") == false)
        #expect(error?.description.contains("/dev/null/screens.json cannot be written") == true)
    }

    @Test("It is in the user's folder for such files")
    func place() {
        let file = ScreenFile.standard(environment: ["XDG_STATE_HOME": "/s", "HOME": "/h"])
        #expect(file?.path == "/s/rabbittop/screens.json")
        #expect(
            ScreenFile.standard(environment: ["XDG_STATE_HOME": "s", "HOME": "/h"])?.path
                == "/h/.local/state/rabbittop/screens.json")
        #expect(ScreenFile.standard(environment: [:]) == nil)
    }
}
