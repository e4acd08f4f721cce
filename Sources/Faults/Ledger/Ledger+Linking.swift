public import Foundation
import Names

// Causes and their effects.
extension Ledger {
    /// Records the state of a fault. Entries between its start and its end are linked to it when they can be its
    /// effects, including those recorded before the fault was known.
    ///
    /// - Parameters:
    ///   - record: The fault and its state.
    ///   - touches: The connections and channels that the fault affected, when its injector reports them.
    ///   - now: When the fault entered this state.
    /// - Returns: The entries that were made; none when only the number of hits has changed.
    @discardableResult
    public mutating func note(_ record: FaultRecord, touches: [FaultTouch] = [], at now: Date) -> [LedgerEntry] {
        var made: [LedgerEntry] = []
        let label = record.label
        let index = place(of: label) ?? marks.count
        let before = index < marks.count ? marks[index].state : nil
        if let before {
            // A later report of an older state adds nothing.
            if Self.isFinal(before) { return [] }
        } else if record.state == .undone || record.state == .undoFailed {
            // The injection was not reported.
            var beginning = record
            beginning.state = .inForce
            beginning.note = nil
            made = note(beginning, touches: touches, at: now)
            return made + note(record, at: now)
        } else {
            marks.append(FaultMark(record))
        }
        marks[index].state = record.state
        if !record.isInForce, marks[index].end == nil {
            marks[index].end = record.state == .done ? Date(timeIntervalSince1970: record.since) : now
        }
        let isToldAgain = record.state == .undoFailed && marks[index].hasToldFailure
        if record.state == .undoFailed { marks[index].hasToldFailure = true }
        if before != record.state, !isToldAgain,
            let entry = Self.entry(of: record, before: before, touches: touches, at: now)
        {
            made.append(self.record(entry))
        }
        forgetOldFaults()
        let early = before == nil ? earlyTouches.removeValue(forKey: label) ?? [] : []
        made += note(touches: early + touches, of: label, isNew: before == nil)
        return made
    }

    private static func isFinal(_ state: FaultRecord.State) -> Bool {
        switch state {
        case .undone, .done, .failed: true
        case .inForce, .undoing, .undoFailed: false
        }
    }

    /// Records that a fault in force affected a connection or channel.
    @discardableResult
    public mutating func note(_ touch: FaultTouch, of fault: String) -> [LedgerEntry] {
        guard place(of: fault) != nil else {
            // The effect may be reported before the fault itself.
            if earlyTouches.count >= Self.markCapacity { earlyTouches = [:] }
            if earlyTouches[fault, default: []].count < 1_000 { earlyTouches[fault, default: []].append(touch) }
            return []
        }
        return note(touches: [touch], of: fault, isNew: false)
    }

    private mutating func note(touches: [FaultTouch], of label: String, isNew: Bool) -> [LedgerEntry] {
        guard let index = place(of: label) else { return [] }
        for touch in touches { marks[index].add(touch) }
        var made: [LedgerEntry] = []
        if marks[index].effects.interrupts {
            for touch in touches {
                if let entry = strike(touch.clientIdentity, by: label, at: touch.at) { made.append(entry) }
            }
        }
        if isNew || !touches.isEmpty { made += linkEarlier(to: label) }
        return made
    }

    /// Returns the cause of an entry: the first entry of its fault, which is the injection.
    public func cause(of entry: LedgerEntry) -> LedgerEntry? {
        guard let fault = entry.fault, entry.kind != .fault else { return nil }
        return entries.first { $0.kind == .fault && $0.fault == fault }
    }

    /// Returns the effects of a fault, oldest first: errors, closures, recoveries.
    public func effects(of fault: String) -> [LedgerEntry] {
        entries.filter { $0.fault == fault && $0.kind != .fault }
    }

    /// Returns the fault that caused an entry, among all faults in force or recently ended.
    func link(_ entry: LedgerEntry) -> String? {
        guard !marks.isEmpty, Self.isEffect(entry.kind) else { return nil }
        let clientIdentity = entry.clientIdentity
        var best: (claim: Int, label: String)?
        // Among faults that match equally, the newest.
        for mark in marks {
            guard let claim = mark.claim(on: entry, of: clientIdentity), claim >= best?.claim ?? 0 else { continue }
            best = (claim, mark.label)
        }
        return best?.label
    }

