import Foundation
import Testing
import TopCore

@testable import rabbittop

@Suite("Rules of the configuration file and of the command line")
struct RuleSettingsTests {
    private let rules = """
        host = "a"
        [[rule]]
        when = "queues: ready > 10k and consumers = 0"
        severity = "critical"
        [[rule]]
        when = 'nodes: not running'
        """

    @Test("A file's rules are read in their order, and a file with rules is not one of rabbitmqadmin's")
    func file() throws {
        for (files, config) in [([own: rules], nil), (["/etc/rules.toml": rules], "/etc/rules.toml")]
            as [([String: String], String?)]
        {
            var loader = loader(files)
            let settings = try loader.load(commandLine: [:], config: config, node: nil)
            #expect(settings.host == "a")
            #expect(settings.rules.map(\.text) == ["queues: ready > 10k and consumers = 0", "nodes: not running"])
            #expect(settings.rules.map(\.severity) == [.critical, .warning])
            #expect(try loader.rules(config: config, node: nil) == settings.rules)
        }
    }

    @Test(
        "A mistake is named with its rule and place",
        arguments: [
            ("[[rule]]\nwhen = 'queues: redy > 1'", "rule 1, when, column 9: queues has no column redy"),
            ("[[rule]]\nwhen = 'queues: ready > 1'\n[[rule]]\nseverity = 'warning'", "rule 2 has no when"),
            ("[[rule]]\nwhen = 'queues: ready > 1'\nseverity = 'bad'", "severity is \"warning\" or \"critical\""),
            ("[[rule]]\nwhen = 'queues: ready > 1'\nwhat = 'x'", "has a key 'what'"),
            ("rule = 'queues: ready > 1'", "[[rule]]"), ("[rule]\nwhen = 'x'", "[[rule]]"),
            ("rule = ['queues: ready > 1']", "rule 1 has no when"), ("[[rule]]\nwhen = 3", "rule 1 has no when"),
        ])
    func mistakes(_ text: String, _ mention: String) {
        var loader = loader([own: text])
        #expect {
            try loader.load(commandLine: [:], config: nil, node: nil)
        } throws: { "\($0)".contains(mention) }
        // It does not keep a fault from being undone.
        #expect(throws: Never.self) { try loader.permissions(commandLine: [:], config: nil, node: nil) }
    }

    private func check(_ arguments: String...) throws -> [ViewRule.Severity] {
        let command = try #require(try Rabbittop.parseAsRoot(["check"] + arguments) as? CheckCommand)
        return try command.rules.rules().map(\.severity)
    }

    @Test("One severity is for all rules, or there is one for each")
    func severities() throws {
        #expect(try check() == [])
        #expect(try check("--rule", "queues: ready > 1") == [.warning])
        #expect(try check("--rule", "queues: ready > 1", "--critical") == [.critical])
        #expect(
            try check("--critical", "--rule", "queues: ready > 1", "--rule", "nodes: running") == [
                .critical, .critical,
            ])
        #expect(
            try check("--rule", "queues: ready > 1", "--warning", "--rule", "nodes: running", "--critical") == [
                .warning, .critical,
            ])
        #expect(throws: (any Error).self) { try check("--rule", "queues: ready > 1", "--warning", "--critical") }
        #expect(throws: (any Error).self) { try check("--warning") }
        #expect(throws: (any Error).self) { try check("--rule", "queues: redy > 1") }
    }
}
