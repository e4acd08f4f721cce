import Faults
import Foundation

extension State {
    /// Evaluates the rules with a new snapshot; findings that start or end become events.
    mutating func diagnose(_ snapshot: Snapshot) {
        let table: (any TableFacts)? =
            switch snapshot {
            case .connections: connections
            case .channels: channels
            case .consumers: consumers
            case .client: client
            default: nil
            }
        let isWhole =
            snapshot.isWholeList || scope == nil && vhost == nil && (table?.filter ?? Filter.none) == Filter.none
        guard var facts = DiagnosisFacts(snapshot, at: now, isWhole: isWhole) else { return }
        noteBeginnings(&facts)
        examine(facts)
    }

    /// Evaluates the rules with events: messages that were returned.
    mutating func diagnose(_ entries: [LedgerEntry]) {
        let returns = entries.compactMap(DiagnosisFacts.ReturnFacts.init)
        guard !returns.isEmpty else { return }
        var facts = DiagnosisFacts(at: now)
        facts.returns = returns
        examine(facts)
    }

    private mutating func examine(_ facts: DiagnosisFacts) {
        note(diagnosis.examine(facts))
    }

    /// Makes events of findings that started or ended.
    mutating func note(_ changes: Diagnosis.Changes) {
        guard !changes.appeared.isEmpty || !changes.cleared.isEmpty else { return }
        for finding in changes.appeared { ledger.record(LedgerEntry(finding, at: now)) }
        for finding in changes.cleared { ledger.record(LedgerEntry(over: finding, at: now)) }
        if frozenAt == nil { showEvents() }
    }

    /// Adds when alarms of nodes and blocks of connections began, where an event recorded it.
    private func noteBeginnings(_ facts: inout DiagnosisFacts) {
        func last(_ meets: (LedgerEntry) -> Bool) -> Date? { ledger.entries.last(where: meets)?.at }
        if var nodes = facts.nodes, nodes.rows.contains(where: { $0.memoryAlarm == true || $0.diskAlarm == true }) {
            for index in nodes.rows.indices {
                let name = nodes.rows[index].name
                func since(_ resource: String) -> Date? {
                    let text = "\(resource) alarm set on \(name)"
                    return last { $0.kind == .alarm && $0.text.utf8.elementsEqual(text.utf8) }
                }
                if nodes.rows[index].memoryAlarm == true { nodes.rows[index].memoryAlarmSince = since("memory") }
                if nodes.rows[index].diskAlarm == true { nodes.rows[index].diskAlarmSince = since("disk") }
            }
            facts.nodes = nodes
        }
        if var connections = facts.connections, connections.rows.contains(where: { $0.state == "blocked" }) {
            for index in connections.rows.indices where connections.rows[index].state == "blocked" {
                let name = connections.rows[index].name
                connections.rows[index].blockedSince = last {
                    $0.kind == .blocked && $0.connection?.utf8.elementsEqual(name.utf8) == true
                }
            }
            facts.connections = connections
        }
    }

    /// Records faults; those that came into force, ended or could not be undone become events.
    mutating func note(_ records: [FaultRecord]) {
        let before = Dictionary(faults.map { ($0.label, $0.state) }) { first, _ in first }
        faults = records
        var isChanged = false
        for record in records where before[record.label] != record.state {
            ledger.note(record, at: now)
            isChanged = true
        }
        if isChanged, frozenAt == nil { showEvents() }
    }
}

extension LedgerEntry {
    /// Creates the entry of a problem that starts.
    init(_ finding: Finding, at: Date) {
        self.init(
            at: at, kind: .finding, scope: finding.rule.scope,
            text: "\(finding.where) \(finding.what). \(finding.advice)", source: .rabbittop, severity: finding.severity)
        name(finding)
    }

    /// Creates the entry of a problem that ended.
    init(over finding: Finding, at: Date) {
        self.init(
            at: at, kind: .finding, scope: finding.rule.scope, text: "over: \(finding.where) \(finding.what)",
            source: .rabbittop, severity: .ok)
        name(finding)
        seconds = finding.since.map { max(0, at.timeIntervalSince($0)) }
    }

    private mutating func name(_ finding: Finding) {
        application = finding.rule.rawValue
        guard case .queue(let key)? = finding.subjects.first else { return }
        vhost = key.vhost.text
        queue = key.name.text
    }
}

extension DiagnosisFacts.ReturnFacts {
    /// Returns `nil` for an entry that is not a returned message of a known channel.
    init?(_ entry: LedgerEntry) {
        guard entry.kind == .returned, let connection = entry.connection, let channel = entry.channel else {
            return nil
        }
        self.init(
            at: entry.at, channel: DiagnosisFacts.ChannelKey(connection: connection, number: channel),
            clientName: entry.clientName, text: entry.remark)
    }
}

extension DiagnosisRule {
    fileprivate var scope: LedgerEntry.Scope {
        switch self {
        case .unknownChannel, .fullPrefetch, .silentConsumer, .lostConsumer, .consumerTimeout, .greedyConsumer,
            .redeliveryLoop, .unroutable:
            .channel
        case .blockedPublisher: .connection
        case .growingQueue, .queueLimit, .oldMessage, .missingMember, .laggingMember, .growingLag,
            .queueState, .fillsUp:
            .queue
        case .alarm, .nodeDown, .partition, .nodeLimit, .maintenance: .node
        case .connectionChurn, .channelChurn, .source, .vhostState, .userRule: .cluster
        }
    }
}