    /// Returns the index of a fault among those that are remembered.
    func place(of label: String) -> Int? { marks.lastIndex { $0.label == label } }

    /// Links entries that were recorded before the fault was known.
    private mutating func linkEarlier(to label: String) -> [LedgerEntry] {
        guard let mark = place(of: label).map({ marks[$0] }) else { return [] }
        var made: [LedgerEntry] = []
        var index = count - 1
        var looked = 0
        while index >= 0, looked < Self.lookBack {
            defer {
                index -= 1
                looked += 1
            }
            let entry = self[index]
            guard Self.isEffect(entry.kind) else { continue }
            if entry.fault != label {
                guard entry.fault == nil, mark.claim(on: entry, of: entry.clientIdentity) != nil, link(entry) == label
                else {
                    continue
                }
                edit(entry.id) { $0.fault = label }
            }
            if let recovered = noteEffect(self[index]) { made.append(recovered) }
        }
        return made
    }

    /// The number of newest entries that are examined when a fault becomes known.
    private static let lookBack = 500
    /// The maximum number of faults that are remembered.
    private static let markCapacity = 64

    private mutating func forgetOldFaults() {
        guard marks.count > Self.markCapacity else { return }
        var surplus = marks.count - Self.markCapacity
        marks.removeAll { mark in
            guard surplus > 0, mark.end != nil else { return false }
            surplus -= 1
            return true
        }
    }

    static func isEffect(_ kind: LedgerEntry.Kind) -> Bool {
        switch kind {
        case .error, .closed, .returned, .cancelled, .blocked, .unblocked, .alarm, .authentication: true
        case .opened, .action, .source, .fault, .recovered, .finding: false
        }
    }

    private static func entry(
        of record: FaultRecord, before: FaultRecord.State?, touches: [FaultTouch], at now: Date
    ) -> LedgerEntry? {
        var text = record.label
        var severity: Finding.Severity?
        let fault = record.fault
        switch record.state {
        case .inForce where before != nil: return nil
        case .done where before != nil: text += " is over"
        case .inForce, .done:
            text += " injected"
            if !fault.selector.words.isEmpty { text += " on \(fault.selector.words)" }
            if let until = record.until { text += " for \(FaultValue.number((until - record.since).rounded())) s" }
        case .undoing: return nil
        case .undone: text += " undone"
        case .undoFailed:
            text += " could not be undone"
            severity = .critical
        case .failed:
            text += " could not be injected"
            severity = .warning
        }
        if let note = record.note, !note.isEmpty { text += ": \(note)" }
        let isBeginning = before == nil
        var entry = LedgerEntry(
            at: isBeginning ? Date(timeIntervalSince1970: record.since) : now, kind: .fault,
            scope: scope(FaultCatalogue[fault.name]?.scope), vhost: fault.selector.virtualHost,
            channel: fault.selector.channel, text: text, source: .rabbittop, fault: record.label, severity: severity)
        if let only = touches.first?.clientIdentity, touches.count == 1 {
            entry.connection = only.connection
            entry.clientName = only.clientName
            entry.user = only.user
            entry.vhost = only.vhost ?? entry.vhost
            entry.peer = only.peer
            entry.channel = only.channel ?? entry.channel
            entry.queue = only.queue
            entry.application = only.application?.name
        } else {
            entry.user = fault.selector.user
            if let name = fault.selector.connection, !name.utf8.contains(UInt8(ascii: "*")) {
                if name.containsBytes(of: " -> ") { entry.connection = name } else { entry.clientName = name }
            }
            if let queue = fault.selector.queue, !queue.utf8.contains(UInt8(ascii: "*")) { entry.queue = queue }
        }
        return entry
    }

    private static func scope(_ scope: FaultDescription.Scope?) -> LedgerEntry.Scope {
        switch scope {
        case .message, .channel: .channel
        case .connection, .user, .vhost, nil: .connection
        case .queue, .exchange: .queue
        case .node: .node
        case .cluster: .cluster
        }
    }
}
