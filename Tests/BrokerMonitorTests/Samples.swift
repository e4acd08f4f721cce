import Faults
import Foundation

@testable import BrokerMonitor

/// Real output of three versions of RabbitMQ.
enum Samples {
    static func text(_ name: String) throws -> String {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Samples")
        return try String(contentsOf: folder.appendingPathComponent(name), encoding: .utf8)
    }

    /// What the parser makes of a log file, names of clients joined as the link does it.
    static func findings(file name: String) throws -> [BrokerLogParser.Finding] {
        var assembler = LogAssembler()
        var messages: [LogMessage] = []
        for line in try text(name).split(separator: "\n", omittingEmptySubsequences: false) {
            if let message = assembler.take(line: line) { messages.append(message) }
        }
        if let last = assembler.flush() { messages.append(last) }
        return findings(messages, source: .logFile)
    }

    /// What the parser makes of the entries that the log exchange delivered.
    static func findings(exchange name: String) throws -> [BrokerLogParser.Finding] {
        var entries: [String] = []
        for line in try text(name).split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix("LOG ") {
                entries.append(line.dropFirst(4).split(separator: " ", maxSplits: 1).dropFirst().joined())
            } else if line.isEmpty || line.first?.isNumber == true, !entries.isEmpty {
                entries[entries.count - 1] += "\n" + line
            }
        }
        return findings(entries.compactMap(LogMessage.init(entry:)), source: .logExchange)
    }

    private static func findings(_ messages: [LogMessage], source: LedgerEntry.Source) -> [BrokerLogParser.Finding] {
        let parser = BrokerLogParser(source: source)
        return messages.map { parser.read($0, now: Date(timeIntervalSince1970: 0)) }
    }

    /// The entries with the clients' names joined by connection.
    static func entries(_ findings: [BrokerLogParser.Finding]) -> [LedgerEntry] {
        var names = ClientNames()
        return findings.compactMap { finding in
            if let connection = finding.connection {
                names.note(
                    connection: connection, clientName: finding.clientName, user: finding.user, vhost: finding.vhost)
            }
            var entry = finding.entry
            if entry != nil { names.complete(&entry!) }
            return entry
        }
    }
}
