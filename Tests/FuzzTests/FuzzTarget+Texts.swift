import BrokerMonitor
import Faults
import Foundation
import RabbitMQClient
import RabbitMQManagement
import Testing

@testable import rabbittop

// What people and their files say: addresses, options, configuration.
extension FuzzTarget {
    static let texts = [uri, ini, toml, pattern]

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
