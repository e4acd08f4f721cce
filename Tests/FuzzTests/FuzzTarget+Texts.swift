import BrokerMonitor
import Faults
import Foundation
import Names
import RabbitMQClient
import RabbitMQManagement
import Testing
import TopCore

@testable import rabbittop

// What people and their files say: addresses, options, configuration.
extension FuzzTarget {
    static let texts = [uri, ini, toml, pattern, condition]

    private static let uri = FuzzTarget("uri") { input, _ in
        let text = String(decoding: input, as: UTF8.self)
        do throws(ClientError) {
            let uri = try AMQPURI(text)
            _ = ConnectionConfiguration(uri)
        } catch {
            #expect(!error.message.isEmpty)
        }
        if let address = ManagementAddress(text) { #expect((0...65_535).contains(address.port)) }
        _ = AttachAddress(text)?.description
    }

    private static let ini = FuzzTarget("ini") { input, _ in
        let text = String(decoding: input, as: UTF8.self)
        for node in [nil, "default", "staging"] {
            do throws(SettingsError) {
                _ = try ConfigurationFile.rabbitmqadmin(text, node: node, origin: "file")
            } catch {
                #expect(!error.description.isEmpty)
            }
        }
        _ = try? ConfigurationFile.sections(text, origin: "file")
        if let file = try? INIFile(text, origin: "file") {
            for name in file.names { _ = try? file.section(name, origin: "file") }
        }
    }

    private static let toml = FuzzTarget("toml") { input, _ in
        let text = String(decoding: input, as: UTF8.self)
        do throws(SettingsError) {
            _ = try ConfigurationFile.own(text, origin: "file")
        } catch {
            #expect(!error.description.isEmpty)
        }
    }

    /// Conditions: the first line is the condition, what follows a text that it is applied to.
    private static let condition = FuzzTarget("condition") { input, random in
        let parts = input.split(separator: UInt8(ascii: "\n"), maxSplits: 1, omittingEmptySubsequences: false)
        let text = String(decoding: parts[0], as: UTF8.self)
        // A pattern may take long on a long text: what is matched here are names of a few letters.
        let name = Name(bytes: (parts.dropFirst().first ?? []).prefix(8))
        let values: [ConditionValue] = [
            .unknown, ConditionValue(Double.random(in: -8e307...8e307, using: &random)), ConditionValue(0),
            .number(low: -1, high: 1), .text(name), .list([name]), .flag(true),
        ]
        let cut = String(decoding: parts[0].prefix(Int.random(in: 0...parts[0].count, using: &random)), as: UTF8.self)
        for scope in [ConditionScope.broker, .columns(of: .queues), .columns(of: .nodes), .columns(of: .connections)] {
            for word in Condition.completion(of: cut, in: scope).words { #expect(!word.isEmpty) }
            do throws(ConditionError) {
                let condition = try Condition(text, in: scope)
                #expect(condition.source == Name(text))
                let evaluator = ConditionEvaluator(condition)
                _ = evaluator.truth(now: Date(timeIntervalSince1970: 1e9)) { values[$0 % values.count] }
                // Where nothing is known at all, only known(…) and literals decide.
                _ = evaluator.truth(now: .distantFuture) { _ in .unknown }
            } catch {
                #expect(!error.description.isEmpty && !error.pointed.isEmpty)
                #expect(error.column >= 1 && error.offset <= text.utf8.count)
            }
        }
        for view in ViewID.allCases {
            if let filter = try? Filter(typed: cut, in: view) { #expect(filter.typed.utf8.count <= cut.utf8.count + 2) }
        }
        _ = try? ViewRule(text, severity: .critical)
    }

    /// Selectors with `*`: the first line is the pattern, what follows the name.
    private static let pattern = FuzzTarget("pattern") { input, _ in
        let parts = input.split(separator: UInt8(ascii: "\n"), maxSplits: 1, omittingEmptySubsequences: false)
        let pattern = String(decoding: parts[0].prefix(FaultSelector.longestText), as: UTF8.self)
        let name = String(decoding: (parts.dropFirst().first ?? []).prefix(1_024), as: UTF8.self)
        let matches = Pattern(pattern).matches(name)
        if pattern == "*" { #expect(matches) }
        if !pattern.utf8.contains(UInt8(ascii: "*")) { #expect(matches == pattern.utf8.elementsEqual(name.utf8)) }
    }
}
