import Foundation
import Testing
import TopCore

@testable import rabbittop

@Suite("Keys of the configuration file")
struct KeySettingsTests {
    @Test("A file's keys are read, and a file with keys is not one of rabbitmqadmin's")
    func file() throws {
        let text = "host = \"a\"\n[keys]\nwrite = \"W\"\npage-down = [\"PgDn\", \"Ctrl-N\"]\npurge = []\n"
        for (files, config) in [([own: text], nil), (["/etc/keys.toml": text], "/etc/keys.toml")]
            as [([String: String], String?)]
        {
            var loader = loader(files)
            let settings = try loader.load(commandLine: [:], config: config, node: nil)
            #expect(settings.host == "a")
            #expect(
                settings.keys.chosen == [
                    .write: [.character("W")], .pageDown: [.pageDown, .control("n")], .purge: [],
                ])
        }
        var loader = loader([own: text])
        #expect(try loader.keys().chosen.count == 3)
    }

    @Test(
        "A mistake is named with its line",
        arguments: [
            ("a = 1", "a"), ("[keys]\nwrit = 'W'", "line 2: writ in [keys]: there is no such command; perhaps write"),
            ("[keys]\nwrite = 'W'\n\n  purge = 'Ctrl-'", "line 4: purge in [keys]: 'Ctrl-' is no key"),
            ("[keys]\n\"write\" = 'P'", "line 2: write in [keys]: P belongs to purge"),
            ("[keys]\nwrite = 3", "line 2: write in [keys] is to be a key in quotes"),
            ("[keys]\nwrite = ['W', 3]", "line 2: write in [keys] is to be a key in quotes"),
            ("keys = 'W'", "keys is to be a table"),
        ])
    func mistakes(_ text: String, _ mention: String) {
        var loader = loader([own: text])
        #expect {
            try loader.load(commandLine: [:], config: nil, node: nil)
        } throws: { "\($0)".contains(mention) }
        // It does not keep a fault from being undone.
        if text.hasPrefix("[keys]") {
            #expect(throws: Never.self) { try loader.permissions(commandLine: [:], config: nil, node: nil) }
        }
    }
}
