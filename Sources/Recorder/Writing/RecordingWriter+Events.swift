import Faults
import Foundation
import GRDB
import Names
import TopCore

/// A finding that is true, as it was last written.
struct OpenFinding: Sendable {
    var number: Int64
    var finding: Finding
    /// When its text was written, in milliseconds since 1970.
    var writtenAt: Int64
}

extension RecordingWriter {
    /// The most bytes of rows of smaller tables that wait for room on the disk, as estimated.
    static let waitingCapacity = 8 << 20
    /// A finding whose figures change is written this often at most, in milliseconds.
    private static let textInterval: Int64 = 30_000

    /// Takes entries of the ledger. An entry with the number of an earlier one replaces it.
    mutating func take(entries: [LedgerEntry], at now: Date) throws {
        try advance(to: now)
        removeConnections(ended: entries)
        for entry in entries {
            var number = nextEvent
            if entry.id > 0, let offset = Int64(exactly: entry.id), offset < Int64.max / 2 {
                number = eventBase + offset
            }
            nextEvent = max(nextEvent, number + 1)
            let values = EventColumn.allCases.map { $0.value(of: entry) }
            let at = entry.at.milliseconds ?? sink.now
            statements.append(PendingStatement(.event, [number.databaseValue, at.databaseValue] + values))
        }
    }

    /// Removes the connections that ended by these entries, with their channels and consumers: the next list is
    /// seconds away.
    private mutating func removeConnections(ended entries: [LedgerEntry]) {
        var ended: Set<Name> = []
        for entry in entries where entry.scope == .connection {
            if let connection = endedConnections.take(entry) {
                ended.insert(connection)
            } else if entry.kind == .opened, let connection = Name(entry.connection) {
                ended.remove(connection)
            }
        }
        guard !ended.isEmpty else { return }
        for connection in ended { trackers.connections.remove(ObjectIdentity(name: connection), .gone, &sink) }
        trackers.channels.remove(&sink) { ended.contains($0.name) }
        trackers.consumers.remove(&sink) { $0.connection.map(ended.contains) ?? false }
    }

    /// Takes all findings that are true.
    mutating func take(findings all: [Finding], at now: Date) throws {
        try advance(to: now)
        var ended = findings
        for finding in all {
            ended[finding.id] = nil
            if var open = findings[finding.id] {
                guard open.finding != finding else { continue }
                let isUrgent = open.finding.severity != finding.severity
                guard isUrgent || sink.now - open.writtenAt >= Self.textInterval else { continue }
                open.finding = finding
                open.writtenAt = sink.now
                findings[finding.id] = open
                writeText(of: open)
            } else {
                let open = OpenFinding(number: nextFinding, finding: finding, writtenAt: sink.now)
                nextFinding += 1
                findings[finding.id] = open
                statements.append(
                    PendingStatement(
                        .finding,
                        [
                            open.number.databaseValue, finding.rule.rawValue.databaseValue,
                            finding.where.databaseValue, finding.since?.milliseconds?.databaseValue ?? .null,
                            sink.now.databaseValue,
                        ]))
                writeText(of: open)
            }
        }
        for (id, open) in ended {
            findings[id] = nil
            statements.append(
                PendingStatement(.findingEnd, [sink.now.databaseValue, open.number.databaseValue]))
        }
    }

    mutating func writeText(of open: OpenFinding) {
        let finding = open.finding
        statements.append(
            PendingStatement(
                .findingText,
                [
                    open.number.databaseValue, sink.now.databaseValue, finding.severity.rawValue.databaseValue,
                    Redaction.withoutSecrets(finding.what).databaseValue, finding.advice.databaseValue,
                    finding.since?.milliseconds?.databaseValue ?? .null,
                    (try? sink.json(finding.subjects))?.databaseValue ?? .null,
                ]))
    }

    /// Takes all faults that were injected.
    mutating func take(_ records: [FaultRecord]) throws {
        for record in records where faults[record.id] != record {
            faults[record.id] = record
            statements.append(
                PendingStatement(
                    .fault,
                    [
                        run.databaseValue, Int64(clamping: record.id).databaseValue, sink.now.databaseValue,
                        try sink.json(record).databaseValue,
                    ]))
        }
    }
}
